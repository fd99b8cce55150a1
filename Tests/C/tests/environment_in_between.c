/* An environment that the host uses between two calls of pgrad_train, or in its progress callback. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 2, LIMIT = 200 };

static pgrad_policy *pendulum_policy(void) {
  pgrad_action_part torque = {PGRAD_GAUSSIAN, 1, -2, 2};
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 3, config.parts = &torque, config.part_count = 1, config.hidden_count = 0;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

static pgrad_agent *pendulum_agent(int64_t n_steps) {
  pgrad_policy *policy = pendulum_policy();
  pgrad_agent_config config;
  MUST(pgrad_agent_config_init(&config, sizeof config));
  config.n_envs = ENVS, config.n_steps = n_steps, config.batch_size = ENVS * n_steps, config.n_epochs = 1;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  return agent;
}

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  return now;
}

static void step_once(pgrad_env *env) {
  float actions[ENVS] = {0}, rewards[ENVS], next[ENVS * 3];
  uint8_t terminated[ENVS], truncated[ENVS];
  MUST(pgrad_env_step(env, actions, rewards, terminated, truncated, next, NULL));
}

static int32_t step_it(void *env, const pgrad_statistics *statistics) {
  (void)statistics;
  step_once((pgrad_env *)env);
  return 0;
}

static int32_t reset_it(void *env, const pgrad_statistics *statistics) {
  (void)statistics;
  float observations[ENVS * 3];
  MUST(pgrad_env_reset((pgrad_env *)env, 7, observations));
  return 0;
}

static void steps_in_progress_begin_new_episodes(void) {
  /* A rollout is one step shorter than an episode, so no episode ends if each rollout starts with a reset. */
  pgrad_progress uses[] = {step_it, reset_it};
  for (int i = 0; i < 2; i++) {
    pgrad_agent *agent = pendulum_agent(LIMIT - 1);
    pgrad_env *env = native_env("Pendulum-v1", ENVS);
    CHECK_OK(pgrad_train(agent, env, 3 * ENVS * (LIMIT - 1), uses[i], env));
    CHECK(statistics_of(agent).episodes == 0 && isnan(statistics_of(agent).mean_length));
    pgrad_env_destroy(env);
    pgrad_agent_destroy(agent);
  }
}

static void episodes_continue_where_nobody_else_moved_the_environment(void) {
  pgrad_agent *agent = pendulum_agent(LIMIT - 1);
  pgrad_env *env = native_env("Pendulum-v1", ENVS);
  for (int i = 0; i < 3; i++) CHECK_OK(pgrad_train(agent, env, ENVS * (LIMIT - 1), NULL, NULL));
  CHECK(statistics_of(agent).episodes == 2 * ENVS && statistics_of(agent).mean_length == LIMIT);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void steps_between_calls_begin_new_episodes(void) {
  pgrad_agent *agent = pendulum_agent(LIMIT + 10);
  pgrad_env *env = native_env("Pendulum-v1", ENVS);
  for (int i = 0; i < 3; i++) {
    CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
    step_once(env);
  }
  CHECK(statistics_of(agent).episodes == 3 * ENVS && statistics_of(agent).mean_length == LIMIT);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

/** Calls of a host's callbacks. */
typedef struct record {
  int resets, steps;
  float first;
} record;

static int32_t record_reset(void *context, uint64_t seed, float *observations) {
  record *it = (record *)context;
  (void)seed;
  it->resets++;
  for (int i = 0; i < ENVS * 3; i++) observations[i] = it->first;
  return 0;
}

static int32_t record_step(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                           float *next, float *final) {
  record *it = (record *)context;
  (void)actions, (void) final;
  it->steps++;
  memset(rewards, 0, ENVS * sizeof *rewards);
  memset(terminated, 0, ENVS);
  memset(truncated, 0, ENVS);
  for (int i = 0; i < ENVS * 3; i++) next[i] = (float)it->steps;
  return 0;
}

static void training_starts_from_the_hosts_reset_and_resets_after_the_hosts_steps(void) {
  record it = {0, 0, 0.5f};
  pgrad_action_part torque = {PGRAD_GAUSSIAN, 1, -2, 2};
  pgrad_env_callbacks callbacks;
  MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  callbacks.n_envs = ENVS, callbacks.observation_size = 3, callbacks.parts = &torque, callbacks.part_count = 1;
  callbacks.context = &it, callbacks.reset = record_reset, callbacks.step = record_step;
  pgrad_env *env = NULL;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  pgrad_agent *agent = pendulum_agent(4);
  float observations[ENVS * 3];
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  CHECK(it.resets == 1);
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  CHECK(it.resets == 1);
  CHECK_OK(pgrad_env_reset(env, 1, observations));
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  CHECK(it.resets == 2);
  step_once(env);
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  CHECK(it.resets == 3);
  pgrad_agent *other = pendulum_agent(4);
  CHECK_OK(pgrad_train(other, env, 1, NULL, NULL));
  CHECK(it.resets == 4);
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  CHECK(it.resets == 5);
  pgrad_agent_destroy(other);
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
}

int main(void) {
  RUN(steps_in_progress_begin_new_episodes);
  RUN(episodes_continue_where_nobody_else_moved_the_environment);
  RUN(steps_between_calls_begin_new_episodes);
  RUN(training_starts_from_the_hosts_reset_and_resets_after_the_hosts_steps);
  return check_report();
}
