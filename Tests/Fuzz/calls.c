/* Fuzzes sequences of calls: random calls with random handles and hostile arguments, on one thread or on two that share
 * all objects, with callbacks that fail and that make calls of their own. */
#include "agent_calls.h"

static void (*const operations[])(interpreter *program) = {
    create_policy, use_policy,   use_policy, inspect_policy,     copy_by_file,         create_optimizer, use_optimizer,
    create_env,    use_env,      use_env,    create_agent,       step_agent,           step_agent,       train,
    learn,         share_policy, join_ranks, copy_by_checkpoint, show_pending_actions, assign_policy,    gather};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static void interpret_one(interpreter *program) { operations[take_below(&program->in, OPERATIONS)](program); }

static void *interpret(void *context) {
  interpreter *program = (interpreter *)context;
  while (input_left(&program->in)) interpret_one(program);
  return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  objects held;
  memset(&held, 0, sizeof held);
  if (size < 2) return 0;
  const uint8_t *end = data + size, *middle = data[0] % 4 == 3 ? data + size / 2 : end;
  held.is_shared = middle != end;
  interpreter one = {{data + 1, middle}, &held, 0}, other = {{middle, end}, &held, 0};
  create_policy(&one); /* most calls need these */
  create_env(&one);
  create_agent(&one);
  pthread_t thread;
  if (middle != end && pthread_create(&thread, NULL, interpret, &other) != 0) abort();
  (void)interpret(&one);
  if (middle != end && pthread_join(thread, NULL) != 0) abort();
  destroy_all(&held);
  return 0;
}
