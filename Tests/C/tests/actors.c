/* Actors in other processes and a learner, against one agent with all their environments. */
#include <sys/wait.h>
#include <unistd.h>

#include "tape.h"

enum { ACTORS = 2, EACH = ENVS / ACTORS, ROUNDS = 3 };

static struct tape tape;

static void send_bytes(int file, const void *bytes, size_t size) {
  const char *next = bytes;
  while (size > 0) {
    ssize_t count = write(file, next, size);
    if (count <= 0) exit(1);
    next += count;
    size -= (size_t)count;
  }
}

static void receive_bytes(int file, void *bytes, size_t size) {
  char *next = bytes;
  while (size > 0) {
    ssize_t count = read(file, next, size);
    if (count <= 0) exit(1);
    next += count;
    size -= (size_t)count;
  }
}

/** Parameters and moments, as the bytes of the policy's file. */
static void send_policy(int file, pgrad_agent *agent) {
  static unsigned char bytes[1 << 16];
  pgrad_policy *policy = NULL;
  int64_t size;
  MUST(pgrad_agent_policy(agent, &policy));
  MUST(pgrad_policy_save_memory(policy, bytes, sizeof bytes, &size));
  pgrad_policy_destroy(policy);
  send_bytes(file, &size, sizeof size);
  send_bytes(file, bytes, (size_t)size);
}

static void receive_policy(int file, pgrad_agent *agent) {
  static unsigned char bytes[1 << 16];
  pgrad_policy *policy = NULL, *newest = NULL;
  int64_t size;
  receive_bytes(file, &size, sizeof size);
  receive_bytes(file, bytes, (size_t)size);
  MUST(pgrad_policy_load_memory(&newest, bytes, size));
  MUST(pgrad_agent_policy(agent, &policy));
  MUST(pgrad_policy_assign(policy, newest));
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(newest);
}

/** One array of a rollout: where it is, and the bytes of one environment and step. `steps` of them travel. */
struct array {
  const void *start;
  size_t bytes;
  int64_t steps;
};
enum { ARRAYS = 11 };

static void list_arrays(const pgrad_rollout *rollout, struct array arrays[ARRAYS], int64_t states) {
  const int64_t steps = rollout->n_steps;
  const struct array all[ARRAYS] = {
      {rollout->observations, SIZE * sizeof(float), steps + 1},
      {rollout->draws, COLUMNS * sizeof(float), steps},
      {rollout->log_probs, sizeof(float), steps},
      {rollout->rewards, sizeof(float), steps},
      {rollout->terminated, 1, steps},
      {rollout->truncated, 1, steps},
      {rollout->final_observations, SIZE * sizeof(float), steps},
      {rollout->masks, CHOICES, steps},
      {rollout->states, (size_t)states * sizeof(float), 1},
      {rollout->episode_starts, 1, 1},
      {rollout->active, 1, steps},
  };
  memcpy(arrays, all, sizeof all);
}

static int64_t states_of(pgrad_agent *agent) {
  pgrad_policy *policy = NULL;
  int64_t states;
  MUST(pgrad_agent_policy(agent, &policy));
  MUST(pgrad_policy_state_size(policy, &states));
  pgrad_policy_destroy(policy);
  return states;
}

static void send_rollout(int file, pgrad_agent *agent) {
  pgrad_rollout rollout;
  struct array arrays[ARRAYS];
  MUST(pgrad_agent_rollout(agent, &rollout, sizeof rollout));
  if (rollout.n_steps != STEPS || rollout.n_envs != EACH || rollout.actions != NULL) exit(1);
  list_arrays(&rollout, arrays, states_of(agent));
  for (int i = 0; i < ARRAYS; i++) {
    uint8_t given = arrays[i].start != NULL;
    send_bytes(file, &given, 1);
    if (given) send_bytes(file, arrays[i].start, (size_t)(arrays[i].steps * EACH) * arrays[i].bytes);
  }
}

/** The arrays of all actors, joined along environments. */
struct joined {
  float observations[(STEPS + 1) * ENVS * SIZE], draws[STEPS * ENVS * COLUMNS], log_probs[STEPS * ENVS];
  float rewards[STEPS * ENVS], final[STEPS * ENVS * SIZE], states[ENVS * MOST_STATES];
  uint8_t terminated[STEPS * ENVS], truncated[STEPS * ENVS], masks[STEPS * ENVS * CHOICES];
  uint8_t starts[ENVS], active[STEPS * ENVS];
};

static pgrad_rollout receive_rollouts(const int files[ACTORS], struct joined *joined, int64_t states) {
  pgrad_rollout rollout;
  struct array arrays[ARRAYS];
  MUST(pgrad_rollout_init(&rollout, sizeof rollout));
  rollout.n_steps = STEPS;
  rollout.n_envs = ENVS;
  rollout.observations = joined->observations;
  rollout.draws = joined->draws;
  rollout.log_probs = joined->log_probs;
  rollout.rewards = joined->rewards;
  rollout.terminated = joined->terminated;
  rollout.truncated = joined->truncated;
  rollout.final_observations = joined->final;
  rollout.masks = joined->masks;
  rollout.states = joined->states;
  rollout.episode_starts = joined->starts;
  rollout.active = joined->active;
  list_arrays(&rollout, arrays, states);
  int given[ARRAYS] = {0};
  for (int actor = 0; actor < ACTORS; actor++) {
    for (int i = 0; i < ARRAYS; i++) {
      uint8_t sent;
      receive_bytes(files[actor], &sent, 1);
      given[i] += sent;
      for (int64_t step = 0; sent && step < arrays[i].steps; step++) {
        char *start = (char *)(uintptr_t)arrays[i].start + (size_t)(step * ENVS + actor * EACH) * arrays[i].bytes;
        receive_bytes(files[actor], start, EACH * arrays[i].bytes);
      }
    }
  }
  /* Both actors mask, remember and truncate alike. */
  for (int i = 0; i < ARRAYS; i++) CHECK(given[i] == ACTORS || given[i] == 0);
  if (given[7] == 0) rollout.masks = NULL;
  return rollout;
}

static void run_actor(int in, int out, struct form form, pgrad_agent_config config, int first) {
  config.n_envs = EACH;
  if (config.batch_size > 0) config.batch_size /= ACTORS;
  pgrad_agent *agent = new_agent(form, &config);
  MUST(pgrad_agent_set_gathering(agent, STEPS, first));
  for (int now = 0; now < ROUNDS * STEPS; now++) {
    if (now % STEPS == 0) {
      write_step(now, &tape, 0);
      receive_policy(in, agent);
    }
    if (now == 0) MUST(pgrad_agent_begin(agent, tape.observations + first * SIZE));
    play_step(agent, form, &tape, now % STEPS, now, first, EACH);
    if (now % STEPS == STEPS - 1) send_rollout(out, agent);
  }
  pgrad_statistics statistics = statistics_of(agent);
  if (statistics.updates != 0 || statistics.timesteps != 0 || statistics.episodes == 0) exit(1);
  pgrad_agent_destroy(agent);
  exit(0);
}

/** Learns in processes, and compares every update with that of an agent that acts in all environments itself. */
static void check_processes(struct form form, const pgrad_agent_config *config, int gathers) {
  int to[ACTORS][2], from[ACTORS][2], inputs[ACTORS];
  pid_t actors[ACTORS];
  static struct joined joined;
  for (int i = 0; i < ACTORS; i++) {
    if (pipe(to[i]) != 0 || pipe(from[i]) != 0) abort();
    actors[i] = fork();
    if (actors[i] == 0) run_actor(to[i][0], from[i][1], form, *config, i * EACH);
    close(to[i][0]);
    close(from[i][1]);
    inputs[i] = from[i][0];
  }
  pgrad_agent *learner = new_agent(form, config), *whole = new_agent(form, config);
  if (gathers) CHECK_OK(pgrad_agent_set_gathering(whole, STEPS, 0));
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < ACTORS; i++) send_policy(to[i][1], learner);
    pgrad_rollout rollout = receive_rollouts(inputs, &joined, states_of(learner));
    rollout.policy_version = round;
    rollout.max_staleness = 0;
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    write_step(round * STEPS, &tape, 0);
    if (round == 0) MUST(pgrad_agent_begin(whole, tape.observations));
    for (int step = 0; step < STEPS; step++) play_step(whole, form, &tape, step, round * STEPS + step, 0, ENVS);
    if (gathers) {
      pgrad_rollout own;
      MUST(pgrad_agent_rollout(whole, &own, sizeof own));
      CHECK_OK(pgrad_agent_learn(whole, &own));
    }
    CHECK(statistics_of(learner).updates == round + 1 && same_update(learner, whole));
  }
  for (int i = 0; i < ACTORS; i++) {
    int status = -1;
    waitpid(actors[i], &status, 0);
    CHECK(status == 0);
    close(to[i][1]);
    close(inputs[i]);
  }
  pgrad_agent_destroy(learner);
  pgrad_agent_destroy(whole);
}

static void actors_and_a_learner_are_one_agent_to_the_bit(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    pgrad_agent_config config = config_of(PGRAD_PPO, 1);
    if (FORMS[f].memory != PGRAD_MEMORY_NONE) config.sequence_length = 4;
    check_processes(FORMS[f], &config, 0);
    config = config_of(PGRAD_TRPO, 1);
    check_processes(FORMS[f], &config, 0);
  }
}

static void so_are_those_that_normalise_if_the_one_agent_gathers(void) {
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  config.normalize_observations = config.normalize_rewards = 1;
  check_processes(FORMS[1], &config, 1);
}

static void steps_on_which_all_environments_reset_are_left_out(void) {
  const int32_t algorithms[] = {PGRAD_PPO, PGRAD_REINFORCE};
  for (int a = 0; a < 2; a++) {
    pgrad_agent_config config = config_of(algorithms[a], 1);
    config.n_envs = 1;
    if (algorithms[a] == PGRAD_PPO) config.batch_size = STEPS;
    config.autoreset_mode = PGRAD_AUTORESET_NEXT_STEP;
    pgrad_agent *agent = new_agent(FORMS[0], &config), *actor = new_agent(FORMS[0], &config);
    write_step(0, &tape, 0);
    MUST(pgrad_agent_begin(agent, tape.observations + SIZE));
    int now = 0;
    for (; statistics_of(agent).updates == 0 && now < MOST_STEPS; now++)
      play_step(agent, FORMS[0], &tape, now, now, 1, 1);
    const int64_t active = statistics_of(agent).timesteps;
    CHECK(statistics_of(agent).updates == 1 && active < now);
    write_step(0, &tape, 0);
    MUST(pgrad_agent_begin(actor, tape.observations + SIZE));
    CHECK_OK(pgrad_agent_set_gathering(actor, active, 0));
    pgrad_rollout rollout;
    for (int step = 0; step < now; step++) {
      play_step(actor, FORMS[0], &tape, step, step, 1, 1);
      MUST(pgrad_agent_rollout(actor, &rollout, sizeof rollout));
      CHECK(rollout.n_steps <= step + 1);
    }
    CHECK(rollout.n_steps == active);
    CHECK_OK(pgrad_agent_learn(actor, &rollout));
    CHECK(same_update(agent, actor));
    pgrad_agent_destroy(agent);
    pgrad_agent_destroy(actor);
  }
}

static void an_actor_can_learn_again(void) {
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  pgrad_agent *agent = new_agent(FORMS[0], &config);
  pgrad_rollout rollout;
  float actions[ENVS * COLUMNS], again[ENVS * COLUMNS];
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_rollout(agent, &rollout, sizeof rollout), "set_gathering");
  CHECK_OK(pgrad_agent_set_gathering(agent, 2, 0));
  CHECK_OK(pgrad_agent_rollout(agent, &rollout, sizeof rollout));
  CHECK(rollout.n_steps == 0 && rollout.policy_version == -1 && rollout.max_staleness == INT64_MAX);
  write_step(0, &tape, 0);
  MUST(pgrad_agent_begin(agent, tape.observations));
  for (int step = 0; step < 5; step++) {
    play_step(agent, FORMS[0], &tape, step, step, 0, ENVS);
    MUST(pgrad_agent_rollout(agent, &rollout, sizeof rollout));
    CHECK(rollout.n_steps == step % 2 + 1);
    const float *next = tape.observations + (step + 1) * ENVS * SIZE;
    CHECK(memcmp(rollout.observations + rollout.n_steps * ENVS * SIZE, next, ENVS * SIZE * sizeof(float)) == 0);
  }
  MUST(pgrad_agent_act(agent, actions));
  CHECK_OK(pgrad_agent_set_gathering(agent, 0, -7));
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_rollout(agent, &rollout, sizeof rollout), "set_gathering");
  MUST(pgrad_agent_act(agent, again));
  CHECK(memcmp(actions, again, sizeof actions) == 0);
  CHECK_OK(pgrad_agent_set_gathering(agent, 0, 0));
  for (int step = 0; step < STEPS; step++) {
    CHECK(statistics_of(agent).updates == 0);
    play_step(agent, FORMS[0], &tape, step, 5 + step, 0, ENVS);
  }
  CHECK(statistics_of(agent).updates == 1 && statistics_of(agent).timesteps == (int64_t)ENVS * STEPS);
  pgrad_agent_destroy(agent);
}

static void what_an_actor_cannot_do_is_refused(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  pgrad_rollout rollout;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_gathering(agent, -1, 0), "n_steps is -1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_gathering(agent, INT64_MAX, 0),
                "n_steps is 9223372036854775807");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_gathering(agent, 8, -1), "first_env is -1", "[0, 1048572]");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_gathering(agent, 8, 1048573), "first_env is 1048573");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_set_gathering(NULL, 8, 0), "agent is NULL");
  CHECK_OK(pgrad_agent_set_gathering(agent, 8, 1048572));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_rollout(agent, NULL, sizeof rollout), "rollout is NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_rollout(agent, &rollout, 7), "struct_size is 7");
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_train(agent, env, 8, NULL, NULL), "set_gathering with n_steps = 0");
  CHECK_OK(pgrad_agent_set_gathering(agent, 0, 0));
  CHECK_OK(pgrad_train(agent, env, 8, NULL, NULL));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void impossible_log_probs_and_old_policies_are_refused(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_policy *policy = cartpole_policy(1);
  config.n_envs = 1;
  config.n_steps = config.batch_size = 2;
  pgrad_agent *agent = agent_of(policy, &config);
  const float observations[3 * 4] = {0}, actions[2] = {0, 1}, rewards[2] = {1, 0};
  const uint8_t flags[2] = {0, 0};
  float log_probs[2] = {-0.7f, 0.002f};
  pgrad_rollout rollout;
  MUST(pgrad_rollout_init(&rollout, sizeof rollout));
  rollout.n_steps = 2;
  rollout.n_envs = 1;
  rollout.observations = observations;
  rollout.actions = actions;
  rollout.rewards = rewards;
  rollout.terminated = rollout.truncated = flags;
  rollout.log_probs = log_probs;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agent, &rollout), "log_probs[0] is 0.002", "step 1 of the");
  log_probs[1] = (float)NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_learn(agent, &rollout), "log_probs[0] is nan", "step 1 of the rollout");
  log_probs[1] = 1e-4f;
  rollout.policy_version = 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agent, &rollout), "policy_version is 1", "at most", "0");
  rollout.policy_version = -2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agent, &rollout), "policy_version is -2");
  rollout.policy_version = 0;
  rollout.max_staleness = -1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agent, &rollout), "max_staleness is -1");
  rollout.max_staleness = 1;
  for (int i = 0; i < 2; i++) CHECK_OK(pgrad_agent_learn(agent, &rollout));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agent, &rollout), "policy_version is 0", "at least 1",
                "2 updates", "max_staleness is 1");
  rollout.policy_version = -1;
  CHECK_OK(pgrad_agent_learn(agent, &rollout));
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void a_policy_takes_over_parameters_and_moments(void) {
  struct form form = FORMS[1];
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  pgrad_policy *plain = policy_of(form), *trained = policy_of(form), *other = cartpole_policy(1);
  config.normalize_observations = 1;
  pgrad_agent *agent = agent_of(trained, &config);
  gather(agent, form, 0, &tape);
  CHECK(!same_parameters(plain, trained));
  CHECK_OK(pgrad_policy_assign(plain, trained));
  CHECK(same_parameters(plain, trained));
  double means[2][SIZE], variances[2][SIZE];
  int64_t counts[2];
  MUST(pgrad_policy_observation_moments(trained, means[0], variances[0], &counts[0]));
  MUST(pgrad_policy_observation_moments(plain, means[1], variances[1], &counts[1]));
  CHECK(counts[0] > 0 && counts[0] == counts[1] && memcmp(means[0], means[1], sizeof means[0]) == 0);
  CHECK(memcmp(variances[0], variances[1], sizeof variances[0]) == 0);
  CHECK_OK(pgrad_policy_assign(trained, trained));
  pgrad_policy *fresh = policy_of(form);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_assign(trained, fresh), "source", "normalise");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_assign(trained, other), "observation_size of source is 4");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_assign(trained, NULL), "source is NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_assign(NULL, trained), "policy is NULL");
  CHECK(same_parameters(plain, trained));
  pgrad_policy *wide = cartpole_policy_of_width(1, 8);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_assign(other, wide), "source", "options");
  pgrad_policy_destroy(wide);
  pgrad_policy_destroy(fresh);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(other);
  pgrad_policy_destroy(trained);
  pgrad_policy_destroy(plain);
}

int main(void) {
  RUN(actors_and_a_learner_are_one_agent_to_the_bit);
  RUN(so_are_those_that_normalise_if_the_one_agent_gathers);
  RUN(steps_on_which_all_environments_reset_are_left_out);
  RUN(an_actor_can_learn_again);
  RUN(what_an_actor_cannot_do_is_refused);
  RUN(impossible_log_probs_and_old_policies_are_refused);
  RUN(a_policy_takes_over_parameters_and_moments);
  return check_report();
}
