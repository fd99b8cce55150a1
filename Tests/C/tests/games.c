/* The native MinAtar games: created by name, stepped, and used for training. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 4, GAMES = 5, MOST = 1000 };

static const char *const names[GAMES] = {"MinAtar/Breakout-v1", "MinAtar/Asterix-v1", "MinAtar/Freeway-v1",
                                         "MinAtar/Seaquest-v1", "MinAtar/SpaceInvaders-v1"};
static const int64_t choices[GAMES] = {3, 5, 3, 6, 4};
static const int32_t channels[GAMES] = {4, 4, 7, 10, 6};

static float observations[ENVS * MOST], next[ENVS * MOST], final[ENVS * MOST];
static float rewards[ENVS];
static uint8_t terminated[ENVS], truncated[ENVS];

static void a_game_describes_itself(void) {
  for (int i = 0; i < GAMES; i++) {
    pgrad_env *env = native_env(names[i], ENVS);
    pgrad_env_info info;
    MUST(pgrad_env_describe(env, &info, sizeof info));
    const int32_t size = 100 * channels[i];
    CHECK(info.n_envs == ENVS && info.observation_size == size && info.action_size == 1 && info.part_count == 1);
    const pgrad_observation_part *part = info.observation_parts;
    CHECK(info.observation_part_count == 1 && part->kind == PGRAD_BITMAP && part->channels == channels[i]);
    CHECK(part->height == 10 && part->width == 10 && part->size == 0 && part->embedding == 0);
    CHECK(info.parts[0].kind == PGRAD_CATEGORICAL && info.parts[0].size == choices[i]);
    CHECK(info.state_size == 0 && info.max_episode_steps == 0);
    pgrad_env_destroy(env);
  }
}

static void observations_are_flags_and_a_game_ends_and_restarts(void) {
  for (int i = 0; i < GAMES; i++) {
    pgrad_env *env = native_env(names[i], ENVS);
    float actions[ENVS];
    int ends = 0;
    MUST(pgrad_env_reset(env, 1, observations));
    for (int step = 0; step < 2600; step++) {
      for (int row = 0; row < ENVS; row++) actions[row] = (float)((step + row) % choices[i]);
      CHECK_OK(pgrad_env_step(env, actions, rewards, terminated, truncated, next, final));
      for (int k = 0; k < ENVS * 100 * channels[i]; k++) CHECK(next[k] == 0 || next[k] == 1);
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

/** With convolutions or without. */
static pgrad_policy *game_policy(int i, int has_encoder) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, choices[i], 0, 0};
  const int64_t hidden = 16;
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  const pgrad_observation_part screen = {PGRAD_BITMAP, 0, 10, 10, channels[i], 0};
  config.observation_size = 100 * channels[i];
  if (has_encoder) {
    config.observation_parts = &screen;
    config.observation_part_count = 1;
    config.encoder = PGRAD_ENCODER_MINATAR;
  }
  config.parts = &part;
  config.part_count = 1;
  config.hidden_sizes = &hidden;
  config.hidden_count = 1;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

static pgrad_policy *trained(int i, int has_encoder, int32_t threads) {
  pgrad_policy *policy = game_policy(i, has_encoder);
  pgrad_agent_config config = small_ppo(5, threads);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env(names[i], ENVS);
  CHECK_OK(pgrad_train(agent, env, 5 * 4 * 32, NULL, NULL));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  return policy;
}

static void an_agent_trains_in_a_game_with_the_same_bits_on_one_thread_and_two(void) {
  for (int i = 0; i < 2 * GAMES; i++) {
    const int game = i / 2, has_encoder = i % 2;
    pgrad_policy *start = game_policy(game, has_encoder);
    pgrad_policy *one = trained(game, has_encoder, 1), *two = trained(game, has_encoder, 2);
    CHECK(same_parameters(one, two));
    CHECK(!same_parameters(start, one));
    pgrad_policy_destroy(start);
    pgrad_policy_destroy(one);
    pgrad_policy_destroy(two);
  }
}

static void bits_are_read_as_they_are_and_pixels_by_their_share_of_255(void) {
  pgrad_policy *policies[2];
  float values[2], rows[2][400];
  for (int i = 0; i < 2; i++) {
    const pgrad_action_part part = {PGRAD_CATEGORICAL, 3, 0, 0};
    const pgrad_observation_part screen = {i == 0 ? PGRAD_BITMAP : PGRAD_IMAGE, 0, 10, 10, 4, 0};
    pgrad_policy_config config;
    MUST(pgrad_policy_config_init(&config, sizeof config));
    config.parts = &part;
    config.part_count = 1;
    config.observation_parts = &screen;
    config.observation_part_count = 1;
    MUST(pgrad_policy_create(&policies[i], &config));
    for (int k = 0; k < 400; k++) rows[i][k] = (float)((k * 7 % 11 < 4) * (i == 0 ? 1 : 255));
    CHECK_OK(pgrad_policy_value(policies[i], rows[i], 1, &values[i]));
  }
  CHECK(same_parameters(policies[0], policies[1]));
  /* 255 · (1/255) may differ from 1 by a rounding. */
  CHECK(values[0] != 0 && fabsf(values[0] - values[1]) <= 1e-6f);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_value(policies[0], rows[1], 1, values), "observations[0, 0]",
                "255", "from 0 to 1", "a bitmap");
  for (int i = 0; i < 2; i++) pgrad_policy_destroy(policies[i]);
}

int main(void) {
  RUN(a_game_describes_itself);
  RUN(observations_are_flags_and_a_game_ends_and_restarts);
  RUN(a_game_has_no_numeric_state);
  RUN(an_action_outside_the_minimal_set_is_refused);
  RUN(an_agent_trains_in_a_game_with_the_same_bits_on_one_thread_and_two);
  RUN(bits_are_read_as_they_are_and_pixels_by_their_share_of_255);
  return check_report();
}
