/*
 * A2C by hand, on the library's own CartPole, compared with an agent that does the same inside the library:
 *
 *     θ ← θ + α · 1/n Σ_i (A_i ∇θ log π(a_i | s_i) + (R_i - V(s_i)) ∇θ V(s_i)),   R_i = A_i + V(s_i)
 *
 * Exit status 0 if both end with the same parameters.
 */
#include <math.h>
#include <pgrad.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENVS = 8, STEPS = 5, ROWS = ENVS * STEPS, SIZE = 4, UPDATES = 200 };

static void must(pgrad_status status) {
  if (status == PGRAD_OK) return;
  fprintf(stderr, "%s\n", pgrad_last_error());
  exit(1);
}

/** One rollout and one step; `observations` are those to act on first, and then those to act on next. */
static void update(pgrad_env *env, pgrad_policy *policy, pgrad_optimizer *optimizer, float *observations, float *score,
                   float *value, int64_t count) {
  static float seen[ROWS * SIZE], final[ROWS * SIZE], actions[ROWS], rewards[ROWS];
  static float values[ROWS], final_values[ROWS], last_values[ENVS], advantages[ROWS];
  uint8_t terminated[ROWS], truncated[ROWS];
  pgrad_rows rows;
  for (int row = 0; row < ROWS; row += ENVS) {
    memcpy(seen + row * SIZE, observations, ENVS * SIZE * sizeof(float));
    must(pgrad_policy_sample(policy, observations, ENVS, actions + row, NULL));
    must(pgrad_env_step(env, actions + row, rewards + row, terminated + row, truncated + row, observations,
                        final + row * SIZE));
  }
  must(pgrad_policy_value(policy, seen, ROWS, values));
  must(pgrad_policy_value(policy, final, ROWS, final_values));
  must(pgrad_policy_value(policy, observations, ENVS, last_values));
  must(pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, STEPS, ENVS, 0.99, 1, advantages));
  /* The loss of the values is half their squared error, so both sums have the same weights. */
  for (int i = 0; i < ROWS; i++) advantages[i] /= ROWS;
  must(pgrad_rows_init(&rows, sizeof rows));
  rows.count = ROWS;
  rows.observations = seen;
  must(pgrad_policy_score_gradient_rows(policy, &rows, actions, advantages, score));
  must(pgrad_policy_value_gradient_rows(policy, &rows, advantages, value));
  for (int64_t i = 0; i < count; i++) score[i] += value[i];
  must(pgrad_optimizer_step(optimizer, score));
}

int main(void) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  pgrad_agent_config agent_config;
  pgrad_optimizer_config optimizer_config;
  pgrad_policy *policy, *twin;
  pgrad_env *env, *other;
  pgrad_agent *agent;
  pgrad_optimizer *optimizer;
  float observations[ENVS * SIZE], *ours, *theirs, largest = 0;
  int64_t count;

  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = SIZE;
  config.parts = &part;
  config.part_count = 1;
  must(pgrad_policy_create(&policy, &config));
  must(pgrad_policy_create(&twin, &config));
  must(pgrad_env_create(&env, "CartPole-v1", ENVS));
  must(pgrad_env_create(&other, "CartPole-v1", ENVS));
  must(pgrad_agent_config_init(&agent_config, sizeof agent_config));
  must(pgrad_agent_config_algorithm(&agent_config, PGRAD_A2C));
  agent_config.n_envs = ENVS;
  must(pgrad_agent_create(&agent, twin, &agent_config));
  must(pgrad_optimizer_config_init(&optimizer_config, sizeof optimizer_config));
  optimizer_config.kind = PGRAD_RMSPROP;
  optimizer_config.learning_rate = agent_config.learning_rate;
  optimizer_config.epsilon = agent_config.optimizer_epsilon;
  optimizer_config.max_grad_norm = agent_config.max_grad_norm;
  must(pgrad_optimizer_create(&optimizer, policy, &optimizer_config));

  must(pgrad_policy_parameters(policy, &ours, &count));
  must(pgrad_policy_parameters(twin, &theirs, &count));
  float *gradients = calloc(2 * (size_t)count, sizeof(float));
  if (!gradients) return 1;
  must(pgrad_env_reset(env, config.seed, observations));
  for (int i = 0; i < UPDATES; i++) update(env, policy, optimizer, observations, gradients, gradients + count, count);
  must(pgrad_train(agent, other, UPDATES * ROWS, NULL, NULL));
  for (int64_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(ours[i] - theirs[i]));
  printf("largest difference of %lld parameters after %d updates: %g\n", (long long)count, UPDATES, (double)largest);

  free(gradients);
  pgrad_optimizer_destroy(optimizer);
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(other);
  pgrad_env_destroy(env);
  pgrad_policy_destroy(twin);
  pgrad_policy_destroy(policy);
  return largest < 1e-5f ? 0 : 1;
}
