/* Small objects for tests to work on. */
#ifndef FIXTURES_H
#define FIXTURES_H

#include "check.h"

/** A policy for CartPole: 4 observations, 2 choices, one hidden layer, and a value function. */
static inline pgrad_policy *cartpole_policy_of_width(uint64_t seed, int64_t hidden) {
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 4;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_sizes = &hidden;
  config.hidden_count = 1;
  config.seed = seed;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

/** The same with a hidden layer of 16. */
static inline pgrad_policy *cartpole_policy(uint64_t seed) { return cartpole_policy_of_width(seed, 16); }

/** Whether this library knows a kind of action part. One that it does not know yet is refused as PGRAD_UNSUPPORTED. */
static inline int kind_is_known(int32_t kind) {
  pgrad_action_part part = {kind, 2, 0, 1};
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 1;
  config.parts = &part;
  config.part_count = 1;
  pgrad_policy *policy = NULL;
  pgrad_status status = pgrad_policy_create(&policy, &config);
  if (status == PGRAD_UNSUPPORTED) return 0;
  MUST(status);
  pgrad_policy_destroy(policy);
  return 1;
}

/** A linear policy of 2 observations and one part, with or without a value function. */
static inline pgrad_policy *linear_policy(pgrad_action_part part, int32_t value_function) {
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 2;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_count = 0;
  config.value_function = value_function;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

/** Rows with masks; NULL for none. */
static inline pgrad_rows rows_of(const float *observations, const uint8_t *masks, int64_t count) {
  pgrad_rows rows;
  MUST(pgrad_rows_init(&rows, sizeof rows));
  rows.count = count;
  rows.observations = observations;
  rows.masks = masks;
  return rows;
}

/** The address of such rows, which lasts as long as the statement's block. */
#define ROWS_OF(observations, masks, count) ((pgrad_rows[1]){rows_of(observations, masks, count)})

/** Adam with the defaults. */
static inline pgrad_optimizer *adam(pgrad_policy *policy) {
  pgrad_optimizer_config config;
  MUST(pgrad_optimizer_config_init(&config, sizeof config));
  pgrad_optimizer *optimizer = NULL;
  MUST(pgrad_optimizer_create(&optimizer, policy, &config));
  return optimizer;
}

/** PPO of 4 environments × 32 steps in minibatches of 32, 2 epochs. */
static inline pgrad_agent_config small_ppo(uint64_t seed, int32_t threads) {
  pgrad_agent_config config;
  MUST(pgrad_agent_config_init(&config, sizeof config));
  config.n_envs = 4;
  config.n_steps = 32;
  config.batch_size = 32;
  config.n_epochs = 2;
  config.seed = seed;
  config.threads = threads;
  return config;
}

static inline pgrad_agent *agent_of(pgrad_policy *policy, const pgrad_agent_config *config) {
  pgrad_agent *agent = NULL;
  MUST(pgrad_agent_create(&agent, policy, config));
  return agent;
}

static inline pgrad_env *native_env(const char *name, int64_t n_envs) {
  pgrad_env *env = NULL;
  MUST(pgrad_env_create(&env, name, n_envs));
  return env;
}

/** A copy of a policy's parameters; free it. */
static inline float *parameters_of(pgrad_policy *policy, int64_t *count) {
  float *live = NULL;
  MUST(pgrad_policy_parameters(policy, &live, count));
  size_t size = (size_t)*count * sizeof(float);
  float *copy = (float *)malloc(size);
  if (copy == NULL) abort();
  memcpy(copy, live, size);
  return copy;
}

/** Whether two policies hold the same bits. */
static inline int same_parameters(pgrad_policy *one, pgrad_policy *other) {
  float *a = NULL, *b = NULL;
  int64_t count_a = 0, count_b = 0;
  MUST(pgrad_policy_parameters(one, &a, &count_a));
  MUST(pgrad_policy_parameters(other, &b, &count_b));
  return count_a == count_b && memcmp(a, b, (size_t)count_a * sizeof(float)) == 0;
}

#endif
