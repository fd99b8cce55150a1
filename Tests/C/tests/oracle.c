/* MDPs solved exactly, and the laboratory: right results, and every bad argument. */
#include <math.h>

#include "fixtures.h"
#include "pgrad_oracle.h"

static const double chain[8] = {1, 0, 0.1, 0.9, 0, 1, 0.9, 0.1};
static const double chain_rewards[4] = {0, -0.1, 1, -0.1};
static const double from_first[2] = {1, 0};

/** The chain of two states, discounted by a half. */
static pgrad_mdp_config chain_config(void) {
  pgrad_mdp_config config;
  MUST(pgrad_mdp_config_init(&config, sizeof config));
  config.state_count = 2;
  config.action_count = 2;
  config.transitions = chain;
  config.rewards = chain_rewards;
  config.initial = from_first;
  config.gamma = 0.5;
  return config;
}

static pgrad_mdp *chain_mdp(void) {
  pgrad_mdp_config config = chain_config();
  pgrad_mdp *mdp = NULL;
  MUST(pgrad_mdp_create(&mdp, &config));
  return mdp;
}

/** A linear policy of the chain whose every parameter is 0, so that both actions are as likely. */
static pgrad_policy *even_policy(void) {
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy *policy = linear_policy(part, 0);
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] = 0;
  return policy;
}

static int near(double a, double b, double tolerance) { return fabs(a - b) <= tolerance; }

static void the_values_of_a_chain_match_hand_calculation(void) {
  /* V0 = -0.05 + (0.55 V0 + 0.45 V1)/2 and V1 = 0.45 + (0.45 V0 + 0.55 V1)/2. */
  const double v0 = 0.065 / 0.475, v1 = 0.315 / 0.475;
  pgrad_mdp *mdp = chain_mdp();
  pgrad_policy *policy = even_policy();
  double objective, values[2], action_values[4], advantages[4], visitation[2];
  CHECK_OK(pgrad_mdp_objective(mdp, policy, NULL, &objective));
  CHECK(near(objective, v0, 1e-14));
  CHECK_OK(pgrad_mdp_values(mdp, policy, NULL, values, action_values, advantages, visitation));
  CHECK(near(values[0], v0, 1e-14) && near(values[1], v1, 1e-14));
  CHECK(near(action_values[0], v0 / 2, 1e-14) && near(action_values[2], 1 + v1 / 2, 1e-14));
  CHECK(near(advantages[0], v0 / 2 - v0, 1e-14));
  CHECK(near(visitation[0], 0.725 / 0.475, 1e-14) && near(visitation[1], 0.225 / 0.475, 1e-14));
  CHECK_OK(pgrad_mdp_values(mdp, policy, NULL, NULL, NULL, NULL, NULL));
  pgrad_policy_destroy(policy);
  pgrad_mdp_destroy(mdp);
}

static void the_gradient_is_the_slope_of_the_objective(void) {
  pgrad_mdp *mdp = chain_mdp();
  pgrad_policy *policy = even_policy();
  double parameters[6] = {0.3, -0.2, 0.1, 0.5, -0.4, 0.2}, gradient[6], up, down;
  CHECK_OK(pgrad_mdp_gradient(mdp, policy, parameters, gradient));
  for (int i = 0; i < 6; i++) {
    const double here = parameters[i], h = 1e-5;
    parameters[i] = here + h;
    CHECK_OK(pgrad_mdp_objective(mdp, policy, parameters, &up));
    parameters[i] = here - h;
    CHECK_OK(pgrad_mdp_objective(mdp, policy, parameters, &down));
    parameters[i] = here;
    CHECK(near(gradient[i], (up - down) / (2 * h), 1e-9));
  }
  double log_probs[4], scores[24];
  CHECK_OK(pgrad_mdp_log_probs(mdp, policy, NULL, log_probs));
  CHECK(near(log_probs[3], log(0.5), 1e-15));
  CHECK_OK(pgrad_mdp_scores(mdp, policy, NULL, scores));
  /* State 0, action 0: the weights of state 0, the weights of state 1, the biases. */
  CHECK(scores[0] == 0.5 && scores[1] == -0.5 && scores[2] == 0 && scores[3] == 0 && scores[4] == 0.5 &&
        scores[5] == -0.5);
  pgrad_policy_destroy(policy);
  pgrad_mdp_destroy(mdp);
}

static void an_mdp_describes_how_it_was_created(void) {
  pgrad_mdp *mdp = NULL;
  pgrad_mdp_config config;
  MUST(pgrad_mdp_create_named(&mdp, "bandit", 1, 0));
  CHECK_OK(pgrad_mdp_describe(mdp, &config, sizeof config));
  CHECK(config.state_count == 3 && config.action_count == 3 && config.rewards_by_next_state == 1);
  CHECK(config.gamma == 1 && config.horizon == 0 && config.observation_size == 3 && config.part_count == 1);
  CHECK(config.terminal[0] == 0 && config.terminal[2] == 1 && config.transitions[2] == 0.2 && config.rewards[2] == 1);
  CHECK(config.observations[4] == 1 && config.parts[0].kind == PGRAD_CATEGORICAL && config.parts[0].size == 3);
  pgrad_mdp *copy = NULL;
  CHECK_OK(pgrad_mdp_create(&copy, &config));
  pgrad_mdp_destroy(mdp);
  pgrad_mdp_destroy(copy);
  pgrad_mdp_destroy(copy);
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_mdp_describe(copy, &config, sizeof config), "mdp");
}

static void bad_tables_are_refused_by_name(void) {
  double table[8], rewards[4], initial[2];
  uint8_t terminal[2] = {0, 0};
  pgrad_mdp *mdp;
  pgrad_action_part gaussian = {PGRAD_GAUSSIAN, 1, -INFINITY, INFINITY}, three = {PGRAD_CATEGORICAL, 3, 0, 0};
  canary_set(&mdp, sizeof mdp);
#define REFUSES(status, spoil, ...)                                      \
  do {                                                                   \
    pgrad_mdp_config config = chain_config();                            \
    memcpy(table, chain, sizeof table);                                  \
    memcpy(rewards, chain_rewards, sizeof rewards);                      \
    memcpy(initial, from_first, sizeof initial);                         \
    terminal[0] = terminal[1] = 0;                                       \
    config.transitions = table;                                          \
    config.rewards = rewards;                                            \
    config.initial = initial;                                            \
    config.terminal = terminal;                                          \
    spoil;                                                               \
    CHECK_REFUSED(status, pgrad_mdp_create(&mdp, &config), __VA_ARGS__); \
    CHECK(canary_alive(&mdp, sizeof mdp));                               \
  } while (0)
  REFUSES(PGRAD_INVALID_ARGUMENT, table[6] = 0.5, "transitions[1, 1]", "0.6", "sum to 1");
  REFUSES(PGRAD_INVALID_ARGUMENT, (table[2] = -0.5, table[3] = 1.5), "transitions[0, 1, 0]", "-0.5", "at least 0");
  REFUSES(PGRAD_NOT_FINITE, table[5] = NAN, "transitions[1, 0, 1]", "nan");
  REFUSES(PGRAD_NOT_FINITE, rewards[2] = INFINITY, "rewards[1, 0]", "inf");
  REFUSES(PGRAD_INVALID_ARGUMENT, initial[1] = 1, "initial", "2.0", "sum to 1");
  REFUSES(PGRAD_INVALID_ARGUMENT, terminal[0] = 1, "initial[0]", "terminal");
  REFUSES(PGRAD_INVALID_ARGUMENT, terminal[1] = 7, "terminal[1]", "7", "0 or 1");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.gamma = 1, "gamma is 1", "horizon is 0", "state 0");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.gamma = 1.5, "gamma", "1.5");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.gamma = NAN, "gamma", "nan");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.horizon = -1, "horizon", "-1");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.horizon = INT64_MAX, "horizon");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.state_count = 0, "state_count", "0");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.state_count = INT64_MAX, "state_count");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.action_count = INT64_MIN, "action_count");
  REFUSES(PGRAD_INVALID_ARGUMENT, (config.state_count = 4096, config.action_count = 65536), "1099511627776",
          "67108864");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.rewards_by_next_state = 2, "rewards_by_next_state", "2");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.transitions = NULL, "transitions", "NULL");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.rewards = NULL, "rewards", "NULL");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.initial = NULL, "initial", "NULL");
  REFUSES(PGRAD_INVALID_ARGUMENT, (config.parts = &three, config.part_count = 1), "parts", "3", "2");
  REFUSES(PGRAD_UNSUPPORTED, (config.parts = &gaussian, config.part_count = 1), "parts[0]", "Gaussian");
  REFUSES(PGRAD_INVALID_ARGUMENT, (config.parts = &three, config.part_count = 0), "part_count", "0");
  float features[2] = {1, NAN};
  REFUSES(PGRAD_NOT_FINITE, (config.observations = features, config.observation_size = 1), "observations[1]", "nan");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.observations = features, "observation_size", "0");
#undef REFUSES
  pgrad_mdp_config config = chain_config();
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create(NULL, &config), "mdp", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create(&mdp, NULL), "config", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create_named(&mdp, "nowhere", 1, 0), "nowhere", "cliff");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create_named(&mdp, NULL, 1, 0), "name", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create_named(&mdp, "chain", 1, 0), "gamma", "horizon");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create_garnet(&mdp, 3, 2, 4, 0, 0.9, 0), "branching", "4");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create_garnet(&mdp, 3, 2, 0, 0, 0.9, 0), "branching", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_create_garnet(&mdp, -3, 2, 1, 0, 0.9, 0), "state_count", "-3");
  CHECK(canary_alive(&mdp, sizeof mdp));
}

static void a_policy_that_does_not_fit_is_refused(void) {
  pgrad_mdp *mdp = chain_mdp();
  pgrad_policy *even = even_policy(), *cartpole = cartpole_policy(1);
  pgrad_action_part three = {PGRAD_CATEGORICAL, 3, 0, 0}, gaussian = {PGRAD_GAUSSIAN, 1, -INFINITY, INFINITY};
  pgrad_policy *wide = linear_policy(three, 0), *continuous = linear_policy(gaussian, 0);
  double parameters[6] = {0, NAN, 0, 0, 0, 0}, number;
  canary_set(&number, sizeof number);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_objective(mdp, cartpole, NULL, &number), "observation_size", "4",
                "2");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_objective(mdp, wide, NULL, &number), "3", "2");
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_mdp_objective(mdp, continuous, NULL, &number), "Gaussian");
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_mdp_objective(mdp, even, parameters, &number), "parameters[1]", "nan");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_objective(mdp, even, NULL, NULL), "objective", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_gradient(mdp, even, NULL, NULL), "gradient", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_log_probs(mdp, even, NULL, NULL), "log_probs", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_mdp_scores(mdp, even, NULL, NULL), "scores", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_mdp_objective(NULL, even, NULL, &number), "mdp", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_mdp_objective(mdp, (pgrad_policy *)mdp, NULL, &number), "policy");
  CHECK(canary_alive(&number, sizeof number));
  pgrad_policy_destroy(even);
  pgrad_policy_destroy(cartpole);
  pgrad_policy_destroy(wide);
  pgrad_policy_destroy(continuous);
  pgrad_mdp_destroy(mdp);
}

static void environments_outlive_the_handle_of_their_mdp(void) {
  pgrad_mdp *mdp = NULL;
  pgrad_env *env = NULL;
  pgrad_env_info info;
  MUST(pgrad_mdp_create_named(&mdp, "cliff", 1, 50));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create_mdp(&env, mdp, 0), "n_envs", "0");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_env_create_mdp(&env, NULL, 1), "mdp", "NULL");
  MUST(pgrad_env_create_mdp(&env, mdp, 2));
  pgrad_mdp_destroy(mdp);
  CHECK_OK(pgrad_env_describe(env, &info, sizeof info));
  CHECK(info.n_envs == 2 && info.observation_size == 48 && info.action_size == 1 && info.state_size == 1);
  float observations[96], actions[2] = {0, 2}, rewards[2];
  uint8_t terminated[2], truncated[2];
  CHECK_OK(pgrad_env_reset(env, 1, observations));
  CHECK(observations[36] == 1 && observations[48 + 36] == 1);
  CHECK_OK(pgrad_env_step(env, actions, rewards, terminated, truncated, observations, NULL));
  CHECK(rewards[0] == -1 && observations[24] == 1 && observations[48 + 36] == 1);
  pgrad_env_destroy(env);
}

static void the_laboratory_finds_the_biased_estimators(void) {
  pgrad_mdp *mdp = NULL;
  pgrad_laboratory *laboratory = NULL;
  pgrad_laboratory_config config;
  pgrad_laboratory_info info;
  pgrad_estimate estimate;
  double exact[6], mean[6], bias[10], errors[10], cosines[10];
  int64_t trajectories[10];
  mdp = chain_mdp();
  pgrad_policy *policy = even_policy();
  MUST(pgrad_laboratory_config_init(&config, sizeof config));
  config.trajectories = 20000;
  CHECK_OK(pgrad_laboratory_create(&laboratory, mdp, policy, &config));
  CHECK_OK(pgrad_laboratory_describe(laboratory, &info, sizeof info));
  CHECK(info.estimate_count == 20 && info.checkpoint_count == 10 && info.parameter_count == 6);
  CHECK_OK(pgrad_laboratory_estimate(laboratory, 1, &estimate, sizeof estimate));
  CHECK(estimate.kind == PGRAD_ESTIMATE_REWARD_TO_GO && estimate.is_unbiased == 1 && isnan(estimate.gae_lambda));
  CHECK(estimate.p_value > 1e-3 && estimate.cosine > 0.9 && estimate.total_variance > 0);
  CHECK_OK(pgrad_laboratory_estimate(laboratory, 2, &estimate, sizeof estimate));
  CHECK(estimate.kind == PGRAD_ESTIMATE_REWARD_TO_GO_NO_DISCOUNT && estimate.is_unbiased == 0 &&
        estimate.p_value < 1e-6);
  CHECK_OK(pgrad_laboratory_estimate(laboratory, 12, &estimate, sizeof estimate));
  CHECK(estimate.kind == PGRAD_ESTIMATE_GAE && estimate.critic == PGRAD_CRITIC_WRONG && estimate.gae_lambda == 0);
  CHECK_OK(pgrad_mdp_gradient(mdp, policy, NULL, exact));
  CHECK_OK(pgrad_laboratory_mean(laboratory, 5, mean));
  for (int i = 0; i < 6; i++) CHECK(near(mean[i], exact[i], 0.02));
  CHECK_OK(pgrad_laboratory_curve(laboratory, 5, trajectories, bias, errors, cosines));
  CHECK(trajectories[0] < trajectories[9] && trajectories[9] == 20000 && errors[9] < errors[0]);
  CHECK_OK(pgrad_laboratory_curve(laboratory, 5, NULL, NULL, NULL, NULL));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_laboratory_estimate(laboratory, 20, &estimate, sizeof estimate), "index",
                "20");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_laboratory_mean(laboratory, -1, mean), "index", "-1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_laboratory_mean(laboratory, 0, NULL), "gradient", "NULL");
  pgrad_laboratory_destroy(laboratory);
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_laboratory_mean(laboratory, 0, mean), "laboratory");
  pgrad_policy_destroy(policy);
  pgrad_mdp_destroy(mdp);
}

static void bad_configurations_of_the_laboratory_are_refused(void) {
  pgrad_mdp *mdp = chain_mdp();
  pgrad_policy *policy = even_policy();
  pgrad_laboratory *laboratory;
  double lambdas[2] = {0.5, 1.5}, values[2] = {0, NAN}, scores[24] = {0};
  scores[13] = INFINITY;
  canary_set(&laboratory, sizeof laboratory);
#define REFUSES(status, spoil, ...)                                                                 \
  do {                                                                                              \
    pgrad_laboratory_config config;                                                                 \
    MUST(pgrad_laboratory_config_init(&config, sizeof config));                                     \
    spoil;                                                                                          \
    CHECK_REFUSED(status, pgrad_laboratory_create(&laboratory, mdp, policy, &config), __VA_ARGS__); \
    CHECK(canary_alive(&laboratory, sizeof laboratory));                                            \
  } while (0)
  REFUSES(PGRAD_INVALID_ARGUMENT, config.group_size = 1, "group_size", "1");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.group_size = INT32_MAX, "group_size");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.trajectories = 0, "trajectories", "0");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.trajectories = INT64_MAX, "trajectories");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.trajectories = 1001, "trajectories", "1001", "multiple");
  REFUSES(PGRAD_INVALID_ARGUMENT, (config.lambdas = lambdas, config.lambda_count = 2), "lambdas[1]", "1.5");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.lambdas = NULL, "lambdas", "NULL");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.lambda_count = -1, "lambda_count", "-1");
  REFUSES(PGRAD_INVALID_ARGUMENT, config.checkpoints = 0, "checkpoints", "0");
  REFUSES(PGRAD_NOT_FINITE, config.wrong_values = values, "wrong_values[1]", "nan");
  REFUSES(PGRAD_NOT_FINITE, config.scores = scores, "scores[1, 0, 1]", "inf");
#undef REFUSES
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_laboratory_create(NULL, mdp, policy, NULL), "laboratory", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_laboratory_create(&laboratory, NULL, policy, NULL), "mdp", "NULL");
  pgrad_policy_destroy(policy);
  pgrad_mdp_destroy(mdp);
}

int main(void) {
  RUN(the_values_of_a_chain_match_hand_calculation);
  RUN(the_gradient_is_the_slope_of_the_objective);
  RUN(an_mdp_describes_how_it_was_created);
  RUN(bad_tables_are_refused_by_name);
  RUN(a_policy_that_does_not_fit_is_refused);
  RUN(environments_outlive_the_handle_of_their_mdp);
  RUN(the_laboratory_finds_the_biased_estimators);
  RUN(bad_configurations_of_the_laboratory_are_refused);
  return check_report();
}
