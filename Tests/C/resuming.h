/* Trainings that are saved in one process and continued in another. A program that includes this calls
   `resume_if_asked` first in main. */
#ifndef RESUMING_H
#define RESUMING_H

#include <sys/wait.h>
#include <unistd.h>

#include "thread_count.h"
#include "trainings.h"

enum { UPDATES = 3, STATISTICS = sizeof(pgrad_statistics), LARGEST_ROWS = WALKERS * 400 };

/** The moment of saving. */
typedef enum moment {
  AT_UPDATE,      /* in the progress callback of pgrad_train */
  BEFORE_ACT,     /* in a host's loop, in the middle of a rollout */
  AFTER_MASKS,    /* between pgrad_agent_set_masks and pgrad_agent_act */
  BEFORE_OBSERVE, /* between pgrad_agent_act and the environment's step */
  DURING_STEP,    /* in the step callback, within pgrad_train */
  MOMENTS
} moment;

/** An agent in its world. */
typedef struct run {
  world world;
  pgrad_agent *agent;
  pgrad_env *env;
  walk walk;
  int64_t steps;     /* of the whole training: total timesteps, or steps of a host's loop */
  int64_t countdown; /* updates or steps until the save; negative: never, or it was saved */
  int ends_at_save;
} run;

/** Creates the agent and the environment of a run. */
typedef void (*starter)(run *r, const void *context, int32_t threads);

static inline pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  return now;
}

static inline int is_in_pgrad_train(moment when) { return when == AT_UPDATE || when == DURING_STEP; }

/** Counts down and saves. @return Whether the run ends here. */
static int32_t save_now(run *r) {
  if (r->countdown-- != 0) return 0;
  MUST(pgrad_checkpoint_save(r->agent, r->env, "checkpoint"));
  return r->ends_at_save;
}

static int32_t save_at_update(void *context, const pgrad_statistics *statistics) {
  (void)statistics;
  return save_now((run *)context);
}

static int32_t save_during_step(void *context) { return save_now((run *)context); }

/** Trains until `steps` timesteps are done in all. */
static void train(run *r, moment when) {
  r->walk.during_step = when == DURING_STEP ? save_during_step : NULL;
  r->walk.argument = r;
  pgrad_status status = pgrad_train(r->agent, r->env, r->steps - statistics_of(r->agent).timesteps,
                                    when == AT_UPDATE ? save_at_update : NULL, r);
  if (!(r->ends_at_save && when == DURING_STEP && status == PGRAD_HOST_ERROR)) MUST(status);
}

/** A host's loop until `steps` steps are done in all. `resumes`: the first step's masks are set, or its
 *  actions are drawn. */
static void loop(run *r, moment when, int resumes) {
  static float actions[2 * WALKERS], rewards[WALKERS], next[LARGEST_ROWS], final[LARGEST_ROWS];
  uint8_t terminated[WALKERS], truncated[WALKERS], masks[WALK_FLAGS];
  while (statistics_of(r->agent).timesteps < r->steps * WALKERS) {
    if (when == BEFORE_ACT && save_now(r)) return;
    if (resumes && when == BEFORE_OBSERVE) {
      MUST(pgrad_agent_pending_actions(r->agent, actions));
    } else {
      if (has_masks(r->world) && !(resumes && when == AFTER_MASKS)) {
        MUST(pgrad_env_masks(r->env, masks));
        MUST(pgrad_agent_set_masks(r->agent, masks));
      }
      if (when == AFTER_MASKS && save_now(r)) return;
      MUST(pgrad_agent_act(r->agent, actions));
    }
    if (when == BEFORE_OBSERVE && save_now(r)) return;
    resumes = 0;
    MUST(pgrad_env_step(r->env, actions, rewards, terminated, truncated, next, final));
    MUST(pgrad_agent_observe(r->agent, rewards, terminated, truncated, next, final));
  }
}

/** Writes the agent's file and its statistics, without measured times, and destroys the run. */
static void finish(run *r, const char *path) {
  pgrad_statistics now = statistics_of(r->agent);
  now.update_seconds = now.timesteps_per_second = 0;
  int64_t size = 0;
  MUST(pgrad_agent_save_memory(r->agent, NULL, 0, &size));
  void *bytes = malloc((size_t)size);
  FILE *file = fopen(path, "wb");
  if (bytes == NULL || file == NULL) abort();
  MUST(pgrad_agent_save_memory(r->agent, bytes, size, NULL));
  if (fwrite(bytes, 1, (size_t)size, file) != (size_t)size || fwrite(&now, 1, STATISTICS, file) != STATISTICS) abort();
  if (fclose(file) != 0) abort();
  free(bytes);
  pgrad_agent_destroy(r->agent);
  pgrad_env_destroy(r->env);
}

static inline int same_files(const char *one, const char *other) {
  FILE *a = fopen(one, "rb"), *b = fopen(other, "rb");
  if (a == NULL || b == NULL) abort();
  int x, y;
  do x = getc(a), y = getc(b);
  while (x == y && x != EOF);
  fclose(a), fclose(b);
  return x == y;
}

/** What the new process does. */
static int resume(world world, moment when, int64_t steps) {
  static run r;
  r.world = world;
  r.steps = steps;
  r.countdown = -1;
  if (is_of_callbacks(world)) r.env = world_env(world, &r.walk);
  MUST(pgrad_checkpoint_load(&r.agent, &r.env, "checkpoint"));
  if (is_in_pgrad_train(when)) {
    train(&r, when);
  } else {
    loop(&r, when, 1);
  }
  finish(&r, "resumed");
  return 0;
}

static int resume_in_a_new_process(world world, moment when, int64_t steps) {
  char words[3][24];
  snprintf(words[0], sizeof words[0], "%d", (int)world);
  snprintf(words[1], sizeof words[1], "%d", (int)when);
  snprintf(words[2], sizeof words[2], "%lld", (long long)steps);
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    execl("/proc/self/exe", "resume", words[0], words[1], words[2], (char *)NULL);
    _exit(127);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/** Ends a process that was started to resume a training. */
static inline void resume_if_asked(int count, char **words) {
  if (count == 4) exit(resume((world)atoi(words[1]), (moment)atoi(words[2]), atoll(words[3])));
}

static pgrad_agent_config config_of(run *r) {
  pgrad_agent_config config;
  MUST(pgrad_agent_describe(r->agent, &config, sizeof config));
  return config;
}

/** Steps of a rollout; of REINFORCE, as many as its trajectories have at most in short episodes. */
static int64_t rollout_steps(run *r) {
  pgrad_agent_config config = config_of(r);
  if (config.algorithm != PGRAD_REINFORCE) return config.n_steps;
  return has_long_episodes(r->world) ? 200 : 12 * config.n_episodes;
}

/** Timesteps of pgrad_train, or steps of a host's loop, that are enough for an update after the save. */
static int64_t steps_of(run *r, moment when) {
  return rollout_steps(r) * (is_in_pgrad_train(when) ? (UPDATES + 2) * WALKERS : 4);
}

/** Counts updates, or steps: the save is in the middle of a rollout. */
static int64_t countdown_of(run *r, moment when) {
  if (when != AT_UPDATE) return rollout_steps(r) * 3 / 2 + 3;
  return config_of(r).algorithm == PGRAD_REINFORCE ? 0 : UPDATES - 1;
}

/** One run: in pgrad_train or a host's loop. */
static void go(run *r, moment when) {
  r->steps = steps_of(r, when);
  if (is_in_pgrad_train(when)) {
    train(r, when);
  } else {
    static float first[LARGEST_ROWS];
    MUST(pgrad_env_reset(r->env, 7, first));
    MUST(pgrad_agent_begin(r->agent, first));
    loop(r, when, 0);
  }
}

/** Whether a training that is saved, and resumed in a new process, ends with the bits of one that neither was saved nor
 *  stopped. */
static int continues_with_the_same_bits(starter start, const void *context, moment when, int32_t threads) {
  static run whole, saved;
  memset(&whole, 0, sizeof whole), memset(&saved, 0, sizeof saved);
  start(&whole, context, threads), start(&saved, context, threads);
  whole.countdown = -1;
  go(&whole, when);
  /* trajectories may be too short for that */
  int is_divided = threads == 1 || config_of(&whole).algorithm == PGRAD_REINFORCE || thread_count() != 1;
  int64_t steps = whole.steps;
  world world = whole.world;
  finish(&whole, "whole");

  saved.countdown = countdown_of(&saved, when);
  saved.ends_at_save = 1;
  remove("checkpoint"), remove("resumed");
  go(&saved, when);
  pgrad_agent_destroy(saved.agent);
  pgrad_env_destroy(saved.env);
  return CHECK(is_divided) && CHECK(resume_in_a_new_process(world, when, steps)) &&
         CHECK(same_files("whole", "resumed"));
}

#endif
