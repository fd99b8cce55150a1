/* Environments of the host that fail or return invalid values, and a progress callback that stops the training. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 4, LENGTH = 5 };

/** Every episode is truncated after LENGTH steps; the action is the reward. The test selects the failure. */
struct environment {
  int step, resets, steps, destroyed, fail_reset, fail_step_at;
  uint64_t seed;
  float spoil_reward, spoil_next, spoil_final;
  int forget_final;
};

static int32_t reset(void *context, uint64_t seed, float *observations) {
  struct environment *environment = (struct environment *)context;
  environment->resets++;
  environment->seed = seed;
  environment->step = 0;
  for (int i = 0; i < ENVS; i++) observations[i] = 0;
  return environment->fail_reset;
}

static int32_t step(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                    float *next, float *final) {
  struct environment *environment = (struct environment *)context;
  environment->steps++;
  int ended = ++environment->step % LENGTH == 0;
  for (int i = 0; i < ENVS; i++) {
    float clock = (float)(environment->step % LENGTH) / LENGTH;
    rewards[i] = actions[i];
    terminated[i] = 0;
    truncated[i] = (uint8_t)ended;
    next[i] = clock;
    if (ended && !environment->forget_final) final[i] = 1;
  }
  rewards[1] += environment->spoil_reward;
  next[2] += environment->spoil_next;
  if (ended && !environment->forget_final) final[3] += environment->spoil_final;
  return environment->steps == environment->fail_step_at ? 7 : 0;
}

static void destroy(void *context) { ((struct environment *)context)->destroyed++; }

static pgrad_env *env_of(struct environment *environment) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_env_callbacks callbacks;
  pgrad_env *env = NULL;
  MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  callbacks.n_envs = ENVS;
  callbacks.observation_size = 1;
  callbacks.parts = &part;
  callbacks.part_count = 1;
  callbacks.context = environment;
  callbacks.reset = reset;
  callbacks.step = step;
  callbacks.destroy = destroy;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  return env;
}

static pgrad_agent *agent_for(uint64_t seed) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 1;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_count = 0;
  MUST(pgrad_policy_create(&policy, &config));
  pgrad_agent_config agent_config = small_ppo(seed, 1);
  pgrad_agent *agent = agent_of(policy, &agent_config);
  pgrad_policy_destroy(policy);
  return agent;
}

static void training_resets_with_the_agents_seed_steps_and_learns(void) {
  struct environment environment = {0};
  pgrad_env *env = env_of(&environment);
  pgrad_agent *agent = agent_for(42);
  pgrad_statistics statistics;
  CHECK_OK(pgrad_train(agent, env, 200, NULL, NULL));
  CHECK(environment.resets == 1 && environment.seed == 42);
  CHECK(environment.steps == 64); /* two rollouts of 32: the first to reach 200 of 4 × 32 = 128 a rollout */
  CHECK_OK(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  CHECK(statistics.timesteps == 256 && statistics.updates == 2);
  CHECK(statistics.episodes == ENVS * (64 / LENGTH));
  CHECK(statistics.mean_length == LENGTH);
  pgrad_agent_destroy(agent);
  CHECK(environment.destroyed == 0);
  pgrad_env_destroy(env);
  CHECK(environment.destroyed == 1);
}

static void a_failing_reset_callback_ends_the_call(void) {
  struct environment environment = {.fail_reset = -3};
  pgrad_env *env = env_of(&environment);
  pgrad_agent *agent = agent_for(1);
  float observations[ENVS];
  canary_set(observations, sizeof observations);
  CHECK_REFUSED(PGRAD_HOST_ERROR, pgrad_env_reset(env, 0, observations), "reset", "-3");
  CHECK(canary_alive(observations, sizeof observations));
  CHECK_REFUSED(PGRAD_HOST_ERROR, pgrad_train(agent, env, 1, NULL, NULL), "reset", "-3");
  environment.fail_reset = 0;
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void a_failing_step_callback_ends_the_call_and_training_can_continue(void) {
  struct environment environment = {.fail_step_at = 10};
  pgrad_env *env = env_of(&environment);
  pgrad_agent *agent = agent_for(1);
  CHECK_REFUSED(PGRAD_HOST_ERROR, pgrad_train(agent, env, 1000, NULL, NULL), "step", "7");
  CHECK(environment.steps == 10);
  CHECK_OK(pgrad_train(agent, env, 200, NULL, NULL));
  CHECK(environment.destroyed == 0);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void callback_results_that_are_not_finite_are_refused_by_name(void) {
  struct {
    struct environment environment;
    const char *name, *value;
  } cases[] = {
      {{.spoil_reward = NAN}, "reward", "nan"},
      {{.spoil_reward = INFINITY}, "reward", "inf"},
      {{.spoil_next = -INFINITY}, "observation", "-inf"},
      {{.spoil_final = INFINITY}, "final", "inf"},
      {{.forget_final = 1}, "final", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    pgrad_env *env = env_of(&cases[i].environment);
    pgrad_agent *agent = agent_for(1);
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_train(agent, env, 1000, NULL, NULL), cases[i].name, cases[i].value);
    pgrad_env_destroy(env);
    pgrad_agent_destroy(agent);
  }
}

struct progress_log {
  int calls, stop_after;
  int64_t timesteps;
};

static int32_t log_progress(void *context, const pgrad_statistics *statistics) {
  struct progress_log *log = (struct progress_log *)context;
  log->calls++;
  CHECK(statistics->struct_size == sizeof *statistics);
  CHECK(statistics->updates == log->calls);
  CHECK(statistics->timesteps > log->timesteps);
  log->timesteps = statistics->timesteps;
  return log->calls == log->stop_after;
}

static void progress_is_called_after_every_update_and_may_stop_the_training(void) {
  struct environment environment = {0};
  struct progress_log all = {0}, some = {.stop_after = 3};
  pgrad_env *env = env_of(&environment);
  pgrad_agent *agent = agent_for(1), *stopped = agent_for(1);
  CHECK_OK(pgrad_train(agent, env, 10 * ENVS * 32, log_progress, &all));
  CHECK(all.calls == 10);
  CHECK_OK(pgrad_train(stopped, env, 10 * ENVS * 32, log_progress, &some));
  CHECK(some.calls == 3 && some.timesteps == 3 * ENVS * 32);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_agent_destroy(stopped);
}

/** A callback that uses the library itself, also on the very objects that are busy. */
static int32_t meddle(void *context, const pgrad_statistics *statistics) {
  (void)statistics;
  pgrad_agent *agent = (pgrad_agent *)context;
  pgrad_statistics own;
  pgrad_policy *policy = NULL;
  float observation = 0.5f, action = -1;
  CHECK_OK(pgrad_agent_statistics(agent, &own, sizeof own));
  CHECK_OK(pgrad_agent_policy(agent, &policy));
  CHECK_OK(pgrad_policy_mode(policy, &observation, 1, &action));
  CHECK(action == 0 || action == 1);
  CHECK_OK(pgrad_agent_save(agent, "from-progress.safetensors"));
  pgrad_policy_destroy(policy);
  return 0;
}

static void progress_may_read_and_save_the_agent(void) {
  struct environment environment = {0};
  pgrad_env *env = env_of(&environment);
  pgrad_agent *agent = agent_for(1);
  CHECK_OK(pgrad_train(agent, env, 3 * ENVS * 32, meddle, agent));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static int32_t destroy_all(void *context, const pgrad_statistics *statistics) {
  (void)statistics;
  void **handles = (void **)context;
  pgrad_agent_destroy((pgrad_agent *)handles[0]);
  pgrad_env_destroy((pgrad_env *)handles[1]);
  return 0;
}

static void objects_destroyed_by_progress_last_until_training_ends(void) {
  struct environment environment = {0};
  void *handles[2] = {agent_for(1), env_of(&environment)};
  CHECK_OK(pgrad_train((pgrad_agent *)handles[0], (pgrad_env *)handles[1], 3 * ENVS * 32, destroy_all, handles));
  CHECK(environment.destroyed == 1);
  CHECK(pgrad_train((pgrad_agent *)handles[0], (pgrad_env *)handles[1], 1, NULL, NULL) == PGRAD_INVALID_HANDLE);
}

int main(void) {
  RUN(training_resets_with_the_agents_seed_steps_and_learns);
  RUN(a_failing_reset_callback_ends_the_call);
  RUN(a_failing_step_callback_ends_the_call_and_training_can_continue);
  RUN(callback_results_that_are_not_finite_are_refused_by_name);
  RUN(progress_is_called_after_every_update_and_may_stop_the_training);
  RUN(progress_may_read_and_save_the_agent);
  RUN(objects_destroyed_by_progress_last_until_training_ends);
  return check_report();
}
