/* Training that is saved in one process and continued in another gives the bits of training that never stopped. */
#include "../resuming.h"

static void start(run *r, const void *context, int32_t threads) {
  const setting *s = (const setting *)context;
  r->world = s->world;
  r->env = world_env(s->world, &r->walk);
  r->agent = new_agent(s, r->env, threads);
  if (s->adjust != value_clip) return;
  MUST(pgrad_agent_set_learning_rate(r->agent, 2e-3));
  MUST(pgrad_agent_set_clip_range(r->agent, 0.3));
  MUST(pgrad_agent_set_clip_range_value(r->agent, 0.05));
}

static void continues(int number, moment when, int32_t threads) {
  if (!continues_with_the_same_bits(start, &settings[number], when, threads))
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
  resume_if_asked(count, words);
  RUN(saved_in_the_progress_callback);
  RUN(saved_before_act);
  RUN(saved_between_masks_and_act);
  RUN(saved_between_act_and_observe);
  RUN(saved_within_the_step_callback);
  return check_report();
}
