/* Every function that takes a handle, given every kind of bad one. */
#include "fixtures.h"

enum kind { POLICY, OPTIMIZER, AGENT, ENV, KINDS };
static const char *const kind_names[KINDS] = {"policy", "optimizer", "agent", "env"};

/* What the calls would read and write: large enough for all of them, filled with canaries. */
static float input[256];
static unsigned char output[4096];
static uint8_t flags[16];

#define FLOATS ((float *)(void *)output)
#define CALL(name, arguments) \
  static pgrad_status name(void *handle) { return pgrad_##name arguments; }

CALL(policy_describe, (handle, (pgrad_policy_config *)(void *)output, sizeof(pgrad_policy_config)))
CALL(policy_sample, (handle, input, 1, FLOATS, FLOATS + 64))
CALL(policy_mode, (handle, input, 1, FLOATS))
CALL(policy_log_prob, (handle, input, input, 1, FLOATS))
CALL(policy_entropy, (handle, input, 1, FLOATS))
CALL(policy_value, (handle, input, 1, FLOATS))
CALL(policy_score_gradient, (handle, input, input, input, 1, FLOATS))
CALL(policy_parameters, (handle, (float **)(void *)output, (int64_t *)(void *)(output + 64)))
CALL(policy_save, (handle, "never.safetensors"))
CALL(policy_clone, ((pgrad_policy **)(void *)output, handle))
CALL(optimizer_step, (handle, input))
CALL(agent_describe, (handle, (pgrad_agent_config *)(void *)output, sizeof(pgrad_agent_config)))
CALL(agent_begin, (handle, input))
CALL(agent_act, (handle, FLOATS))
CALL(agent_observe, (handle, input, flags, flags, input, input))
CALL(agent_statistics, (handle, (pgrad_statistics *)(void *)output, sizeof(pgrad_statistics)))
CALL(agent_policy, (handle, (pgrad_policy **)(void *)output))
CALL(agent_save, (handle, "never.safetensors"))
CALL(agent_update_for, (handle, 1000, (int32_t *)(void *)output))
CALL(agent_resize, ((pgrad_agent **)(void *)output, handle, 2))
CALL(env_describe, (handle, (pgrad_env_info *)(void *)output, sizeof(pgrad_env_info)))
CALL(env_reset, (handle, 0, FLOATS))
CALL(env_step, (handle, input, FLOATS, output + 512, output + 544, FLOATS + 256, FLOATS + 512))
CALL(env_state, (handle, (double *)(void *)output))
CALL(env_set_state, (handle, (const double *)(const void *)input))

static const struct {
  const char *name;
  enum kind kind;
  pgrad_status (*call)(void *);
} calls[] = {
#define ENTRY(name, kind) {"pgrad_" #name, kind, name}
    ENTRY(policy_describe, POLICY),
    ENTRY(policy_sample, POLICY),
    ENTRY(policy_mode, POLICY),
    ENTRY(policy_log_prob, POLICY),
    ENTRY(policy_entropy, POLICY),
    ENTRY(policy_value, POLICY),
    ENTRY(policy_save, POLICY),
    ENTRY(policy_clone, POLICY),
    ENTRY(policy_score_gradient, POLICY),
    ENTRY(policy_parameters, POLICY),
    ENTRY(optimizer_step, OPTIMIZER),
    ENTRY(agent_describe, AGENT),
    ENTRY(agent_begin, AGENT),
    ENTRY(agent_act, AGENT),
    ENTRY(agent_observe, AGENT),
    ENTRY(agent_statistics, AGENT),
    ENTRY(agent_policy, AGENT),
    ENTRY(agent_save, AGENT),
    ENTRY(agent_update_for, AGENT),
    ENTRY(agent_resize, AGENT),
    ENTRY(env_describe, ENV),
    ENTRY(env_reset, ENV),
    ENTRY(env_step, ENV),
    ENTRY(env_state, ENV),
    ENTRY(env_set_state, ENV),
};
enum { CALLS = sizeof calls / sizeof calls[0] };

/** One live object of each kind. */
static void create_all(void *handles[KINDS]) {
  pgrad_agent_config config = small_ppo(1, 1);
  handles[POLICY] = cartpole_policy(1);
  handles[OPTIMIZER] = adam(handles[POLICY]);
  handles[AGENT] = agent_of(handles[POLICY], &config);
  handles[ENV] = native_env("CartPole-v1", 4);
}

static void destroy(enum kind kind, void *handle) {
  switch (kind) {
    case POLICY: pgrad_policy_destroy(handle); break;
    case OPTIMIZER: pgrad_optimizer_destroy(handle); break;
    case AGENT: pgrad_agent_destroy(handle); break;
    case ENV: pgrad_env_destroy(handle); break;
    case KINDS: break;
  }
}

static void destroy_all(void *handles[KINDS]) {
  for (int kind = 0; kind < KINDS; kind++) destroy((enum kind)kind, handles[kind]);
}

/** Every function of one kind refuses the handle, by the argument's name, and writes nothing. */
static void refuse_everywhere(enum kind kind, void *handle) {
  for (int i = 0; i < CALLS; i++) {
    if (calls[i].kind != kind) continue;
    canary_set(output, sizeof output);
    pgrad_status status = calls[i].call(handle);
    if (!CHECK(status == PGRAD_INVALID_HANDLE) || !CHECK(strstr(pgrad_last_error(), kind_names[kind]) != NULL) ||
        !CHECK(canary_alive(output, sizeof output)))
      fprintf(stderr, "  by %s(%p): %s: %s\n", calls[i].name, handle, pgrad_status_name(status), pgrad_last_error());
  }
}

static void null_is_refused_everywhere(void) {
  for (int kind = 0; kind < KINDS; kind++) refuse_everywhere((enum kind)kind, NULL);
}

static void destroyed_handles_are_refused_everywhere(void) {
  void *handles[KINDS];
  create_all(handles);
  destroy_all(handles);
  for (int kind = 0; kind < KINDS; kind++) refuse_everywhere((enum kind)kind, handles[kind]);
}

static void handles_of_another_type_are_refused_everywhere(void) {
  void *handles[KINDS];
  create_all(handles);
  for (int kind = 0; kind < KINDS; kind++)
    for (int other = 0; other < KINDS; other++)
      if (other != kind) refuse_everywhere((enum kind)kind, handles[other]);
  destroy_all(handles);
}

static void values_that_never_were_handles_are_refused_everywhere(void) {
  static double memory[16];
  void *handles[KINDS];
  create_all(handles);
  for (int kind = 0; kind < KINDS; kind++) {
    uintptr_t live = (uintptr_t)handles[kind];
    const uintptr_t garbage[] = {1,
                                 8,
                                 0xDEADBEEF,
                                 UINTPTR_MAX,
                                 UINTPTR_MAX / 2,
                                 (uintptr_t)1 << 63,
                                 live ^ 1,
                                 live + 64,
                                 live ^ ((uintptr_t)1 << 40),
                                 (uintptr_t)memory,
                                 (uintptr_t)&live};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
      int another = 0;
      for (int other = 0; other < KINDS; other++) another = another || garbage[i] == (uintptr_t)handles[other];
      if (!another) refuse_everywhere((enum kind)kind, (void *)garbage[i]);
    }
  }
  destroy_all(handles);
}

static void a_handle_is_not_revived_by_the_next_object(void) {
  pgrad_policy *first = cartpole_policy(1);
  pgrad_policy_destroy(first);
  pgrad_policy *second = cartpole_policy(2);
  CHECK(first != second);
  refuse_everywhere(POLICY, first);
  CHECK_OK(pgrad_policy_mode(second, input, 1, FLOATS));
  pgrad_policy_destroy(second);
}

static void more_objects_can_be_created_in_total_than_can_exist_at_a_time(void) {
  pgrad_env *first = native_env("CartPole-v1", 1);
  pgrad_env_destroy(first);
  for (int i = 0; i < PGRAD_MAX_HANDLES; i += CHECK_STRIDE) {
    pgrad_env *env = NULL;
    if (!CHECK_OK(pgrad_env_create(&env, "CartPole-v1", 1)) || !CHECK(env != first)) return;
    pgrad_env_destroy(env);
  }
  refuse_everywhere(ENV, first);
}

static void destroying_null_foreign_or_destroyed_handles_does_nothing(void) {
  void *handles[KINDS];
  create_all(handles);
  for (int kind = 0; kind < KINDS; kind++) {
    destroy((enum kind)kind, NULL);
    destroy((enum kind)kind, (void *)(uintptr_t)0xDEADBEEF);
    for (int other = 0; other < KINDS; other++)
      if (other != kind) destroy((enum kind)kind, handles[other]);
  }
  CHECK_OK(pgrad_policy_mode(handles[POLICY], input, 1, FLOATS));
  CHECK_OK(pgrad_agent_begin(handles[AGENT], input));
  CHECK_OK(pgrad_env_reset(handles[ENV], 0, FLOATS));
  destroy_all(handles);
  destroy_all(handles);
}

static void creation_from_a_bad_policy_is_refused(void) {
  pgrad_agent_config agent_config = small_ppo(0, 1);
  pgrad_optimizer_config optimizer_config;
  MUST(pgrad_optimizer_config_init(&optimizer_config, sizeof optimizer_config));
  pgrad_policy *destroyed = cartpole_policy(1);
  pgrad_policy_destroy(destroyed);
  pgrad_agent *agent;
  pgrad_optimizer *optimizer;
  canary_set(&agent, sizeof agent);
  canary_set(&optimizer, sizeof optimizer);
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_create(&agent, NULL, &agent_config), "policy");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_create(&agent, destroyed, &agent_config), "policy");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_optimizer_create(&optimizer, NULL, &optimizer_config), "policy");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_optimizer_create(&optimizer, destroyed, &optimizer_config), "policy");
  CHECK(canary_alive(&agent, sizeof agent));
  CHECK(canary_alive(&optimizer, sizeof optimizer));
}

static void training_with_bad_handles_is_refused(void) {
  void *handles[KINDS];
  create_all(handles);
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_train(NULL, handles[ENV], 1, NULL, NULL), "agent");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_train(handles[AGENT], NULL, 1, NULL, NULL), "env");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_train(handles[ENV], handles[AGENT], 1, NULL, NULL), "agent");
  pgrad_env_destroy(handles[ENV]);
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_train(handles[AGENT], handles[ENV], 1, NULL, NULL), "env");
  destroy_all(handles);
}

static void objects_keep_alive_what_they_use(void) {
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_policy *policy = cartpole_policy(1), *again = NULL;
  pgrad_optimizer *optimizer = adam(policy);
  pgrad_agent *agent = agent_of(policy, &config);
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  pgrad_policy_destroy(policy);
  float *gradient = (float *)calloc((size_t)count, sizeof(float));
  gradient[0] = 1;
  float before = parameters[0];
  CHECK_OK(pgrad_optimizer_step(optimizer, gradient));
  CHECK(parameters[0] > before);
  pgrad_optimizer_destroy(optimizer);
  CHECK_OK(pgrad_agent_policy(agent, &again));
  pgrad_agent_destroy(agent);
  CHECK_OK(pgrad_policy_mode(again, input, 1, FLOATS));
  float *same = NULL;
  CHECK_OK(pgrad_policy_parameters(again, &same, NULL));
  CHECK(same == parameters);
  pgrad_policy_destroy(again);
  free(gradient);
}

int main(void) {
  RUN(null_is_refused_everywhere);
  RUN(destroyed_handles_are_refused_everywhere);
  RUN(handles_of_another_type_are_refused_everywhere);
  RUN(values_that_never_were_handles_are_refused_everywhere);
  RUN(a_handle_is_not_revived_by_the_next_object);
  RUN(more_objects_can_be_created_in_total_than_can_exist_at_a_time);
  RUN(destroying_null_foreign_or_destroyed_handles_does_nothing);
  RUN(creation_from_a_bad_policy_is_refused);
  RUN(training_with_bad_handles_is_refused);
  RUN(objects_keep_alive_what_they_use);
  return check_report();
}
