/* The rows of an update and what it computed for each, against the host's own tape and the plain functions. */
#include "tape.h"

static struct tape tape;

static pgrad_learned_rows rows_learned_by(pgrad_agent *agent) {
  pgrad_learned_rows rows;
  memset(&rows, 0, sizeof rows);
  CHECK_OK(pgrad_agent_learned_rows(agent, &rows, sizeof rows));
  return rows;
}

static int same_bytes(const void *one, const void *other, int64_t count, size_t size) {
  return one != NULL && other != NULL && memcmp(one, other, (size_t)count * size) == 0;
}

/** Acts until an update is complete, from the start of the world. */
static void gather_and_complete(pgrad_agent *agent, struct form form, int steps) {
  int64_t updates = statistics_of(agent).updates;
  write_step(0, &tape, 0);
  MUST(pgrad_agent_begin(agent, tape.observations));
  for (tape.steps = 0; tape.steps < steps; tape.steps++) play_step(agent, form, &tape, tape.steps, tape.steps, 0, ENVS);
  MUST(pgrad_agent_update_for(agent, INT64_MAX, NULL));
  CHECK(statistics_of(agent).updates == updates + 1);
}

/** What the host has seen is in the rows. */
static void check_tape(pgrad_agent *agent, struct form form) {
  pgrad_learned_rows rows = rows_learned_by(agent);
  int64_t count = rows.n_steps * rows.n_envs;
  float observations[MOST_STEPS * ENVS * SIZE];
  CHECK(rows.n_steps == tape.steps && rows.n_envs == ENVS && rows.reserved == 0);
  CHECK(same_bytes(rows.draws, tape.actions, count * COLUMNS, sizeof(float)));
  CHECK(same_bytes(rows.rewards, tape.rewards, count, sizeof(float)));
  CHECK(same_bytes(rows.terminated, tape.terminated, count, 1));
  CHECK(same_bytes(rows.truncated, tape.truncated, count, 1));
  CHECK(form.sde ? rows.masks == NULL : same_bytes(rows.masks, tape.masks, count * CHOICES, 1));
  for (int row = 0; row < count; row++)
    CHECK(rows.episode_steps[row] == (tape.starts[row] ? 0 : rows.episode_steps[row - ENVS] + 1));
  CHECK_OK(pgrad_agent_learned_observations(agent, observations));
  CHECK(same_bytes(observations, tape.observations, count * SIZE, sizeof(float)));
}

/** Log-probabilities and values are those of the policy before the update. */
static void check_policy(pgrad_agent *agent, struct form form) {
  pgrad_learned_rows rows = rows_learned_by(agent);
  int64_t count = rows.n_steps * rows.n_envs;
  float numbers[MOST_STEPS * ENVS];
  pgrad_policy *before = policy_of(form);
  pgrad_rows given = rows_of(tape.observations, rows.masks, count);
  given.steps = rows.n_steps;
  given.episode_starts = tape.starts;
  MUST(pgrad_policy_log_prob_rows(before, &given, rows.draws, numbers));
  CHECK(same_bytes(rows.log_probs, numbers, count, sizeof(float)));
  given.masks = NULL;
  MUST(pgrad_policy_value_rows(before, &given, numbers));
  CHECK(same_bytes(rows.values, numbers, count, sizeof(float)));
  pgrad_policy_destroy(before);
}

/** Without a memory, advantages and targets follow from the arrays by pgrad_gae. */
static void check_advantages(pgrad_agent *agent, struct form form, const pgrad_agent_config *config) {
  pgrad_learned_rows rows = rows_learned_by(agent);
  int64_t count = rows.n_steps * rows.n_envs;
  float final[MOST_STEPS * ENVS], last[ENVS], advantages[MOST_STEPS * ENVS];
  pgrad_policy *before = policy_of(form);
  MUST(pgrad_policy_value_rows(before, ROWS_OF(tape.final, NULL, count), final));
  MUST(pgrad_policy_value_rows(before, ROWS_OF(tape.observations + count * SIZE, NULL, ENVS), last));
  MUST(pgrad_gae(rows.rewards, rows.values, rows.terminated, rows.truncated, final, last, rows.n_steps, ENVS,
                 config->gamma, config->gae_lambda, advantages));
  CHECK(same_bytes(rows.advantages, advantages, count, sizeof(float)));
  for (int64_t row = 0; row < count; row++) advantages[row] += rows.values[row];
  CHECK(same_bytes(rows.targets, advantages, count, sizeof(float)));
  pgrad_policy_destroy(before);
}

static void every_update_shows_what_it_learned_from(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    for (int a = 1; a < ALGORITHM_COUNT; a++) { /* all but REINFORCE */
      for (int32_t mode = PGRAD_UPDATE_AT_ONCE; mode <= PGRAD_UPDATE_IN_BACKGROUND; mode++) {
        for (int32_t threads = 1; threads <= 2; threads++) {
          pgrad_agent_config config = config_of(ALGORITHMS[a], threads);
          config.update_mode = mode;
          pgrad_agent *agent = new_agent(FORMS[f], &config);
          gather_and_complete(agent, FORMS[f], (int)config.n_steps);
          check_tape(agent, FORMS[f]);
          check_policy(agent, FORMS[f]);
          if (FORMS[f].memory == PGRAD_MEMORY_NONE) check_advantages(agent, FORMS[f], &config);
          pgrad_agent_destroy(agent);
        }
      }
    }
  }
}

static void learned_rows_teach_another_agent_the_same_bits(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    pgrad_agent_config config = config_of(PGRAD_PPO, 1);
    pgrad_agent *actor = new_agent(FORMS[f], &config), *learner = new_agent(FORMS[f], &config);
    gather_and_complete(actor, FORMS[f], STEPS);
    pgrad_learned_rows rows = rows_learned_by(actor);
    pgrad_rollout rollout = rollout_of(&tape, FORMS[f]);
    MUST(pgrad_agent_learned_observations(actor, tape.observations));
    rollout.actions = NULL;
    rollout.draws = rows.draws;
    rollout.log_probs = rows.log_probs;
    rollout.rewards = rows.rewards;
    rollout.terminated = rows.terminated;
    rollout.truncated = rows.truncated;
    rollout.masks = rows.masks;
    CHECK_OK(pgrad_agent_learn(learner, &rollout));
    CHECK(same_update(actor, learner));
    check_tape(learner, FORMS[f]); /* a given rollout is shown like the agent's own */
    check_policy(learner, FORMS[f]);
    pgrad_agent_destroy(actor);
    pgrad_agent_destroy(learner);
  }
}

static void observations_are_shown_as_they_were_normalised(void) {
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  config.normalize_observations = config.normalize_rewards = 1;
  pgrad_agent *agent = new_agent(FORMS[0], &config);
  gather_and_complete(agent, FORMS[0], STEPS);
  pgrad_learned_rows rows = rows_learned_by(agent);
  float observations[STEPS * ENVS * SIZE], values[STEPS * ENVS];
  CHECK(same_bytes(rows.rewards, tape.rewards, STEPS * ENVS, sizeof(float)));
  MUST(pgrad_agent_learned_observations(agent, observations));
  CHECK(!same_bytes(observations, tape.observations, STEPS * ENVS * SIZE, sizeof(float)));
  pgrad_policy *plain = policy_of(FORMS[0]);
  MUST(pgrad_policy_value_rows(plain, ROWS_OF(observations, NULL, STEPS * ENVS), values));
  CHECK(same_bytes(rows.values, values, STEPS * ENVS, sizeof(float)));
  pgrad_policy_destroy(plain);
  pgrad_agent_destroy(agent);
}

static void rows_that_are_not_learned_from_say_so(void) {
  pgrad_agent_config config = config_of(PGRAD_REINFORCE, 1);
  pgrad_agent *agent = new_agent(FORMS[0], &config);
  gather(agent, FORMS[0], 0, &tape);
  pgrad_learned_rows rows = rows_learned_by(agent);
  CHECK(rows.n_steps == tape.steps && rows.values == NULL && rows.targets == NULL && rows.advantages != NULL);
  for (int i = 0; i < ENVS; i++) {
    int episodes = 0;
    for (int64_t row = i; row < rows.n_steps * ENVS; row += ENVS) {
      CHECK((rows.episode_steps[row] == -1) == (episodes == 3)); /* n_episodes */
      if (rows.terminated[row] || rows.truncated[row]) episodes += episodes < 3;
    }
    CHECK(episodes == 3);
  }
  pgrad_agent_destroy(agent);

  config = config_of(PGRAD_A2C, 1);
  config.autoreset_mode = PGRAD_AUTORESET_NEXT_STEP;
  agent = new_agent(FORMS[0], &config);
  gather(agent, FORMS[0], 0, &tape);
  rows = rows_learned_by(agent);
  int64_t active = 0;
  for (int64_t row = 0; row < rows.n_steps * ENVS; row++) {
    int resets = row >= ENVS && rows.episode_steps[row - ENVS] >= 0 &&
                 (tape.terminated[row - ENVS] || tape.truncated[row - ENVS]);
    CHECK((rows.episode_steps[row] == -1) == resets);
    CHECK(rows.rewards[row] == (resets ? 0 : tape.rewards[row]));
    active += !resets;
  }
  CHECK(active == statistics_of(agent).timesteps && active < rows.n_steps * ENVS);
  pgrad_agent_destroy(agent);
}

enum { FRAME_SIDE = 6, FRAME = FRAME_SIDE * FRAME_SIDE * 2 };

static void write_frame(int step, float *frame) {
  for (int k = 0; k < FRAME; k++) frame[k] = (float)((step * 37 + k * k) % 256);
}

/** Images are kept as bytes, and shown as they were observed. */
static void images_are_shown_as_they_were_observed(void) {
  const pgrad_observation_part image = {PGRAD_IMAGE, 0, FRAME_SIDE, FRAME_SIDE, 2, 0};
  const pgrad_action_part choice = {PGRAD_CATEGORICAL, 2, 0, 0};
  const uint8_t none = 0;
  const float reward = 1;
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = FRAME;
  config.observation_parts = &image;
  config.observation_part_count = 1;
  config.encoder = PGRAD_ENCODER_MINATAR;
  config.parts = &choice;
  config.part_count = 1;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  pgrad_agent_config options = small_ppo(1, 1);
  options.n_envs = 1;
  options.n_steps = options.batch_size = 8;
  pgrad_agent *agent = agent_of(policy, &options);
  static float frames[9 * FRAME], shown[8 * FRAME];
  float action;
  write_frame(0, frames);
  MUST(pgrad_agent_begin(agent, frames));
  for (int step = 0; step < 8; step++) {
    write_frame(step + 1, frames + (step + 1) * FRAME);
    MUST(pgrad_agent_act(agent, &action));
    MUST(pgrad_agent_observe(agent, &reward, &none, &none, frames + (step + 1) * FRAME, NULL));
  }
  MUST(pgrad_agent_learned_observations(agent, shown));
  CHECK(same_bytes(shown, frames, 8 * FRAME, sizeof(float)));
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

struct watch {
  pgrad_agent *agent;
  pgrad_policy *before; /* as it was when the training began */
  int seen;
};

/** The rows of the first update are of the policy before it. */
static int32_t see_rows(void *context, const pgrad_statistics *statistics) {
  struct watch *watch = context;
  float observations[32 * 4 * 4], values[32 * 4];
  pgrad_learned_rows rows = rows_learned_by(watch->agent);
  CHECK(rows.n_steps == 32 && rows.n_envs == 4 && rows.masks == NULL);
  for (int row = 0; row < 32 * 4; row++) CHECK(rows.rewards[row] == 1 && rows.log_probs[row] < 0);
  MUST(pgrad_agent_learned_observations(watch->agent, observations));
  MUST(pgrad_policy_value_rows(watch->before, ROWS_OF(observations, NULL, 32 * 4), values));
  CHECK(same_bytes(rows.values, values, 32 * 4, sizeof(float)) == (statistics->updates == 1));
  watch->seen++;
  return 0;
}

static void the_callback_of_a_training_sees_them(void) {
  pgrad_agent_config config = small_ppo(5, 1);
  struct watch watch = {NULL, cartpole_policy(1), 0};
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_env *env = native_env("CartPole-v1", 4);
  watch.agent = agent_of(policy, &config);
  CHECK_OK(pgrad_train(watch.agent, env, 3 * 32 * 4, see_rows, &watch));
  CHECK(watch.seen == 3 && rows_learned_by(watch.agent).n_steps == 32);
  pgrad_agent_destroy(watch.agent);
  pgrad_env_destroy(env);
  pgrad_policy_destroy(watch.before);
  pgrad_policy_destroy(policy);
}

static void check_no_rows(pgrad_agent *agent, const char *word) {
  pgrad_learned_rows rows;
  float observations[MOST_STEPS * ENVS * SIZE];
  canary_set(&rows, sizeof rows);
  canary_set(observations, sizeof observations);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_learned_rows(agent, &rows, sizeof rows), word);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_learned_observations(agent, observations), word);
  CHECK(canary_alive(&rows, sizeof rows) && canary_alive(observations, sizeof observations));
}

static void there_are_no_rows_before_an_update_and_after_the_next_step(void) {
  struct form form = FORMS[0];
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  pgrad_agent *agent = new_agent(form, &config);
  float actions[ENVS * COLUMNS], infinite[ENVS];
  check_no_rows(agent, "has not learned yet");
  gather_and_complete(agent, form, STEPS);
  MUST(pgrad_agent_begin(agent, tape.observations)); /* a restart of the episodes changes no row */
  check_tape(agent, form);
  MUST(pgrad_agent_set_masks(agent, tape.masks));
  check_no_rows(agent, "has acted since its latest update");
  gather_and_complete(agent, form, STEPS);
  check_tape(agent, form);
  MUST(pgrad_agent_act(agent, actions));
  check_no_rows(agent, "has acted since its latest update");
  pgrad_rollout rollout = rollout_of(&tape, form);
  CHECK_OK(pgrad_agent_learn(agent, &rollout)); /* also between act and observe */
  check_tape(agent, form);
  for (int i = 0; i < ENVS; i++) infinite[i] = 3e38f;
  rollout.n_steps = 1;
  rollout.rewards = infinite;
  CHECK(pgrad_agent_learn(agent, &rollout) == PGRAD_NOT_FINITE);
  check_no_rows(agent, "acted since its latest update, or is making another");
  pgrad_agent_destroy(agent);

  config.update_mode = PGRAD_UPDATE_DEFERRED;
  agent = new_agent(form, &config);
  gather_and_complete(agent, form, STEPS);
  for (int step = 0; step < STEPS; step++) play_step(agent, form, &tape, step, STEPS + step, 0, ENVS);
  check_no_rows(agent, "is making another"); /* due, but not complete */
  pgrad_agent_destroy(agent);
}

static void bad_arguments_are_named(void) {
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  pgrad_agent *agent = new_agent(FORMS[0], &config);
  pgrad_learned_rows rows;
  gather_and_complete(agent, FORMS[0], STEPS);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learned_rows(agent, NULL, sizeof rows), "rows is NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learned_rows(agent, &rows, 3), "struct_size is 3");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_learned_observations(agent, NULL), "observations is NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_learned_rows(NULL, &rows, sizeof rows), "agent");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_learned_observations(NULL, tape.rewards), "agent");
  pgrad_agent_destroy(agent);
}

int main(void) {
  RUN(every_update_shows_what_it_learned_from);
  RUN(learned_rows_teach_another_agent_the_same_bits);
  RUN(observations_are_shown_as_they_were_normalised);
  RUN(rows_that_are_not_learned_from_say_so);
  RUN(images_are_shown_as_they_were_observed);
  RUN(the_callback_of_a_training_sees_them);
  RUN(there_are_no_rows_before_an_update_and_after_the_next_step);
  RUN(bad_arguments_are_named);
  return check_report();
}
