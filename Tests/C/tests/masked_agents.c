/* Agents whose choices are masked: in the host's own loop, and by the callback of an environment. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 2, CHOICES = 3, STEPS = 8 };

/** Only choice `step % CHOICES` is allowed; with it set, any other action ends in a failure. */
struct environment {
  int step, fail, flag, writes;
};

static void write_masks(const struct environment *environment, uint8_t *masks) {
  for (int i = 0; i < ENVS * CHOICES; i++) masks[i] = (uint8_t)(i % CHOICES == environment->step % CHOICES);
}

static int32_t environment_masks(void *context, uint8_t *masks) {
  struct environment *environment = (struct environment *)context;
  environment->writes++;
  if (environment->fail) return 5;
  if (environment->flag < 0) return 0;
  write_masks(environment, masks);
  if (environment->flag > 1) masks[CHOICES + 1] = (uint8_t)environment->flag;
  if (environment->flag == 1) memset(masks + CHOICES, 0, CHOICES);
  return 0;
}

static int32_t environment_reset(void *context, uint64_t seed, float *observations) {
  (void)seed;
  ((struct environment *)context)->step = 0;
  observations[0] = observations[1] = 0;
  return 0;
}

static int32_t environment_step(void *context, const float *actions, float *rewards, uint8_t *terminated,
                                uint8_t *truncated, float *next, float *final) {
  struct environment *environment = (struct environment *)context;
  (void) final;
  for (int i = 0; i < ENVS; i++) {
    if ((int)actions[i] != environment->step % CHOICES) return 9;
    rewards[i] = 1;
    terminated[i] = truncated[i] = 0;
    next[i] = (float)sin(environment->step);
  }
  environment->step++;
  return 0;
}

static pgrad_env_callbacks callbacks_of(struct environment *environment) {
  static const pgrad_action_part part = {PGRAD_CATEGORICAL, CHOICES, 0, 0};
  pgrad_env_callbacks callbacks;
  MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  callbacks.n_envs = ENVS;
  callbacks.observation_size = 1;
  callbacks.parts = &part;
  callbacks.part_count = 1;
  callbacks.context = environment;
  callbacks.reset = environment_reset;
  callbacks.step = environment_step;
  callbacks.masks = environment_masks;
  return callbacks;
}

static pgrad_agent *agent_in(pgrad_action_part part, int32_t autoreset_mode) {
  pgrad_policy_config config;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 1;
  config.parts = &part;
  config.part_count = 1;
  MUST(pgrad_policy_create(&policy, &config));
  pgrad_agent_config agent_config = small_ppo(3, 1);
  agent_config.n_envs = ENVS;
  agent_config.n_steps = STEPS;
  agent_config.batch_size = STEPS * ENVS;
  agent_config.autoreset_mode = autoreset_mode;
  pgrad_agent *agent = agent_of(policy, &agent_config);
  pgrad_policy_destroy(policy);
  return agent;
}

static pgrad_agent *agent_with(pgrad_action_part part) { return agent_in(part, PGRAD_AUTORESET_SAME_STEP); }

static const pgrad_action_part choice = {PGRAD_CATEGORICAL, CHOICES, 0, 0};

static void training_uses_the_masks_of_the_callback(void) {
  struct environment environment = {0};
  pgrad_env_callbacks callbacks = callbacks_of(&environment);
  pgrad_agent *agent = agent_with(choice);
  pgrad_env *env = NULL;
  pgrad_statistics statistics;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  CHECK_OK(pgrad_train(agent, env, 4 * STEPS * ENVS, NULL, NULL));
  CHECK(environment.writes == 4 * STEPS + 1);
  MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  /* One choice is left in every row: nothing is uncertain. */
  CHECK(statistics.entropy == 0 && statistics.approx_kl == 0);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void an_environment_returns_its_masks(void) {
  struct environment environment = {0};
  pgrad_env_callbacks callbacks = callbacks_of(&environment);
  pgrad_env *env = NULL;
  pgrad_env_info info;
  uint8_t masks[ENVS * CHOICES] = {0}, expected[ENVS * CHOICES];
  float observations[ENVS], rewards[ENVS], actions[ENVS] = {0, 0};
  uint8_t terminated[ENVS], truncated[ENVS];
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  MUST(pgrad_env_describe(env, &info, sizeof info));
  CHECK(info.mask_size == CHOICES);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_env_masks(env, masks), "reset");
  MUST(pgrad_env_reset(env, 1, observations));
  CHECK_OK(pgrad_env_masks(env, masks));
  write_masks(&environment, expected);
  CHECK(memcmp(masks, expected, sizeof masks) == 0 && masks[0] == 1);
  MUST(pgrad_env_step(env, actions, rewards, terminated, truncated, observations, NULL));
  CHECK_OK(pgrad_env_masks(env, masks));
  write_masks(&environment, expected);
  CHECK(memcmp(masks, expected, sizeof masks) == 0 && masks[1] == 1);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_masks(env, NULL), "masks", "NULL");
  pgrad_env_destroy(env);
  MUST(pgrad_env_create(&env, "CartPole-v1", 1));
  MUST(pgrad_env_describe(env, &info, sizeof info));
  CHECK(info.mask_size == 0);
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_env_masks(env, masks), "no masks");
  pgrad_env_destroy(env);
}

static void refused_masks_of_a_callback(struct environment environment, pgrad_status status, const char *first,
                                        const char *second) {
  pgrad_env_callbacks callbacks = callbacks_of(&environment);
  pgrad_env *env = NULL;
  float observations[ENVS] = {0};
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  CHECK_REFUSED(status, pgrad_env_reset(env, 1, observations), first, second);
  pgrad_env_destroy(env);
}

static void wrong_masks_of_a_callback_are_refused(void) {
  struct environment failing = {0, 1, 0, 0}, silent = {0, 0, -1, 0}, odd = {0, 0, 7, 0}, empty = {0, 0, 1, 0};
  refused_masks_of_a_callback(failing, PGRAD_HOST_ERROR, "masks callback", "5");
  refused_masks_of_a_callback(silent, PGRAD_INVALID_ARGUMENT,
                              "masks[0, 0] is 255, or was not written; it must be 0 or 1", "(environment 0, step 0)");
  refused_masks_of_a_callback(odd, PGRAD_INVALID_ARGUMENT, "masks[1, 1] is 7; it must be 0 or 1",
                              "(environment 1, step 0)");
  refused_masks_of_a_callback(empty, PGRAD_INVALID_ARGUMENT, "masks[1] allows no choice of parts[0]",
                              "flags must be 1 (environment 1, step 0)");
  struct environment environment = {0};
  pgrad_env_callbacks callbacks = callbacks_of(&environment);
  const pgrad_action_part real = {PGRAD_GAUSSIAN, 1, -1, 1};
  pgrad_env *env = NULL;
  callbacks.parts = &real;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create_callbacks(&env, &callbacks), "masks", "NULL");
}

/** Steps the environments of the host with the only action that is allowed. */
static pgrad_status step_once(pgrad_env *env, const struct environment *environment) {
  const float action = (float)(environment->step % CHOICES), actions[ENVS] = {action, action};
  float observations[ENVS], rewards[ENVS];
  uint8_t terminated[ENVS], truncated[ENVS];
  return pgrad_env_step(env, actions, rewards, terminated, truncated, observations, NULL);
}

static void wrong_masks_of_a_callback_name_the_step_since_the_hosts_reset(void) {
  struct environment environment = {0};
  pgrad_env_callbacks callbacks = callbacks_of(&environment);
  pgrad_env *env = NULL;
  float observations[ENVS];
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  for (int reset = 0; reset < 2; reset++) {
    environment.flag = 0;
    MUST(pgrad_env_reset(env, 1, observations));
    for (int i = 0; i < 2; i++) MUST(step_once(env, &environment));
    environment.flag = 7;
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, step_once(env, &environment), "masks[1, 1] is 7; it must be 0 or 1",
                  "(environment 1, step 3)");
  }
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_reset(env, 1, observations), "(environment 1, step 0)");
  pgrad_env_destroy(env);
}

static void wrong_masks_of_a_callback_name_the_step_of_the_agent_that_trains(void) {
  struct environment environment = {0};
  pgrad_env_callbacks callbacks = callbacks_of(&environment);
  pgrad_agent *agent = agent_with(choice);
  pgrad_env *env = NULL;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  MUST(pgrad_train(agent, env, 2 * STEPS * ENVS, NULL, NULL));
  environment.flag = 1;
  char place[64];
  snprintf(place, sizeof place, "(environment 1, step %d)", 2 * STEPS + 1);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, env, 1, NULL, NULL), "masks[1] allows no choice of parts[0]",
                place);
  pgrad_env_destroy(env);
  /* In another environment it begins with a reset, whose masks are for the step that was refused. */
  struct environment second = {0, 0, 7, 0};
  callbacks.context = &second;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  snprintf(place, sizeof place, "(environment 1, step %d)", 2 * STEPS);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_train(agent, env, 1, NULL, NULL), "masks[1, 1] is 7", place);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void masks_hold_for_one_step_of_the_hosts_loop(void) {
  const uint8_t only_last[ENVS * CHOICES] = {0, 0, 1, 0, 0, 1}, none[ENVS * CHOICES] = {1, 0, 0, 0, 0, 0};
  const uint8_t odd[ENVS * CHOICES] = {1, 1, 1, 1, 3, 1}, zeros[ENVS] = {0};
  const float observations[ENVS] = {0.5f, -0.5f}, rewards[ENVS] = {1, 1};
  float actions[ENVS];
  int others = 0;
  pgrad_agent *agent = agent_with(choice);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_set_masks(agent, only_last), "before begin");
  MUST(pgrad_agent_begin(agent, observations));
  for (int i = 0; i < 6 * STEPS; i++) {
    int masked = i % 2 == 0;
    if (masked) {
      CHECK_OK(pgrad_agent_set_masks(agent, only_last));
      char place[64];
      snprintf(place, sizeof place, "(environment 1, step %d)", i);
      CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_masks(agent, none), "masks[1] allows no choice of parts[0]",
                    place);
      CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_masks(agent, odd), "masks[1, 1] is 3; it must be 0 or 1",
                    place);
      CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_masks(agent, NULL), "masks", "NULL");
    }
    MUST(pgrad_agent_act(agent, actions));
    for (int k = 0; k < ENVS; k++) {
      if (masked) CHECK(actions[k] == 2);
      others += actions[k] != 2;
    }
    CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_set_masks(agent, only_last), "between act and observe");
    MUST(pgrad_agent_observe(agent, rewards, zeros, zeros, observations, NULL));
  }
  CHECK(others > STEPS);
  pgrad_agent_destroy(agent);
  const pgrad_action_part real = {PGRAD_GAUSSIAN, 1, -1, 1};
  agent = agent_with(real);
  MUST(pgrad_agent_begin(agent, observations));
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_agent_set_masks(agent, only_last), "continuous");
  pgrad_agent_destroy(agent);
}

static void masks_of_environments_that_only_reset_are_ignored(void) {
  const uint8_t anything[ENVS * CHOICES] = {1, 0, 0, 9, 0, 9}, zeros[ENVS] = {0}, ends[ENVS] = {0, 1};
  const float observations[ENVS] = {0.5f, -0.5f}, rewards[ENVS] = {1, 1};
  float actions[ENVS];
  pgrad_agent *agent = agent_in(choice, PGRAD_AUTORESET_NEXT_STEP);
  MUST(pgrad_agent_begin(agent, observations));
  MUST(pgrad_agent_act(agent, actions));
  MUST(pgrad_agent_observe(agent, rewards, ends, zeros, observations, NULL));
  CHECK_OK(pgrad_agent_set_masks(agent, anything));
  MUST(pgrad_agent_act(agent, actions));
  CHECK(actions[0] == 0);
  MUST(pgrad_agent_observe(agent, rewards, zeros, zeros, observations, NULL));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_masks(agent, anything), "masks[1, 0] is 9; it must be 0 or 1",
                "(environment 1, step 2)");
  pgrad_agent_destroy(agent);
}

int main(void) {
  RUN(training_uses_the_masks_of_the_callback);
  RUN(an_environment_returns_its_masks);
  RUN(wrong_masks_of_a_callback_are_refused);
  RUN(wrong_masks_of_a_callback_name_the_step_since_the_hosts_reset);
  RUN(wrong_masks_of_a_callback_name_the_step_of_the_agent_that_trains);
  RUN(masks_hold_for_one_step_of_the_hosts_loop);
  RUN(masks_of_environments_that_only_reset_are_ignored);
  return check_report();
}
