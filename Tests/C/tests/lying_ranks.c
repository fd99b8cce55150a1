/* A reduce callback that writes what is no sum, or uses the agent that waits for it. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 4, STEPS = 8, CALLS = 160 };

/** Sums over a single rank, except in one call. */
struct liar {
  int calls, lies_in;
  double lie;
};

static int32_t lie_once(void *context, void *numbers, int64_t count, int32_t type) {
  struct liar *liar = context;
  if (++liar->calls != liar->lies_in) return 0;
  for (int64_t i = 0; i < count; i++) {
    if (type == PGRAD_FLOAT64)
      ((double *)numbers)[i] = liar->lie;
    else
      ((float *)numbers)[i] = (float)liar->lie;
  }
  return 0;
}

static pgrad_agent *new_agent(int32_t algorithm) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config;
  MUST(pgrad_agent_config_init(&config, sizeof config));
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_envs = ENVS;
  config.n_steps = algorithm == PGRAD_REINFORCE ? 0 : STEPS;
  config.n_episodes = 1;
  config.batch_size = 16;
  config.n_epochs = 2;
  config.normalize_observations = config.normalize_rewards = 1;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  return agent;
}

static int32_t stop_after_two_updates(void *context, const pgrad_statistics *statistics) {
  (void)context;
  return statistics->updates >= 2;
}

/** Trains for two updates with a lie in a call. @return The status, of joining or of training. */
static pgrad_status train_with(int32_t algorithm, struct liar *liar) {
  pgrad_agent *agent = new_agent(algorithm);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  pgrad_status status = pgrad_agent_set_reduce(agent, 0, 1, lie_once, liar);
  if (status == PGRAD_OK) status = pgrad_train(agent, env, 1 << 20, stop_after_two_updates, NULL);
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  CHECK(now.timesteps >= 0 && now.episodes >= 0);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  return status;
}

static void no_lie_ends_the_process(void) {
  const double lies[] = {NAN, INFINITY, -1, 0.5, 1e18, 1e300};
  const int32_t algorithms[] = {PGRAD_PPO, PGRAD_REINFORCE, PGRAD_TRPO};
  for (int a = 0; a < 3; a++)
    for (int i = 0; i < 6; i++)
      for (int call = 1; call <= CALLS; call += call < 12 ? 1 : 7) {
        struct liar liar = {.lies_in = call, .lie = lies[i]};
        pgrad_status status = train_with(algorithms[a], &liar);
        CHECK(status == PGRAD_OK || status == PGRAD_HOST_ERROR || status == PGRAD_NOT_FINITE ||
              (call <= 3 && (status == PGRAD_INVALID_ARGUMENT || status == PGRAD_BAD_STATE)));
        if (call <= liar.calls && call > 3 && i == 0 && a == 0) CHECK(status != PGRAD_INVALID_ARGUMENT);
      }
}

static void a_wrong_sum_of_counts_is_named(void) {
  pgrad_agent *agent = new_agent(PGRAD_PPO);
  struct liar liar = {.lies_in = 1, .lie = NAN};
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_reduce(agent, 0, 1, lie_once, &liar), "rank 0", "nan");
  liar = (struct liar){.lies_in = 4, .lie = INFINITY};
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  MUST(pgrad_agent_set_reduce(agent, 0, 1, lie_once, &liar));
  CHECK_REFUSED(PGRAD_HOST_ERROR, pgrad_train(agent, env, 64, NULL, NULL), "inf", "counts");
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

/* ---------------------------------------------------------------------------------------------------------- reentry */

/** An agent, and how often the callback used it and was refused. */
struct user {
  pgrad_agent *agent;
  int calls, refusals;
};

static int32_t use_the_agent(void *context, void *numbers, int64_t count, int32_t type) {
  struct user *user = context;
  float values[ENVS * 4] = {0};
  uint8_t flags[ENVS] = {0};
  int64_t size = 0;
  pgrad_statistics now;
  (void)numbers, (void)count, (void)type;
  pgrad_status refused[] = {pgrad_agent_act(user->agent, values),
                            pgrad_agent_observe(user->agent, values, flags, flags, values, values),
                            pgrad_agent_begin(user->agent, values),
                            pgrad_agent_statistics(user->agent, &now, sizeof now),
                            pgrad_agent_save_memory(user->agent, NULL, 0, &size),
                            pgrad_agent_set_reduce(user->agent, 0, 0, NULL, NULL)};
  user->calls++;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) user->refusals += refused[i] == PGRAD_BAD_STATE;
  return 0;
}

static void a_callback_that_uses_its_agent_is_refused_and_changes_nothing(void) {
  struct user user = {new_agent(PGRAD_PPO), 0, 0};
  struct liar honest = {0, 0, 0};
  pgrad_agent *other = new_agent(PGRAD_PPO);
  pgrad_env *env = native_env("CartPole-v1", ENVS), *other_env = native_env("CartPole-v1", ENVS);
  CHECK_OK(pgrad_agent_set_reduce(user.agent, 0, 1, use_the_agent, &user));
  MUST(pgrad_agent_set_reduce(other, 0, 1, lie_once, &honest));
  CHECK_OK(pgrad_train(user.agent, env, 128, NULL, NULL));
  MUST(pgrad_train(other, other_env, 128, NULL, NULL));
  CHECK(user.calls == honest.calls && user.calls > 100);
  CHECK(user.refusals == 6 * user.calls);
  pgrad_policy *one = NULL, *two = NULL;
  MUST(pgrad_agent_policy(user.agent, &one));
  MUST(pgrad_agent_policy(other, &two));
  CHECK(same_parameters(one, two));
  pgrad_policy_destroy(one);
  pgrad_policy_destroy(two);
  pgrad_env_destroy(env);
  pgrad_env_destroy(other_env);
  pgrad_agent_destroy(user.agent);
  pgrad_agent_destroy(other);
}

int main(void) {
  RUN(no_lie_ends_the_process);
  RUN(a_wrong_sum_of_counts_is_named);
  RUN(a_callback_that_uses_its_agent_is_refused_and_changes_nothing);
  return check_report();
}
