/*
 * A2C by hand, on the library's own CartPole. Ends with the parameters of an agent with PGRAD_A2C and 8 environments:
 *
 *     θ ← θ + α · 1/n Σ_i (A_i ∇θ log π(a_i | s_i) + (R_i - V(s_i)) ∇θ V(s_i)),   R_i = A_i + V(s_i)
 *
 * The argument is a path to save the policy to.
 */
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

/** One rollout and one step. Reads the observations to act on first, and writes those to act on next. */
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

int main(int argc, char **argv) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  pgrad_optimizer_config rule;
  pgrad_policy *policy;
  pgrad_env *env;
  pgrad_optimizer *optimizer;
  float observations[ENVS * SIZE];
  int64_t count;
  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = SIZE, config.parts = &part, config.part_count = 1;
  must(pgrad_policy_create(&policy, &config));
  must(pgrad_optimizer_config_init(&rule, sizeof rule));
  rule.kind = PGRAD_RMSPROP, rule.learning_rate = 7e-4, rule.epsilon = 1e-5, rule.max_grad_norm = 0.5;
  must(pgrad_optimizer_create(&optimizer, policy, &rule));
  must(pgrad_env_create(&env, "CartPole-v1", ENVS));
  must(pgrad_policy_parameters(policy, NULL, &count));
  float *gradients = calloc(2 * (size_t)count, sizeof(float));
  if (!gradients) return 1;
  must(pgrad_env_reset(env, config.seed, observations));
  for (int i = 0; i < UPDATES; i++) update(env, policy, optimizer, observations, gradients, gradients + count, count);
  if (argc > 1) must(pgrad_policy_save(policy, argv[1]));
  free(gradients);
  pgrad_optimizer_destroy(optimizer);
  pgrad_env_destroy(env);
  pgrad_policy_destroy(policy);
  return 0;
}
