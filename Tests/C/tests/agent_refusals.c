/* Every bad argument of the agent's and the loop's functions. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 4, SIZE = 4 };

static pgrad_policy *policy;

static void bad_agent_configurations_are_refused(void) {
  pgrad_agent_config config;
  pgrad_agent *agent;
  canary_set(&agent, sizeof agent);
#define REFUSES(algorithm, spoil, ...)                                                               \
  do {                                                                                               \
    MUST(pgrad_agent_config_init(&config, sizeof config));                                           \
    MUST(pgrad_agent_config_algorithm(&config, algorithm));                                          \
    spoil;                                                                                           \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, &config), __VA_ARGS__); \
    CHECK(canary_alive(&agent, sizeof agent));                                                       \
  } while (0)
  REFUSES(PGRAD_PPO, config.algorithm = 0, "algorithm", "0");
  REFUSES(PGRAD_PPO, config.algorithm = 99, "algorithm", "99");
  REFUSES(PGRAD_PPO, config.n_envs = 0, "n_envs", "0");
  REFUSES(PGRAD_PPO, config.n_envs = -1, "n_envs", "-1");
  REFUSES(PGRAD_PPO, config.n_envs = PGRAD_MAX_ENVS + 1, "n_envs", "1048577");
  REFUSES(PGRAD_PPO, config.n_envs = INT64_MAX, "n_envs", "9223372036854775807");
  REFUSES(PGRAD_PPO, config.n_steps = 0, "n_steps", "0");
  REFUSES(PGRAD_PPO, config.n_steps = -1, "n_steps", "-1");
  REFUSES(PGRAD_PPO, config.n_steps = INT64_MAX, "n_steps", "9223372036854775807");
  REFUSES(PGRAD_PPO, (config.n_envs = PGRAD_MAX_ENVS, config.n_steps = 17), "n_steps");
  REFUSES(PGRAD_A2C, config.n_steps = 0, "n_steps", "0");
  REFUSES(PGRAD_REINFORCE, config.n_steps = -1, "n_steps", "-1");
  REFUSES(PGRAD_REINFORCE, config.n_episodes = 0, "n_episodes", "0");
  REFUSES(PGRAD_REINFORCE, config.n_episodes = -1, "n_episodes", "-1");
  REFUSES(PGRAD_REINFORCE, config.n_episodes = INT64_MAX, "n_episodes");
  REFUSES(PGRAD_PPO, config.batch_size = 0, "batch_size", "0");
  REFUSES(PGRAD_PPO, config.batch_size = INT64_MIN, "batch_size");
  REFUSES(PGRAD_PPO, config.batch_size = 100, "batch_size", "2048", "divide", "64 and 128");
  REFUSES(PGRAD_PPO, config.n_epochs = 0, "n_epochs", "0");
  REFUSES(PGRAD_PPO, config.n_epochs = INT64_MIN, "n_epochs");
  REFUSES(PGRAD_PPO, config.total_timesteps = -1, "total_timesteps", "-1");
  REFUSES(PGRAD_PPO, config.learning_rate = 0, "learning_rate", "0");
  REFUSES(PGRAD_PPO, config.learning_rate = NAN, "learning_rate", "nan");
  REFUSES(PGRAD_PPO, config.learning_rate = INFINITY, "learning_rate", "inf");
  REFUSES(PGRAD_PPO, config.gamma = 1.5, "gamma", "1.5", "[0");
  REFUSES(PGRAD_PPO, config.gamma = -0.5, "gamma", "-0.5");
  REFUSES(PGRAD_PPO, config.gamma = NAN, "gamma", "nan");
  REFUSES(PGRAD_PPO, config.gae_lambda = 1.5, "gae_lambda", "1.5");
  REFUSES(PGRAD_PPO, config.gae_lambda = NAN, "gae_lambda", "nan");
  REFUSES(PGRAD_PPO, config.clip_range = 0, "clip_range", "0");
  REFUSES(PGRAD_PPO, config.clip_range = NAN, "clip_range", "nan");
  REFUSES(PGRAD_PPO, config.clip_range_value = -1, "clip_range_value", "-1");
  REFUSES(PGRAD_PPO, config.clip_range_value = NAN, "clip_range_value", "nan");
  REFUSES(PGRAD_PPO, config.entropy_coefficient = -1, "entropy_coefficient", "-1");
  REFUSES(PGRAD_PPO, config.entropy_coefficient = NAN, "entropy_coefficient", "nan");
  REFUSES(PGRAD_PPO, config.value_coefficient = -1, "value_coefficient", "-1");
  REFUSES(PGRAD_PPO, config.value_coefficient = INFINITY, "value_coefficient", "inf");
  REFUSES(PGRAD_PPO, config.max_grad_norm = -1, "max_grad_norm", "-1");
  REFUSES(PGRAD_PPO, config.max_grad_norm = NAN, "max_grad_norm", "nan");
  REFUSES(PGRAD_PPO, config.target_kl = -1, "target_kl", "-1");
  REFUSES(PGRAD_PPO, config.target_kl = NAN, "target_kl", "nan");
  REFUSES(PGRAD_PPO, config.optimizer_epsilon = 0, "optimizer_epsilon", "0");
  REFUSES(PGRAD_PPO, config.optimizer_epsilon = NAN, "optimizer_epsilon", "nan");
  REFUSES(PGRAD_PPO, config.observation_clip = 0, "observation_clip", "0");
  REFUSES(PGRAD_PPO, config.observation_clip = NAN, "observation_clip", "nan");
  REFUSES(PGRAD_PPO, config.reward_clip = -1, "reward_clip", "-1");
  REFUSES(PGRAD_PPO, config.reward_clip = 1e300, "reward_clip", "1e+300");
  REFUSES(PGRAD_PPO, config.normalize_observations = 2, "normalize_observations", "2");
  REFUSES(PGRAD_PPO, config.normalize_rewards = -1, "normalize_rewards", "-1");
  REFUSES(PGRAD_PPO, config.optimizer = 9, "optimizer", "9");
  REFUSES(PGRAD_REINFORCE, config.estimator = 0, "estimator", "0");
  REFUSES(PGRAD_REINFORCE, config.estimator = 9, "estimator", "9");
  REFUSES(PGRAD_PPO, config.sde_sample_freq = 4, "sde_sample_freq", "4");
  REFUSES(PGRAD_PPO, config.sde_sample_freq = -1, "sde_sample_freq", "-1");
  REFUSES(PGRAD_REINFORCE, config.group_size = 2, "group_size", "2");
  REFUSES(PGRAD_REINFORCE, (config.group_size = -1, config.estimator = PGRAD_LEAVE_ONE_OUT), "group_size", "-1");
  REFUSES(PGRAD_REINFORCE, config.estimator = PGRAD_GROUP_NORMALIZED, "n_envs", "1");
  REFUSES(PGRAD_PPO, config.estimator = PGRAD_LEAVE_ONE_OUT, "estimator", "5");
  REFUSES(PGRAD_REINFORCE, config.baseline = 2, "baseline", "2");
  REFUSES(PGRAD_REINFORCE, config.discount_scores = -1, "discount_scores", "-1");
  REFUSES(PGRAD_PPO, config.normalize_advantage = 3, "normalize_advantage", "3");
  REFUSES(PGRAD_PPO, config.normalize_advantage = -1, "normalize_advantage", "-1");
  REFUSES(PGRAD_PPO, config.desired_kl = 0, "desired_kl", "0");
  REFUSES(PGRAD_PPO, config.kl_coefficient = NAN, "kl_coefficient", "nan");
  REFUSES(PGRAD_PPO, config.rho_clip = 0, "rho_clip", "0");
  REFUSES(PGRAD_PPO, config.c_clip = INFINITY, "c_clip", "inf");
  REFUSES(PGRAD_TRPO, config.target_kl = 0, "target_kl", "0");
  REFUSES(PGRAD_NPG, config.cg_max_steps = 0, "cg_max_steps", "0");
  REFUSES(PGRAD_NPG, config.cg_max_steps = INT32_MIN, "cg_max_steps");
  REFUSES(PGRAD_NPG, config.cg_damping = -1, "cg_damping", "-1");
  REFUSES(PGRAD_NPG, config.cg_damping = NAN, "cg_damping", "nan");
  REFUSES(PGRAD_TRPO, config.cg_rtol = -1e-5, "cg_rtol", "-1e-05");
  REFUSES(PGRAD_TRPO, config.cg_atol = INFINITY, "cg_atol", "inf");
  REFUSES(PGRAD_TRPO, config.reverse_kl = 2, "reverse_kl", "2");
  REFUSES(PGRAD_TRPO, config.reserved_2 = 1, "reserved_2", "1");
  REFUSES(PGRAD_TRPO, config.line_search_max_iter = 0, "line_search_max_iter", "0");
  REFUSES(PGRAD_TRPO, config.sub_sampling_factor = 0, "sub_sampling_factor", "0");
  REFUSES(PGRAD_TRPO, config.line_search_shrinking_factor = 1, "line_search_shrinking_factor", "1");
  REFUSES(PGRAD_TRPO, config.line_search_shrinking_factor = NAN, "line_search_shrinking_factor", "nan");
  REFUSES(PGRAD_TRPO, config.batch_size = 2049, "batch_size", "2049", "2048");
  REFUSES(PGRAD_TRPO, config.estimator = PGRAD_REWARD_TO_GO, "estimator", "2");
  REFUSES(PGRAD_PPO, config.surrogate = 3, "surrogate", "3");
  REFUSES(PGRAD_PPO, config.recompute_advantages = 2, "recompute_advantages", "2");
  REFUSES(PGRAD_A2C, config.recompute_advantages = 1, "recompute_advantages", "1");
  REFUSES(PGRAD_PPO, config.entropy_coefficient_schedule = 5, "entropy_coefficient_schedule", "5");
  REFUSES(PGRAD_PPO, config.entropy_coefficient_schedule = PGRAD_KL_ADAPTIVE, "entropy_coefficient_schedule",
          "ADAPTIVE");
  REFUSES(PGRAD_PPO, config.clip_range_schedule = PGRAD_KL_ADAPTIVE, "clip_range_schedule", "ADAPTIVE");
  REFUSES(PGRAD_A2C, config.learning_rate_schedule = PGRAD_KL_ADAPTIVE, "learning_rate_schedule", "ADAPTIVE");
  REFUSES(PGRAD_REINFORCE, config.estimator = PGRAD_VTRACE, "estimator", "VTRACE");
  REFUSES(PGRAD_PPO, config.learning_rate_schedule = 0, "learning_rate_schedule", "0");
  REFUSES(PGRAD_PPO, config.clip_range_schedule = 5, "clip_range_schedule", "5");
  REFUSES(PGRAD_PPO, config.autoreset_mode = 0, "autoreset_mode", "0");
  REFUSES(PGRAD_PPO, config.autoreset_mode = 3, "autoreset_mode", "3");
  REFUSES(PGRAD_PPO, config.threads = -1, "threads", "-1");
  REFUSES(PGRAD_PPO, config.threads = PGRAD_MAX_THREADS + 1, "threads", "257");
  REFUSES(PGRAD_PPO, config.threads = INT32_MIN, "threads");
#undef REFUSES
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(NULL, policy, &config), "agent", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, NULL), "config", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_config_algorithm(NULL, PGRAD_PPO), "config", "NULL");
  MUST(pgrad_agent_config_init(&config, sizeof config));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_config_algorithm(&config, 7), "algorithm", "7");
}

static void estimators_that_need_a_value_function_are_refused_without_one(void) {
  pgrad_policy *bare = linear_policy((pgrad_action_part){PGRAD_CATEGORICAL, 2, 0, 0}, 0);
  pgrad_agent_config config;
  pgrad_agent *agent = NULL;
  MUST(pgrad_agent_config_init(&config, sizeof config));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, bare, &config), "value");
  MUST(pgrad_agent_config_algorithm(&config, PGRAD_REINFORCE));
  config.baseline = 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, bare, &config), "baseline", "value");
  config.baseline = 0;
  CHECK_OK(pgrad_agent_create(&agent, bare, &config));
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(bare);
}

/* One transition of every environment. */
static float observations[ENVS * SIZE], next[ENVS * SIZE], final[ENVS * SIZE], rewards[ENVS];
static uint8_t terminated[ENVS], truncated[ENVS];

static void calls_in_the_wrong_order_are_refused(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  float actions[ENVS];
  canary_set(actions, sizeof actions);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_act(agent, actions), "begin");
  CHECK(canary_alive(actions, sizeof actions));
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_observe(agent, rewards, terminated, truncated, next, NULL), "act");
  CHECK_OK(pgrad_agent_begin(agent, observations));
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_observe(agent, rewards, terminated, truncated, next, NULL), "act");
  CHECK_OK(pgrad_agent_act(agent, actions));
  float kept[ENVS];
  memcpy(kept, actions, sizeof kept);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_act(agent, actions), "observe");
  CHECK(memcmp(kept, actions, sizeof kept) == 0);
  CHECK_OK(pgrad_agent_observe(agent, rewards, terminated, truncated, next, NULL));
  CHECK_OK(pgrad_agent_act(agent, actions));
  pgrad_agent_destroy(agent);
}

/** A transition with one bad value is refused, then the right one is accepted: the agent stays equal to its twin. */
static void after_a_refused_transition_the_agent_accepts_the_right_one(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  float actions[ENVS];
#define OBSERVE pgrad_agent_observe(agent, rewards, terminated, truncated, next, final)
#define SPOILED(place, value, status, ...)       \
  do {                                           \
    float kept = (float)(place);                 \
    place = value;                               \
    CHECK_REFUSED(status, OBSERVE, __VA_ARGS__); \
    place = kept;                                \
  } while (0)
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_begin(agent, NULL), "observations", "NULL");
  observations[7] = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_begin(agent, observations), "observations", "nan");
  observations[7] = 0;
  CHECK_OK(pgrad_agent_begin(agent, observations));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_act(agent, NULL), "actions", "NULL");
  CHECK_OK(pgrad_agent_act(agent, actions));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, NULL, terminated, truncated, next, final),
                "rewards");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, rewards, NULL, truncated, next, final),
                "terminated");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, rewards, terminated, NULL, next, final),
                "truncated");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, rewards, terminated, truncated, NULL, final),
                "next_observations");
  SPOILED(rewards[2], NAN, PGRAD_NOT_FINITE, "rewards", "2", "nan");
  SPOILED(rewards[1], -INFINITY, PGRAD_NOT_FINITE, "rewards", "1", "-inf");
  SPOILED(next[5], INFINITY, PGRAD_NOT_FINITE, "next_observations", "inf");
  SPOILED(terminated[3], 2, PGRAD_INVALID_ARGUMENT, "terminated", "2");
  SPOILED(truncated[0], 255, PGRAD_INVALID_ARGUMENT, "truncated", "255");
  truncated[1] = 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, rewards, terminated, truncated, next, NULL),
                "final_observations", "NULL");
  SPOILED(final[SIZE], NAN, PGRAD_NOT_FINITE, "final_observations", "nan");
  final[0] = NAN; /* the episode has not ended: not read */
  CHECK_OK(OBSERVE);
  final[0] = 0;
  truncated[1] = 0;
#undef SPOILED
#undef OBSERVE
  pgrad_statistics statistics;
  CHECK_OK(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  CHECK(statistics.timesteps == ENVS);
  CHECK(statistics.episodes == 1);
  pgrad_agent_destroy(agent);
}

/** Plays one rollout of small_ppo whose every reward is the given one. @return What the last observe returned. */
static pgrad_status play_rollout(pgrad_agent *agent, float reward) {
  float actions[ENVS], paid[ENVS];
  pgrad_status status = PGRAD_OK;
  for (int i = 0; i < ENVS; i++) paid[i] = reward;
  for (int step = 0; step < 32; step++) {
    if (!CHECK_OK(status)) return status;
    MUST(pgrad_agent_act(agent, actions));
    status = pgrad_agent_observe(agent, paid, terminated, truncated, next, NULL);
  }
  return status;
}

static void an_update_that_is_not_finite_is_undone(void) {
  const double bad_rates[] = {3e-4, 1e300};
  const float bad_rewards[] = {3e38f, 1};
  for (int i = 0; i < 2; i++) {
    pgrad_policy *learner = cartpole_policy(9), *before = cartpole_policy(9);
    pgrad_agent_config config = small_ppo(1, 1);
    pgrad_statistics statistics;
    config.learning_rate = bad_rates[i];
    pgrad_agent *agent = agent_of(learner, &config);
    for (int k = 0; k < ENVS * SIZE; k++) observations[k] = next[k] = 0.1f * (float)k;
    CHECK_OK(pgrad_agent_begin(agent, observations));
    CHECK_REFUSED(PGRAD_NOT_FINITE, play_rollout(agent, bad_rewards[i]), "");
    CHECK(same_parameters(learner, before));
    CHECK_OK(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
    CHECK(statistics.updates == 0);
    if (i == 0) {
      CHECK_OK(play_rollout(agent, 1));
      CHECK(!same_parameters(learner, before));
    }
    pgrad_agent_destroy(agent);
    pgrad_policy_destroy(learner);
    pgrad_policy_destroy(before);
  }
}

static void rollouts_too_large_for_memory_are_refused(void) {
  pgrad_policy_config wide;
  pgrad_policy *wide_policy = NULL;
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_agent_config config;
  pgrad_agent *agent = NULL;
  MUST(pgrad_policy_config_init(&wide, sizeof wide));
  wide.observation_size = PGRAD_MAX_SIZE;
  wide.parts = &part;
  wide.part_count = 1;
  wide.hidden_count = 0;
  MUST(pgrad_policy_create(&wide_policy, &wide));
  MUST(pgrad_agent_config_init(&config, sizeof config));
  config.n_envs = PGRAD_MAX_ENVS;
  config.n_steps = 16;
  pgrad_status status = pgrad_agent_create(&agent, wide_policy, &config);
  CHECK(status == PGRAD_INVALID_ARGUMENT || status == PGRAD_OUT_OF_MEMORY);
  CHECK(agent == NULL && pgrad_last_error()[0] != '\0');
  pgrad_policy_destroy(wide_policy);
}

static void refused_training_says_what_does_not_fit(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *fitting = native_env("CartPole-v1", ENVS), *many = native_env("CartPole-v1", ENVS + 1);
  pgrad_env *wide = native_env("Acrobot-v1", ENVS), *narrow = native_env("MountainCar-v0", ENVS);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, fitting, 0, NULL, NULL), "total_timesteps", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, fitting, -1, NULL, NULL), "total_timesteps", "-1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, fitting, INT64_MIN, NULL, NULL), "total_timesteps");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, many, 1, NULL, NULL), "env", "5", "4");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, wide, 1, NULL, NULL), "observation", "6", "4");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, narrow, 1, NULL, NULL), "observation", "2", "4");
  CHECK_OK(pgrad_train(agent, fitting, 1, NULL, NULL));
  pgrad_env_destroy(fitting);
  pgrad_env_destroy(many);
  pgrad_env_destroy(wide);
  pgrad_env_destroy(narrow);
  pgrad_agent_destroy(agent);
}

static void null_paths_and_out_parameters_are_refused(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_policy(agent, NULL), "policy", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_save(agent, NULL), "path", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_load(NULL, "file"), "agent", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_statistics(agent, NULL, sizeof(pgrad_statistics)), "statistics");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_describe(agent, NULL, sizeof config), "config", "NULL");
  pgrad_agent *loaded;
  canary_set(&loaded, sizeof loaded);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_load(&loaded, NULL), "path", "NULL");
  CHECK(canary_alive(&loaded, sizeof loaded));
  pgrad_agent_destroy(agent);
}

int main(void) {
  policy = cartpole_policy(1);
  RUN(bad_agent_configurations_are_refused);
  RUN(estimators_that_need_a_value_function_are_refused_without_one);
  RUN(calls_in_the_wrong_order_are_refused);
  RUN(after_a_refused_transition_the_agent_accepts_the_right_one);
  RUN(an_update_that_is_not_finite_is_undone);
  RUN(rollouts_too_large_for_memory_are_refused);
  RUN(refused_training_says_what_does_not_fit);
  RUN(null_paths_and_out_parameters_are_refused);
  pgrad_policy_destroy(policy);
  return check_report();
}
