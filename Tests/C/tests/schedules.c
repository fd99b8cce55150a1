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

static void a_host_sets_the_rate_of_each_update(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = scheduled_agent(policy, 0);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  const double expected[] = {1e-3, 0, 1e-3}, wrong[] = {-1, NAN, INFINITY};
  pgrad_statistics statistics;
  float *parameters, before;
  int64_t count;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  updates = 0;
  for (int i = 0; i < 3; i++) {
    before = parameters[0];
    CHECK_OK(pgrad_agent_set_learning_rate(agent, expected[i]));
    CHECK_OK(pgrad_agent_set_clip_range(agent, 0.1 * i));
    CHECK_OK(pgrad_train(agent, env, ROLLOUT, record, NULL));
    CHECK((parameters[0] == before) == (expected[i] == 0));
    MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
    CHECK(statistics.clip_range == 0.1 * i);
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_learning_rate(agent, wrong[i]), "learning_rate",
                  "at least 0");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_clip_range(agent, wrong[i]), "clip_range", "at least 0");
  }
  CHECK(rates_are(expected, 3));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

/** The parameters after three rollouts, with a clip range of values from the configuration, and from the host. */
static void train_clipped(double configured, double set, float *result) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  config.clip_range_value = configured;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  float *parameters;
  int64_t count;
  if (set >= 0) CHECK_OK(pgrad_agent_set_clip_range_value(agent, set));
  CHECK_OK(pgrad_train(agent, env, 3 * ROLLOUT, NULL, NULL));
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int i = 0; i < 8; i++) result[i] = parameters[count - 8 + i];
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void a_host_sets_the_clip_range_of_values(void) {
  float configured[8], set[8], removed[8], none[8];
  const double wrong[] = {-1, NAN, INFINITY};
  train_clipped(0.001, -1, configured);
  train_clipped(0.5, 0.001, set);
  train_clipped(0.001, 0, removed);
  train_clipped(0, -1, none);
  CHECK(memcmp(configured, set, sizeof set) == 0);
  CHECK(memcmp(removed, none, sizeof none) == 0);
  CHECK(memcmp(configured, none, sizeof none) != 0);
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = scheduled_agent(policy, 0);
  for (int i = 0; i < 3; i++) {
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_clip_range_value(agent, wrong[i]), "clip_range_value",
                  "at least 0");
  }
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(without_an_end_each_call_of_train_ends_its_schedules);
  RUN(with_an_end_calls_of_train_share_one_schedule);
  RUN(a_hosts_own_loop_sets_the_end_of_its_schedules);
  RUN(a_host_sets_the_rate_of_each_update);
  RUN(a_host_sets_the_clip_range_of_values);
  return check_report();
}
