/* Divergences between policies, and products with the Fisher matrix. */
#include <math.h>

#include "fixtures.h"

enum { SIZE = 2, ROWS = 3, MOST = 64 };
static const float observations[ROWS * SIZE] = {0.5f, -1, 2, 0.25f, -0.75f, 1};

/** A linear policy whose parameters are all different. */
static pgrad_policy *moved_policy(pgrad_action_part part, float scale) {
  pgrad_policy *policy = linear_policy(part, 0);
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] += scale * (float)sin(0.9 * (double)i + 1);
  return policy;
}

static void the_divergence_of_categorical_policies_is_the_sum_over_choices(void) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 3, 0, 0};
  pgrad_policy *policy = moved_policy(part, 0.5f), *other = moved_policy(part, -0.7f);
  double expected[ROWS] = {0, 0, 0};
  for (int choice = 0; choice < 3; choice++) {
    const float actions[ROWS] = {(float)choice, (float)choice, (float)choice};
    float ours[ROWS], theirs[ROWS];
    MUST(pgrad_policy_log_prob(policy, observations, actions, ROWS, ours));
    MUST(pgrad_policy_log_prob(other, observations, actions, ROWS, theirs));
    for (int i = 0; i < ROWS; i++) expected[i] += exp((double)ours[i]) * ((double)ours[i] - (double)theirs[i]);
  }
  float kls[ROWS];
  CHECK_OK(pgrad_policy_kl(policy, other, observations, ROWS, kls));
  for (int i = 0; i < ROWS; i++) CHECK(fabs((double)kls[i] - expected[i]) < 1e-6);
  CHECK_OK(pgrad_policy_kl(policy, policy, observations, ROWS, kls));
  for (int i = 0; i < ROWS; i++) CHECK(kls[i] == 0);
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(other);
}

/* KL(θ ‖ θ + h v) = ½ h² vᵀF v + O(h³), of which the cubic term is odd in h. */
static void the_divergence_of_a_small_step_is_half_the_fisher_form(void) {
  for (int32_t kind = PGRAD_CATEGORICAL; kind <= PGRAD_BETA; kind++) {
    const pgrad_action_part part = {kind, 2, -1, 2};
    pgrad_policy *policy = moved_policy(part, 0.4f), *other = moved_policy(part, 0.4f);
    float *parameters = NULL, vector[MOST], product[MOST];
    int64_t count = 0;
    MUST(pgrad_policy_parameters(other, &parameters, &count));
    if (!CHECK(count <= MOST)) return;
    for (int64_t i = 0; i < count; i++) vector[i] = (float)cos(1.7 * (double)i);
    CHECK_OK(pgrad_policy_fisher_vector(policy, observations, ROWS, vector, product));
    double form = 0, divergence = 0;
    for (int64_t i = 0; i < count; i++) form += (double)vector[i] * (double)product[i];
    const double step = 1.0 / 128;
    for (int sign = -1; sign <= 1; sign += 2) {
      for (int64_t i = 0; i < count; i++) parameters[i] += (float)(sign * step) * vector[i];
      float kls[ROWS];
      CHECK_OK(pgrad_policy_kl(policy, other, observations, ROWS, kls));
      for (int i = 0; i < ROWS; i++) divergence += (double)kls[i] / (2 * ROWS);
      for (int64_t i = 0; i < count; i++) parameters[i] -= (float)(sign * step) * vector[i];
    }
    if (!CHECK(form > 0 && fabs(2 * divergence / (step * step) / form - 1) < 1e-2))
      fprintf(stderr, "  kind %d: %g, by divergences %g\n", kind, form, 2 * divergence / (step * step));
    pgrad_policy_destroy(policy);
    pgrad_policy_destroy(other);
  }
}

static void a_value_function_has_no_fisher_product(void) {
  pgrad_policy *policy = cartpole_policy(1);
  const float observation[4] = {1, 2, 3, 4};
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, NULL, &count));
  float *vector = (float *)malloc((size_t)count * sizeof(float)),
        *product = (float *)malloc((size_t)count * sizeof(float));
  for (int64_t i = 0; i < count; i++) vector[i] = 1;
  CHECK_OK(pgrad_policy_fisher_vector(policy, observation, 1, vector, product));
  const int64_t actor = 4 * 16 + 16 + 16 * 2 + 2;
  int64_t moved = 0;
  for (int64_t i = 0; i < count; i++) {
    if (i >= actor) CHECK(product[i] == 0);
    moved += product[i] != 0;
  }
  CHECK(moved > actor / 2);
  free(vector);
  free(product);
  pgrad_policy_destroy(policy);
}

static float result[MOST], vector[MOST];

#define LEAVES_ALONE(status, call, ...)         \
  do {                                          \
    canary_set(result, sizeof result);          \
    CHECK_REFUSED(status, call, __VA_ARGS__);   \
    CHECK(canary_alive(result, sizeof result)); \
  } while (0)

static void bad_arguments_are_refused(void) {
  const pgrad_action_part part = {PGRAD_BETA, 2, 0, 1};
  pgrad_policy *policy = moved_policy(part, 0.1f);
  const pgrad_status bad = PGRAD_INVALID_ARGUMENT;
  LEAVES_ALONE(PGRAD_INVALID_HANDLE, pgrad_policy_kl(NULL, policy, observations, 1, result), "policy", "NULL");
  LEAVES_ALONE(PGRAD_INVALID_HANDLE, pgrad_policy_kl(policy, NULL, observations, 1, result), "other", "NULL");
  LEAVES_ALONE(bad, pgrad_policy_kl(policy, policy, NULL, 1, result), "observations", "NULL");
  LEAVES_ALONE(bad, pgrad_policy_kl(policy, policy, observations, 1, NULL), "kls", "NULL");
  LEAVES_ALONE(bad, pgrad_policy_kl(policy, policy, observations, 0, result), "count", "0");
  LEAVES_ALONE(bad, pgrad_policy_kl(policy, policy, observations, PGRAD_MAX_ROWS + 1, result), "count", "16777217");
  LEAVES_ALONE(PGRAD_INVALID_HANDLE, pgrad_policy_fisher_vector(NULL, observations, 1, vector, result), "policy");
  LEAVES_ALONE(bad, pgrad_policy_fisher_vector(policy, NULL, 1, vector, result), "observations", "NULL");
  LEAVES_ALONE(bad, pgrad_policy_fisher_vector(policy, observations, 1, NULL, result), "vector", "NULL");
  LEAVES_ALONE(bad, pgrad_policy_fisher_vector(policy, observations, 1, vector, NULL), "product", "NULL");
  LEAVES_ALONE(bad, pgrad_policy_fisher_vector(policy, observations, -1, vector, result), "count", "-1");
  const float wild[SIZE] = {0, NAN};
  LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_kl(policy, policy, wild, 1, result), "observations[0, 1]", "nan");
  LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_fisher_vector(policy, wild, 1, vector, result), "observations[0, 1]");
  vector[3] = INFINITY;
  LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_fisher_vector(policy, observations, 1, vector, result), "vector[3]",
               "inf");
  vector[3] = 0;
  pgrad_policy_destroy(policy);
}

static void policies_of_other_spaces_are_refused(void) {
  const pgrad_action_part part = {PGRAD_BETA, 2, 0, 1};
  const pgrad_action_part others[4] = {
      {PGRAD_GAUSSIAN, 2, 0, 1}, {PGRAD_BETA, 3, 0, 1}, {PGRAD_BETA, 2, -1, 1}, {PGRAD_BETA, 2, 0, 2}};
  pgrad_policy *policy = moved_policy(part, 0.1f);
  for (int i = 0; i < 4; i++) {
    pgrad_policy *other = moved_policy(others[i], 0.1f);
    LEAVES_ALONE(PGRAD_INVALID_ARGUMENT, pgrad_policy_kl(policy, other, observations, 1, result), "parts[0] of other",
                 "beta(2) on [0.0, 1.0]");
    pgrad_policy_destroy(other);
  }
  pgrad_policy *other = cartpole_policy(1);
  LEAVES_ALONE(PGRAD_INVALID_ARGUMENT, pgrad_policy_kl(policy, other, observations, 1, result),
               "observation_size of other", "4", "2");
  pgrad_policy_destroy(other);
  /* Bounds of discrete parts mean nothing. */
  const pgrad_action_part one = {PGRAD_BERNOULLI, 2, 0, 1}, same = {PGRAD_BERNOULLI, 2, NAN, -5};
  pgrad_policy *bits = moved_policy(one, 0.1f), *alike = moved_policy(same, 0.2f);
  CHECK_OK(pgrad_policy_kl(bits, alike, observations, ROWS, result));
  pgrad_policy_destroy(bits);
  pgrad_policy_destroy(alike);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(the_divergence_of_categorical_policies_is_the_sum_over_choices);
  RUN(the_divergence_of_a_small_step_is_half_the_fisher_form);
  RUN(a_value_function_has_no_fisher_product);
  RUN(bad_arguments_are_refused);
  RUN(policies_of_other_spaces_are_refused);
  return check_report();
}
