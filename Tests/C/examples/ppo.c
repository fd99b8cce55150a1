/*
 * PPO by hand, on the library's own CartPole, as an agent whose minibatch is its whole rollout. The argument is a path
 * to save the policy to. Each step climbs
 *
 *     1/n Σ_i min(r_i A_i, clip(r_i, 0.8, 1.2) A_i) - ½ (R_i - V(s_i))²,   r_i = π(a_i | s_i) / π_old(a_i | s_i)
 */
#include <math.h>
#include <pgrad.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENVS = 8, STEPS = 128, ROWS = ENVS * STEPS, SIZE = 4, UPDATES = 10, EPOCHS = 4 };

static void must(pgrad_status status) {
  if (status == PGRAD_OK) return;
  fprintf(stderr, "%s\n", pgrad_last_error());
  exit(1);
}

/** One rollout and its epochs. The first rows of `seen` are the observations to act on, now and in the next call. */
static void update(pgrad_env *env, pgrad_policy *policy, pgrad_optimizer *optimizer, float *seen, int64_t count) {
  static float final[ROWS * SIZE], actions[ROWS], old[ROWS], rewards[ROWS], values[ROWS + ENVS], finals[ROWS];
  static float advantages[ROWS], targets[ROWS], log_probs[ROWS], weights[ROWS], errors[ROWS];
  static uint8_t terminated[ROWS], truncated[ROWS];
  float gradient[count], value_gradient[count];
  pgrad_rows rows;
  for (int row = 0; row < ROWS; row += ENVS) {
    must(pgrad_policy_sample(policy, seen + row * SIZE, ENVS, actions + row, old + row));
    must(pgrad_env_step(env, actions + row, rewards + row, terminated + row, truncated + row,
                        seen + (row + ENVS) * SIZE, final + row * SIZE));
  }
  must(pgrad_policy_value(policy, seen, ROWS + ENVS, values));
  must(pgrad_policy_value(policy, final, ROWS, finals));
  must(pgrad_gae(rewards, values, terminated, truncated, finals, values + ROWS, STEPS, ENVS, 0.99, 0.95, advantages));
  for (int i = 0; i < ROWS; i++) targets[i] = advantages[i] + values[i];
  must(pgrad_rows_init(&rows, sizeof rows));
  rows.count = ROWS, rows.observations = seen;
  for (int epoch = 0; epoch < EPOCHS; epoch++) {
    must(pgrad_policy_log_prob(policy, seen, actions, ROWS, log_probs));
    must(pgrad_policy_value(policy, seen, ROWS, values));
    for (int i = 0; i < ROWS; i++) {
      float ratio = expf(log_probs[i] - old[i]);
      int is_flat = advantages[i] > 0 ? ratio > 1.2f : ratio < 0.8f;
      weights[i] = is_flat ? 0 : ratio * advantages[i] / ROWS;
      errors[i] = (targets[i] - values[i]) / ROWS;
    }
    must(pgrad_policy_score_gradient_rows(policy, &rows, actions, weights, gradient));
    must(pgrad_policy_value_gradient_rows(policy, &rows, errors, value_gradient));
    for (int64_t i = 0; i < count; i++) gradient[i] += value_gradient[i];
    must(pgrad_optimizer_step(optimizer, gradient));
  }
  memcpy(seen, seen + ROWS * SIZE, ENVS * SIZE * sizeof(float));
}

int main(int argc, char **argv) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  static float seen[(ROWS + ENVS) * SIZE];
  pgrad_policy_config config;
  pgrad_optimizer_config rule;
  pgrad_policy *policy;
  pgrad_env *env;
  pgrad_optimizer *optimizer;
  int64_t count;
  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = SIZE, config.parts = &part, config.part_count = 1;
  must(pgrad_policy_create(&policy, &config));
  must(pgrad_optimizer_config_init(&rule, sizeof rule));
  rule.learning_rate = 3e-3, rule.epsilon = 1e-5, rule.max_grad_norm = 0.5;
  must(pgrad_optimizer_create(&optimizer, policy, &rule));
  must(pgrad_env_create(&env, "CartPole-v1", ENVS));
  must(pgrad_policy_parameters(policy, NULL, &count));
  must(pgrad_env_reset(env, config.seed, seen));
  for (int i = 0; i < UPDATES; i++) update(env, policy, optimizer, seen, count);
  if (argc > 1) must(pgrad_policy_save(policy, argv[1]));
  pgrad_optimizer_destroy(optimizer);
  pgrad_env_destroy(env);
  pgrad_policy_destroy(policy);
  return 0;
}
