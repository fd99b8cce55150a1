/* The native MinAtar games: created by name, stepped, and used for training. */
#include "fixtures.h"

enum { ENVS = 4, SIZE = 400 };

static const char *const names[] = {"MinAtar/Breakout-v1", "MinAtar/Asterix-v1"};
static const int64_t choices[] = {3, 5};

static float observations[ENVS * SIZE], next[ENVS * SIZE], final[ENVS * SIZE];
static float rewards[ENVS];
static uint8_t terminated[ENVS], truncated[ENVS];

static void a_game_describes_itself(void) {
  for (int i = 0; i < 2; i++) {
    pgrad_env *env = native_env(names[i], ENVS);
    pgrad_env_info info;
    MUST(pgrad_env_describe(env, &info, sizeof info));
    CHECK(info.n_envs == ENVS && info.observation_size == SIZE && info.action_size == 1 && info.part_count == 1);
    CHECK(info.parts[0].kind == PGRAD_CATEGORICAL && info.parts[0].size == choices[i]);
    CHECK(info.state_size == 0 && info.max_episode_steps == 0);
    pgrad_env_destroy(env);
  }
}

static void observations_are_flags_and_a_game_ends_and_restarts(void) {
  for (int i = 0; i < 2; i++) {
    pgrad_env *env = native_env(names[i], ENVS);
    const float actions[ENVS] = {0, 1, 2, 0};
    int ends = 0;
    MUST(pgrad_env_reset(env, 1, observations));
    for (int step = 0; step < 500; step++) {
      CHECK_OK(pgrad_env_step(env, actions, rewards, terminated, truncated, next, final));
      for (int k = 0; k < ENVS * SIZE; k++) CHECK(next[k] == 0 || next[k] == 1);
      for (int row = 0; row < ENVS; row++) ends += terminated[row];
      for (int row = 0; row < ENVS; row++) CHECK(truncated[row] == 0);
    }
    CHECK(ends > 0);
    pgrad_env_destroy(env);
  }
}

static void a_game_has_no_numeric_state(void) {
  double state = 0;
  pgrad_env *env = native_env(names[0], 1);
  MUST(pgrad_env_reset(env, 1, observations));
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_env_state(env, &state), "env", "state_size is 0");
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_env_set_state(env, &state), "env", "state_size is 0");
  pgrad_env_destroy(env);
}

static void an_action_outside_the_minimal_set_is_refused(void) {
  pgrad_env *env = native_env(names[0], 1);
  const float action = 3;
  MUST(pgrad_env_reset(env, 1, observations));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_step(env, &action, rewards, terminated, truncated, next, NULL),
                "actions", "3");
  pgrad_env_destroy(env);
}

static pgrad_policy *game_policy(int i) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, choices[i], 0, 0};
  const int64_t hidden = 16;
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = SIZE;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_sizes = &hidden;
  config.hidden_count = 1;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

static pgrad_policy *trained(int i, int32_t threads) {
  pgrad_policy *policy = game_policy(i);
  pgrad_agent_config config = small_ppo(5, threads);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env(names[i], ENVS);
  CHECK_OK(pgrad_train(agent, env, 5 * 4 * 32, NULL, NULL));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  return policy;
}

static void an_agent_trains_in_a_game_with_the_same_bits_on_one_thread_and_two(void) {
  for (int i = 0; i < 2; i++) {
    pgrad_policy *start = game_policy(i), *one = trained(i, 1), *two = trained(i, 2);
    CHECK(same_parameters(one, two));
    CHECK(!same_parameters(start, one));
    pgrad_policy_destroy(start);
    pgrad_policy_destroy(one);
    pgrad_policy_destroy(two);
  }
}

int main(void) {
  RUN(a_game_describes_itself);
  RUN(observations_are_flags_and_a_game_ends_and_restarts);
  RUN(a_game_has_no_numeric_state);
  RUN(an_action_outside_the_minimal_set_is_refused);
  RUN(an_agent_trains_in_a_game_with_the_same_bits_on_one_thread_and_two);
  return check_report();
}
