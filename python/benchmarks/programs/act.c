/* act ROWS CALLS: seconds that one call takes to sample ROWS actions of a policy 4-64-64-2 and their
   log-probabilities. */
#include "measure.h"

int main(int argc, char **argv) {
  int64_t rows = argument(argc, argv, 1), calls = argument(argc, argv, 2);
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  pgrad_policy *policy;
  float *observations = malloc((size_t)rows * 4 * sizeof(float));
  float *actions = malloc((size_t)rows * sizeof(float)), *log_probs = malloc((size_t)rows * sizeof(float));
  if (!observations || !actions || !log_probs) return 1;
  for (int64_t i = 0; i < rows * 4; i++) observations[i] = (float)(i % 7) * 0.1f - 0.3f;

  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 4;
  config.parts = &part;
  config.part_count = 1;
  must(pgrad_policy_create(&policy, &config));
  for (int64_t i = 0; i < calls / 10 + 1; i++)
    must(pgrad_policy_sample(policy, observations, rows, actions, log_probs));

  double start = seconds_now();
  for (int64_t i = 0; i < calls; i++) must(pgrad_policy_sample(policy, observations, rows, actions, log_probs));
  printf("%.9g\n", (seconds_now() - start) / (double)calls);

  pgrad_policy_destroy(policy);
  free(observations);
  free(actions);
  free(log_probs);
  return 0;
}
