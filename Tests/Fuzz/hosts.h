/* A host's callbacks: environments, and sums over ranks. They fail, lie and make calls of their own. */
#ifndef HOSTS_H
#define HOSTS_H

#include <stddef.h>

#include "objects.h"

/** What callbacks do besides their work. */
typedef struct host {
  objects *held;
  atomic_ullong random;
  uint8_t program[16]; /* what they call */
  uint8_t calls, fails, spoils;
} host;

static inline void take_host(interpreter *program, host *made) {
  input *in = &program->in;
  made->held = program->held;
  atomic_store(&made->random, take_byte(in));
  made->calls = take_rare(in, 2) ? take_byte(in) % 8 : 0;
  made->fails = take_rare(in, 4) ? take_byte(in) : 0;
  made->spoils = take_rare(in, 4) ? take_byte(in) : 0;
  for (size_t i = 0; i < sizeof made->program; i++) made->program[i] = take_byte(in);
}

static inline content host_content(host *from) {
  content made = {atomic_fetch_add(&from->random, 77), from->spoils};
  (void)next_random(&made.random);
  return made;
}

/** Whether this call fails. Before that it may make calls, to the objects that are being used too. */
static inline int32_t host_acts(host *self) {
  static _Thread_local int depth;
  content made = host_content(self);
  if (self->calls != 0 && next_random(&made.random) % self->calls == 0 && depth < DEPTH) {
    const uint8_t *start = self->program + next_random(&made.random) % sizeof self->program;
    interpreter inner = {{start, self->program + sizeof self->program}, self->held, ++depth};
    interpret_one(&inner);
    depth--;
  }
  if (atomic_fetch_add(&self->held->callback_steps, 1) > CALLBACK_STEPS) return 1;
  return self->fails != 0 && next_random(&made.random) % self->fails == 0;
}

/* ---------------------------------------------------------------------------------------------------- environments */

/** An environment that is random. */
typedef struct host_env {
  host host;
  int64_t n_envs, observation_size, mask_size;
} host_env;

static inline void host_observe(host_env *env, content *made, float *observations) {
  for (int64_t i = 0; i < env->n_envs * env->observation_size; i++)
    observations[i] = is_spoilt(made) ? spoilt_number(made) : (float)(next_random(&made->random) % 2);
}

static inline int32_t host_reset(void *context, uint64_t seed, float *observations) {
  host_env *env = (host_env *)context;
  content made = host_content(&env->host);
  (void)seed;
  host_observe(env, &made, observations);
  return host_acts(&env->host);
}

static inline int32_t host_step(void *context, const float *actions, float *rewards, uint8_t *terminated,
                                uint8_t *truncated, float *next_observations, float *final_observations) {
  host_env *env = (host_env *)context;
  content made = host_content(&env->host);
  (void)actions;
  for (int64_t i = 0; i < env->n_envs; i++) {
    rewards[i] = is_spoilt(&made) ? spoilt_number(&made) : plain_number(&made);
    terminated[i] = is_spoilt(&made) ? 2 : next_random(&made.random) % 4 == 0;
    truncated[i] = is_spoilt(&made) ? 255 : next_random(&made.random) % 4 == 0;
  }
  host_observe(env, &made, next_observations);
  host_observe(env, &made, final_observations);
  return host_acts(&env->host);
}

static inline int32_t host_masks(void *context, uint8_t *masks) {
  host_env *env = (host_env *)context;
  content made = host_content(&env->host);
  for (int64_t i = 0; i < env->n_envs * env->mask_size; i++)
    masks[i] = is_spoilt(&made) ? 3 : next_random(&made.random) % 8 != 0;
  return host_acts(&env->host);
}

enum { STATE_BYTES = 8 };

/** A state of a few bytes, and seldom another number of them than before, or an impossible one. */
static inline int32_t host_save(void *context, void *bytes, int64_t capacity, int64_t *size) {
  static const int64_t sizes[] = {-1, 0, 1, STATE_BYTES + 1, INT64_MIN, INT64_MAX, PGRAD_MAX_ELEMENTS + 1LL, 4096};
  host_env *env = (host_env *)context;
  content made = host_content(&env->host);
  *size = is_spoilt(&made) ? sizes[next_random(&made.random) % (sizeof sizes / sizeof sizes[0])] : STATE_BYTES;
  if (bytes != NULL) memset(bytes, 7, (size_t)(capacity < *size ? capacity : *size < 0 ? 0 : *size));
  return host_acts(&env->host);
}

static inline int32_t host_load(void *context, const void *bytes, int64_t size) {
  host_env *env = (host_env *)context;
  int sum = 0;
  for (int64_t i = 0; i < size; i++) sum += ((const uint8_t *)bytes)[i]; /* all of it can be read */
  return host_acts(&env->host) || sum == 1;
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
  take_host(program, &env->host);
  callbacks.save_state = take_rare(in, 3) ? NULL : host_save;
  callbacks.load_state = callbacks.save_state == NULL && !take_rare(in, 64) ? NULL : host_load;
  env->n_envs = callbacks.n_envs;
  env->observation_size = callbacks.observation_size;
  for (int64_t i = 0; i < callbacks.part_count && callbacks.parts != NULL; i++)
    env->mask_size += callbacks.parts[i].kind == PGRAD_CATEGORICAL ? callbacks.parts[i].size
                      : callbacks.parts[i].kind == PGRAD_BERNOULLI ? 2 * (int64_t)callbacks.parts[i].size
                                                                   : 0;
  if (CALL(pgrad_env_create_callbacks(&made, &callbacks)) != PGRAD_OK) free(env);
  KEEP(envs, pgrad_env_destroy, made);
}

/* -------------------------------------------------------------------------------------------------- sums over ranks */

/** The sums over ranks that all do the same. */
typedef struct host_sum {
  host host;
  struct host_sum *next; /* of all in this program; freed at its end, since agents keep contexts */
  int32_t rank, ranks;
  atomic_int joins; /* whether the ranks are being compared: each fills a row of a table */
} host_sum;

static inline double number_at(const void *numbers, int64_t i, int32_t type) {
  return type == PGRAD_FLOAT64 ? ((const double *)numbers)[i] : (double)((const float *)numbers)[i];
}

static inline void set_number(void *numbers, int64_t i, int32_t type, double number) {
  if (type == PGRAD_FLOAT64) {
    ((double *)numbers)[i] = number;
  } else {
    ((float *)numbers)[i] = (float)number;
  }
}

static inline int32_t host_reduce(void *context, void *numbers, int64_t count, int32_t type) {
  host_sum *sum = (host_sum *)context;
  content made = host_content(&sum->host);
  if (type != PGRAD_FLOAT32 && type != PGRAD_FLOAT64) violated("a sum of neither float nor double");
  int64_t row = atomic_load(&sum->joins) && sum->ranks > 0 ? count / sum->ranks : 0;
  for (int64_t i = 0; i < count; i++) {
    double total =
        row > 0 ? number_at(numbers, sum->rank * row + i % row, type) : number_at(numbers, i, type) * sum->ranks;
    if (row > 0 && i / row == sum->rank) continue; /* read for the other rows */
    set_number(numbers, i, type, is_spoilt(&made) ? (double)spoilt_number(&made) : total);
  }
  return host_acts(&sum->host);
}

static inline void join_ranks(interpreter *program) {
  input *in = &program->in;
  pgrad_agent *agent = TAKE(pgrad_agent, agents);
  if (take_rare(in, 8)) {
    (void)CALL(pgrad_agent_set_reduce(agent, 0, 0, NULL, NULL));
    return;
  }
  host_sum *sum = (host_sum *)memory_of(sizeof *sum);
  memset(sum, 0, sizeof *sum);
  take_host(program, &sum->host);
  sum->ranks = (int32_t)take_size(in, 3);
  sum->rank = take_rare(in, 48) ? (int32_t)take_absurd(in) : sum->ranks > 0 ? take_below(in, 3) % sum->ranks : 0;
  sum->next = atomic_load(&program->held->sums);
  while (!atomic_compare_exchange_weak(&program->held->sums, &sum->next, sum)) continue;
  atomic_store(&sum->joins, 1);
  (void)CALL(pgrad_agent_set_reduce(agent, sum->rank, sum->ranks, host_reduce, sum));
  atomic_store(&sum->joins, 0);
}

/** Destroys what is held, also twice: a stale handle is ignored. */
static inline void destroy_all(objects *held) {
  for (int i = 0; i < SLOTS; i++) {
    pgrad_optimizer_destroy(held->optimizers[i]);
    pgrad_agent_destroy(held->agents[i]);
    pgrad_env_destroy(held->envs[i]);
    pgrad_policy_destroy(held->policies[i]);
  }
  while (held->sums != NULL) {
    host_sum *sum = held->sums;
    held->sums = sum->next;
    free(sum);
  }
}

#endif
