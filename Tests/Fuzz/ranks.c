/* Fuzzes learning over ranks: the callback that sums gives true sums, lies, fails, or calls the library itself. */
#include "agent_calls.h"

static void (*const operations[])(interpreter *program) = {step_agent, step_agent, train,       learn,
                                                           join_ranks, use_policy, copy_by_file};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static void interpret_one(interpreter *program) { operations[take_below(&program->in, OPERATIONS)](program); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  objects held;
  memset(&held, 0, sizeof held);
  interpreter program = {{data, data + size}, &held, 0};
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  int has_agent = create_learner(&program, &policy, &agent);
  keep_policy(&program, policy);
  if (has_agent) {
    create_host_env(&program, policy);
    join_ranks(&program);
    for (int calls = 0; calls < 16 && input_left(&program.in); calls++) interpret_one(&program);
  }
  destroy_all(&held);
  return 0;
}
