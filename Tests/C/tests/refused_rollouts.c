/* Rollouts that an agent refuses to learn from. */
#include "tape.h"

static struct tape tape;

static unsigned char before[1 << 16], after[1 << 16];

/** A refused call changes not one byte of the agent's file. */
#define CHECK_UNCHANGED(agent, status, ...)                                      \
  do {                                                                           \
    int64_t sizes[2];                                                            \
    MUST(pgrad_agent_save_memory(agent, before, sizeof before, &sizes[0]));      \
    CHECK_REFUSED(status, pgrad_agent_learn(agent, &rollout), __VA_ARGS__);      \
    MUST(pgrad_agent_save_memory(agent, after, sizeof after, &sizes[1]));        \
    CHECK(sizes[0] == sizes[1] && memcmp(before, after, (size_t)sizes[0]) == 0); \
    rollout = rollout_of(&tape, form);                                           \
  } while (0)

static void refusals_name_the_array_and_change_nothing(void) {
  struct form form = FORMS[1];
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  config.normalize_observations = config.normalize_rewards = 1;
  config.sequence_length = 4;
  pgrad_agent *agent = new_agent(form, &config), *actor = new_agent(form, &config);
  gather(actor, form, 0, &tape);
  static struct tape bad;
  bad = tape;
  const uint8_t odd[ENVS] = {0, 1, 2, 0}, none[MOST_STEPS * ENVS] = {0};
  uint8_t odd_active[MOST_STEPS * ENVS] = {0};
  float states[ENVS * MOST_STATES] = {0}, log_probs[MOST_STEPS * ENVS] = {0};
  pgrad_rollout rollout = rollout_of(&tape, form);
  rollout.n_envs = 3;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.n_envs is 3", "agent's, 4");
  rollout.n_steps = 0;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.n_steps is 0");
  rollout.n_steps = INT64_MAX;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.n_steps is 9223372036854775807");
  rollout.n_steps = 10;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "n_steps is 10", "sequence_length, which is 4");
  rollout.reserved = 1;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.reserved is 1");
  rollout.actions = NULL;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.actions is NULL, as is draws");
  rollout.observations = NULL;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.observations is NULL");
  rollout.rewards = NULL;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "rollout.rewards is NULL");
  rollout.final_observations = NULL;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "final_observations is NULL", "truncated[3] is 1",
                  "(environment 3, step 1 of the rollout)");
  rollout.episode_starts = odd;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "episode_starts[2] is 2; it must be 0 or 1");
  rollout.active = odd_active;
  odd_active[5 * ENVS + 2] = 4;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT,
                  "active[2] is 4; it must be 0 or 1 (environment 2, step 5 of the rollout)");
  rollout.active = none;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "active is 0 in every row");
  rollout.states = states;
  states[1] = (float)NAN;
  CHECK_UNCHANGED(agent, PGRAD_NOT_FINITE, "states[0, 1] is nan");
  rollout.log_probs = log_probs;
  log_probs[2 * ENVS + 1] = (float)INFINITY;
  CHECK_UNCHANGED(agent, PGRAD_NOT_FINITE, "log_probs[1] is inf", "(environment 1, step 2 of the rollout)");
  rollout.observations = bad.observations;
  bad.observations[(STEPS * ENVS + 1) * SIZE + 2] = (float)NAN;
  CHECK_UNCHANGED(agent, PGRAD_NOT_FINITE, "observations[1, 2] is nan", "(environment 1, step 12 of the rollout)");
  rollout.rewards = bad.rewards;
  bad.rewards[5 * ENVS + 3] = (float)NAN;
  CHECK_UNCHANGED(agent, PGRAD_NOT_FINITE, "rewards[3] is nan", "(environment 3, step 5 of the rollout)");
  rollout.truncated = bad.truncated;
  bad.truncated[6 * ENVS] = 9;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "truncated[0] is 9", "(environment 0, step 6 of the rollout)");
  rollout.actions = bad.actions;
  bad.actions[(7 * ENVS + 2) * COLUMNS] = CHOICES;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "actions[2, 0] is 4", "(environment 2, step 7 of the rollout)");
  rollout.masks = bad.masks;
  memset(bad.masks + (8 * ENVS + 1) * CHOICES, 0, CHOICES);
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "masks[1] allows no choice of parts[0]",
                  "flags must be 1 (environment 1, step 8 of the rollout)");
  bad.masks[(8 * ENVS + 1) * CHOICES] = 5;
  rollout.masks = bad.masks;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT,
                  "masks[1, 0] is 5; it must be 0 or 1 (environment 1, step 8 of the rollout)");
  bad = tape;
  int chosen = (int)tape.actions[9 * ENVS * COLUMNS];
  memset(bad.masks + 9 * ENVS * CHOICES, 1, CHOICES);
  bad.masks[9 * ENVS * CHOICES + chosen] = 0;
  rollout.masks = bad.masks;
  CHECK_UNCHANGED(agent, PGRAD_INVALID_ARGUMENT, "actions[0, 0]", "mask", "(environment 0, step 9 of the rollout)");
  rollout.rewards = bad.rewards;
  for (int i = 0; i < STEPS * ENVS; i++) bad.rewards[i] = 1e38f;
  pgrad_agent *plain, *whole;
  config.normalize_rewards = 0;
  plain = new_agent(form, &config);
  CHECK_UNCHANGED(plain, PGRAD_NOT_FINITE, "finite");
  config = config_of(PGRAD_REINFORCE, 1);
  whole = new_agent(form, &config);
  CHECK_UNCHANGED(whole, PGRAD_INVALID_ARGUMENT, "environment 0 has 2 whole trajectories", "n_episodes, which is 3");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agent, NULL), "rollout", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_learn(NULL, &rollout), "agent", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_rollout_init(NULL, sizeof rollout), "rollout", "NULL");
  CHECK_OK(pgrad_agent_learn(agent, &rollout));
  pgrad_agent *numbers = new_agent(FORMS[3], &config);
  CHECK_UNCHANGED(numbers, PGRAD_UNSUPPORTED, "masks", "continuous");
  pgrad_agent_destroy(numbers);
  pgrad_agent_destroy(plain);
  pgrad_agent_destroy(whole);
  pgrad_agent_destroy(actor);
  pgrad_agent_destroy(agent);
}

int main(void) {
  RUN(refusals_name_the_array_and_change_nothing);
  return check_report();
}
