/* step ENVS CALLS: seconds that one call takes to step ENVS environments of CartPole-v1 under random actions, resets
 * included. The actions are drawn by a shift register between the calls, and that time counts. */
#include "measure.h"

int main(int argc, char **argv) {
  int64_t envs = argument(argc, argv, 1), calls = argument(argc, argv, 2);
  size_t count = (size_t)envs;
  float *observations = malloc(count * 4 * sizeof(float)), *finals = malloc(count * 4 * sizeof(float));
  float *actions = malloc(count * sizeof(float)), *rewards = malloc(count * sizeof(float));
  uint8_t *terminated = malloc(count), *truncated = malloc(count);
  if (!observations || !finals || !actions || !rewards || !terminated || !truncated) return 1;
  pgrad_env *env;
  must(pgrad_env_create(&env, "CartPole-v1", envs));
  must(pgrad_env_reset(env, 1, observations));

  uint64_t word = 88172645463325252u;
  double start = 0;
  for (int64_t i = -calls / 10 - 1; i < calls; i++) {
    if (i == 0) start = seconds_now();
    for (size_t at = 0; at < count; at += 64) {
      word ^= word << 13;
      word ^= word >> 7;
      word ^= word << 17;
      for (size_t bit = 0; bit < 64 && at + bit < count; bit++) actions[at + bit] = (float)(word >> bit & 1);
    }
    must(pgrad_env_step(env, actions, rewards, terminated, truncated, observations, finals));
  }
  printf("%.9g\n", (seconds_now() - start) / (double)calls);

  pgrad_env_destroy(env);
  free(observations), free(finals), free(actions), free(rewards), free(terminated), free(truncated);
  return 0;
}
