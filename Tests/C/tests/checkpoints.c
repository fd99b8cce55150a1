/* Training that is saved in one process and continued in another gives the bits of training that never stopped. */
#include <sys/wait.h>
#include <unistd.h>

#include "trainings.h"

enum { UPDATES = 3, STATISTICS = sizeof(pgrad_statistics) };

/** The moment of saving. */
typedef enum moment {
  AT_UPDATE,     /* in the progress callback of pgrad_train */
  DURING_STEP,   /* in the step callback, within pgrad_train */
  BEFORE_ACT,    /* in a host's loop, in the middle of a rollout */
  AFTER_MASKS,   /* between pgrad_agent_set_masks and pgrad_agent_act */
  BEFORE_OBSERVE /* between pgrad_agent_act and the environment's step */
} moment;

/** An agent in its world. */
typedef struct run {
  const setting *setting;
  pgrad_agent *agent;
  pgrad_env *env;
  walk walk;
  int64_t steps;     /* of the whole training: total timesteps, or steps of a host's loop */
  int64_t countdown; /* updates or steps until the save; negative: never */
} run;

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  return now;
}

static void save_now(void *argument) {
  run *r = (run *)argument;
  if (r->countdown-- == 0) MUST(pgrad_checkpoint_save(r->agent, r->env, "checkpoint"));
}

static int32_t save_at_update(void *context, const pgrad_statistics *statistics) {
  (void)statistics;
  save_now(context);
  return 0;
}

/** Trains until `steps` timesteps are done in all. */
static void train(run *r, moment when) {
  r->walk.during_step = when == DURING_STEP ? save_now : NULL;
  r->walk.argument = r;
  MUST(pgrad_train(r->agent, r->env, r->steps - statistics_of(r->agent).timesteps,
                   when == AT_UPDATE ? save_at_update : NULL, r));
}

/** A host's loop until `steps` steps are done in all. `resumes`: the first step's masks are set, or its
 *  actions are drawn. */
static void loop(run *r, moment when, int resumes) {
  static float actions[WALKERS], rewards[WALKERS], next[WALKERS * 400], final[WALKERS * 400];
  uint8_t terminated[WALKERS], truncated[WALKERS], masks[WALK_FLAGS];
  while (statistics_of(r->agent).timesteps < r->steps * WALKERS) {
    if (when == BEFORE_ACT) save_now(r);
    if (resumes && when == BEFORE_OBSERVE) {
      MUST(pgrad_agent_pending_actions(r->agent, actions));
    } else {
      if (r->setting->world == WALK && !(resumes && when == AFTER_MASKS)) {
        MUST(pgrad_env_masks(r->env, masks));
        MUST(pgrad_agent_set_masks(r->agent, masks));
      }
      if (when == AFTER_MASKS) save_now(r);
      MUST(pgrad_agent_act(r->agent, actions));
    }
    if (when == BEFORE_OBSERVE) save_now(r);
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

static int same_files(const char *one, const char *other) {
  FILE *a = fopen(one, "rb"), *b = fopen(other, "rb");
  if (a == NULL || b == NULL) abort();
  int x, y;
  do x = getc(a), y = getc(b);
  while (x == y && x != EOF);
  fclose(a), fclose(b);
  return x == y;
}

/** What the new process does. */
static int resume(int number, moment when, int64_t steps) {
  static run r;
  r.setting = &settings[number];
  r.steps = steps;
  r.countdown = -1;
  if (r.setting->world == WALK) r.env = walk_env(&r.walk);
  MUST(pgrad_checkpoint_load(&r.agent, &r.env, "checkpoint"));
  if (when == AT_UPDATE || when == DURING_STEP) {
    train(&r, when);
  } else {
    loop(&r, when, 1);
  }
  finish(&r, "resumed");
  return 0;
}

static int resume_in_a_new_process(int number, moment when, int64_t steps) {
  char words[3][24];
  snprintf(words[0], sizeof words[0], "%d", number);
  snprintf(words[1], sizeof words[1], "%d", (int)when);
  snprintf(words[2], sizeof words[2], "%lld", (long long)steps);
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    execl("/proc/self/exe", "checkpoints", words[0], words[1], words[2], (char *)NULL);
    _exit(127);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void continues(int number, moment when, int32_t threads) {
  static run r;
  memset(&r, 0, sizeof r);
  r.setting = &settings[number];
  r.env = world_env(r.setting->world, &r.walk);
  r.agent = new_agent(r.setting, r.env, threads);
  if (r.setting->adjust == value_clip) {
    MUST(pgrad_agent_set_learning_rate(r.agent, 2e-3));
    MUST(pgrad_agent_set_clip_range(r.agent, 0.3));
    MUST(pgrad_agent_set_clip_range_value(r.agent, 0.05));
  }
  int is_loop = when != AT_UPDATE && when != DURING_STEP;
  r.steps = is_loop ? 5 * STEPS : 4 * UPDATES * STEPS * WALKERS;
  r.countdown = 2 * STEPS + STEPS / 2 + 3;
  if (when == AT_UPDATE) r.countdown = r.setting->algorithm == PGRAD_REINFORCE ? 0 : UPDATES - 1;
  remove("checkpoint"), remove("resumed");
  if (is_loop) {
    static float first[WALKERS * 400];
    MUST(pgrad_env_reset(r.env, 7, first));
    MUST(pgrad_agent_begin(r.agent, first));
    loop(&r, when, 0);
  } else {
    train(&r, when);
  }
  int64_t steps = r.steps;
  finish(&r, "straight");
  if (!CHECK(resume_in_a_new_process(number, when, steps)) || !CHECK(same_files("straight", "resumed")))
    fprintf(stderr, "  in: %s, moment %d, %d threads\n", settings[number].name, (int)when, (int)threads);
}

static void saved_in_the_progress_callback(void) {
  for (int number = 0; number < SETTINGS; number += CHECK_STRIDE)
    for (int32_t threads = 1; threads <= 2; threads++) continues(number, AT_UPDATE, threads);
}

/** Hosts begin groups by themselves, so only pgrad_train compares trajectories here. */
static void saved_in_the_middle_of_a_rollout(moment when) {
  for (int number = 0; number < SETTINGS; number += CHECK_STRIDE) {
    if (compares(&settings[number])) continue;
    for (int32_t threads = 1; threads <= 2; threads++) continues(number, when, threads);
  }
}

static void saved_before_act(void) { saved_in_the_middle_of_a_rollout(BEFORE_ACT); }
static void saved_between_masks_and_act(void) { saved_in_the_middle_of_a_rollout(AFTER_MASKS); }
static void saved_between_act_and_observe(void) { saved_in_the_middle_of_a_rollout(BEFORE_OBSERVE); }

static void saved_within_the_step_callback(void) {
  for (int number = 0; number < SETTINGS; number += CHECK_STRIDE)
    if (settings[number].world == WALK) continues(number, DURING_STEP, 1);
}

int main(int count, char **words) {
  if (count == 4) return resume(atoi(words[1]), (moment)atoi(words[2]), atoll(words[3]));
  RUN(saved_in_the_progress_callback);
  RUN(saved_before_act);
  RUN(saved_between_masks_and_act);
  RUN(saved_between_act_and_observe);
  RUN(saved_within_the_step_callback);
  return check_report();
}
