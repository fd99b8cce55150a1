/* Rows as a structure: what it must hold, and the gradients that only such functions give. */
#include <math.h>

#include "fixtures.h"

enum { ROWS = 3, MOST = 64 };

static const float observations[ROWS * 2] = {0.5f, -1, 2, 0.25f, -0.75f, 1};
static const float weights[ROWS] = {1, -2, 0.5f};
static float result[MOST];
static const pgrad_action_part three = {PGRAD_CATEGORICAL, 3, 0, 0};

static void a_structure_holds_what_its_fields_say(void) {
  pgrad_policy *policy = linear_policy(three, 1);
  pgrad_rows rows = rows_of(observations, NULL, ROWS);
  uint8_t starts[ROWS] = {1, 0, 1};
  int64_t size = 9;
  float values[ROWS], again[ROWS];
  CHECK(rows.steps == 1 && rows.reserved == 0 && rows.struct_size == sizeof rows);
  CHECK_OK(pgrad_policy_state_size(policy, &size));
  CHECK(size == 0);
  MUST(pgrad_policy_value(policy, observations, ROWS, values));
  rows.steps = ROWS;
  rows.episode_starts = starts;
  CHECK_OK(pgrad_policy_value_rows(policy, &rows, again));
  CHECK(memcmp(values, again, sizeof values) == 0);

#define REFUSED(field, wrong, right, first, second)                                                         \
  do {                                                                                                      \
    rows.field = wrong;                                                                                     \
    canary_set(result, sizeof result);                                                                      \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_entropy_rows(policy, &rows, result), first, second); \
    CHECK(canary_alive(result, sizeof result));                                                             \
    rows.field = right;                                                                                     \
  } while (0)
  REFUSED(count, 0, ROWS, "count", "0");
  REFUSED(steps, 0, ROWS, "rows.steps", "0");
  REFUSED(steps, 2, ROWS, "rows.steps", "divide");
  REFUSED(observations, NULL, observations, "observations", "NULL");
  REFUSED(reserved, 1, 0, "rows.reserved", "1");
  REFUSED(struct_size, 7, sizeof rows, "struct_size", "7");
  starts[1] = 2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_entropy_rows(policy, &rows, result), "episode_starts[1", "2");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_entropy_rows(policy, NULL, result), "rows", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_rows_init(NULL, sizeof rows), "rows", "NULL");
  pgrad_policy_destroy(policy);
}

/** The sum of weighted entropies or values. */
static double weighted(pgrad_policy *policy, const pgrad_rows *rows, int of_values) {
  float numbers[ROWS];
  double sum = 0;
  MUST(of_values ? pgrad_policy_value_rows(policy, rows, numbers) : pgrad_policy_entropy_rows(policy, rows, numbers));
  for (int row = 0; row < ROWS; row++) sum += (double)weights[row] * (double)numbers[row];
  return sum;
}

static void a_gradient_matches_differences(pgrad_policy *policy, const uint8_t *masks, int of_values) {
  const pgrad_rows rows = rows_of(observations, masks, ROWS);
  const float step = 1.0f / 256;
  float *parameters = NULL;
  int64_t count = 0;
  double largest = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  CHECK(count <= MOST);
  for (int64_t i = 0; i < count; i++) parameters[i] += 0.3f * (float)sin(0.9 * (double)i + 1);
  CHECK_OK(of_values ? pgrad_policy_value_gradient_rows(policy, &rows, weights, result)
                     : pgrad_policy_entropy_gradient_rows(policy, &rows, weights, result));
  for (int64_t i = 0; i < count; i++) {
    const float kept = parameters[i];
    parameters[i] = kept + step;
    const double above = weighted(policy, &rows, of_values);
    parameters[i] = kept - step;
    const double slope = (above - weighted(policy, &rows, of_values)) / (2 * (double)step);
    parameters[i] = kept;
    /* Floats of size 1 make differences of this step err by 1e-4. */
    CHECK(fabs(slope - (double)result[i]) <= 1e-3 + 1e-3 * fabs(slope));
    largest = fmax(largest, fabs(slope));
  }
  CHECK(largest > 0.1);
}

static void gradients_match_differences(void) {
  const uint8_t masks[ROWS * 3] = {1, 0, 1, 1, 1, 1, 0, 1, 1}, bits[ROWS * 4] = {1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1};
  const pgrad_action_part parts[] = {three,
                                     {PGRAD_BERNOULLI, 2, 0, 0},
                                     {PGRAD_GAUSSIAN, 2, -1, 1},
                                     {PGRAD_SQUASHED_GAUSSIAN, 1, -1, 3},
                                     {PGRAD_BETA, 2, 0, 2}};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    pgrad_policy *policy = linear_policy(parts[i], 1);
    a_gradient_matches_differences(policy, NULL, 0);
    a_gradient_matches_differences(policy, NULL, 1);
    if (i < 2) a_gradient_matches_differences(policy, i == 0 ? masks : bits, 0);
    pgrad_policy_destroy(policy);
  }
}

static void gradients_refuse_what_they_cannot_use(void) {
  pgrad_policy *policy = linear_policy(three, 0);
  const pgrad_rows rows = rows_of(observations, NULL, ROWS);
  const float odd[ROWS] = {1, NAN, 1};
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_policy_value_gradient_rows(policy, &rows, weights, result), "value function");
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_entropy_gradient_rows(policy, &rows, odd, result), "weights[1]", "nan");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_entropy_gradient_rows(policy, &rows, NULL, result), "weights",
                "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_entropy_gradient_rows(policy, &rows, weights, NULL), "gradient",
                "NULL");
  pgrad_policy_destroy(policy);
  policy = linear_policy(three, 1);
  const float large[2] = {1e30f, 1}, heavy[1] = {1e30f};
  const pgrad_rows beyond = rows_of(large, NULL, 1);
  canary_set(result, sizeof result);
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_value_gradient_rows(policy, &beyond, heavy, result), "gradient[",
                "would be");
  CHECK(canary_alive(result, sizeof result));
  pgrad_policy_destroy(policy);
}

static void a_learning_rate_can_be_changed(void) {
  pgrad_policy *policy = linear_policy(three, 0);
  pgrad_optimizer_config config;
  pgrad_optimizer *optimizer = NULL;
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_optimizer_config_init(&config, sizeof config));
  config.kind = PGRAD_SGD;
  config.learning_rate = 0.5;
  MUST(pgrad_optimizer_create(&optimizer, policy, &config));
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] = 0, result[i] = 1;
  MUST(pgrad_optimizer_step(optimizer, result));
  CHECK_OK(pgrad_optimizer_set_learning_rate(optimizer, 0.25));
  MUST(pgrad_optimizer_step(optimizer, result));
  CHECK(parameters[0] == 0.75f);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_optimizer_set_learning_rate(optimizer, 0), "learning_rate", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_optimizer_set_learning_rate(optimizer, NAN), "learning_rate", "nan");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_optimizer_set_learning_rate(NULL, 1), "optimizer", "NULL");
  MUST(pgrad_optimizer_step(optimizer, result));
  CHECK(parameters[0] == 1);
  pgrad_optimizer_destroy(optimizer);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(a_structure_holds_what_its_fields_say);
  RUN(gradients_match_differences);
  RUN(gradients_refuse_what_they_cannot_use);
  RUN(a_learning_rate_can_be_changed);
  return check_report();
}
