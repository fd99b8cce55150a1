/*
 * A game at 60 frames a second whose characters learn while it runs. Usage: game_loop [FRAMES [WIDTH]]
 *
 * Each character sees the way to its fire and the wind, and steps north, east, south or west, or stays. Once 32 frames
 * are observed, an update is due. It is made at once, in slices of a millisecond for each frame, or on another thread;
 * for each way, the program prints the longest time that the library took of a frame.
 */
#include <math.h>
#include <pgrad.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CHARACTERS = 16, SIZE = 4, MOVES = 5, EPISODE = 60, SLICE = 1000 /* microseconds */ };

static void must(pgrad_status status) {
  if (status == PGRAD_OK) return;
  fprintf(stderr, "%s\n", pgrad_last_error());
  exit(1);
}

/* --------------------------------------------------------------------------------------------------------- the game */

typedef struct game {
  int age;
  float seen[CHARACTERS * SIZE]; /* for each character: the way to its fire, x and y, and the wind */
} game;

static void place(float *seen, int number) {
  seen[0] = (float)(number * 7 % 11) / 5 - 1;
  seen[1] = (float)(number * 5 % 13) / 6 - 1;
  seen[2] = 0.02f * (float)(number % 3 - 1);
  seen[3] = 0.02f * (float)(number % 5 - 2);
}

/** All characters move; `last` receives what they saw at the end of an episode, which all of them end together. */
static void play(game *it, const float *moves, float *rewards, uint8_t *truncated, float *last) {
  const float steps[MOVES][2] = {{0, 0}, {0, 0.1f}, {0.1f, 0}, {0, -0.1f}, {-0.1f, 0}};
  int ends = ++it->age % EPISODE == 0;
  for (int i = 0; i < CHARACTERS; i++) {
    float *seen = it->seen + i * SIZE;
    for (int k = 0; k < 2; k++) seen[k] += steps[(int)moves[i]][k] + seen[2 + k];
    rewards[i] = -sqrtf(seen[0] * seen[0] + seen[1] * seen[1]);
    truncated[i] = (uint8_t)ends;
    if (!ends) continue;
    for (int k = 0; k < SIZE; k++) last[i * SIZE + k] = seen[k];
    place(seen, it->age + i);
  }
}

/* ------------------------------------------------------------------------------------------------------- the frames */

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void wait_until(double moment) {
  double left = moment - now();
  struct timespec time = {(time_t)left, (long)(1e9 * (left - floor(left)))};
  if (left > 0) nanosleep(&time, NULL);
}

static void run(int32_t mode, const char *name, int frames, int64_t width) {
  const pgrad_action_part part = {PGRAD_CATEGORICAL, MOVES, 0, 0};
  const int64_t hidden[2] = {width, width};
  const uint8_t terminated[CHARACTERS] = {0};
  float moves[CHARACTERS], rewards[CHARACTERS], last[CHARACTERS * SIZE];
  uint8_t truncated[CHARACTERS];
  game game = {0, {0}};
  pgrad_policy_config shape;
  pgrad_agent_config config;
  pgrad_policy *policy;
  pgrad_agent *agent;
  pgrad_statistics learned;
  must(pgrad_policy_config_init(&shape, sizeof shape));
  shape.observation_size = SIZE, shape.parts = &part, shape.part_count = 1;
  shape.hidden_sizes = hidden, shape.hidden_count = 2;
  must(pgrad_policy_create(&policy, &shape));
  must(pgrad_agent_config_init(&config, sizeof config));
  config.n_envs = CHARACTERS, config.n_steps = 32, config.learning_rate = 1e-3, config.update_mode = mode;
  must(pgrad_agent_create(&agent, policy, &config));
  for (int i = 0; i < CHARACTERS; i++) place(game.seen + i * SIZE, i);
  must(pgrad_agent_begin(agent, game.seen));
  double worst = 0, start = now();
  for (int frame = 0; frame < frames; frame++) {
    double began = now();
    must(pgrad_agent_act(agent, moves));
    double ours = now() - began;
    play(&game, moves, rewards, truncated, last);
    began = now();
    must(pgrad_agent_observe(agent, rewards, terminated, truncated, game.seen, last));
    if (mode == PGRAD_UPDATE_DEFERRED) must(pgrad_agent_update_for(agent, SLICE, NULL));
    ours += now() - began;
    if (ours > worst) worst = ours;
    wait_until(start + (frame + 1) / 60.0);
  }
  must(pgrad_agent_update_for(agent, INT64_MAX, NULL)); /* the update that the last frames began, if any */
  must(pgrad_agent_statistics(agent, &learned, sizeof learned));
  printf("%-14s %3d updates, %5.2f ms of the longest frame\n", name, (int)learned.updates, 1e3 * worst);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

int main(int argc, char **argv) {
  int frames = argc > 1 ? atoi(argv[1]) : 100;
  int64_t width = argc > 2 ? atoi(argv[2]) : 64;
  run(PGRAD_UPDATE_AT_ONCE, "at once", frames, width);
  run(PGRAD_UPDATE_DEFERRED, "in slices", frames, width);
  run(PGRAD_UPDATE_IN_BACKGROUND, "in background", frames, width);
  return 0;
}
