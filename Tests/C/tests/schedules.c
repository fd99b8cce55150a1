/* The end of linear schedules: with one and several calls of pgrad_train, and in a host's own loop. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 4, STEPS = 32, ROLLOUT = ENVS * STEPS };

static double rates[16];
static int updates;

static int32_t record(void *context, const pgrad_statistics *statistics) {
  (void)context;
  if (updates < 16) rates[updates++] = statistics->learning_rate;
  return 0;
}

static pgrad_agent *scheduled_agent(pgrad_policy *policy, int64_t end) {
  pgrad_agent_config config = small_ppo(1, 1);
  config.learning_rate = 1;
  config.learning_rate_schedule = PGRAD_LINEAR;
  config.total_timesteps = end;
  return agent_of(policy, &config);
}

static int rates_are(const double *expected, int count) {
  int good = updates == count;
  for (int i = 0; good && i < count; i++) good = fabs(rates[i] - expected[i]) < 1e-12;
  return good;
}

/** Three calls of two rollouts each. */
static void train_three_times(int64_t end) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = scheduled_agent(policy, end);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  updates = 0;
  for (int i = 0; i < 3; i++) {
    /* A host's own loop and pgrad_train have different ends. */
    CHECK_OK(pgrad_agent_set_total_timesteps(agent, 5));
    CHECK_OK(pgrad_train(agent, env, 2 * ROLLOUT, record, NULL));
  }
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void without_an_end_each_call_of_train_ends_its_schedules(void) {
  const double expected[] = {1, 1. / 2, 1. / 2, 1. / 4, 1. / 3, 1. / 6};
  train_three_times(0);
  CHECK(rates_are(expected, 6));
}

static void with_an_end_calls_of_train_share_one_schedule(void) {
  const double expected[] = {1, 5. / 6, 4. / 6, 3. / 6, 2. / 6, 1. / 6}, beyond[] = {1, 1. / 2, 0, 0, 0, 0};
  train_three_times(6 * ROLLOUT);
  CHECK(rates_are(expected, 6));
  train_three_times(2 * ROLLOUT);
  CHECK(rates_are(beyond, 6));
}

static void a_hosts_own_loop_sets_the_end_of_its_schedules(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = scheduled_agent(policy, 0);
  const float observations[ENVS * 4] = {0}, rewards[ENVS] = {0};
  const uint8_t flags[ENVS] = {0};
  float actions[ENVS];
  const double expected[] = {1, 3. / 4, 2. / 4, 4. / 7};
  updates = 0;
  MUST(pgrad_agent_begin(agent, observations));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_total_timesteps(agent, -1), "total_timesteps", "-1");
  CHECK_OK(pgrad_agent_set_total_timesteps(agent, 4 * ROLLOUT));
  for (int step = 0; step < 4 * STEPS; step++) {
    if (step == 3 * STEPS) CHECK_OK(pgrad_agent_set_total_timesteps(agent, 7 * ROLLOUT));
    MUST(pgrad_agent_act(agent, actions));
    MUST(pgrad_agent_observe(agent, rewards, flags, flags, observations, NULL));
    if ((step + 1) % STEPS != 0) continue;
    pgrad_statistics statistics;
    MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
    (void)record(NULL, &statistics);
  }
  CHECK(rates_are(expected, 4));
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(without_an_end_each_call_of_train_ends_its_schedules);
  RUN(with_an_end_calls_of_train_share_one_schedule);
  RUN(a_hosts_own_loop_sets_the_end_of_its_schedules);
  return check_report();
}
