/* Trainings in slices, against the same training in one call. */
#include "fixtures.h"

enum { TIMESTEPS = 600, MOST_SLICES = 1 << 16 };

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics statistics;
  MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  return statistics;
}

/** Trains up to a goal, with so many microseconds for each slice. Returns the number of slices. */
static int train_in_slices(pgrad_agent *agent, pgrad_env *env, int64_t goal, int64_t microseconds) {
  int32_t has_learned = 0;
  int slices = 0;
  while ((!has_learned || statistics_of(agent).timesteps < goal) && slices++ < MOST_SLICES) {
    int64_t updates = statistics_of(agent).updates;
    MUST(pgrad_train_for(agent, env, goal, microseconds, &has_learned));
    CHECK(statistics_of(agent).updates - updates == has_learned);
  }
  return slices;
}

static void check_slices(const char *world, const pgrad_agent_config *config) {
  enum { AGENTS = 3 };
  pgrad_agent *agents[AGENTS];
  pgrad_policy *policies[AGENTS];
  pgrad_env *envs[AGENTS];
  for (int i = 0; i < AGENTS; i++) {
    policies[i] = cartpole_policy(1);
    agents[i] = agent_of(policies[i], config);
    envs[i] = native_env(world, config->n_envs);
  }
  /* Twice, so that the second training continues with the environment of the first. */
  for (int round = 0; round < 2; round++) {
    MUST(pgrad_train(agents[0], envs[0], TIMESTEPS, NULL, NULL));
    const int64_t updates = statistics_of(agents[0]).updates, before = statistics_of(agents[1]).updates;
    const int64_t goal = statistics_of(agents[1]).timesteps + TIMESTEPS;
    CHECK(train_in_slices(agents[1], envs[1], goal, 0) > (updates - before) * 2);
    CHECK(train_in_slices(agents[2], envs[2], goal, INT64_MAX) == updates - before);
    for (int i = 1; i < AGENTS; i++) {
      CHECK(statistics_of(agents[i]).timesteps == statistics_of(agents[0]).timesteps);
      CHECK(statistics_of(agents[i]).learning_rate == statistics_of(agents[0]).learning_rate);
      CHECK(same_parameters(policies[i], policies[0]));
    }
  }
  for (int i = 0; i < AGENTS; i++) {
    pgrad_env_destroy(envs[i]);
    pgrad_agent_destroy(agents[i]);
    pgrad_policy_destroy(policies[i]);
  }
}

static void slices_have_the_bits_of_one_call(void) {
  pgrad_agent_config config = small_ppo(3, 1);
  check_slices("CartPole-v1", &config);
  config.learning_rate_schedule = PGRAD_LINEAR;
  check_slices("CartPole-v1", &config);
  config.total_timesteps = 5 * TIMESTEPS;
  config.normalize_observations = config.normalize_rewards = 1;
  check_slices("CartPole-v1", &config);
}

static void so_have_those_of_whole_trajectories_and_of_groups(void) {
  pgrad_agent_config config = small_ppo(3, 1);
  MUST(pgrad_agent_config_algorithm(&config, PGRAD_REINFORCE));
  config.n_episodes = 1;
  check_slices("CartPole-v1", &config);
  config.estimator = PGRAD_GROUP_NORMALIZED;
  config.group_size = 2;
  check_slices("CartPole-v1", &config);
}

static void a_host_may_act_between_slices(void) {
  pgrad_agent_config config = small_ppo(3, 1);
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  const float observation[4] = {0};
  float action;
  int32_t has_learned = 7;
  CHECK_OK(pgrad_train_for(agent, env, 512, 0, &has_learned));
  CHECK(has_learned == 0 && statistics_of(agent).timesteps == 4);
  CHECK_OK(pgrad_policy_sample(policy, observation, 1, &action, NULL));
  CHECK_OK(pgrad_train_for(agent, env, 512, 0, NULL));
  CHECK(statistics_of(agent).timesteps == 8 && statistics_of(agent).updates == 0);
  CHECK_OK(pgrad_train(agent, env, 1, NULL, NULL));
  CHECK(statistics_of(agent).timesteps == 128 && statistics_of(agent).updates == 1);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void refusals_name_the_argument(void) {
  pgrad_agent_config config = small_ppo(3, 1);
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4), *wide = native_env("CartPole-v1", 5);
  int32_t has_learned = 7;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train_for(agent, env, 0, 0, &has_learned), "goal is 0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train_for(agent, env, 8, -1, &has_learned), "microseconds is -1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train_for(agent, wide, 8, 0, &has_learned), "env.n_envs is 5");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_train_for(NULL, env, 8, 0, &has_learned), "agent is NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_train_for(agent, NULL, 8, 0, &has_learned), "env is NULL");
  CHECK(has_learned == 7 && statistics_of(agent).timesteps == 0);
  pgrad_env_destroy(wide);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(slices_have_the_bits_of_one_call);
  RUN(so_have_those_of_whole_trajectories_and_of_groups);
  RUN(a_host_may_act_between_slices);
  RUN(refusals_name_the_argument);
  return check_report();
}
