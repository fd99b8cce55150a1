/* Sums over long rollouts do not drift, and results beyond a float are refused before anything is written. */
#include "fixtures.h"

enum { STEPS = 1000000 };

static void returns_of_long_rollouts_do_not_drift(void) {
  float *rewards = (float *)malloc(STEPS * sizeof *rewards), *returns = (float *)malloc(STEPS * sizeof *returns);
  if (rewards == NULL || returns == NULL) abort();
  double sum = 0;
  for (int i = 0; i < STEPS; i++) rewards[i] = 0.1f, sum += (double)rewards[i];
  CHECK_OK(pgrad_returns(rewards, NULL, STEPS, 1, 1.0, returns));
  double error = (double)returns[0] / sum - 1;
  CHECK(error < 1e-7 && error > -1e-7);
  free(rewards);
  free(returns);
}

static void results_beyond_a_float_are_refused_and_nothing_is_written(void) {
  float rewards[4] = {2e38f, 2e38f, 2e38f, 2e38f}, zeros[4] = {0}, last[1] = {0}, one[4], other[4];
  uint8_t flags[4] = {0};
  canary_set(one, sizeof one), canary_set(other, sizeof other);
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_returns(rewards, NULL, 4, 1, 1.0, one), "returns[0, 0]", "inf");
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_gae(rewards, zeros, flags, flags, NULL, last, 4, 1, 1.0, 1.0, one),
                "advantages[0, 0]", "inf");
  CHECK_REFUSED(PGRAD_NOT_FINITE,
                pgrad_vtrace(rewards, zeros, zeros, flags, flags, NULL, last, 4, 1, 1.0, 1.0, 1.0, 1.0, one, other),
                "inf");
  CHECK(canary_alive(one, sizeof one) && canary_alive(other, sizeof other));
}

int main(void) {
  RUN(returns_of_long_rollouts_do_not_drift);
  RUN(results_beyond_a_float_are_refused_and_nothing_is_written);
  return check_report();
}
