/* gae STEPS ENVS CALLS: seconds that one call of pgrad_gae takes on so many elements; episodes end here and there. */
#include "measure.h"

int main(int argc, char **argv) {
  int64_t steps = argument(argc, argv, 1), envs = argument(argc, argv, 2), calls = argument(argc, argv, 3);
  size_t count = (size_t)(steps * envs);
  float *rewards = malloc(count * sizeof(float)), *values = malloc(count * sizeof(float));
  float *final_values = calloc(count, sizeof(float)), *last_values = calloc((size_t)envs, sizeof(float));
  float *advantages = malloc(count * sizeof(float));
  uint8_t *terminated = malloc(count), *truncated = malloc(count);
  if (!rewards || !values || !final_values || !last_values || !advantages || !terminated || !truncated) return 1;
  for (size_t i = 0; i < count; i++) {
    rewards[i] = (float)(i % 5);
    values[i] = (float)(i % 11) * 0.5f;
    terminated[i] = i % 97 == 0;
    truncated[i] = i % 101 == 0;
  }

  double start = 0;
  for (int64_t i = -calls / 10 - 1; i < calls; i++) {
    if (i == 0) start = seconds_now();
    must(pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, steps, envs, 0.99, 0.95,
                   advantages));
  }
  printf("%.9g\n", (seconds_now() - start) / (double)calls);

  free(rewards), free(values), free(final_values), free(last_values), free(advantages);
  free(terminated), free(truncated);
  return 0;
}
