/* Policies that normalise observations with their own moments. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 4, SIZE = 4 };

static void without_a_normaliser_the_count_is_minus_1_and_nothing_else_is_written(void) {
  pgrad_policy *policy = cartpole_policy(1);
  double means[SIZE];
  int64_t count = 7;
  canary_set(means, sizeof means);
  CHECK_OK(pgrad_policy_observation_moments(policy, means, NULL, &count));
  CHECK(count == -1);
  CHECK(canary_alive(means, sizeof means));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_observation_moments(policy, means, NULL, NULL), "count", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_observation_moments(NULL, means, NULL, &count), "policy", "NULL");
  pgrad_policy_destroy(policy);
}

static void an_agent_updates_the_observation_moments_of_its_policy(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  config.normalize_observations = 1;
  pgrad_agent *agent = agent_of(policy, &config);
  /* Column c of environment e holds 10 c + e: mean 10 c + 1.5, variance (2.25 + 0.25 + 0.25 + 2.25) / 4. */
  float observations[ENVS * SIZE];
  for (int i = 0; i < ENVS * SIZE; i++) observations[i] = (float)(10 * (i % SIZE) + i / SIZE);
  double means[SIZE], variances[SIZE];
  int64_t count = 0;
  CHECK_OK(pgrad_policy_observation_moments(policy, means, variances, &count));
  CHECK(count == 0);
  CHECK_OK(pgrad_agent_begin(agent, observations));
  CHECK_OK(pgrad_policy_observation_moments(policy, means, variances, &count));
  CHECK(count == ENVS);
  for (int c = 0; c < SIZE; c++) CHECK(fabs(means[c] - (10 * c + 1.5)) < 1e-12 && fabs(variances[c] - 1.25) < 1e-12);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void a_refused_observation_is_not_learned_from(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  config.normalize_observations = config.normalize_rewards = 1;
  pgrad_agent *agent = agent_of(policy, &config);
  float observations[ENVS * SIZE] = {0}, actions[ENVS], rewards[ENVS] = {1, 1, 1, 1};
  uint8_t flags[ENVS] = {0};
  int64_t count = 0;
  CHECK_OK(pgrad_agent_begin(agent, observations));
  CHECK_OK(pgrad_agent_act(agent, actions));
  observations[5] = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_observe(agent, rewards, flags, flags, observations, NULL), "nan");
  CHECK_OK(pgrad_policy_observation_moments(policy, NULL, NULL, &count));
  CHECK(count == ENVS);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(without_a_normaliser_the_count_is_minus_1_and_nothing_else_is_written);
  RUN(an_agent_updates_the_observation_moments_of_its_policy);
  RUN(a_refused_observation_is_not_learned_from);
  return check_report();
}
