/* readers THREADS CALLS: seconds for THREADS threads that sample CALLS actions each, one by one: "shared own". First
   all of one policy 4-64-64-2, then each of its own policy, which is the most that the processors can do. */
#include <pthread.h>

#include "measure.h"

static int64_t calls;

static pgrad_policy *new_policy(void) {
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  pgrad_policy *policy = NULL;
  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 4;
  config.parts = &part;
  config.part_count = 1;
  must(pgrad_policy_create(&policy, &config));
  return policy;
}

static void *act(void *context) {
  const float observation[4] = {0.1f, -0.2f, 0.3f, 0.4f};
  float action, log_prob;
  for (int64_t i = 0; i < calls; i++)
    must(pgrad_policy_sample((pgrad_policy *)context, observation, 1, &action, &log_prob));
  return NULL;
}

static double measure(int64_t threads, pgrad_policy **policies, int shared) {
  pthread_t ids[256];
  double start = seconds_now();
  for (int64_t i = 0; i < threads; i++)
    if (pthread_create(&ids[i], NULL, act, policies[shared ? 0 : i]) != 0) exit(1);
  for (int64_t i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  return seconds_now() - start;
}

int main(int argc, char **argv) {
  int64_t threads = argument(argc, argv, 1);
  pgrad_policy *policies[256];
  calls = argument(argc, argv, 2);
  if (threads < 1 || threads > 256) return fprintf(stderr, "THREADS must be 1 to 256\n"), 1;
  for (int64_t i = 0; i < threads; i++) policies[i] = new_policy();
  (void)measure(threads, policies, 1);
  double shared = measure(threads, policies, 1), own = measure(threads, policies, 0);
  printf("%.9g %.9g\n", shared, own);
  for (int64_t i = 0; i < threads; i++) pgrad_policy_destroy(policies[i]);
  return 0;
}
