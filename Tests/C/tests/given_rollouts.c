/* Learning from the arrays of a rollout, and from the same rollout where it was gathered. */
#include "tape.h"

static struct tape tape;

/** An agent learns where it acts, and another from the tape, with or without log_probs. Both begin equal. */
static void check_equal_bits(struct form form, const pgrad_agent_config *config) {
  pgrad_agent *actor = new_agent(form, config), *fresh = new_agent(form, config);
  gather(actor, form, 0, &tape);
  CHECK(statistics_of(actor).updates == 1 && !same_policies(actor, fresh));
  pgrad_rollout rollout = rollout_of(&tape, form);
  if (config->autoreset_mode == PGRAD_AUTORESET_NEXT_STEP) rollout.final_observations = NULL;
  pgrad_agent *learner = new_agent(form, config);
  CHECK_OK(pgrad_agent_learn(learner, &rollout));
  CHECK(same_update(actor, learner));
  pgrad_agent_destroy(learner);
  if (!config->normalize_observations) {
    float log_probs[MOST_STEPS * ENVS];
    pgrad_policy *policy = policy_of(form);
    pgrad_rows rows = rows_of(tape.observations, rollout.masks, (int64_t)tape.steps * ENVS);
    rows.steps = tape.steps;
    rows.episode_starts = tape.starts;
    MUST(pgrad_policy_log_prob_rows(policy, &rows, tape.actions, log_probs));
    pgrad_policy_destroy(policy);
    rollout.log_probs = log_probs;
    learner = new_agent(form, config);
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    CHECK(config->autoreset_mode == PGRAD_AUTORESET_NEXT_STEP || same_update(actor, learner));
    pgrad_agent_destroy(learner);
  }
  pgrad_agent_destroy(actor);
  pgrad_agent_destroy(fresh);
}

static void the_arrays_of_a_rollout_teach_the_same_bits(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    for (int a = 0; a < ALGORITHM_COUNT; a++) {
      for (int32_t threads = 1; threads <= 2; threads++) {
        pgrad_agent_config config = config_of(ALGORITHMS[a], threads);
        check_equal_bits(FORMS[f], &config);
      }
    }
  }
}

static void sequences_normalisers_schedules_and_resets_agree_too(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    pgrad_agent_config config = config_of(PGRAD_PPO, 1);
    if (FORMS[f].memory != PGRAD_MEMORY_NONE) config.sequence_length = 4;
    config.learning_rate_schedule = PGRAD_LINEAR;
    config.total_timesteps = 100;
    check_equal_bits(FORMS[f], &config);
    config.normalize_observations = config.normalize_rewards = 1;
    check_equal_bits(FORMS[f], &config);
    config.recompute_advantages = 1;
    config.autoreset_mode = PGRAD_AUTORESET_NEXT_STEP;
    check_equal_bits(FORMS[f], &config);
  }
  for (int32_t estimator = PGRAD_WHOLE_TRAJECTORY; estimator <= PGRAD_GROUP_CENTERED; estimator++) {
    if (estimator == PGRAD_VTRACE) continue;
    pgrad_agent_config config = config_of(PGRAD_REINFORCE, 1);
    config.estimator = estimator;
    config.n_steps = 4; /* shorter than an episode: trajectories are cut */
    if (estimator > PGRAD_VTRACE) config.group_size = 2;
    check_equal_bits(FORMS[0], &config);
  }
}

static void rollouts_that_begin_inside_episodes_agree(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    pgrad_agent_config config = config_of(PGRAD_PPO, 1);
    pgrad_agent *actor = new_agent(FORMS[f], &config), *learner = new_agent(FORMS[f], &config);
    gather(actor, FORMS[f], 0, &tape);
    pgrad_rollout rollout = rollout_of(&tape, FORMS[f]);
    /* The states that the parameters before the update have reached. */
    float states[ENVS * MOST_STATES] = {0}, values[MOST_STEPS * ENVS];
    pgrad_policy *policy = policy_of(FORMS[f]);
    int64_t size;
    MUST(pgrad_policy_state_size(policy, &size));
    CHECK(size <= MOST_STATES);
    pgrad_rows rows = rows_of(tape.observations, NULL, STEPS * ENVS);
    rows.steps = STEPS;
    rows.episode_starts = tape.starts;
    rows.final_states = states;
    MUST(pgrad_policy_value_rows(policy, &rows, values));
    pgrad_policy_destroy(policy);
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    gather(actor, FORMS[f], STEPS, &tape);
    rollout = rollout_of(&tape, FORMS[f]);
    rollout.states = states;
    rollout.episode_starts = tape.starts;
    CHECK(tape.starts[0] == 0 && tape.starts[3] == 1);
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    CHECK(statistics_of(actor).updates == 2 && same_update(actor, learner));
    pgrad_agent_destroy(actor);
    pgrad_agent_destroy(learner);
  }
}

static void rows_that_only_reset_are_given_or_derived(void) {
  pgrad_agent_config config = config_of(PGRAD_A2C, 1);
  config.autoreset_mode = PGRAD_AUTORESET_NEXT_STEP;
  pgrad_agent *actor = new_agent(FORMS[0], &config), *learner;
  gather(actor, FORMS[0], 0, &tape);
  uint8_t active[MOST_STEPS * ENVS];
  int64_t lived = 0;
  for (int row = 0; row < tape.steps * ENVS; row++) {
    int last = row - ENVS;
    active[row] = (uint8_t)(last < 0 || !active[last] || !(tape.terminated[last] | tape.truncated[last]));
    lived += active[row];
    if (!active[row]) tape.rewards[row] = (float)NAN;
  }
  CHECK(lived < (int64_t)tape.steps * ENVS && statistics_of(actor).timesteps == lived);
  for (int32_t mode = PGRAD_AUTORESET_SAME_STEP; mode <= PGRAD_AUTORESET_NEXT_STEP; mode++) {
    config.autoreset_mode = mode;
    learner = new_agent(FORMS[0], &config);
    pgrad_rollout rollout = rollout_of(&tape, FORMS[0]);
    rollout.active = active;
    rollout.final_observations = tape.observations + ENVS * SIZE; /* in this mode, the next observations */
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    CHECK(same_update(actor, learner));
    pgrad_agent_destroy(learner);
  }
  pgrad_agent_destroy(actor);
}

/** An agent learns where it acts, another from its draws, and a third from its actions. */
static void learn_from_draws_and_actions(pgrad_action_part part, pgrad_agent *agents[3]) {
  enum { ROWS = 8 };
  const uint8_t zeros[ROWS] = {0};
  float observations[2 * ROWS], actions[ROWS * 2], sampled[ROWS * 2], draws[ROWS * 2], rewards[ROWS];
  for (int i = 0; i < 2 * ROWS; i++) observations[i] = (float)sin(i + 1);
  pgrad_policy *policies[4];
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  config.n_envs = ROWS;
  config.n_steps = 1;
  config.batch_size = ROWS;
  config.seed = 0; /* the policy's: both draw alike */
  for (int i = 0; i < 4; i++) policies[i] = linear_policy(part, 1);
  for (int i = 0; i < 3; i++) agents[i] = agent_of(policies[i], &config);
  MUST(pgrad_policy_sample_draws(policies[3], observations, NULL, ROWS, sampled, draws, NULL));
  MUST(pgrad_agent_begin(agents[0], observations));
  MUST(pgrad_agent_act(agents[0], actions));
  MUST(pgrad_policy_clip(policies[3], sampled, ROWS, sampled));
  CHECK(memcmp(actions, sampled, sizeof actions) == 0);
  for (int i = 0; i < ROWS; i++) rewards[i] = actions[2 * i];
  MUST(pgrad_agent_observe(agents[0], rewards, zeros, zeros, observations, NULL));
  float both[4 * ROWS];
  memcpy(both, observations, sizeof observations);
  memcpy(both + 2 * ROWS, observations, sizeof observations);
  pgrad_rollout rollout;
  MUST(pgrad_rollout_init(&rollout, sizeof rollout));
  rollout.n_steps = 1;
  rollout.n_envs = ROWS;
  rollout.observations = both;
  rollout.draws = draws;
  rollout.rewards = rewards;
  rollout.terminated = rollout.truncated = zeros;
  CHECK_OK(pgrad_agent_learn(agents[1], &rollout));
  CHECK(same_update(agents[0], agents[1]));
  rollout.actions = actions;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learn(agents[2], &rollout), "actions", "draws", "not both");
  rollout.draws = NULL;
  CHECK_OK(pgrad_agent_learn(agents[2], &rollout));
  CHECK(!same_policies(agents[0], agents[2]));
  for (int i = 0; i < 4; i++) pgrad_policy_destroy(policies[i]);
}

static double difference_of_gradients(pgrad_agent *agents[3]) {
  return fabs(statistics_of(agents[2]).gradient_norm / statistics_of(agents[0]).gradient_norm - 1);
}

static void draws_of_squashed_and_of_clipped_actions_keep_every_bit(void) {
  pgrad_agent *agents[3];
  learn_from_draws_and_actions((pgrad_action_part){PGRAD_SQUASHED_GAUSSIAN, 2, -1, 2}, agents);
  /* From actions, u is rounded: its error and thus that of the first gradient are of order 1e-7. */
  CHECK(difference_of_gradients(agents) < 1e-4);
  for (int i = 0; i < 3; i++) pgrad_agent_destroy(agents[i]);
  learn_from_draws_and_actions((pgrad_action_part){PGRAD_GAUSSIAN, 2, -0.5f, 0.5f}, agents);
  /* Clipped actions are other draws. */
  CHECK(difference_of_gradients(agents) > 0.01);
  for (int i = 0; i < 3; i++) pgrad_agent_destroy(agents[i]);
}

static void an_unfinished_rollout_keeps_its_steps(void) {
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  struct form form = FORMS[1];
  static struct tape own;
  pgrad_agent *other = new_agent(form, &config), *agent = new_agent(form, &config);
  gather(other, form, 0, &tape);
  write_step(0, &own, 0);
  MUST(pgrad_agent_begin(agent, own.observations));
  const uint8_t zeros[ENVS] = {0};
  float actions[ENVS * COLUMNS];
  pgrad_rollout rollout = rollout_of(&tape, form);
  for (int step = 0; step < STEPS; step++) {
    CHECK(statistics_of(agent).updates == (step > 3 ? 1 : 0));
    MUST(pgrad_agent_act(agent, actions));
    if (step == 3) CHECK_OK(pgrad_agent_learn(agent, &rollout));
    write_step(step + 1, &own, step + 1);
    MUST(pgrad_agent_observe(agent, tape.rewards, zeros, zeros, own.observations + (step + 1) * ENVS * SIZE, NULL));
  }
  CHECK(statistics_of(agent).updates == 2 && statistics_of(agent).timesteps == (int64_t)2 * STEPS * ENVS);
  pgrad_agent_destroy(agent);
  pgrad_agent_destroy(other);
}

static void rollouts_may_have_another_length(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    pgrad_agent_config config = config_of(PGRAD_PPO, 1);
    config.n_steps = 3 * STEPS;
    config.batch_size = 3 * STEPS * ENVS;
    config.n_epochs = 1;
    pgrad_agent *actor = new_agent(FORMS[f], &config), *learner;
    gather(actor, FORMS[f], 0, &tape);
    config.n_steps = 1;
    config.batch_size = ENVS;
    learner = new_agent(FORMS[f], &config);
    pgrad_rollout rollout = rollout_of(&tape, FORMS[f]);
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    CHECK(statistics_of(learner).timesteps == (int64_t)3 * STEPS * ENVS && !same_policies(actor, learner));
    pgrad_agent_destroy(learner);
    config.n_steps = 3 * STEPS;
    config.batch_size = 3 * STEPS * ENVS;
    learner = new_agent(FORMS[f], &config);
    rollout.n_steps = 2;
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    CHECK(statistics_of(learner).timesteps == (int64_t)2 * ENVS);
    pgrad_agent_destroy(learner);
    pgrad_agent_destroy(actor);
  }
}

int main(void) {
  RUN(the_arrays_of_a_rollout_teach_the_same_bits);
  RUN(sequences_normalisers_schedules_and_resets_agree_too);
  RUN(rollouts_that_begin_inside_episodes_agree);
  RUN(rows_that_only_reset_are_given_or_derived);
  RUN(draws_of_squashed_and_of_clipped_actions_keep_every_bit);
  RUN(an_unfinished_rollout_keeps_its_steps);
  RUN(rollouts_may_have_another_length);
  return check_report();
}
