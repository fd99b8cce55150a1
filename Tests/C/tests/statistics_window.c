/* How many episodes the means of statistics are over. */
#include "fixtures.h"

enum { SIZE = 4 };

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  return now;
}

/** Every episode has one step; the n-th has the reward n. */
static void means_are_over_the_last_episodes_of_the_window(void) {
  const int32_t windows[] = {1, 3, 100};
  const double means[] = {10, 9, 5.5}; /* of 10; 8, 9, 10; 1 to 10 */
  const float next[SIZE] = {0};
  const uint8_t ends = 1, runs = 0;
  for (int k = 0; k < 3; k++) {
    pgrad_policy *policy = cartpole_policy(1);
    pgrad_agent_config config = small_ppo(1, 1);
    config.n_envs = 1;
    config.stats_window_size = windows[k];
    pgrad_agent *agent = agent_of(policy, &config), *loaded = NULL;
    MUST(pgrad_agent_begin(agent, next));
    for (int i = 1; i <= 10; i++) {
      float action, reward = (float)i;
      MUST(pgrad_agent_act(agent, &action));
      MUST(pgrad_agent_observe(agent, &reward, &ends, &runs, next, NULL));
    }
    MUST(pgrad_agent_save(agent, "agent"));
    MUST(pgrad_agent_load(&loaded, "agent"));
    CHECK(statistics_of(agent).mean_return == means[k] && statistics_of(agent).mean_length == 1);
    CHECK(statistics_of(loaded).mean_return == means[k] && statistics_of(loaded).episodes == 10);
    pgrad_agent_destroy(loaded);
    pgrad_agent_destroy(agent);
    for (int i = 0; i < 2; i++) {
      config.stats_window_size = i == 0 ? 0 : 1000001;
      CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, &config), "stats_window_size");
    }
    pgrad_policy_destroy(policy);
  }
}

int main(void) {
  RUN(means_are_over_the_last_episodes_of_the_window);
  return check_report();
}
