/* The score of every action space against central finite differences of the log-probability. Also built as C++17. */
#include <math.h>

#include "fixtures.h"

enum { OBSERVATION_SIZE = 3, ROWS = 5, MAX_COLUMNS = 8 };

static pgrad_action_part part_of(int32_t kind, int32_t size, float low, float high) {
  pgrad_action_part part;
  part.kind = kind;
  part.size = size;
  part.low = low;
  part.high = high;
  return part;
}

static pgrad_policy *policy_of(const pgrad_action_part *parts, int64_t part_count, int32_t activation) {
  const int64_t hidden[2] = {5, 4};
  pgrad_policy_config config;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.activation = activation;
  config.observation_size = OBSERVATION_SIZE;
  config.parts = parts;
  config.part_count = part_count;
  config.hidden_sizes = hidden;
  config.hidden_count = 2;
  config.seed = 17;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

/** Σ w log π, the function whose gradient is under test. */
static double weighted_log_prob(pgrad_policy *policy, const float *observations, const float *actions,
                                const float *weights) {
  float log_probs[ROWS];
  double sum = 0;
  MUST(pgrad_policy_log_prob(policy, observations, actions, ROWS, log_probs));
  for (int i = 0; i < ROWS; i++) sum += (double)weights[i] * (double)log_probs[i];
  return sum;
}

/* Differences of float log-probabilities of size 1 to 10 at a step of 2⁻⁹ err by some 10 · 6e-8 · 512 = 3e-4 from
 * rounding, and by about 1e-4 from the third derivative: a tolerance of 4e-3, and of 1 % for large slopes. */
static void matches_differences(const pgrad_action_part *parts, int64_t part_count, int32_t activation) {
  for (int64_t i = 0; i < part_count; i++)
    if (!kind_is_known(parts[i].kind)) return;
  const float step = 1.0f / 512;
  pgrad_policy *policy = policy_of(parts, part_count, activation);
  float observations[ROWS * OBSERVATION_SIZE], actions[ROWS * MAX_COLUMNS];
  const float weights[ROWS] = {1, -0.5f, 0.25f, 2, -1};
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++)
    parameters[i] += 0.3f * (float)sin(0.7 * (double)i); /* away from the initial zeros */
  for (int i = 0; i < ROWS * OBSERVATION_SIZE; i++) observations[i] = (float)cos(1.3 * i);
  MUST(pgrad_policy_sample(policy, observations, ROWS, actions, NULL));
  float *gradient = (float *)malloc((size_t)count * sizeof(float));
  canary_set(gradient, (size_t)count * sizeof(float));
  CHECK_OK(pgrad_policy_score_gradient(policy, observations, actions, weights, ROWS, gradient));
  int non_zero = 0;
  for (int64_t i = 0; i < count; i++) {
    float kept = parameters[i];
    parameters[i] = kept + step;
    double above = weighted_log_prob(policy, observations, actions, weights);
    double width = (double)parameters[i];
    parameters[i] = kept - step;
    double below = weighted_log_prob(policy, observations, actions, weights);
    width -= (double)parameters[i];
    parameters[i] = kept;
    double slope = (above - below) / width;
    non_zero += gradient[i] != 0;
    if (!CHECK(fabs(slope - (double)gradient[i]) <= 4e-3 + 0.01 * fabs(slope)))
      fprintf(stderr, "  kind %d, parameter %lld: %g, by differences %g\n", parts[0].kind, (long long)i,
              (double)gradient[i], slope);
  }
  CHECK(non_zero > count / 4);
  free(gradient);
  pgrad_policy_destroy(policy);
}

static void categorical_scores_match_differences(void) {
  const pgrad_action_part part = part_of(PGRAD_CATEGORICAL, 4, 0, 0);
  matches_differences(&part, 1, PGRAD_TANH);
}

static void bernoulli_scores_match_differences(void) {
  const pgrad_action_part part = part_of(PGRAD_BERNOULLI, 3, 0, 0);
  matches_differences(&part, 1, PGRAD_TANH);
}

static void gaussian_scores_match_differences(void) {
  const pgrad_action_part part = part_of(PGRAD_GAUSSIAN, 2, -1, 1);
  matches_differences(&part, 1, PGRAD_TANH);
}

static void squashed_gaussian_scores_match_differences(void) {
  const pgrad_action_part part = part_of(PGRAD_SQUASHED_GAUSSIAN, 2, -2, 3);
  matches_differences(&part, 1, PGRAD_TANH);
}

static void beta_scores_match_differences(void) {
  const pgrad_action_part part = part_of(PGRAD_BETA, 2, -2, 3);
  matches_differences(&part, 1, PGRAD_TANH);
}

static void scores_of_a_hybrid_space_match_differences(void) {
  pgrad_action_part parts[3];
  parts[0] = part_of(PGRAD_CATEGORICAL, 3, 0, 0);
  parts[1] = part_of(PGRAD_GAUSSIAN, 2, -1, 1);
  parts[2] = part_of(PGRAD_CATEGORICAL, 2, 0, 0);
  matches_differences(parts, 3, PGRAD_TANH);
}

static void scores_of_every_kind_together_match_differences(void) {
  pgrad_action_part parts[5];
  parts[0] = part_of(PGRAD_BERNOULLI, 2, 0, 0);
  parts[1] = part_of(PGRAD_GAUSSIAN, 2, -1, 1);
  parts[2] = part_of(PGRAD_CATEGORICAL, 3, 0, 0);
  parts[3] = part_of(PGRAD_BETA, 1, 0, 1);
  parts[4] = part_of(PGRAD_SQUASHED_GAUSSIAN, 1, 0, 1);
  matches_differences(parts, 5, PGRAD_TANH);
}

static void weights_scale_the_score_and_rows_add_up(void) {
  const pgrad_action_part part = part_of(PGRAD_CATEGORICAL, 2, 0, 0);
  pgrad_policy *policy = policy_of(&part, 1, PGRAD_RELU);
  const float observations[2 * OBSERVATION_SIZE] = {1, 2, 3, 1, 2, 3}, actions[2] = {1, 1};
  const float halves[2] = {0.5f, 0.5f}, whole[1] = {1}, opposed[2] = {2, -2};
  int64_t count = 0;
  double largest = 0;
  MUST(pgrad_policy_parameters(policy, NULL, &count));
  float *one = (float *)malloc((size_t)count * sizeof(float)), *two = (float *)malloc((size_t)count * sizeof(float));
  CHECK_OK(pgrad_policy_score_gradient(policy, observations, actions, whole, 1, one));
  CHECK_OK(pgrad_policy_score_gradient(policy, observations, actions, halves, 2, two));
  for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)one[i] - (double)two[i]));
  CHECK_OK(pgrad_policy_score_gradient(policy, observations, actions, opposed, 2, two));
  for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)two[i]));
  CHECK(largest <= 1e-6); /* scores of size 1, each product rounded once */
  free(one);
  free(two);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(categorical_scores_match_differences);
  RUN(bernoulli_scores_match_differences);
  RUN(gaussian_scores_match_differences);
  RUN(squashed_gaussian_scores_match_differences);
  RUN(beta_scores_match_differences);
  RUN(scores_of_a_hybrid_space_match_differences);
  RUN(scores_of_every_kind_together_match_differences);
  RUN(weights_scale_the_score_and_rows_add_up);
  return check_report();
}
