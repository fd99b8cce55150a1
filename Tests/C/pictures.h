/* The walk of worlds.h, seen in pictures, and with a real number beside each move: callbacks with images, masks and two
 * kinds of actions. */
#ifndef PICTURES_H
#define PICTURES_H

#include "worlds.h"

enum { PICTURE_SIDE = 7, PICTURE_SIZE = PICTURE_SIDE * PICTURE_SIDE };

/** Places and ages as bright pixels. */
static inline void picture_draw(const float *sight, float *pixels) {
  memset(pixels, 0, PICTURE_SIZE * sizeof *pixels);
  int column = (int)sight[0] + PICTURE_SIDE / 2;
  for (int row = 0; row < 3; row++)
    if (column >= 0 && column < PICTURE_SIDE) pixels[row * PICTURE_SIDE + column] = 255;
  for (int k = 3 * PICTURE_SIDE; k < PICTURE_SIZE; k++) pixels[k] = 20 * (float)(int)(10 * sight[2] + 0.5f);
}

static int32_t picture_reset(void *context, uint64_t seed, float *observations) {
  float sights[WALKERS * WALK_SIGHT];
  int32_t failure = walk_reset(context, seed, sights);
  for (int i = 0; i < WALKERS; i++) picture_draw(sights + i * WALK_SIGHT, observations + i * PICTURE_SIZE);
  return failure;
}

static int32_t picture_step(void *context, const float *actions, float *rewards, uint8_t *terminated,
                            uint8_t *truncated, float *next_observations, float *final_observations) {
  float moves[WALKERS], next[WALKERS * WALK_SIGHT], final[WALKERS * WALK_SIGHT];
  for (int i = 0; i < WALKERS; i++) moves[i] = actions[2 * i];
  int32_t failure = walk_step(context, moves, rewards, terminated, truncated, next, final);
  for (int i = 0; i < WALKERS; i++) {
    rewards[i] -= 0.1f * actions[2 * i + 1] * actions[2 * i + 1];
    picture_draw(next + i * WALK_SIGHT, next_observations + i * PICTURE_SIZE);
    if (terminated[i] || truncated[i]) picture_draw(final + i * WALK_SIGHT, final_observations + i * PICTURE_SIZE);
  }
  return failure;
}

static inline pgrad_env *picture_env(walk *w) {
  const pgrad_action_part parts[2] = {{PGRAD_CATEGORICAL, WALK_MOVES, 0, 0}, {PGRAD_GAUSSIAN, 1, -1, 1}};
  pgrad_env_callbacks callbacks = walk_callbacks(w, parts);
  pgrad_env *env = NULL;
  callbacks.part_count = 2;
  callbacks.observation_size = PICTURE_SIZE;
  callbacks.reset = picture_reset;
  callbacks.step = picture_step;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  return env;
}

#endif
