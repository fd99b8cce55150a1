/* Draws of squashed policies far from 0, and bounded Gaussian actions brought between their bounds. */
#include <math.h>

#include "fixtures.h"

enum { ROWS = 20000 };
static float observations[2 * ROWS], actions[ROWS], draws[ROWS], log_probs[ROWS], again[ROWS], weights[ROWS];

/** A linear policy with mean `mean` where the observation is (1, 0), and log standard deviation -2. */
static pgrad_policy *policy_at(pgrad_action_part part, float mean) {
  pgrad_policy *policy = linear_policy(part, 0);
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] = 0;
  parameters[0] = mean;
  parameters[count - 1] = -2;
  return policy;
}

static void a_saturated_policy_has_a_score_of_mean_zero_and_its_entropy(void) {
  const float bounds[3][2] = {{-1, 1}, {1000, 1001}, {-3, 10000}};
  const float means[4] = {5, 8, 12, -12};
  for (int i = 0; i < ROWS; i++) {
    observations[2 * i] = 1;
    weights[i] = 1.0f / ROWS;
  }
  for (int b = 0; b < 3; b++) {
    for (int m = 0; m < 4; m++) {
      const pgrad_action_part part = {PGRAD_SQUASHED_GAUSSIAN, 1, bounds[b][0], bounds[b][1]};
      pgrad_policy *policy = policy_at(part, means[m]);
      float entropy, gradient[8], mean = 0;
      CHECK_OK(pgrad_policy_sample_draws(policy, observations, NULL, ROWS, actions, draws, log_probs));
      CHECK_OK(pgrad_policy_entropy(policy, observations, 1, &entropy));
      for (int i = 0; i < ROWS; i++) {
        CHECK(part.low <= actions[i] && actions[i] <= part.high);
        mean += log_probs[i] / ROWS;
      }
      CHECK(fabsf(mean + entropy) < 0.05f);
      CHECK_OK(pgrad_policy_log_prob_draws(policy, observations, NULL, draws, ROWS, again));
      CHECK(memcmp(again, log_probs, sizeof again) == 0);
      CHECK_OK(pgrad_policy_score_gradient_draws(policy, observations, NULL, draws, weights, ROWS, gradient));
      CHECK(fabs((double)gradient[0]) * exp(-2) < 0.04);
      pgrad_policy_destroy(policy);
    }
  }
}

static void draws_that_are_not_finite_are_refused(void) {
  const pgrad_action_part part = {PGRAD_SQUASHED_GAUSSIAN, 1, -1, 1};
  pgrad_policy *policy = policy_at(part, 0);
  float draw = NAN, gradient[8];
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_log_prob_draws(policy, observations, NULL, &draw, 1, again), "draws[0",
                "nan");
  CHECK_REFUSED(PGRAD_NOT_FINITE,
                pgrad_policy_score_gradient_draws(policy, observations, NULL, &draw, weights, 1, gradient), "draws[0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_log_prob_draws(policy, observations, NULL, NULL, 1, again),
                "draws", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT,
                pgrad_policy_sample_draws(policy, observations, NULL, 1, actions, NULL, log_probs), "draws", "NULL");
  pgrad_policy_destroy(policy);
}

static void a_loaded_policy_clips_to_its_bounds(void) {
  const pgrad_action_part part = {PGRAD_GAUSSIAN, 1, -2, 2};
  const char *path = "squashed_draws.safetensors";
  pgrad_policy *made = policy_at(part, 3.9f), *policy = NULL;
  MUST(pgrad_policy_save(made, path));
  MUST(pgrad_policy_load(&policy, path));
  remove(path);
  const float seen[4] = {1, 0, -1, 0};
  float action[2], clipped[2];
  CHECK_OK(pgrad_policy_mode(policy, seen, 2, action));
  CHECK(action[0] == 3.9f && action[1] == -3.9f);
  CHECK_OK(pgrad_policy_clip(policy, action, 2, clipped));
  CHECK(clipped[0] == 2 && clipped[1] == -2);
  CHECK_OK(pgrad_policy_clip(policy, action, 2, action));
  CHECK(action[0] == 2 && action[1] == -2);
  const float wild[1] = {NAN};
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_clip(policy, wild, 1, clipped), "actions[0", "nan");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_clip(policy, action, 0, clipped), "count", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_clip(policy, action, 1, NULL), "clipped", "NULL");
  pgrad_policy_destroy(made);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(a_saturated_policy_has_a_score_of_mean_zero_and_its_entropy);
  RUN(draws_that_are_not_finite_are_refused);
  RUN(a_loaded_policy_clips_to_its_bounds);
  return check_report();
}
