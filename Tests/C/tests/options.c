/* Structures that grow: callers that were built with a shorter or a longer one than the library's. */
#include <stddef.h>

#include "fixtures.h"

/** The larger structure of a program built against a later header. */
#define LONGER(type)        \
  struct {                  \
    type known;             \
    unsigned char tail[16]; \
  }

typedef pgrad_status (*initializer)(void *config, size_t struct_size);

static pgrad_status init_policy(void *config, size_t size) {
  return pgrad_policy_config_init((pgrad_policy_config *)config, size);
}
static pgrad_status init_optimizer(void *config, size_t size) {
  return pgrad_optimizer_config_init((pgrad_optimizer_config *)config, size);
}
static pgrad_status init_agent(void *config, size_t size) {
  return pgrad_agent_config_init((pgrad_agent_config *)config, size);
}
static pgrad_status init_callbacks(void *config, size_t size) {
  return pgrad_env_callbacks_init((pgrad_env_callbacks *)config, size);
}

static const struct {
  initializer init;
  size_t size;
  const char *argument;
} structures[] = {
    {init_policy, sizeof(pgrad_policy_config), "config"},
    {init_optimizer, sizeof(pgrad_optimizer_config), "config"},
    {init_agent, sizeof(pgrad_agent_config), "config"},
    {init_callbacks, sizeof(pgrad_env_callbacks), "callbacks"},
};
enum { STRUCTURES = sizeof structures / sizeof structures[0] };

static unsigned char memory[1024];

static uint32_t struct_size_in(const void *structure) {
  uint32_t size;
  memcpy(&size, structure, sizeof size);
  return size;
}

static void initializers_record_the_callers_size(void) {
  for (int i = 0; i < STRUCTURES; i++) {
    CHECK_OK(structures[i].init(memory, structures[i].size));
    CHECK(struct_size_in(memory) == structures[i].size);
  }
}

static void initializers_refuse_null_and_impossible_sizes(void) {
  const size_t sizes[] = {0, 1, 3, SIZE_MAX, (size_t)1 << 32, (size_t)UINT32_MAX};
  for (int i = 0; i < STRUCTURES; i++) {
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, structures[i].init(NULL, structures[i].size), structures[i].argument, "NULL");
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
      canary_set(memory, sizeof memory);
      CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, structures[i].init(memory, sizes[k]), "struct_size");
      CHECK(canary_alive(memory, sizeof memory));
    }
  }
}

static void initializers_write_a_shorter_structure_only_to_its_end(void) {
  for (int i = 0; i < STRUCTURES; i++) {
    size_t shorter = structures[i].size - 8;
    canary_set(memory, sizeof memory);
    CHECK_OK(structures[i].init(memory, shorter));
    CHECK(struct_size_in(memory) == shorter);
    CHECK(canary_alive(memory + shorter, sizeof memory - shorter));
  }
}

static void initializers_zero_the_tail_of_a_longer_structure(void) {
  for (int i = 0; i < STRUCTURES; i++) {
    size_t longer = structures[i].size + 16;
    canary_set(memory, sizeof memory);
    CHECK_OK(structures[i].init(memory, longer));
    CHECK(struct_size_in(memory) == longer);
    for (size_t k = structures[i].size; k < longer; k++) CHECK(memory[k] == 0);
    CHECK(canary_alive(memory + longer, sizeof memory - longer));
  }
}

static pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};

static void a_shorter_policy_config_gets_defaults_for_the_rest(void) {
  pgrad_policy_config config, described;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 4;
  config.parts = &part;
  config.part_count = 1;
  config.struct_size = offsetof(pgrad_policy_config, value_function);
  config.value_function = 77; /* past the end: not read */
  config.initial_log_std = 1e9f;
  CHECK_OK(pgrad_policy_create(&policy, &config));
  CHECK_OK(pgrad_policy_describe(policy, &described, sizeof described));
  CHECK(described.value_function == 1);
  CHECK(described.initial_log_std == 0);
  canary_set(&described, sizeof described);
  CHECK_OK(pgrad_policy_describe(policy, &described, offsetof(pgrad_policy_config, value_function)));
  CHECK(canary_alive(&described.value_function, sizeof described - offsetof(pgrad_policy_config, value_function)));
  pgrad_policy_destroy(policy);
}

static void a_longer_config_is_accepted_only_with_a_zero_tail(void) {
  LONGER(pgrad_policy_config) config;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_config_init(&config.known, sizeof config));
  config.known.observation_size = 4;
  config.known.parts = &part;
  config.known.part_count = 1;
  CHECK_OK(pgrad_policy_create(&policy, &config.known));

  LONGER(pgrad_agent_config) agent_config;
  pgrad_agent *agent = NULL;
  MUST(pgrad_agent_config_init(&agent_config.known, sizeof agent_config));
  CHECK_OK(pgrad_agent_create(&agent, policy, &agent_config.known));
  pgrad_agent_destroy(agent);

  LONGER(pgrad_optimizer_config) optimizer_config;
  pgrad_optimizer *optimizer = NULL;
  MUST(pgrad_optimizer_config_init(&optimizer_config.known, sizeof optimizer_config));
  CHECK_OK(pgrad_optimizer_create(&optimizer, policy, &optimizer_config.known));
  pgrad_optimizer_destroy(optimizer);

  pgrad_policy *none = NULL;
  char given[16], known[16];
  snprintf(given, sizeof given, "%zu", sizeof config);
  snprintf(known, sizeof known, "%zu", sizeof config.known);
  for (size_t i = 0; i < sizeof config.tail; i++) {
    config.tail[i] = agent_config.tail[i] = optimizer_config.tail[i] = 1;
    agent = NULL;
    optimizer = NULL;
    const pgrad_status bad = PGRAD_UNSUPPORTED;
    int refused = CHECK_REFUSED(bad, pgrad_policy_create(&none, &config.known), "struct_size", given, known);
    refused &= CHECK_REFUSED(bad, pgrad_agent_create(&agent, policy, &agent_config.known), "struct_size");
    refused &= CHECK_REFUSED(bad, pgrad_optimizer_create(&optimizer, policy, &optimizer_config.known), "struct_size");
    if (!refused || !CHECK(none == NULL && agent == NULL && optimizer == NULL)) break;
    config.tail[i] = agent_config.tail[i] = optimizer_config.tail[i] = 0;
  }
  pgrad_policy_destroy(policy);
}

static void configs_of_impossible_size_are_refused(void) {
  const uint32_t sizes[] = {0, 1, 3, UINT32_MAX};
  pgrad_policy *policy = cartpole_policy(1), *no_policy = NULL;
  pgrad_agent *no_agent = NULL;
  pgrad_optimizer *no_optimizer = NULL;
  pgrad_env *no_env = NULL;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    char text[16];
    snprintf(text, sizeof text, "%u", sizes[i]);
    pgrad_policy_config policy_config;
    pgrad_agent_config agent_config;
    pgrad_optimizer_config optimizer_config;
    pgrad_env_callbacks callbacks;
    MUST(pgrad_policy_config_init(&policy_config, sizeof policy_config));
    MUST(pgrad_agent_config_init(&agent_config, sizeof agent_config));
    MUST(pgrad_optimizer_config_init(&optimizer_config, sizeof optimizer_config));
    MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
    policy_config.struct_size = agent_config.struct_size = sizes[i];
    optimizer_config.struct_size = callbacks.struct_size = sizes[i];
    const pgrad_status bad = PGRAD_INVALID_ARGUMENT;
    CHECK_REFUSED(bad, pgrad_policy_create(&no_policy, &policy_config), "struct_size", text);
    CHECK_REFUSED(bad, pgrad_agent_create(&no_agent, policy, &agent_config), "struct_size", text);
    CHECK_REFUSED(bad, pgrad_optimizer_create(&no_optimizer, policy, &optimizer_config), "struct_size", text);
    CHECK_REFUSED(bad, pgrad_env_create_callbacks(&no_env, &callbacks), "struct_size", text);
    CHECK_REFUSED(bad, pgrad_agent_config_algorithm(&agent_config, PGRAD_A2C), "struct_size", text);
  }
  pgrad_policy_destroy(policy);
}

static void output_structures_are_written_only_to_the_callers_size(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  const size_t shorter = offsetof(pgrad_statistics, mean_return);
  canary_set(memory, sizeof memory);
  CHECK_OK(pgrad_agent_statistics(agent, (pgrad_statistics *)(void *)memory, shorter));
  CHECK(struct_size_in(memory) == shorter);
  CHECK(canary_alive(memory + shorter, sizeof memory - shorter));
  canary_set(memory, sizeof memory);
  CHECK_OK(pgrad_env_describe(env, (pgrad_env_info *)(void *)memory, sizeof(pgrad_env_info) - 8));
  CHECK(canary_alive(memory + sizeof(pgrad_env_info) - 8, 64));
  const size_t sizes[] = {0, 3, SIZE_MAX};
  for (int i = 0; i < 3; i++) {
    canary_set(memory, sizeof memory);
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_statistics(agent, (pgrad_statistics *)(void *)memory, sizes[i]),
                  "struct_size");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_describe(agent, (pgrad_agent_config *)(void *)memory, sizes[i]),
                  "struct_size");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT,
                  pgrad_policy_describe(policy, (pgrad_policy_config *)(void *)memory, sizes[i]), "struct_size");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_env_describe(env, (pgrad_env_info *)(void *)memory, sizes[i]),
                  "struct_size");
    CHECK(canary_alive(memory, sizeof memory));
  }
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void defaults_are_those_of_the_header(void) {
  pgrad_agent_config config;
  MUST(pgrad_agent_config_init(&config, sizeof config));
  CHECK(config.algorithm == PGRAD_PPO && config.n_envs == 1 && config.n_steps == 2048 && config.batch_size == 64);
  CHECK(config.n_epochs == 10 && config.learning_rate == 3e-4 && config.gamma == 0.99 && config.gae_lambda == 0.95);
  CHECK(config.clip_range == 0.2 && config.value_coefficient == 0.5 && config.max_grad_norm == 0.5);
  CHECK(config.optimizer == PGRAD_ADAM && config.optimizer_epsilon == 1e-5 && config.normalize_advantage == 1);
  config.seed = 9;
  config.threads = 2;
  config.n_envs = 3;
  MUST(pgrad_agent_config_algorithm(&config, PGRAD_A2C));
  CHECK(config.algorithm == PGRAD_A2C && config.n_steps == 5 && config.learning_rate == 7e-4);
  CHECK(config.gae_lambda == 1 && config.optimizer == PGRAD_RMSPROP && config.normalize_advantage == 0);
  MUST(pgrad_agent_config_algorithm(&config, PGRAD_REINFORCE));
  CHECK(config.n_steps == 0 && config.n_episodes == 8 && config.learning_rate == 2.5e-3 && config.max_grad_norm == 0);
  CHECK(config.estimator == PGRAD_WHOLE_TRAJECTORY && config.baseline == 0 && config.discount_scores == 0);
  CHECK(config.seed == 9 && config.threads == 2 && config.n_envs == 3);
  for (int32_t algorithm = PGRAD_NPG; algorithm <= PGRAD_TRPO; algorithm++) {
    MUST(pgrad_agent_config_algorithm(&config, algorithm));
    CHECK(config.n_steps == 2048 && config.batch_size == 128 && config.n_epochs == 10 && config.target_kl == 0.01);
    CHECK(config.cg_max_steps == 15 && config.cg_damping == 0.1 && config.learning_rate == 1e-3);
    CHECK(config.line_search_max_iter == 10 && config.line_search_shrinking_factor == 0.8);
    CHECK(config.value_coefficient == 1 && config.max_grad_norm == 0);
  }
}

int main(void) {
  RUN(initializers_record_the_callers_size);
  RUN(initializers_refuse_null_and_impossible_sizes);
  RUN(initializers_write_a_shorter_structure_only_to_its_end);
  RUN(initializers_zero_the_tail_of_a_longer_structure);
  RUN(a_shorter_policy_config_gets_defaults_for_the_rest);
  RUN(a_longer_config_is_accepted_only_with_a_zero_tail);
  RUN(configs_of_impossible_size_are_refused);
  RUN(output_structures_are_written_only_to_the_callers_size);
  RUN(defaults_are_those_of_the_header);
  return check_report();
}
