/* Fuzzes configurations and spaces: what can be created acts and can be evaluated. Some of it trains, and goes through
 * a file unchanged. */
#include "agent_calls.h"

static void interpret_one(interpreter *program) { (void)program; }

/** Drawn actions lie in the space and have log-probabilities, unless a value is not finite. */
static void act_and_evaluate(pgrad_policy *policy, const policy_view *view) {
  enum { ROWS = 3 };
  content made = {1, 0};
  float *observations = observations_of(&made, view, ROWS);
  float *actions = numbers_of(&made, ROWS * view->action), *log_probs = numbers_of(&made, ROWS);
  pgrad_rows rows;
  (void)CALL(pgrad_rows_init(&rows, sizeof rows));
  rows.observations = observations, rows.count = ROWS;
  pgrad_status status = CALL(pgrad_policy_sample_rows(policy, &rows, actions, log_probs));
  if (status != PGRAD_OK && status != PGRAD_NOT_FINITE) violated("a new policy does not act");
  if (status == PGRAD_OK) {
    status = CALL(pgrad_policy_log_prob_rows(policy, &rows, actions, log_probs));
    if (status != PGRAD_OK && status != PGRAD_NOT_FINITE) violated("a drawn action is outside its space");
  }
  free(observations);
  free(actions);
  free(log_probs);
}

/** What was saved and loaded saves the same bytes. */
static void go_through_a_file(pgrad_agent *agent) {
  pgrad_agent *loaded = NULL;
  int64_t size = 0, again = 0;
  if (CALL(pgrad_agent_save_memory(agent, NULL, 0, &size)) != PGRAD_OK) violated("an agent has no file");
  char *bytes = (char *)memory_of((size_t)size), *copy = (char *)memory_of((size_t)size);
  if (CALL(pgrad_agent_save_memory(agent, bytes, size, NULL)) != PGRAD_OK) violated("an agent was not saved");
  if (CALL(pgrad_agent_load_memory(&loaded, bytes, size)) != PGRAD_OK) violated("a saved agent was not loaded");
  if (CALL(pgrad_agent_save_memory(loaded, NULL, 0, &again)) != PGRAD_OK || again != size ||
      CALL(pgrad_agent_save_memory(loaded, copy, size, NULL)) != PGRAD_OK || memcmp(bytes, copy, (size_t)size) != 0)
    violated("a loaded agent saves other bytes");
  pgrad_agent_destroy(loaded);
  free(bytes);
  free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  objects held;
  memset(&held, 0, sizeof held);
  interpreter program = {{data, data + size}, &held, 0};
  policy_shape shape;
  policy_view view;
  pgrad_agent_config config;
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  int goes_through_a_file = take_rare(&program.in, 8);
  take_policy(&program.in, &shape);
  take_agent(&program.in, &config, take_size(&program.in, MOST_ENVS));
  if (CALL(pgrad_policy_create(&policy, &shape.config)) == PGRAD_OK) {
    if (!view_policy(policy, &view)) violated("a policy was not described");
    act_and_evaluate(policy, &view);
    if (CALL(pgrad_agent_create(&agent, policy, &config)) == PGRAD_OK) {
      for (int i = 0; i < SLOTS; i++) {
        atomic_store(&held.agents[i], agent);
        atomic_store(&held.policies[i], policy);
      }
      create_host_env(&program, policy);
      for (int steps = 0; steps < 3 && input_left(&program.in); steps++) train(&program);
      if (goes_through_a_file) go_through_a_file(agent);
    }
  }
  for (int i = 0; i < SLOTS; i++) pgrad_env_destroy(held.envs[i]);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return 0;
}
