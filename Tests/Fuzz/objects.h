/* The handles that an interpreted program holds. */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdatomic.h>

#include "arrays.h"

enum { SLOTS = 3, MOST_ENVS = 3, CALLBACK_STEPS = 300, DEPTH = 2 };

struct host_sum;

/** Shared by the threads of a program: one may use what another destroys. */
typedef struct objects {
  _Atomic(pgrad_policy *) policies[SLOTS];
  _Atomic(pgrad_agent *) agents[SLOTS];
  _Atomic(pgrad_env *) envs[SLOTS];
  _Atomic(pgrad_optimizer *) optimizers[SLOTS];
  _Atomic(struct host_sum *) sums; /* all contexts of callbacks that sum over ranks */
  atomic_int callback_steps;
  int is_shared;                    /* by two threads */
  _Atomic(int64_t) most_parameters; /* that a policy of this program has */
} objects;

/** One thread of a program. */
typedef struct interpreter {
  input in;
  objects *held;
  int depth; /* of callbacks that make calls */
} interpreter;

/** Makes the next call of a program; callbacks make it too. */
static void interpret_one(interpreter *program);

/** A handle of the right kind, or seldom another, a foreign address or none. */
static inline void *take_handle(interpreter *program, _Atomic(void *) *slots) {
  input *in = &program->in;
  if (!take_rare(in, 24)) return atomic_load(&slots[take_below(in, SLOTS)]);
  switch (take_below(in, 5)) {
    case 0: return NULL;
    case 1: return (void *)program;
    case 2: return (void *)(uintptr_t)take_word(in);
    case 3: return atomic_load((_Atomic(void *) *)&program->held->policies[take_below(in, SLOTS)]);
    default: return atomic_load((_Atomic(void *) *)&program->held->envs[take_below(in, SLOTS)]);
  }
}

#define TAKE(kind, slots) ((kind *)take_handle(program, (_Atomic(void *) *)program->held->slots))

/** Puts a new handle into a slot and destroys the one that was there. */
#define KEEP(slots, destroy, made)                                                                   \
  do {                                                                                               \
    void *before_ = atomic_exchange(&program->held->slots[take_below(&program->in, SLOTS)], (made)); \
    (void)pthread_mutex_lock(&describing);                                                           \
    (destroy)(before_);                                                                              \
    (void)pthread_mutex_unlock(&describing);                                                         \
  } while (0)

static inline void keep_policy(interpreter *program, pgrad_policy *made) {
  int64_t count = 0, most = atomic_load(&program->held->most_parameters);
  if (made != NULL) (void)CALL(pgrad_policy_parameters(made, NULL, &count));
  while (count > most && !atomic_compare_exchange_weak(&program->held->most_parameters, &most, count)) continue;
  KEEP(policies, pgrad_policy_destroy, made);
}

#endif
