/* Small worlds of every kind, for tests that train in all of them. */
#ifndef WORLDS_H
#define WORLDS_H

#include "fixtures.h"
#include "pgrad_oracle.h"

enum { WALKERS = 4, WALK_SIGHT = 3, WALK_MOVES = 3, WALK_FLAGS = WALKERS * WALK_MOVES };

/** A walk of callbacks, with chance, masks, terminated and truncated episodes, and a state that can be saved. */
typedef struct walk_state {
  uint64_t random;
  int32_t place[WALKERS], age[WALKERS];
} walk_state;

typedef struct walk {
  walk_state now;
  walk_state before; /* the last step: what save_state writes during a step */
  int is_stepping;
  int32_t (*during_step)(void *argument); /* NULL, or called within each step; non-zero makes the step fail */
  void *argument;
} walk;

static inline void walk_look(const walk_state *state, int i, float *sight) {
  sight[0] = (float)state->place[i];
  sight[1] = (float)(state->age[i] % 2);
  sight[2] = 0.1f * (float)state->age[i];
}

static inline int32_t walk_chance(walk_state *state) {
  state->random = state->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (int32_t)(state->random >> 61);
}

static int32_t walk_reset(void *context, uint64_t seed, float *observations) {
  walk *w = (walk *)context;
  memset(&w->now, 0, sizeof w->now);
  w->now.random = seed + 1;
  for (int i = 0; i < WALKERS; i++) walk_look(&w->now, i, observations + i * WALK_SIGHT);
  return 0;
}

static int32_t walk_step(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                         float *next_observations, float *final_observations) {
  walk *w = (walk *)context;
  walk_state *s = &w->now;
  w->before = *s;
  w->is_stepping = 1;
  for (int i = 0; i < WALKERS; i++) {
    s->place[i] += (int32_t)actions[i] - 1 + (walk_chance(s) == 0);
    s->age[i]++;
    rewards[i] = s->place[i] == 3 ? 1 : -0.1f * (float)abs(s->place[i]);
    terminated[i] = abs(s->place[i]) >= 3;
    truncated[i] = s->age[i] == 11;
    if (terminated[i] || truncated[i]) {
      walk_look(s, i, final_observations + i * WALK_SIGHT);
      s->place[i] = walk_chance(s) % 2;
      s->age[i] = 0;
    }
    walk_look(s, i, next_observations + i * WALK_SIGHT);
  }
  int32_t failure = w->during_step == NULL ? 0 : w->during_step(w->argument);
  w->is_stepping = 0;
  return failure;
}

static int32_t walk_masks(void *context, uint8_t *masks) {
  const walk *w = (const walk *)context;
  for (int k = 0; k < WALK_FLAGS; k++) masks[k] = k % WALK_MOVES != 2 || w->now.place[k / WALK_MOVES] <= 1;
  return 0;
}

static int32_t walk_save(void *context, void *bytes, int64_t capacity, int64_t *size) {
  const walk *w = (const walk *)context;
  *size = sizeof w->now;
  if (bytes == NULL) return 0;
  if (capacity < *size) return 1;
  memcpy(bytes, w->is_stepping ? &w->before : &w->now, sizeof w->now);
  return 0;
}

static int32_t walk_load(void *context, const void *bytes, int64_t size) {
  walk *w = (walk *)context;
  if (size != (int64_t)sizeof w->now) return 1;
  memcpy(&w->now, bytes, sizeof w->now);
  return 0;
}

static inline pgrad_env_callbacks walk_callbacks(walk *w, const pgrad_action_part *moves) {
  pgrad_env_callbacks callbacks;
  MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  callbacks.n_envs = WALKERS;
  callbacks.observation_size = WALK_SIGHT;
  callbacks.parts = moves;
  callbacks.part_count = 1;
  callbacks.context = w;
  callbacks.reset = walk_reset;
  callbacks.step = walk_step;
  callbacks.masks = walk_masks;
  callbacks.save_state = walk_save;
  callbacks.load_state = walk_load;
  return callbacks;
}

static inline pgrad_env *walk_env(walk *w) {
  pgrad_action_part moves = {PGRAD_CATEGORICAL, WALK_MOVES, 0, 0};
  pgrad_env_callbacks callbacks = walk_callbacks(w, &moves);
  pgrad_env *env = NULL;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  return env;
}

/** Environments of an MDP of five states, one of them terminal. Two states look the same, so memory helps. */
static inline pgrad_env *aliased_mdp_env(int64_t n_envs, double reward) {
  double transitions[5 * 2 * 5] = {0}, rewards[5 * 2] = {0}, initial[5] = {0.5, 0.5, 0, 0, 0};
  const uint8_t terminal[5] = {0, 0, 0, 0, 1};
  const float observations[5 * 2] = {1, 0, 0, 1, 0.5f, 0.5f, 0.5f, 0.5f, 0, 0};
  for (int state = 0; state < 4; state++) {
    for (int action = 0; action < 2; action++) {
      double *row = transitions + (state * 2 + action) * 5;
      row[(state + 2) % 4] = 1.0 / 3;
      row[(state + action) % 4] += 0.41; /* rows sum to 1 only up to rounding */
      row[4] = 1 - 1.0 / 3 - 0.41;
      rewards[state * 2 + action] = action == state % 2 ? reward : -reward;
    }
  }
  pgrad_mdp_config config;
  MUST(pgrad_mdp_config_init(&config, sizeof config));
  config.state_count = 5;
  config.action_count = 2;
  config.transitions = transitions;
  config.rewards = rewards;
  config.initial = initial;
  config.terminal = terminal;
  config.observations = observations;
  config.observation_size = 2;
  config.horizon = 9;
  pgrad_mdp *mdp = NULL;
  pgrad_env *env = NULL;
  MUST(pgrad_mdp_create(&mdp, &config));
  MUST(pgrad_env_create_mdp(&env, mdp, n_envs));
  pgrad_mdp_destroy(mdp);
  return env;
}

#endif
