/* latency CALLS: the time of one call that samples an action of a policy 4-64-64-2, and the time of an empty call in
   the same loop, in nanoseconds: "who p50 p99.9 max". The two take turns, so that interrupts hit both. The loop rests
   now and then, since Linux suspends a thread of real-time priority that works for more than 95 % of a second. */
#include <string.h>

#include "measure.h"

enum {
  LONGEST = 1 << 20, /* longer calls count as this long in quantiles */
  REST = 1 << 19     /* calls between two rests */
};

static uint32_t counts[2][LONGEST + 1];

static int64_t nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t quantile(const uint32_t *counts, int64_t calls, double share) {
  int64_t sum = 0, time = 0;
  for (; time < LONGEST; time++)
    if ((double)(sum += counts[time]) >= share * (double)calls) break;
  return time;
}

int main(int argc, char **argv) {
  int64_t calls = argument(argc, argv, 1);
  const char *const names[2] = {"empty", "act"};
  int64_t longest[2] = {0, 0};
  const float observation[4] = {0.1f, -0.2f, 0.3f, 0.4f};
  float action, log_prob;
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config config;
  pgrad_policy *policy;
  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 4;
  config.parts = &part;
  config.part_count = 1;
  must(pgrad_policy_create(&policy, &config));
  memset(counts, 0, sizeof counts); /* touches the pages */
  for (int64_t i = 0; i < calls / 10 + 1; i++) must(pgrad_policy_sample(policy, observation, 1, &action, &log_prob));
  for (int64_t i = 0; i < calls; i++) {
    if (i % REST == 0) nanosleep(&(struct timespec){0, 100000000}, NULL);
    for (int acts = 0; acts < 2; acts++) {
      int64_t start = nanoseconds_now();
      if (acts) must(pgrad_policy_sample(policy, observation, 1, &action, &log_prob));
      int64_t time = nanoseconds_now() - start;
      if (time > longest[acts]) longest[acts] = time;
      counts[acts][time < LONGEST ? time : LONGEST]++;
    }
  }
  for (int acts = 0; acts < 2; acts++)
    printf("%s %lld %lld %lld\n", names[acts], (long long)quantile(counts[acts], calls, 0.5),
           (long long)quantile(counts[acts], calls, 0.999), (long long)longest[acts]);
  pgrad_policy_destroy(policy);
  return 0;
}
