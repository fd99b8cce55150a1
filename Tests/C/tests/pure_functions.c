/* pgrad_returns and pgrad_gae: literal values, and every bad argument. */
#include <math.h>

#include "fixtures.h"

enum { STEPS = 3, ENVS = 2, N = STEPS * ENVS };

static float rewards[N] = {1, 10, 2, 20, 4, 40};
static float values[N] = {1, 1, 1, 1, 1, 1};
static uint8_t terminated[N] = {0, 0, 0, 1, 0, 0};
static uint8_t truncated[N] = {0, 0, 1, 0, 0, 0};
static float final_values[N] = {NAN, NAN, 8, NAN, NAN, NAN};
static float last_values[ENVS] = {2, 4};
static float output[N];

static void returns_are_discounted_from_each_step(void) {
  /* γ = 1/2. First environment: 4, 2 + 2, 1 + 2. Second, whose episode ends on its second step: 40, 20, 10 + 10. */
  const float expected[N] = {3, 20, 4, 20, 4, 40};
  CHECK_OK(pgrad_returns(rewards, terminated, STEPS, ENVS, 0.5, output));
  CHECK(memcmp(output, expected, sizeof output) == 0);
}

static void returns_without_ends_run_through(void) {
  const float expected[N] = {7, 70, 6, 60, 4, 40};
  CHECK_OK(pgrad_returns(rewards, NULL, STEPS, ENVS, 1, output));
  CHECK(memcmp(output, expected, sizeof output) == 0);
}

static void advantages_stop_at_terminations_and_bootstrap_at_truncations(void) {
  /* γ = λ = 1/2, so γλ = 1/4.
   * First environment, cut on its second step with a final value of 8:
   *   A₃ = 4 + 2/2 - 1 = 4,  A₂ = 2 + 8/2 - 1 = 5,  A₁ = 1 + 1/2 - 1 + 5/4 = 1.75
   * Second, ended on its second step:
   *   A₃ = 40 + 4/2 - 1 = 41,  A₂ = 20 - 1 = 19,  A₁ = 10 + 1/2 - 1 + 19/4 = 14.25 */
  const float expected[N] = {1.75f, 14.25f, 5, 19, 4, 41};
  CHECK_OK(pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, STEPS, ENVS, 0.5, 0.5, output));
  CHECK(memcmp(output, expected, sizeof output) == 0);
}

static void an_end_that_is_both_is_a_termination(void) {
  /* A = 4 - 1: the final value of 8 is not asked for. */
  const float reward = 4, value = 1, final_value = 8, last_value = 2;
  const uint8_t flag = 1;
  float advantage;
  CHECK_OK(pgrad_gae(&reward, &value, &flag, &flag, &final_value, &last_value, 1, 1, 0.5, 0.5, &advantage));
  CHECK(advantage == 3);
}

#define BAD(status, call, ...)                  \
  do {                                          \
    canary_set(output, sizeof output);          \
    CHECK_REFUSED(status, call, __VA_ARGS__);   \
    CHECK(canary_alive(output, sizeof output)); \
  } while (0)

#define RETURNS(rewards, steps, envs, gamma, out) pgrad_returns(rewards, terminated, steps, envs, gamma, out)

static void null_arrays_are_refused(void) {
  const pgrad_status bad = PGRAD_INVALID_ARGUMENT;
  BAD(bad, RETURNS(NULL, STEPS, ENVS, 0.5, output), "rewards", "NULL");
  BAD(bad, RETURNS(rewards, STEPS, ENVS, 0.5, NULL), "returns", "NULL");
#define NULLS(argument, r, v, te, tr, l, out) \
  BAD(bad, pgrad_gae(r, v, te, tr, final_values, l, STEPS, ENVS, 0.5, 0.5, out), argument, "NULL")
  NULLS("rewards", NULL, values, terminated, truncated, last_values, output);
  NULLS("values", rewards, NULL, terminated, truncated, last_values, output);
  NULLS("terminated", rewards, values, NULL, truncated, last_values, output);
  NULLS("truncated", rewards, values, terminated, NULL, last_values, output);
  NULLS("last_values", rewards, values, terminated, truncated, NULL, output);
  NULLS("advantages", rewards, values, terminated, truncated, last_values, NULL);
#undef NULLS
  BAD(bad, pgrad_gae(rewards, values, terminated, truncated, NULL, last_values, STEPS, ENVS, 0.5, 0.5, output),
      "final_values", "NULL");
}

static void absurd_sizes_are_refused(void) {
  const int64_t sizes[] = {0, -1, INT64_MAX, INT64_MIN, PGRAD_MAX_ELEMENTS + 1};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    int64_t n = sizes[i];
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)n);
    BAD(PGRAD_INVALID_ARGUMENT, RETURNS(rewards, n, ENVS, 0.5, output), "n_steps", text);
    BAD(PGRAD_INVALID_ARGUMENT, RETURNS(rewards, STEPS, n, 0.5, output), "n_envs", text);
    BAD(PGRAD_INVALID_ARGUMENT,
        pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, n, ENVS, 0.5, 0.5, output),
        "n_steps");
    BAD(PGRAD_INVALID_ARGUMENT,
        pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, STEPS, n, 0.5, 0.5, output),
        "n_envs");
  }
  BAD(PGRAD_INVALID_ARGUMENT, RETURNS(rewards, PGRAD_MAX_ROWS, PGRAD_MAX_ENVS, 0.5, output), "n_steps");
}

static void discounts_outside_their_range_are_refused(void) {
  const double bad[] = {-0.25, 1.5, NAN, INFINITY, -INFINITY};
  const char *const words[] = {"-0.25", "1.5", "nan", "inf", "-inf"};
  for (int i = 0; i < 5; i++) {
    BAD(PGRAD_INVALID_ARGUMENT, RETURNS(rewards, STEPS, ENVS, bad[i], output), "gamma", words[i]);
    BAD(PGRAD_INVALID_ARGUMENT,
        pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, STEPS, ENVS, bad[i], 0.5, output),
        "gamma", words[i]);
    BAD(PGRAD_INVALID_ARGUMENT,
        pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, STEPS, ENVS, 0.5, bad[i], output),
        "gae_lambda", words[i]);
  }
}

static void inputs_that_are_not_finite_and_invalid_flags_are_refused(void) {
#define SPOILED(place, value, status, call, ...) \
  do {                                           \
    float kept = (float)(place);                 \
    place = value;                               \
    BAD(status, call, __VA_ARGS__);              \
    place = kept;                                \
  } while (0)
#define ALL pgrad_gae(rewards, values, terminated, truncated, final_values, last_values, STEPS, ENVS, 0.5, 0.5, output)
  SPOILED(rewards[3], NAN, PGRAD_NOT_FINITE, RETURNS(rewards, STEPS, ENVS, 0.5, output), "rewards", "1, 1", "nan");
  SPOILED(terminated[2], 7, PGRAD_INVALID_ARGUMENT, RETURNS(rewards, STEPS, ENVS, 0.5, output), "ended", "7");
  SPOILED(rewards[5], INFINITY, PGRAD_NOT_FINITE, ALL, "rewards", "inf");
  SPOILED(values[0], -INFINITY, PGRAD_NOT_FINITE, ALL, "values", "-inf");
  SPOILED(final_values[2], NAN, PGRAD_NOT_FINITE, ALL, "final_values", "nan");
  SPOILED(last_values[1], NAN, PGRAD_NOT_FINITE, ALL, "last_values", "nan");
  SPOILED(terminated[0], 2, PGRAD_INVALID_ARGUMENT, ALL, "terminated", "2");
  SPOILED(truncated[0], 2, PGRAD_INVALID_ARGUMENT, ALL, "truncated", "2");
#undef ALL
#undef SPOILED
}

int main(void) {
  RUN(returns_are_discounted_from_each_step);
  RUN(returns_without_ends_run_through);
  RUN(advantages_stop_at_terminations_and_bootstrap_at_truncations);
  RUN(an_end_that_is_both_is_a_termination);
  RUN(null_arrays_are_refused);
  RUN(absurd_sizes_are_refused);
  RUN(discounts_outside_their_range_are_refused);
  RUN(inputs_that_are_not_finite_and_invalid_flags_are_refused);
  return check_report();
}
