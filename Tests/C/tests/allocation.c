/* Memory that the library allocates after the creation of its objects. This program replaces malloc. */
#include <errno.h>
#include <stdatomic.h>

#include "fixtures.h"
#include "thread_count.h"

/* The C library's own functions, under names that a replacement does not hide. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_int counting;
static atomic_long taken;

static void count(void) {
  if (atomic_load(&counting)) atomic_fetch_add(&taken, 1);
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}
void *calloc(size_t n, size_t size) {
  count();
  return __libc_calloc(n, size);
}
void *realloc(void *memory, size_t size) {
  count();
  return __libc_realloc(memory, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
  count();
  void *got = __libc_memalign(alignment, size);
  if (got == NULL) return ENOMEM;
  *memory = got;
  return 0;
}

/** How often the call goes to the allocator, on any thread. */
#define TAKEN_BY(call) \
  (atomic_store(&taken, 0), atomic_store(&counting, 1), MUST(call), atomic_store(&counting, 0), atomic_load(&taken))

enum { ENVS = 4, ROWS = 300 };

static pgrad_policy *policy;
static float observations[ROWS * 4], actions[ROWS], floats[ROWS], weights[ROWS];
static uint8_t masks[ROWS * 2];

static void the_counter_counts_what_the_library_takes(void) {
  pgrad_policy *another = NULL;
  pgrad_policy_config config;
  MUST(pgrad_policy_describe(policy, &config, sizeof config));
  CHECK(TAKEN_BY(pgrad_policy_create(&another, &config)) > 0);
  pgrad_policy_destroy(another);
}

static void a_policy_allocates_nothing_to_act_and_to_score(void) {
  int64_t count = 0;
  float *gradient = parameters_of(policy, &count), *vector = parameters_of(policy, &count);
  const int64_t rows[] = {1, 2, 7, 64, ROWS};
  MUST(pgrad_policy_mode(policy, observations, 1, actions));
  MUST(pgrad_policy_score_gradient(policy, observations, actions, weights, 1, gradient)); /* most policies only act */
  for (int i = 0; i < 5; i++) {
    CHECK(TAKEN_BY(pgrad_policy_sample(policy, observations, rows[i], actions, floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_mode(policy, observations, rows[i], actions)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_log_prob(policy, observations, actions, rows[i], floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_entropy(policy, observations, rows[i], floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_value(policy, observations, rows[i], floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_kl(policy, policy, observations, rows[i], floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_sample_rows(policy, ROWS_OF(observations, masks, rows[i]), actions, floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_mode_rows(policy, ROWS_OF(observations, masks, rows[i]), actions)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, rows[i]), actions, floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_score_gradient(policy, observations, actions, weights, rows[i], gradient)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_fisher_vector(policy, observations, rows[i], vector, gradient)) == 0);
  }
  free(gradient);
  free(vector);
}

static void an_optimizer_allocates_nothing_to_step(void) {
  int64_t count = 0;
  float *gradient = parameters_of(policy, &count);
  for (int32_t kind = PGRAD_SGD; kind <= PGRAD_ADAMW; kind++) {
    pgrad_optimizer_config config;
    pgrad_optimizer *optimizer = NULL;
    MUST(pgrad_optimizer_config_init(&config, sizeof config));
    config.kind = kind;
    config.max_grad_norm = 0.5;
    MUST(pgrad_optimizer_create(&optimizer, policy, &config));
    for (int i = 0; i < 3; i++) CHECK(TAKEN_BY(pgrad_optimizer_step(optimizer, gradient)) == 0);
    pgrad_optimizer_destroy(optimizer);
  }
  free(gradient);
}

/** A host's loop over `steps` steps: the allocations of begin, act, step, observe and their updates. */
static long taken_by_a_loop(pgrad_agent *agent, pgrad_env *env, int steps) {
  static float rewards[ENVS], next[ENVS * 400], final[ENVS * 400];
  uint8_t terminated[ENVS], truncated[ENVS];
  MUST(pgrad_env_reset(env, 1, next));
  MUST(pgrad_agent_begin(agent, next));
  long sum = 0;
  for (int step = 0; step < steps; step++) {
    sum += TAKEN_BY(pgrad_agent_act(agent, actions));
    sum += TAKEN_BY(pgrad_env_step(env, actions, rewards, terminated, truncated, next, final));
    sum += TAKEN_BY(pgrad_agent_observe(agent, rewards, terminated, truncated, next, final));
  }
  return sum;
}

/** The same of a new agent, in a native environment. */
static long taken_to_learn(pgrad_policy *actor, const pgrad_agent_config *config, const char *world, int steps) {
  pgrad_agent *agent = agent_of(actor, config);
  pgrad_env *env = native_env(world, ENVS);
  long sum = taken_by_a_loop(agent, env, steps);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  return sum;
}

/** The fixtures' policy with a memory. */
static pgrad_policy *remembering_policy(int32_t memory) {
  pgrad_policy *result = NULL;
  pgrad_policy_config config;
  MUST(pgrad_policy_describe(policy, &config, sizeof config));
  config.memory = memory;
  config.memory_size = 12;
  MUST(pgrad_policy_create(&result, &config));
  return result;
}

static void a_memory_allocates_nothing_to_act_and_to_learn(void) {
  static float states[ROWS * 64], gradient[10000];
  for (int32_t memory = PGRAD_MEMORY_GRU; memory <= PGRAD_MEMORY_LSTM; memory++) {
    pgrad_policy *remembering = remembering_policy(memory);
    pgrad_rows rows = rows_of(observations, NULL, 2);
    rows.states = rows.final_states = states;
    MUST(pgrad_policy_sample_rows(remembering, &rows, actions, floats));
    CHECK(TAKEN_BY(pgrad_policy_sample_rows(remembering, &rows, actions, floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_mode_rows(remembering, &rows, actions)) == 0);
    rows.count = ROWS;
    rows.steps = ROWS / 4;
    MUST(pgrad_policy_sample_rows(remembering, &rows, actions, floats));
    MUST(pgrad_policy_score_gradient_rows(remembering, &rows, actions, weights, gradient)); /* makes room for so many */
    CHECK(TAKEN_BY(pgrad_policy_value_rows(remembering, &rows, floats)) == 0);
    CHECK(TAKEN_BY(pgrad_policy_score_gradient_rows(remembering, &rows, actions, weights, gradient)) == 0);
    const int32_t algorithms[] = {PGRAD_PPO, PGRAD_TRPO};
    for (int i = 0; i < 2; i++) {
      pgrad_agent_config config = small_ppo(1, 1);
      MUST(pgrad_agent_config_algorithm(&config, algorithms[i]));
      config.n_steps = 32;
      config.sequence_length = 8;
      config.recompute_advantages = algorithms[i] == PGRAD_PPO;
      CHECK(taken_to_learn(remembering, &config, "CartPole-v1", 100) == 0);
    }
    pgrad_policy_destroy(remembering);
  }
}

static void the_hosts_loop_allocates_nothing_updates_included(void) {
  for (int32_t algorithm = PGRAD_A2C; algorithm <= PGRAD_SPO; algorithm++) {
    pgrad_agent_config config = small_ppo(1, 1);
    MUST(pgrad_agent_config_algorithm(&config, algorithm));
    config.n_steps = 32;
    CHECK(taken_to_learn(policy, &config, "CartPole-v1", 100) == 0);
  }
}

static void images_allocate_nothing_to_act_and_to_learn(void) {
  const pgrad_observation_part screen = {PGRAD_IMAGE, 0, 10, 10, 4, 0};
  const pgrad_action_part moves = {PGRAD_CATEGORICAL, 5, 0, 0};
  const int32_t algorithms[] = {PGRAD_A2C, PGRAD_PPO, PGRAD_TRPO};
  for (int i = 0; i < 3; i++) {
    pgrad_policy *seeing = NULL;
    pgrad_policy_config shape;
    MUST(pgrad_policy_config_init(&shape, sizeof shape));
    shape.parts = &moves;
    shape.part_count = 1;
    shape.observation_parts = &screen;
    shape.observation_part_count = 1;
    MUST(pgrad_policy_create(&seeing, &shape));
    pgrad_agent_config config = small_ppo(1, 1);
    MUST(pgrad_agent_config_algorithm(&config, algorithms[i]));
    config.n_steps = 16;
    config.batch_size = 64;
    config.recompute_advantages = algorithms[i] == PGRAD_PPO;
    CHECK(taken_to_learn(seeing, &config, "MinAtar/Asterix-v1", 50) == 0);
    pgrad_policy_destroy(seeing);
  }
}

static void workers_allocate_nothing_after_their_start(void) {
  pgrad_agent_config config = small_ppo(1, 2);
  config.n_steps = 64;
  config.batch_size = 64 * ENVS;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  (void)taken_by_a_loop(agent, env, 64); /* the first update starts them */
  CHECK(thread_count() != 1);
  CHECK(taken_by_a_loop(agent, env, 200) == 0);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

static void a_game_allocates_nothing_to_reset_and_to_step(void) {
  const char *const names[] = {"MinAtar/Breakout-v1", "MinAtar/Asterix-v1", "MinAtar/Freeway-v1", "MinAtar/Seaquest-v1",
                               "MinAtar/SpaceInvaders-v1"};
  static float rewards[ENVS], next[ENVS * 1000], final[ENVS * 1000];
  uint8_t terminated[ENVS], truncated[ENVS];
  const float moves[ENVS] = {0};
  for (int i = 0; i < 5; i++) {
    pgrad_env *env = native_env(names[i], ENVS);
    CHECK(TAKEN_BY(pgrad_env_reset(env, 1, next)) == 0);
    for (int step = 0; step < 200; step++)
      CHECK(TAKEN_BY(pgrad_env_step(env, moves, rewards, terminated, truncated, next, final)) == 0);
    pgrad_env_destroy(env);
  }
}

int main(void) {
  for (int i = 0; i < ROWS * 4; i++) observations[i] = (float)(i % 11) * 0.1f - 0.5f;
  for (int i = 0; i < ROWS; i++) weights[i] = (float)(i % 3) - 1;
  for (int i = 0; i < ROWS * 2; i++) masks[i] = i % 5 != 3;
  policy = cartpole_policy(1);
  RUN(the_counter_counts_what_the_library_takes);
  RUN(a_policy_allocates_nothing_to_act_and_to_score);
  RUN(an_optimizer_allocates_nothing_to_step);
  RUN(the_hosts_loop_allocates_nothing_updates_included);
  RUN(a_memory_allocates_nothing_to_act_and_to_learn);
  RUN(images_allocate_nothing_to_act_and_to_learn);
  RUN(workers_allocate_nothing_after_their_start);
  RUN(a_game_allocates_nothing_to_reset_and_to_step);
  pgrad_policy_destroy(policy);
  return check_report();
}
