/* Fuzzes updates from given rollouts. A refused one leaves the agent as it was; an accepted one leaves it finite. */
#include "agent_calls.h"

static void interpret_one(interpreter *program) { (void)program; }

/** The parameters, and whether they are finite. */
static float *parameters_of(pgrad_policy *policy, int64_t *count, int *are_finite) {
  float *live = NULL;
  if (CALL(pgrad_policy_parameters(policy, &live, count)) != PGRAD_OK) violated("a policy lost its parameters");
  float *copy = (float *)memory_of((size_t)*count * sizeof(float));
  memcpy(copy, live, (size_t)*count * sizeof(float));
  *are_finite = 1;
  for (int64_t i = 0; i < *count; i++) *are_finite &= isfinite(copy[i]) != 0;
  return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  objects held;
  memset(&held, 0, sizeof held);
  interpreter program = {{data, data + size}, &held, 0};
  pgrad_policy *policy = NULL, *learning = NULL;
  pgrad_agent *agent = NULL;
  if (create_learner(&program, &policy, &agent)) {
    if (CALL(pgrad_agent_policy(agent, &learning)) != PGRAD_OK) violated("an agent has no policy");
    for (int updates = 0; updates < 4 && input_left(&program.in); updates++) {
      pgrad_statistics before, after;
      int64_t count = 0;
      int was_finite = 0, is_finite = 0;
      float *old = parameters_of(learning, &count, &was_finite);
      (void)CALL(pgrad_agent_statistics(agent, &before, sizeof before));
      (take_rare(&program.in, 4) ? gather : learn)(&program);
      (void)CALL(pgrad_agent_statistics(agent, &after, sizeof after));
      float *new = parameters_of(learning, &count, &is_finite);
      if (after.updates == before.updates && memcmp(old, new, (size_t)count * sizeof(float)) != 0)
        violated("a refused rollout changed the parameters");
      if (was_finite && !is_finite) violated("an update made the parameters infinite");
      free(old);
      free(new);
    }
  }
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(learning);
  pgrad_policy_destroy(policy);
  return 0;
}
