/* Every bad argument of the environments' functions. */
#include <math.h>

#include "fixtures.h"

enum { ENVS = 3, SIZE = 4 };

static void bad_creation_is_refused(void) {
  pgrad_env *env;
  canary_set(&env, sizeof env);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(NULL, "CartPole-v1", 1), "env", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, NULL, 1), "name", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "", 1), "name", "CartPole-v1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "CartPole-v9", 1), "name", "CartPole-v9", "CartPole-v1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "\xff\xfe", 1), "name", "Pendulum-v1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "CartPole-v1", 0), "n_envs", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "CartPole-v1", -1), "n_envs", "-1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "CartPole-v1", PGRAD_MAX_ENVS + 1), "n_envs", "1048577");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create(&env, "CartPole-v1", INT64_MAX), "n_envs");
  CHECK(canary_alive(&env, sizeof env));
}

/* What a step of the native CartPole writes. */
static struct {
  float rewards[ENVS];
  uint8_t terminated[ENVS], truncated[ENVS];
  float next[ENVS * SIZE], final[ENVS * SIZE];
} answer;

static pgrad_env *env;

#define STEP(actions) \
  pgrad_env_step(env, actions, answer.rewards, answer.terminated, answer.truncated, answer.next, answer.final)

static void stepping_before_the_first_reset_is_refused(void) {
  const float actions[ENVS] = {0, 1, 0};
  pgrad_env *fresh = native_env("CartPole-v1", ENVS);
  canary_set(&answer, sizeof answer);
  CHECK_REFUSED(PGRAD_BAD_STATE,
                pgrad_env_step(fresh, actions, answer.rewards, answer.terminated, answer.truncated, answer.next, NULL),
                "reset");
  CHECK(canary_alive(&answer, sizeof answer));
  pgrad_env_destroy(fresh);
}

static void actions_outside_the_space_are_refused(void) {
  const float bad[] = {2, -1, 0.5f, 1e30f, NAN, INFINITY, -INFINITY};
  const char *const words[] = {"2", "-1", "0.5", "1e+30", "nan", "inf", "-inf"};
  CHECK_OK(pgrad_env_reset(env, 7, answer.next));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    float actions[ENVS] = {0, bad[i], 1};
    canary_set(&answer, sizeof answer);
    CHECK_REFUSED(isfinite(bad[i]) ? PGRAD_INVALID_ARGUMENT : PGRAD_NOT_FINITE, STEP(actions), "actions", words[i]);
    CHECK(canary_alive(&answer, sizeof answer));
  }
  const float right[ENVS] = {0, 1, 0};
  CHECK_OK(STEP(right));
}

static void null_arrays_are_refused(void) {
  const float actions[ENVS] = {0, 1, 0};
  double states[ENVS * 4];
  CHECK_OK(pgrad_env_reset(env, 7, answer.next));
  canary_set(&answer, sizeof answer);
#define NULLS(argument, ...) CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_step(env, __VA_ARGS__), argument, "NULL")
  NULLS("actions", NULL, answer.rewards, answer.terminated, answer.truncated, answer.next, NULL);
  NULLS("rewards", actions, NULL, answer.terminated, answer.truncated, answer.next, NULL);
  NULLS("terminated", actions, answer.rewards, NULL, answer.truncated, answer.next, NULL);
  NULLS("truncated", actions, answer.rewards, answer.terminated, NULL, answer.next, NULL);
  NULLS("next_observations", actions, answer.rewards, answer.terminated, answer.truncated, NULL, NULL);
#undef NULLS
  CHECK(canary_alive(&answer, sizeof answer));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_reset(env, 0, NULL), "observations", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_state(env, NULL), "states", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_set_state(env, NULL), "states", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_describe(env, NULL, sizeof(pgrad_env_info)), "info", "NULL");
  CHECK_OK(pgrad_env_state(env, states));
}

static void states_that_are_not_finite_are_refused_and_change_nothing(void) {
  double states[ENVS * 4], kept[ENVS * 4], after[ENVS * 4];
  CHECK_OK(pgrad_env_reset(env, 7, answer.next));
  CHECK_OK(pgrad_env_state(env, kept));
  memcpy(states, kept, sizeof states);
  states[0] = 0.5;
  states[ENVS * 4 - 1] = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_env_set_state(env, states), "state", "nan");
  CHECK_OK(pgrad_env_state(env, after));
  CHECK(memcmp(kept, after, sizeof kept) == 0);
}

static int32_t reset_nothing(void *context, uint64_t seed, float *observations) {
  (void)context, (void)seed, (void)observations;
  return 0;
}
static int32_t step_nothing(void *context, const float *actions, float *rewards, uint8_t *terminated,
                            uint8_t *truncated, float *next, float *final) {
  (void)context, (void)actions, (void)rewards, (void)terminated, (void)truncated, (void)next, (void) final;
  return 0;
}
static void count_destroy(void *context) { ++*(int *)context; }

static void bad_callbacks_are_refused_and_not_destroyed(void) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0}, bad_part = {PGRAD_CATEGORICAL, 0, 0, 0};
  pgrad_env_callbacks callbacks;
  pgrad_env *created;
  int destroyed = 0;
  canary_set(&created, sizeof created);
#define REFUSES(spoil, ...)                                                                               \
  do {                                                                                                    \
    MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));                                         \
    callbacks.observation_size = 1;                                                                       \
    callbacks.parts = &part;                                                                              \
    callbacks.part_count = 1;                                                                             \
    callbacks.context = &destroyed;                                                                       \
    callbacks.reset = reset_nothing;                                                                      \
    callbacks.step = step_nothing;                                                                        \
    callbacks.destroy = count_destroy;                                                                    \
    spoil;                                                                                                \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create_callbacks(&created, &callbacks), __VA_ARGS__); \
    CHECK(canary_alive(&created, sizeof created));                                                        \
    CHECK(destroyed == 0);                                                                                \
  } while (0)
  REFUSES(callbacks.n_envs = 0, "n_envs", "0");
  REFUSES(callbacks.n_envs = PGRAD_MAX_ENVS + 1, "n_envs", "1048577");
  REFUSES(callbacks.observation_size = 0, "observation_size", "0");
  REFUSES(callbacks.observation_size = PGRAD_MAX_SIZE + 1, "observation_size", "131073");
  REFUSES((callbacks.n_envs = PGRAD_MAX_ENVS, callbacks.observation_size = PGRAD_MAX_SIZE), "observation");
  REFUSES(callbacks.parts = NULL, "parts");
  REFUSES(callbacks.part_count = 0, "part_count", "0");
  REFUSES(callbacks.part_count = INT64_MAX, "part_count");
  REFUSES(callbacks.parts = &bad_part, "size", "0");
  REFUSES(callbacks.reset = NULL, "reset", "NULL");
  REFUSES(callbacks.step = NULL, "step", "NULL");
  REFUSES(callbacks.reserved = 1, "reserved", "1");
#undef REFUSES
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create_callbacks(NULL, &callbacks), "env", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_create_callbacks(&created, NULL), "callbacks", "NULL");
}

static void a_host_environment_has_no_numeric_state(void) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_env_callbacks callbacks;
  pgrad_env *environment = NULL;
  pgrad_env_info info;
  int destroyed = 0;
  double state[4] = {1, 2, 3, 4};
  MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  callbacks.observation_size = 1;
  callbacks.parts = &part;
  callbacks.part_count = 1;
  callbacks.context = &destroyed;
  callbacks.reset = reset_nothing;
  callbacks.step = step_nothing;
  callbacks.destroy = count_destroy;
  MUST(pgrad_env_create_callbacks(&environment, &callbacks));
  CHECK_OK(pgrad_env_describe(environment, &info, sizeof info));
  CHECK(info.n_envs == 1 && info.observation_size == 1 && info.action_size == 1 && info.part_count == 1);
  CHECK(info.state_size == 0 && info.max_episode_steps == 0);
  CHECK(pgrad_env_state(environment, state) != PGRAD_OK);
  CHECK(state[0] == 1);
  CHECK(pgrad_env_set_state(environment, state) != PGRAD_OK);
  CHECK(destroyed == 0);
  pgrad_env_destroy(environment);
  CHECK(destroyed == 1);
  pgrad_env_destroy(environment);
  CHECK(destroyed == 1);
}

int main(void) {
  env = native_env("CartPole-v1", ENVS);
  RUN(bad_creation_is_refused);
  RUN(stepping_before_the_first_reset_is_refused);
  RUN(actions_outside_the_space_are_refused);
  RUN(null_arrays_are_refused);
  RUN(states_that_are_not_finite_are_refused_and_change_nothing);
  RUN(bad_callbacks_are_refused_and_not_destroyed);
  RUN(a_host_environment_has_no_numeric_state);
  pgrad_env_destroy(env);
  return check_report();
}
