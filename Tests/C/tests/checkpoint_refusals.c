/* Checkpoints that cannot be saved or loaded: each reason is named, and nothing has changed. */
#include <sys/wait.h>
#include <unistd.h>

#include "worlds.h"

enum { ENVS = 4, STEPS = 19, LARGEST = 1 << 17 };

/** An agent with a small network that fits an environment. */
static pgrad_agent *agent_for(pgrad_env *env) {
  pgrad_env_info info;
  pgrad_policy_config shape;
  pgrad_policy *policy = NULL;
  pgrad_agent_config config = small_ppo(1, 1);
  MUST(pgrad_env_describe(env, &info, sizeof info));
  MUST(pgrad_policy_config_init(&shape, sizeof shape));
  shape.observation_size = info.observation_size;
  shape.parts = info.parts;
  shape.part_count = info.part_count;
  shape.hidden_count = 0;
  MUST(pgrad_policy_create(&policy, &shape));
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  return agent;
}

static pgrad_agent *cartpole_agent(void) {
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  pgrad_agent *agent = agent_for(env);
  pgrad_env_destroy(env);
  return agent;
}

/** Steps an agent in its environment by a host's loop, and stops between act and observe. */
static void stop_after_act(pgrad_agent *agent, pgrad_env *env, float *actions) {
  float rewards[ENVS], next[ENVS * 4], final[ENVS * 4];
  uint8_t terminated[ENVS], truncated[ENVS];
  MUST(pgrad_env_reset(env, 2, next));
  MUST(pgrad_agent_begin(agent, next));
  for (int step = 0;; step++) {
    MUST(pgrad_agent_act(agent, actions));
    if (step == STEPS) return;
    MUST(pgrad_env_step(env, actions, rewards, terminated, truncated, next, final));
    MUST(pgrad_agent_observe(agent, rewards, terminated, truncated, next, final));
  }
}

/** Saves a checkpoint of CartPole between act and observe. */
static void save_cartpole(const char *path) {
  float actions[ENVS];
  pgrad_agent *agent = cartpole_agent();
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  stop_after_act(agent, env, actions);
  MUST(pgrad_checkpoint_save(agent, env, path));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void save_walk(walk *w, const char *path) {
  pgrad_env *env = walk_env(w);
  pgrad_agent *agent = agent_for(env);
  MUST(pgrad_train(agent, env, 1, NULL, NULL));
  MUST(pgrad_checkpoint_save(agent, env, path));
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
}

static size_t read_file(const char *path, char *bytes) {
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) abort();
  size_t length = fread(bytes, 1, LARGEST, stream);
  fclose(stream);
  if (length < 9 || length == LARGEST) abort();
  return length;
}

static void write_file(const char *path, const char *bytes, size_t length) {
  (void)remove(path);
  FILE *stream = fopen(path, "wb");
  if (stream == NULL || fwrite(bytes, 1, length, stream) != length || fclose(stream) != 0) abort();
}

static void the_header_of_a_checkpoint_describes_it(void) {
  save_cartpole("checkpoint");
  pgrad_checkpoint_info info;
  int32_t kind = 0;
  CHECK_OK(pgrad_checkpoint_describe("checkpoint", &info, sizeof info));
  CHECK(info.struct_size == sizeof info && info.env_kind == PGRAD_ENV_NATIVE && info.env_state == 1);
  CHECK(info.has_acted == 1 && info.algorithm == PGRAD_PPO && info.n_envs == ENVS && info.rollout_steps == STEPS);
  CHECK(info.env_name != NULL && strcmp(info.env_name, "CartPole-v1") == 0);
  CHECK_OK(pgrad_file_kind("checkpoint", &kind));
  CHECK(kind == PGRAD_FILE_CHECKPOINT);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_describe(NULL, &info, sizeof info), "path is NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_describe("checkpoint", NULL, sizeof info), "info is NULL");
}

static void pending_actions_are_the_last_ones(void) {
  float actions[ENVS], again[ENVS], loaded[ENVS];
  pgrad_agent *agent = cartpole_agent(), *other = NULL;
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_pending_actions(agent, again), "no actions are pending");
  stop_after_act(agent, env, actions);
  CHECK_OK(pgrad_agent_pending_actions(agent, again));
  CHECK(memcmp(actions, again, sizeof actions) == 0);
  CHECK_OK(pgrad_checkpoint_save(agent, NULL, "alone"));
  CHECK_OK(pgrad_checkpoint_load(&other, NULL, "alone"));
  CHECK_OK(pgrad_agent_pending_actions(other, loaded));
  CHECK(memcmp(actions, loaded, sizeof actions) == 0);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_act(other, loaded), "act was called twice");
  pgrad_agent_destroy(agent);
  pgrad_agent_destroy(other);
  pgrad_env_destroy(env);
}

static void a_foreign_environment_is_named_and_does_not_change(void) {
  save_cartpole("checkpoint");
  pgrad_agent *agent = NULL;
  pgrad_env *pendulum = native_env("Pendulum-v1", ENVS), *eight = native_env("CartPole-v1", 8);
  double before[8 * 4], after[8 * 4];
  float first[8 * 4];
  MUST(pgrad_env_reset(pendulum, 3, first));
  MUST(pgrad_env_reset(eight, 3, first));
  MUST(pgrad_env_state(eight, before));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &pendulum, "checkpoint"), "Pendulum-v1",
                "CartPole-v1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &eight, "checkpoint"),
                "env.n_envs is 8; it must be 4");
  MUST(pgrad_env_state(eight, after));
  pgrad_agent *saved = cartpole_agent();
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_save(saved, eight, "none"), "env.n_envs is 8", "4");
  pgrad_agent_destroy(saved);
  CHECK(agent == NULL && memcmp(before, after, sizeof before) == 0);
  pgrad_env_destroy(pendulum);
  pgrad_env_destroy(eight);
}

static void another_mdp_is_named(void) {
  pgrad_agent *agent = NULL;
  pgrad_env *env = aliased_mdp_env(ENVS, 1), *other = aliased_mdp_env(ENVS, 2), *made = NULL;
  float observations[ENVS * 2], again[ENVS * 2];
  MUST(pgrad_env_reset(env, 1, observations));
  MUST(pgrad_env_reset(other, 1, again));
  pgrad_agent *saved = agent_for(env);
  MUST(pgrad_checkpoint_save(saved, env, "mdp"));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &other, "mdp"), "another MDP");
  CHECK_OK(pgrad_checkpoint_load(&agent, &made, "mdp"));
  CHECK(made != NULL);
  pgrad_agent_destroy(saved);
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
  pgrad_env_destroy(other);
  pgrad_env_destroy(made);
}

static int32_t refuse_to_save(void *context, void *bytes, int64_t capacity, int64_t *size) {
  (void)context, (void)bytes, (void)capacity, (void)size;
  return 6;
}

static int32_t refuse_to_load(void *context, const void *bytes, int64_t size) {
  (void)context, (void)bytes, (void)size;
  return 7;
}

static void callbacks_that_lack_or_refuse_a_state_are_named(void) {
  static walk w;
  pgrad_action_part moves = {PGRAD_CATEGORICAL, WALK_MOVES, 0, 0};
  pgrad_env_callbacks callbacks = walk_callbacks(&w, &moves);
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  float first[ENVS * WALK_SIGHT];
  save_walk(&w, "walk");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &env, "walk"), "env is NULL", "callbacks");
  callbacks.save_state = NULL;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create_callbacks(&env, &callbacks), "save_state is NULL");
  callbacks.load_state = NULL;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &env, "walk"), "no load_state callback");
  pgrad_env_destroy(env);
  callbacks.save_state = refuse_to_save, callbacks.load_state = refuse_to_load;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  CHECK_REFUSED(PGRAD_HOST_ERROR, pgrad_checkpoint_load(&agent, &env, "walk"), "load_state callback returned 7");
  MUST(pgrad_env_reset(env, 1, first));
  CHECK(agent == NULL);
  agent = agent_for(env);
  CHECK_REFUSED(PGRAD_HOST_ERROR, pgrad_checkpoint_save(agent, env, "none"), "save_state callback returned 6");
  CHECK(access("none", F_OK) != 0);
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
}

static void an_environment_without_a_state_begins_new_episodes(void) {
  static walk w;
  pgrad_action_part moves = {PGRAD_CATEGORICAL, WALK_MOVES, 0, 0};
  pgrad_env_callbacks callbacks = walk_callbacks(&w, &moves);
  pgrad_checkpoint_info info;
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  float first[ENVS * WALK_SIGHT];
  callbacks.save_state = NULL, callbacks.load_state = NULL;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  MUST(pgrad_env_reset(env, 1, first));
  agent = agent_for(env);
  CHECK_OK(pgrad_checkpoint_save(agent, env, "stateless"));
  CHECK_OK(pgrad_checkpoint_describe("stateless", &info, sizeof info));
  CHECK(info.env_kind == PGRAD_ENV_CALLBACKS && info.env_state == 0 && info.env_name == NULL);
  pgrad_agent_destroy(agent);
  CHECK_OK(pgrad_checkpoint_load(&agent, &env, "stateless"));
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
}

static void other_files_are_told_apart(void) {
  static char bytes[LARGEST];
  pgrad_agent *agent = cartpole_agent(), *loaded = NULL;
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_env *env = NULL;
  pgrad_checkpoint_info info;
  MUST(pgrad_agent_save(agent, "agent"));
  MUST(pgrad_policy_save(policy, "policy"));
  CHECK_OK(pgrad_checkpoint_load(&loaded, &env, "agent"));
  CHECK(env == NULL);
  CHECK_OK(pgrad_checkpoint_describe("agent", &info, sizeof info));
  CHECK(info.env_kind == 0 && info.has_acted == 0 && info.rollout_steps == 0 && info.n_envs == ENVS);
  pgrad_agent_destroy(loaded);
  loaded = NULL;
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_checkpoint_load(&loaded, &env, "policy"), "holds a policy, not an agent");
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_checkpoint_describe("policy", &info, sizeof info), "holds a policy");
  CHECK_REFUSED(PGRAD_IO_ERROR, pgrad_checkpoint_load(&loaded, &env, "nowhere"), "nowhere");

  save_cartpole("checkpoint");
  size_t length = read_file("checkpoint", bytes);
  const char *format = "\"pgrad.format\":\"3\"";
  size_t place = 8;
  while (memcmp(bytes + place, format, strlen(format)) != 0) place++;
  bytes[place + strlen(format) - 2] = '9';
  write_file("later", bytes, length);
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_checkpoint_load(&loaded, &env, "later"), "format 9, which a later version");
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_checkpoint_describe("later", &info, sizeof info), "format 9");
  CHECK(loaded == NULL && env == NULL);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

/** Loads a damaged file and trains, if it loads. @return Whether every status was one that the header allows. */
static int use(const char *path) {
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  pgrad_status status = pgrad_checkpoint_load(&agent, &env, path);
  if (status != PGRAD_OK) {
    /* a file that asks for another env, or for more memory than there is */
    return status == PGRAD_BAD_FILE || status == PGRAD_INVALID_ARGUMENT || status == PGRAD_OUT_OF_MEMORY;
  }
  if (env == NULL) {
    pgrad_agent_destroy(agent);
    return 1;
  }
  status = pgrad_train(agent, env, 300, NULL, NULL);
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
  return status == PGRAD_OK || status == PGRAD_NOT_FINITE || status == PGRAD_INVALID_ARGUMENT;
}

static void damaged_files_are_refused_or_used_but_never_crash(void) {
  static char sound[LARGEST], bytes[LARGEST];
  uint64_t state = 88172645463325252u;
  save_cartpole("checkpoint");
  size_t length = read_file("checkpoint", sound);
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    int good = 1;
    for (int round = 0; round < 1500; round++) {
      memcpy(bytes, sound, length);
      for (int change = 0; change <= round % 3; change++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        size_t place = 8 + (size_t)(state % (length - 8));
        bytes[place] = (char)(round % 2 ? state >> 32 : (uint64_t)(bytes[place] ^ (1 << (state >> 60))));
      }
      write_file("damaged", bytes, length);
      good = good && use("damaged");
    }
    _exit(good ? 0 : 1);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
  RUN(the_header_of_a_checkpoint_describes_it);
  RUN(pending_actions_are_the_last_ones);
  RUN(a_foreign_environment_is_named_and_does_not_change);
  RUN(another_mdp_is_named);
  RUN(callbacks_that_lack_or_refuse_a_state_are_named);
  RUN(an_environment_without_a_state_begins_new_episodes);
  RUN(other_files_are_told_apart);
  RUN(damaged_files_are_refused_or_used_but_never_crash);
  return check_report();
}
