/* The handles that an interpreted program holds, and its environments of callbacks. */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdatomic.h>
#include <stddef.h>

#include "arrays.h"

enum { SLOTS = 3, MOST_ENVS = 3, CALLBACK_STEPS = 300, DEPTH = 2 };

/** Shared by the threads of a program: one may use what another destroys. */
typedef struct objects {
  _Atomic(pgrad_policy *) policies[SLOTS];
  _Atomic(pgrad_agent *) agents[SLOTS];
  _Atomic(pgrad_env *) envs[SLOTS];
  _Atomic(pgrad_optimizer *) optimizers[SLOTS];
  atomic_int callback_steps;
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

/* ------------------------------------------------------------------------------------- environments of callbacks */

/** An environment that is random, fails seldom, and makes calls of its own. */
typedef struct host_env {
  objects *held;
  int64_t n_envs, observation_size;
  int64_t mask_size;
  atomic_ullong random;
  uint8_t program[16]; /* what its callbacks call */
  uint8_t calls, fails, spoils;
} host_env;

static inline content host_content(host_env *env) {
  content made = {atomic_fetch_add(&env->random, 77), env->spoils};
  (void)next_random(&made.random);
  return made;
}

/** Whether this call fails. Before that it may make calls, to the objects that are being used too. */
static inline int32_t host_acts(host_env *env) {
  static _Thread_local int depth;
  content made = host_content(env);
  if (env->calls != 0 && next_random(&made.random) % env->calls == 0 && depth < DEPTH) {
    const uint8_t *start = env->program + next_random(&made.random) % sizeof env->program;
    interpreter inner = {{start, env->program + sizeof env->program}, env->held, ++depth};
    interpret_one(&inner);
    depth--;
  }
  if (atomic_fetch_add(&env->held->callback_steps, 1) > CALLBACK_STEPS) return 1;
  return env->fails != 0 && next_random(&made.random) % env->fails == 0;
}

static inline void host_observe(host_env *env, content *made, float *observations) {
  for (int64_t i = 0; i < env->n_envs * env->observation_size; i++)
    observations[i] = is_spoilt(made) ? spoilt_number(made) : (float)(next_random(&made->random) % 2);
}

static inline int32_t host_reset(void *context, uint64_t seed, float *observations) {
  host_env *env = (host_env *)context;
  content made = host_content(env);
  (void)seed;
  host_observe(env, &made, observations);
  return host_acts(env);
}

static inline int32_t host_step(void *context, const float *actions, float *rewards, uint8_t *terminated,
                                uint8_t *truncated, float *next_observations, float *final_observations) {
  host_env *env = (host_env *)context;
  content made = host_content(env);
  (void)actions;
  for (int64_t i = 0; i < env->n_envs; i++) {
    rewards[i] = is_spoilt(&made) ? spoilt_number(&made) : plain_number(&made);
    terminated[i] = is_spoilt(&made) ? 2 : next_random(&made.random) % 4 == 0;
    truncated[i] = is_spoilt(&made) ? 255 : next_random(&made.random) % 4 == 0;
  }
  host_observe(env, &made, next_observations);
  host_observe(env, &made, final_observations);
  return host_acts(env);
}

static inline int32_t host_masks(void *context, uint8_t *masks) {
  host_env *env = (host_env *)context;
  content made = host_content(env);
  for (int64_t i = 0; i < env->n_envs * env->mask_size; i++)
    masks[i] = is_spoilt(&made) ? 3 : next_random(&made.random) % 8 != 0;
  return host_acts(env);
}

static inline void host_destroy(void *context) { free(context); }

/** Creates an environment that fits a policy, if there is one. */
static inline void create_host_env(interpreter *program, pgrad_policy *policy) {
  input *in = &program->in;
  pgrad_env_callbacks callbacks;
  policy_view view;
  pgrad_action_part part;
  pgrad_env *made = NULL;
  (void)CALL(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  host_env *env = (host_env *)memory_of(sizeof *env);
  memset(env, 0, sizeof *env);
  env->held = program->held;
  callbacks.observation_size = take_size(in, MOST_SIZE);
  callbacks.parts = &part, callbacks.part_count = 1;
  take_action_part(in, &part);
  if (view_policy(policy, &view)) {
    callbacks.observation_size = view.observation;
    callbacks.parts = view.parts, callbacks.part_count = view.part_count;
  }
  callbacks.n_envs = take_size(in, MOST_ENVS);
  callbacks.context = env;
  callbacks.reset = take_rare(in, 64) ? NULL : host_reset;
  callbacks.step = take_rare(in, 64) ? NULL : host_step;
  callbacks.masks = take_rare(in, 4) ? host_masks : NULL;
  callbacks.destroy = host_destroy;
  /* never so short that destroy is missing, which frees the context */
  if (take_rare(in, 64))
    callbacks.struct_size = take_rare(in, 2) ? offsetof(pgrad_env_callbacks, masks) : take_byte(in) % 8;
  env->n_envs = callbacks.n_envs;
  env->observation_size = callbacks.observation_size;
  atomic_store(&env->random, take_byte(in));
  env->calls = take_rare(in, 2) ? take_byte(in) % 8 : 0;
  env->fails = take_rare(in, 4) ? take_byte(in) : 0;
  env->spoils = take_rare(in, 4) ? take_byte(in) : 0;
  for (size_t i = 0; i < sizeof env->program; i++) env->program[i] = take_byte(in);
  for (int64_t i = 0; i < callbacks.part_count && callbacks.parts != NULL; i++)
    env->mask_size += callbacks.parts[i].kind == PGRAD_CATEGORICAL ? callbacks.parts[i].size
                      : callbacks.parts[i].kind == PGRAD_BERNOULLI ? 2 * (int64_t)callbacks.parts[i].size
                                                                   : 0;
  if (CALL(pgrad_env_create_callbacks(&made, &callbacks)) != PGRAD_OK) free(env);
  KEEP(envs, pgrad_env_destroy, made);
}

/** Destroys what is held, also twice: a stale handle is ignored. */
static inline void destroy_all(objects *held) {
  for (int i = 0; i < SLOTS; i++) {
    pgrad_optimizer_destroy(held->optimizers[i]);
    pgrad_agent_destroy(held->agents[i]);
    pgrad_env_destroy(held->envs[i]);
    pgrad_policy_destroy(held->policies[i]);
  }
}

#endif
