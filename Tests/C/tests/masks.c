/* Policies with action masks. */
#include <float.h>
#include <math.h>

#include "fixtures.h"

enum { ROWS = 3, COLUMNS = 4, FLAGS = 7, MOST = 256 };

static pgrad_policy *policy;
static int64_t count;
static const float observations[ROWS * 2] = {0.5f, -1, 2, 0.25f, -0.75f, 1};
/* Choices 0 and 2 of three; the first bit 1 for certain, the second free. */
static const uint8_t masks[ROWS * FLAGS] = {1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1};
static const float actions[ROWS * COLUMNS] = {0, 1, 0, 0.5f, 2, 1, 1, 0.5f, 0, 1, 1, 0.5f};
static const float weights[ROWS] = {1, -2, 0.5f};
static float result[MOST], vector[MOST];

/** Three choices, two bits and a real number. */
static void begin(void) {
  const pgrad_action_part parts[3] = {
      {PGRAD_CATEGORICAL, 3, 0, 0}, {PGRAD_BERNOULLI, 2, 0, 0}, {PGRAD_GAUSSIAN, 1, -INFINITY, INFINITY}};
  pgrad_policy_config config;
  float *parameters = NULL;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 2;
  config.parts = parts;
  config.part_count = 3;
  config.hidden_count = 0;
  config.value_function = 0;
  MUST(pgrad_policy_create(&policy, &config));
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) {
    parameters[i] += (float)sin(0.9 * (double)i + 1);
    vector[i] = (float)cos(1.7 * (double)i);
  }
}

static void a_row_of_masks_has_a_flag_for_each_choice(void) {
  int64_t size = 0;
  CHECK_OK(pgrad_policy_mask_size(policy, &size));
  CHECK(size == FLAGS);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_mask_size(policy, NULL), "size", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_mask_size(NULL, &size), "policy", "NULL");
}

static void allowed_actions_have_the_whole_probability(void) {
  double sum = 0;
  float log_prob[1], density[1] = {0};
  const float mean_only[COLUMNS] = {0, 1, 0, 0.5f};
  /* With one choice left to each part only the Gaussian's density is left. */
  const uint8_t one[FLAGS] = {1, 0, 0, 0, 1, 1, 0};
  MUST(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, one, 1), mean_only, density));
  for (int choice = 0; choice < 3; choice += 2)
    for (int bit = 0; bit < 2; bit++) {
      const float action[COLUMNS] = {(float)choice, 1, (float)bit, 0.5f};
      CHECK_OK(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, 1), action, log_prob));
      sum += exp((double)log_prob[0] - (double)density[0]);
    }
  CHECK(fabs(sum - 1) < 1e-6);
}

static void nothing_is_drawn_that_is_not_allowed(void) {
  float drawn[ROWS * COLUMNS], log_probs[ROWS], again[ROWS];
  for (int call = 0; call < 300; call++) {
    MUST(pgrad_policy_sample_rows(policy, ROWS_OF(observations, masks, ROWS), drawn, log_probs));
    MUST(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, ROWS), drawn, again));
    CHECK(memcmp(log_probs, again, sizeof again) == 0);
  }
  CHECK_OK(pgrad_policy_mode_rows(policy, ROWS_OF(observations, masks, ROWS), drawn));
  CHECK_OK(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, ROWS), drawn, again));
}

static void without_masks_both_functions_agree(void) {
  float twin[MOST];
  pgrad_policy *other = policy;
  CHECK_OK(pgrad_policy_log_prob(policy, observations, actions, ROWS, result));
  CHECK_OK(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, NULL, ROWS), actions, twin));
  CHECK(memcmp(result, twin, ROWS * sizeof(float)) == 0);
  CHECK_OK(pgrad_policy_entropy(policy, observations, ROWS, result));
  CHECK_OK(pgrad_policy_entropy_rows(policy, ROWS_OF(observations, NULL, ROWS), twin));
  CHECK(memcmp(result, twin, ROWS * sizeof(float)) == 0);
  CHECK_OK(pgrad_policy_mode(policy, observations, ROWS, result));
  CHECK_OK(pgrad_policy_mode_rows(policy, ROWS_OF(observations, NULL, ROWS), twin));
  CHECK(memcmp(result, twin, ROWS * COLUMNS * sizeof(float)) == 0);
  CHECK_OK(pgrad_policy_kl_rows(policy, other, ROWS_OF(observations, NULL, ROWS), result));
  CHECK(result[0] == 0 && result[1] == 0 && result[2] == 0);
  CHECK_OK(pgrad_policy_score_gradient(policy, observations, actions, weights, ROWS, result));
  CHECK_OK(pgrad_policy_score_gradient_rows(policy, ROWS_OF(observations, NULL, ROWS), actions, weights, twin));
  CHECK(memcmp(result, twin, (size_t)count * sizeof(float)) == 0);
  CHECK_OK(pgrad_policy_fisher_vector(policy, observations, ROWS, vector, result));
  CHECK_OK(pgrad_policy_fisher_vector_rows(policy, ROWS_OF(observations, NULL, ROWS), vector, twin));
  CHECK(memcmp(result, twin, (size_t)count * sizeof(float)) == 0);
}

static void a_masked_score_matches_differences(void) {
  /* Steps of 2⁻⁹ in floats of size 1 err by 3e-4; see score_gradient.c. */
  float *parameters = NULL, above[ROWS], below[ROWS];
  const float step = 1.0f / 512;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  CHECK_OK(pgrad_policy_score_gradient_rows(policy, ROWS_OF(observations, masks, ROWS), actions, weights, result));
  for (int64_t i = 0; i < count; i++) {
    const float kept = parameters[i];
    double slope = 0;
    parameters[i] = kept + step;
    MUST(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, ROWS), actions, above));
    parameters[i] = kept - step;
    MUST(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, ROWS), actions, below));
    parameters[i] = kept;
    for (int row = 0; row < ROWS; row++)
      slope += (double)weights[row] * ((double)above[row] - (double)below[row]) / (2 * (double)step);
    CHECK(fabs(slope - (double)result[i]) <= 4e-3 + 0.01 * fabs(slope));
  }
}

/** The call is refused and writes nothing. */
#define LEAVES_ALONE(status, call, ...)         \
  do {                                          \
    canary_set(result, sizeof result);          \
    CHECK_REFUSED(status, call, __VA_ARGS__);   \
    CHECK(canary_alive(result, sizeof result)); \
  } while (0)

static void refuse_all(const uint8_t *given, const char *first, const char *second) {
  const pgrad_status bad = PGRAD_INVALID_ARGUMENT;
  LEAVES_ALONE(bad, pgrad_policy_sample_rows(policy, ROWS_OF(observations, given, ROWS), result, result + 64), first,
               second);
  LEAVES_ALONE(bad, pgrad_policy_mode_rows(policy, ROWS_OF(observations, given, ROWS), result), first, second);
  LEAVES_ALONE(bad, pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, given, ROWS), actions, result), first,
               second);
  LEAVES_ALONE(bad, pgrad_policy_entropy_rows(policy, ROWS_OF(observations, given, ROWS), result), first, second);
  LEAVES_ALONE(bad, pgrad_policy_kl_rows(policy, policy, ROWS_OF(observations, given, ROWS), result), first, second);
  LEAVES_ALONE(bad,
               pgrad_policy_score_gradient_rows(policy, ROWS_OF(observations, given, ROWS), actions, weights, result),
               first, second);
  LEAVES_ALONE(bad, pgrad_policy_fisher_vector_rows(policy, ROWS_OF(observations, given, ROWS), vector, result), first,
               second);
}

static void bad_masks_are_refused(void) {
  uint8_t given[ROWS * FLAGS];
  memcpy(given, masks, sizeof given);
  given[FLAGS + 2] = 2;
  refuse_all(given, "masks[1, 2]", "2");
  memcpy(given, masks, sizeof given);
  given[2 * FLAGS] = given[2 * FLAGS + 2] = 0;
  refuse_all(given, "masks[2]", "parts[0]");
  memcpy(given, masks, sizeof given);
  given[FLAGS + 5] = given[FLAGS + 6] = 0;
  refuse_all(given, "masks[1]", "column 1 of parts[1]");
}

static void actions_that_are_not_allowed_are_refused(void) {
  const float choice[COLUMNS] = {1, 1, 0, 0}, bit[COLUMNS] = {0, 0, 0, 0};
  const pgrad_status bad = PGRAD_INVALID_ARGUMENT;
  LEAVES_ALONE(bad, pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, 1), choice, result),
               "actions[0, 0]", "masks[0]");
  LEAVES_ALONE(bad, pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, 1), bit, result), "actions[0, 1]",
               "masks[0]");
  LEAVES_ALONE(bad, pgrad_policy_score_gradient_rows(policy, ROWS_OF(observations, masks, 1), bit, weights, result),
               "actions[0, 1]", "masks[0]");
}

/* Parameters and observations that are finite, but whose products are not. */
static void results_that_are_not_finite_are_refused(void) {
  const float huge[2] = {FLT_MAX, FLT_MAX};
  const pgrad_status bad = PGRAD_NOT_FINITE;
  LEAVES_ALONE(bad, pgrad_policy_sample(policy, huge, 1, result, result + 64), "would be");
  LEAVES_ALONE(bad, pgrad_policy_sample(policy, huge, 1, result, NULL), "would be");
  LEAVES_ALONE(bad, pgrad_policy_mode(policy, huge, 1, result), "outputs", "would be");
  LEAVES_ALONE(bad, pgrad_policy_log_prob(policy, huge, actions, 1, result), "log_probs[0]", "would be");
  LEAVES_ALONE(bad, pgrad_policy_score_gradient(policy, huge, actions, weights, 1, result), "gradient[", "would be");
  LEAVES_ALONE(bad, pgrad_policy_fisher_vector(policy, huge, 1, vector, result), "product[", "would be");
  LEAVES_ALONE(bad, pgrad_policy_kl(policy, policy, huge, 1, result), "kls[0]", "would be");
}

static void a_mask_may_leave_one_of_ten_thousand_choices(void) {
  enum { CHOICES = 10000 };
  static uint8_t one[CHOICES];
  const pgrad_action_part part = {PGRAD_CATEGORICAL, CHOICES, 0, 0};
  pgrad_policy *wide = linear_policy(part, 0);
  float action = 0, number = 1;
  one[7777] = 1;
  CHECK_OK(pgrad_policy_sample_rows(wide, ROWS_OF(observations, one, 1), &action, &number));
  CHECK(action == 7777 && number == 0);
  CHECK_OK(pgrad_policy_mode_rows(wide, ROWS_OF(observations, one, 1), &action));
  CHECK(action == 7777);
  number = 1;
  CHECK_OK(pgrad_policy_entropy_rows(wide, ROWS_OF(observations, one, 1), &number));
  CHECK(number == 0);
  pgrad_policy_destroy(wide);
}

int main(void) {
  begin();
  RUN(a_row_of_masks_has_a_flag_for_each_choice);
  RUN(allowed_actions_have_the_whole_probability);
  RUN(nothing_is_drawn_that_is_not_allowed);
  RUN(without_masks_both_functions_agree);
  RUN(a_masked_score_matches_differences);
  RUN(bad_masks_are_refused);
  RUN(actions_that_are_not_allowed_are_refused);
  RUN(results_that_are_not_finite_are_refused);
  RUN(a_mask_may_leave_one_of_ten_thousand_choices);
  pgrad_policy_destroy(policy);
  return check_report();
}
