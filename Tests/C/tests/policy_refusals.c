/* Every bad argument of the policy's functions. */
#include <float.h>
#include <math.h>

#include "fixtures.h"

static pgrad_policy_config config;
static pgrad_action_part part;
static int64_t hidden[2];

/** A config that would do, for a test to spoil one thing in. */
static void begin_config(void) {
  part = (pgrad_action_part){PGRAD_GAUSSIAN, 1, -INFINITY, INFINITY};
  hidden[0] = hidden[1] = 8;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 3;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_sizes = hidden;
  config.hidden_count = 2;
}

/** The spoiled config is refused, by name and value, and the out-parameter stays as it was. */
#define REFUSES(spoil, ...)                                                                    \
  do {                                                                                         \
    pgrad_policy *policy;                                                                      \
    canary_set(&policy, sizeof policy);                                                        \
    begin_config();                                                                            \
    spoil;                                                                                     \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), __VA_ARGS__); \
    CHECK(canary_alive(&policy, sizeof policy));                                               \
  } while (0)

static void bad_configurations_are_refused(void) {
  begin_config();
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(NULL, &config), "policy");
  pgrad_policy *policy = NULL;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, NULL), "config");
  REFUSES(config.activation = 0, "activation", "0");
  REFUSES(config.activation = 6, "activation", "6");
  REFUSES(config.observation_size = 0, "observation_size", "0");
  REFUSES(config.observation_size = -1, "observation_size", "-1");
  REFUSES(config.observation_size = PGRAD_MAX_SIZE + 1, "observation_size", "131073");
  REFUSES(config.observation_size = INT64_MAX, "observation_size", "9223372036854775807");
  REFUSES(config.observation_size = INT64_MIN, "observation_size", "-9223372036854775808");
  REFUSES(config.parts = NULL, "parts");
  REFUSES(config.part_count = 0, "part_count", "0");
  REFUSES(config.part_count = -1, "part_count", "-1");
  REFUSES(config.part_count = PGRAD_MAX_PARTS + 1, "part_count", "1025");
  REFUSES(config.part_count = INT64_MAX, "part_count");
  REFUSES(config.hidden_sizes = NULL, "hidden_sizes");
  REFUSES(config.hidden_count = -1, "hidden_count", "-1");
  REFUSES(config.hidden_count = PGRAD_MAX_LAYERS + 1, "hidden_count", "65");
  REFUSES(config.hidden_count = INT64_MAX, "hidden_count");
  REFUSES(hidden[1] = 0, "hidden_sizes", "1", "0");
  REFUSES(hidden[1] = -5, "hidden_sizes", "1", "-5");
  REFUSES(hidden[0] = PGRAD_MAX_SIZE + 1, "hidden_sizes", "0", "131073");
  REFUSES(config.value_hidden_count = 1, "value_hidden_sizes", "NULL");
  REFUSES((config.value_hidden_sizes = hidden, config.value_hidden_count = -1), "value_hidden_count", "-1");
  REFUSES((config.value_hidden_sizes = hidden, config.value_hidden_count = 2, hidden[1] = 0), "hidden_sizes[1]", "0");
  REFUSES((config.value_hidden_sizes = hidden, config.shared_trunk = 1), "value_hidden_sizes", "own network");
  REFUSES((config.value_hidden_sizes = hidden, config.value_function = 0), "value_hidden_sizes", "own network");
  REFUSES(config.shared_memory = 2, "shared_memory", "2");
  REFUSES((config.shared_memory = 1, config.value_memory = 0), "shared_memory", "unless there is a memory");
  REFUSES((config.shared_memory = 1, config.memory = PGRAD_MEMORY_GRU), "shared_memory", "without a memory");
  REFUSES(config.reserved_4 = 1, "reserved_4", "1");
  REFUSES(config.value_function = 2, "value_function", "2");
  REFUSES(config.value_function = -1, "value_function", "-1");
  REFUSES(config.initial_log_std = NAN, "initial_log_std", "nan");
  REFUSES(config.initial_log_std = INFINITY, "initial_log_std", "inf");
  REFUSES(config.initial_log_std = -21, "initial_log_std", "-21");
  REFUSES(config.rescale_actions = 2, "rescale_actions", "2");
  REFUSES(config.rescale_actions = 1, "rescale_actions", "finite bounds");
  REFUSES(config.reserved = 1, "reserved", "1");
  REFUSES(config.state_dependent_exploration = 2, "state_dependent_exploration", "2");
  REFUSES((config.state_dependent_exploration = 1, config.state_dependent_std = 1, part.kind = PGRAD_GAUSSIAN),
          "state_dependent_exploration", "state_dependent_std");
  REFUSES((config.state_dependent_exploration = 1, part.kind = PGRAD_BERNOULLI), "state_dependent_exploration",
          "Gaussian");
  REFUSES(config.initial_log_std = 2.5f, "initial_log_std", "2.5");
  REFUSES(config.expln = 1, "expln is 1", "state_dependent_exploration");
  REFUSES(config.expln = -1, "expln is -1");
  REFUSES(config.value_encoder = 1, "value_encoder is 1", "images or embeddings");
}

static void bad_action_parts_are_refused(void) {
  REFUSES(part.kind = 0, "kind", "0");
  REFUSES(part.kind = 6, "kind", "6");
  REFUSES(part.kind = INT32_MIN, "kind");
  REFUSES(part.size = 0, "size", "0");
  REFUSES(part.size = -1, "size", "-1");
  REFUSES(part.size = INT32_MAX, "size", "2147483647");
  REFUSES((part.kind = PGRAD_CATEGORICAL, part.size = 0), "size", "0");
  REFUSES((part.kind = PGRAD_CATEGORICAL, part.size = PGRAD_MAX_SIZE + 1), "size", "131073");
  REFUSES(part.low = NAN, "low", "nan");
  REFUSES(part.high = NAN, "high", "nan");
  REFUSES((part.low = 1, part.high = 1), "high", "1");
  REFUSES((part.low = 1, part.high = -1), "high", "-1");
  REFUSES(part.low = INFINITY, "inf");
  REFUSES(part.high = -INFINITY, "-inf");
  for (int32_t kind = PGRAD_SQUASHED_GAUSSIAN; kind <= PGRAD_BETA; kind++) {
    REFUSES((part.kind = kind, part.high = 1), "low", "-inf");
    REFUSES((part.kind = kind, part.low = -1), "high", "inf");
    REFUSES((part.kind = kind, part.low = NAN, part.high = 1), "low", "nan");
  }
}

static void bounds_too_far_apart_for_float_are_refused(void) {
  for (int32_t kind = PGRAD_SQUASHED_GAUSSIAN; kind <= PGRAD_BETA; kind++)
    if (kind_is_known(kind)) REFUSES((part.kind = kind, part.low = -FLT_MAX, part.high = FLT_MAX), "high");
}

static void spaces_wider_than_the_cap_are_refused_before_memory_is_taken(void) {
  static pgrad_action_part many[PGRAD_MAX_PARTS];
  for (int i = 0; i < PGRAD_MAX_PARTS; i++) many[i] = (pgrad_action_part){PGRAD_CATEGORICAL, PGRAD_MAX_SIZE, 0, 0};
  static int64_t wide[PGRAD_MAX_LAYERS];
  for (int i = 0; i < PGRAD_MAX_LAYERS; i++) wide[i] = PGRAD_MAX_SIZE;
  pgrad_policy *policy = NULL;
  begin_config();
  config.parts = many;
  config.part_count = PGRAD_MAX_PARTS;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "");
  begin_config();
  config.hidden_sizes = wide;
  config.hidden_count = PGRAD_MAX_LAYERS;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "parameters");
  CHECK(policy == NULL);
}

/* What calls on one policy read and write. */
static pgrad_policy *policy;
static float observations[6] = {0.1f, -0.2f, 0.3f, 0, 1, -1};
static float actions[2] = {0, 1};
static float weights[2] = {1, -1};
static float output[512], second[512];

/** The call is refused and writes nothing. */
#define LEAVES_ALONE(status, call, ...)         \
  do {                                          \
    canary_set(output, sizeof output);          \
    canary_set(second, sizeof second);          \
    CHECK_REFUSED(status, call, __VA_ARGS__);   \
    CHECK(canary_alive(output, sizeof output)); \
    CHECK(canary_alive(second, sizeof second)); \
  } while (0)

#define BAD(call, ...) LEAVES_ALONE(PGRAD_INVALID_ARGUMENT, call, __VA_ARGS__)

static void null_arrays_are_refused(void) {
  BAD(pgrad_policy_sample(policy, NULL, 2, output, second), "observations", "NULL");
  BAD(pgrad_policy_sample(policy, observations, 2, NULL, second), "actions", "NULL");
  BAD(pgrad_policy_mode(policy, NULL, 2, output), "observations", "NULL");
  BAD(pgrad_policy_mode(policy, observations, 2, NULL), "actions", "NULL");
  BAD(pgrad_policy_log_prob(policy, NULL, actions, 2, output), "observations", "NULL");
  BAD(pgrad_policy_log_prob(policy, observations, NULL, 2, output), "actions", "NULL");
  BAD(pgrad_policy_log_prob(policy, observations, actions, 2, NULL), "log_probs", "NULL");
  BAD(pgrad_policy_entropy(policy, NULL, 2, output), "observations", "NULL");
  BAD(pgrad_policy_entropy(policy, observations, 2, NULL), "entropies", "NULL");
  BAD(pgrad_policy_value(policy, NULL, 2, output), "observations", "NULL");
  BAD(pgrad_policy_value(policy, observations, 2, NULL), "values", "NULL");
  BAD(pgrad_policy_score_gradient(policy, NULL, actions, weights, 2, output), "observations", "NULL");
  BAD(pgrad_policy_score_gradient(policy, observations, NULL, weights, 2, output), "actions", "NULL");
  BAD(pgrad_policy_score_gradient(policy, observations, actions, NULL, 2, output), "weights", "NULL");
  BAD(pgrad_policy_score_gradient(policy, observations, actions, weights, 2, NULL), "gradient", "NULL");
  BAD(pgrad_policy_save(policy, NULL), "path", "NULL");
  BAD(pgrad_policy_describe(policy, NULL, sizeof(pgrad_policy_config)), "config", "NULL");
}

static void absurd_counts_are_refused(void) {
  const int64_t counts[] = {0, -1, PGRAD_MAX_ROWS + 1LL, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    int64_t n = counts[i];
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)n);
    BAD(pgrad_policy_sample(policy, observations, n, output, second), "count", text);
    BAD(pgrad_policy_mode(policy, observations, n, output), "count", text);
    BAD(pgrad_policy_log_prob(policy, observations, actions, n, output), "count", text);
    BAD(pgrad_policy_entropy(policy, observations, n, output), "count", text);
    BAD(pgrad_policy_value(policy, observations, n, output), "count", text);
    BAD(pgrad_policy_score_gradient(policy, observations, actions, weights, n, output), "count", text);
  }
}

static void inputs_that_are_not_finite_are_refused(void) {
  const float bad[] = {NAN, INFINITY, -INFINITY};
  const char *const words[] = {"nan", "inf", "-inf"};
  for (int i = 0; i < 3; i++) {
    const char *word = words[i];
    observations[4] = bad[i];
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_sample(policy, observations, 2, output, second), "observations", word);
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_mode(policy, observations, 2, output), "observations", word);
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_log_prob(policy, observations, actions, 2, output), "observations",
                 word);
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_entropy(policy, observations, 2, output), "observations", word);
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_value(policy, observations, 2, output), "observations", word);
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_score_gradient(policy, observations, actions, weights, 2, output),
                 "observations", word);
    observations[4] = 1;
    actions[1] = bad[i];
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_log_prob(policy, observations, actions, 2, output), "actions", word);
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_score_gradient(policy, observations, actions, weights, 2, output),
                 "actions", word);
    actions[1] = 1;
    weights[1] = bad[i];
    LEAVES_ALONE(PGRAD_NOT_FINITE, pgrad_policy_score_gradient(policy, observations, actions, weights, 2, output),
                 "weights", word);
    weights[1] = -1;
  }
}

static void actions_outside_their_space_are_refused(void) {
  const struct {
    pgrad_action_part part;
    float action;
    const char *word;
  } cases[] = {
      {{PGRAD_CATEGORICAL, 3, 0, 0}, 3, "3"},
      {{PGRAD_CATEGORICAL, 3, 0, 0}, -1, "-1"},
      {{PGRAD_CATEGORICAL, 3, 0, 0}, 0.5f, "0.5"},
      {{PGRAD_CATEGORICAL, 3, 0, 0}, 1e30f, "1e+30"},
      {{PGRAD_CATEGORICAL, 3, 0, 0}, -1e30f, "-1e+30"},
      {{PGRAD_BERNOULLI, 1, 0, 0}, 2, "2"},
      {{PGRAD_BERNOULLI, 1, 0, 0}, 0.25f, "0.25"},
      {{PGRAD_SQUASHED_GAUSSIAN, 1, -1, 1}, 1.5f, "1.5"},
      {{PGRAD_SQUASHED_GAUSSIAN, 1, -1, 1}, -1.5f, "-1.5"},
      {{PGRAD_BETA, 1, 0, 2}, 2.5f, "2.5"},
      {{PGRAD_BETA, 1, 0, 2}, -0.5f, "-0.5"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    if (!kind_is_known(cases[i].part.kind)) continue;
    pgrad_policy *narrow = linear_policy(cases[i].part, 1);
    float two[2];
    MUST(pgrad_policy_mode(narrow, observations, 2, two));
    two[1] = cases[i].action;
    BAD(pgrad_policy_log_prob(narrow, observations, two, 2, output), "action", cases[i].word);
    BAD(pgrad_policy_score_gradient(narrow, observations, two, weights, 2, output), "action", cases[i].word);
    pgrad_policy_destroy(narrow);
  }
}

static void values_of_a_policy_without_a_value_function_are_refused(void) {
  pgrad_policy *bare = linear_policy((pgrad_action_part){PGRAD_CATEGORICAL, 2, 0, 0}, 0);
  LEAVES_ALONE(PGRAD_BAD_STATE, pgrad_policy_value(bare, observations, 2, output), "value");
  pgrad_policy_destroy(bare);
}

static void a_refused_call_does_not_change_later_draws(void) {
  pgrad_policy *twin = NULL;
  begin_config();
  MUST(pgrad_policy_create(&twin, &config));
  for (int i = 0; i < 3; i++) {
    float drawn[2], expected[2];
    (void)pgrad_policy_sample(policy, NULL, 2, output, NULL);
    (void)pgrad_policy_sample(policy, observations, 0, output, NULL);
    CHECK_OK(pgrad_policy_sample(policy, observations, 2, drawn, NULL));
    CHECK_OK(pgrad_policy_sample(twin, observations, 2, expected, NULL));
    CHECK(memcmp(drawn, expected, sizeof drawn) == 0);
  }
  pgrad_policy_destroy(twin);
}

/** Observations so large that sums of them overflow: an action inside the space, or a refusal that leaves it alone. */
static void observations_of_any_finite_size_are_sampled_or_refused(void) {
  for (int32_t kind = PGRAD_CATEGORICAL; kind <= PGRAD_BETA; kind++) {
    if (!kind_is_known(kind)) continue;
    pgrad_policy *linear = linear_policy((pgrad_action_part){kind, 3, -1, 1}, 1);
    const float huge[4] = {FLT_MAX, FLT_MAX, FLT_MAX, -FLT_MAX};
    float *parameters = NULL;
    int64_t count = 0;
    MUST(pgrad_policy_parameters(linear, &parameters, &count));
    for (int64_t i = 0; i < count; i++) parameters[i] = i % 2 == 0 ? 2 : -3;
    for (int call = 0; call < 2; call++) {
      canary_set(output, sizeof output);
      pgrad_status status =
          call == 0 ? pgrad_policy_sample(linear, huge, 2, output, NULL) : pgrad_policy_mode(linear, huge, 2, output);
      if (status != PGRAD_OK) {
        CHECK(status == PGRAD_NOT_FINITE);
        CHECK(canary_alive(output, sizeof output));
      } else if (kind == PGRAD_CATEGORICAL) {
        for (int row = 0; row < 2; row++) CHECK(output[row] == 0 || output[row] == 1 || output[row] == 2);
      } else if (kind == PGRAD_BERNOULLI) {
        for (int i = 0; i < 6; i++) CHECK(output[i] == 0 || output[i] == 1);
      } else if (kind != PGRAD_GAUSSIAN) { /* whose mean may be infinite */
        for (int i = 0; i < 6; i++) CHECK(output[i] >= -1 && output[i] <= 1);
      }
    }
    pgrad_policy_destroy(linear);
  }
}

int main(void) {
  RUN(bad_configurations_are_refused);
  RUN(bad_action_parts_are_refused);
  RUN(bounds_too_far_apart_for_float_are_refused);
  RUN(spaces_wider_than_the_cap_are_refused_before_memory_is_taken);
  begin_config();
  MUST(pgrad_policy_create(&policy, &config));
  RUN(null_arrays_are_refused);
  RUN(absurd_counts_are_refused);
  RUN(inputs_that_are_not_finite_are_refused);
  RUN(actions_outside_their_space_are_refused);
  RUN(values_of_a_policy_without_a_value_function_are_refused);
  RUN(observations_of_any_finite_size_are_sampled_or_refused);
  RUN(a_refused_call_does_not_change_later_draws);
  pgrad_policy_destroy(policy);
  return check_report();
}
