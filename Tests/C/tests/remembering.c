/* Policies with a memory: states in rows, in agents, in files, on threads. */
#include <math.h>

#include "fixtures.h"

enum { SIZE = 3, CHOICES = 4, ENVS = 16, STEPS = 12, MOST_STATES = 1024 };

/** One way to give a policy a memory. */
struct form {
  int32_t memory, value_memory, shared_trunk, shared_memory;
  int64_t layers, units;
};

static const struct form FORMS[] = {
    {PGRAD_MEMORY_GRU, 1, 0, 0, 1, 8},  {PGRAD_MEMORY_GRU, 0, 0, 0, 2, 5},  {PGRAD_MEMORY_GRU, 1, 1, 0, 1, 16},
    {PGRAD_MEMORY_LSTM, 1, 0, 0, 2, 8}, {PGRAD_MEMORY_LSTM, 0, 0, 0, 1, 7}, {PGRAD_MEMORY_LSTM, 1, 1, 0, 1, 8},
    {PGRAD_MEMORY_LSTM, 0, 0, 1, 2, 6},
};
enum { FORM_COUNT = sizeof FORMS / sizeof FORMS[0] };

/** A hybrid policy with masks: a choice and two numbers. */
static pgrad_policy *policy_of(struct form form) {
  static const pgrad_action_part parts[] = {{PGRAD_CATEGORICAL, CHOICES, 0, 0}, {PGRAD_GAUSSIAN, 2, -1, 1}};
  static const int64_t hidden = 6;
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = SIZE;
  config.parts = parts;
  config.part_count = 2;
  config.hidden_sizes = &hidden;
  config.hidden_count = 1;
  config.memory = form.memory;
  config.memory_size = form.units;
  config.memory_layers = form.layers;
  config.value_memory = form.value_memory;
  config.shared_trunk = form.shared_trunk;
  config.shared_memory = form.shared_memory;
  config.seed = 4;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  /* The policy's last layer begins so small that a memory would hardly show. */
  float *parameters;
  int64_t count;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] += 0.3f * (float)sin(1.7 * (double)i);
  return policy;
}

static int64_t state_size(pgrad_policy *policy) {
  int64_t size = -1;
  MUST(pgrad_policy_state_size(policy, &size));
  return size;
}

/** Step `step` of every environment: its observation, its masks, and where episodes begin. */
static void write_step(int step, float *observations, uint8_t *masks, uint8_t *starts) {
  for (int i = 0; i < ENVS; i++) {
    for (int k = 0; k < SIZE; k++) observations[i * SIZE + k] = (float)sin(3 * step + 5 * i + 11 * k);
    for (int k = 0; k < CHOICES; k++) masks[i * CHOICES + k] = (uint8_t)(k == 0 || (step + i + k) % 3 != 0);
    starts[i] = (uint8_t)((step + i) % 5 == 0);
  }
}

struct world {
  float observations[STEPS * ENVS * SIZE];
  uint8_t masks[STEPS * ENVS * CHOICES], starts[STEPS * ENVS];
};

static void write_world(struct world *world) {
  for (int step = 0; step < STEPS; step++) {
    write_step(step, world->observations + step * ENVS * SIZE, world->masks + step * ENVS * CHOICES,
               world->starts + step * ENVS);
  }
}

/** Rows of some steps of the world. */
static pgrad_rows rows_from(const struct world *world, int first, int steps, float *states) {
  pgrad_rows rows =
      rows_of(world->observations + first * ENVS * SIZE, world->masks + first * ENVS * CHOICES, (int64_t)steps * ENVS);
  rows.steps = steps;
  rows.episode_starts = world->starts + first * ENVS;
  rows.states = rows.final_states = states;
  return rows;
}

static void the_state_reached_step_by_step_is_that_of_one_pass(void) {
  struct world world;
  write_world(&world);
  for (int f = 0; f < FORM_COUNT; f++) {
    pgrad_policy *policy = policy_of(FORMS[f]);
    int64_t size = state_size(policy);
    CHECK(size > 0 && size <= MOST_STATES);
    static float whole[ENVS * MOST_STATES], stepped[ENVS * MOST_STATES];
    float actions[STEPS * ENVS * 3], one[STEPS * ENVS], by_step[STEPS * ENVS], values[2][STEPS * ENVS];
    for (int i = 0; i < ENVS * (int)size; i++) whole[i] = stepped[i] = 0.5f * (float)cos(i);
    pgrad_rows rows = rows_from(&world, 0, STEPS, whole);
    rows.final_states = NULL;
    MUST(pgrad_policy_sample_rows(policy, &rows, actions, NULL));
    MUST(pgrad_policy_value_rows(policy, &rows, values[0]));
    rows.final_states = whole;
    MUST(pgrad_policy_log_prob_rows(policy, &rows, actions, one));
    static const int lengths[] = {1, 4, 1, 6};
    for (int part = 0, step = 0; step < STEPS; step += lengths[part++]) {
      pgrad_rows some = rows_from(&world, step, lengths[part], stepped);
      some.final_states = NULL;
      MUST(pgrad_policy_value_rows(policy, &some, values[1] + step * ENVS));
      some.final_states = stepped;
      MUST(pgrad_policy_log_prob_rows(policy, &some, actions + step * ENVS * 3, by_step + step * ENVS));
    }
    CHECK(memcmp(one, by_step, sizeof one) == 0);
    CHECK(memcmp(values[0], values[1], sizeof values[0]) == 0);
    CHECK(memcmp(whole, stepped, (size_t)(ENVS * size) * sizeof(float)) == 0);
    pgrad_policy_destroy(policy);
  }
}

static void a_state_is_forgotten_where_an_episode_starts(void) {
  struct world world;
  write_world(&world);
  pgrad_policy *policy = policy_of(FORMS[0]);
  static float states[ENVS * MOST_STATES];
  float fresh[ENVS], carried[ENVS], forgotten[ENVS];
  for (int i = 0; i < ENVS * MOST_STATES; i++) states[i] = 0.9f;
  pgrad_rows rows = rows_of(world.observations, world.masks, ENVS);
  MUST(pgrad_policy_value_rows(policy, &rows, fresh));
  rows.states = states;
  MUST(pgrad_policy_value_rows(policy, &rows, carried));
  rows.episode_starts = (const uint8_t[ENVS]){0, 1, 0, 1, 1};
  MUST(pgrad_policy_value_rows(policy, &rows, forgotten));
  for (int i = 0; i < ENVS; i++) {
    CHECK(fresh[i] != carried[i]);
    CHECK(forgotten[i] == (rows.episode_starts[i] ? fresh[i] : carried[i]));
  }
  pgrad_policy_destroy(policy);
}

enum { PATTERN = 0x5a };

/** Whether a call was refused because of a number that is not finite, and wrote neither results nor states. */
static int wrote_nothing(pgrad_status status, const float *results, size_t size, const float *states,
                         const float *states_before) {
  for (size_t i = 0; i < size; i++)
    if (((const unsigned char *)results)[i] != PATTERN) return 0;
  return status == PGRAD_NOT_FINITE && memcmp(states, states_before, ENVS * MOST_STATES * sizeof *states) == 0;
}

static void calls_whose_final_states_would_not_be_finite_write_nothing(void) {
  static struct world world;
  static float states[ENVS * MOST_STATES], before[ENVS * MOST_STATES], gradient[4096];
  float actions[STEPS * ENVS * 3], results[STEPS * ENVS * 3], ones[STEPS * ENVS], *parameters;
  int64_t count;
  write_world(&world);
  pgrad_policy *policy = policy_of(FORMS[0]); /* its value function has a memory of its own */
  pgrad_rows rows = rows_from(&world, 0, STEPS, NULL);
  MUST(pgrad_policy_sample_rows(policy, &rows, actions, NULL));
  for (int i = 0; i < STEPS * ENVS; i++) ones[i] = 1;
  MUST(pgrad_policy_value_gradient_rows(policy, &rows, ones, gradient));
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++)
    if (gradient[i] != 0) parameters[i] = i % 3 == 0 ? -3e38f : 3e38f;
  for (int i = 0; i < ENVS * MOST_STATES; i++) states[i] = before[i] = 0.5f;
  rows.states = rows.final_states = states;
  memset(results, PATTERN, sizeof results);
#define WRITES_NOTHING(call) CHECK(wrote_nothing(call, results, sizeof results, states, before))
  WRITES_NOTHING(pgrad_policy_sample_rows(policy, &rows, results, NULL));
  WRITES_NOTHING(pgrad_policy_mode_rows(policy, &rows, results));
  WRITES_NOTHING(pgrad_policy_log_prob_rows(policy, &rows, actions, results));
  WRITES_NOTHING(pgrad_policy_entropy_rows(policy, &rows, results));
  WRITES_NOTHING(pgrad_policy_kl_rows(policy, policy, &rows, results));
  pgrad_policy_destroy(policy);
}

static void a_gradient_that_is_not_finite_leaves_the_states(void) {
  static struct world world;
  static float states[ENVS * MOST_STATES], before[ENVS * MOST_STATES], results[4096];
  float actions[STEPS * ENVS * 3], largest[STEPS * ENVS];
  write_world(&world);
  pgrad_policy *policy = policy_of(FORMS[0]);
  pgrad_rows rows = rows_from(&world, 0, STEPS, NULL);
  MUST(pgrad_policy_sample_rows(policy, &rows, actions, NULL));
  for (int i = 0; i < STEPS * ENVS; i++) largest[i] = 3e38f;
  for (int i = 0; i < ENVS * MOST_STATES; i++) states[i] = before[i] = 0.5f;
  rows.states = rows.final_states = states;
  memset(results, PATTERN, sizeof results);
  WRITES_NOTHING(pgrad_policy_score_gradient_rows(policy, &rows, actions, largest, results));
  WRITES_NOTHING(pgrad_policy_entropy_gradient_rows(policy, &rows, largest, results));
  WRITES_NOTHING(pgrad_policy_value_gradient_rows(policy, &rows, largest, results));
  for (int i = 0; i < STEPS * ENVS; i++) largest[i] = 1;
  MUST(pgrad_policy_value_gradient_rows(policy, &rows, largest, results));
  CHECK(memcmp(states, before, sizeof states) != 0);
  pgrad_policy_destroy(policy);
}

/** Acts and learns for some steps in a world of the host's, whose rewards depend on earlier observations. */
static void live(pgrad_agent *agent, int *now, int steps) {
  float observations[ENVS * SIZE], final[ENVS * SIZE], actions[ENVS * 3], rewards[ENVS];
  uint8_t masks[ENVS * CHOICES], starts[ENVS], terminated[ENVS], truncated[ENVS];
  write_step(*now, observations, masks, starts);
  if (*now == 0) MUST(pgrad_agent_begin(agent, observations));
  for (int end = *now + steps; *now < end;) {
    MUST(pgrad_agent_set_masks(agent, masks));
    MUST(pgrad_agent_act(agent, actions));
    memcpy(final, observations, sizeof final);
    write_step(++*now, observations, masks, starts);
    for (int i = 0; i < ENVS; i++) {
      rewards[i] = (float)(actions[i * 3] == (*now + i) % 3) - actions[i * 3 + 1] * actions[i * 3 + 2];
      terminated[i] = (uint8_t)(starts[i] && i % 2 == 0);
      truncated[i] = (uint8_t)(starts[i] && i % 2 == 1);
    }
    MUST(pgrad_agent_observe(agent, rewards, terminated, truncated, observations, final));
  }
}

static pgrad_agent_config config_of(int32_t algorithm, int32_t threads) {
  pgrad_agent_config config = small_ppo(3, threads);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_envs = ENVS;
  config.n_steps = STEPS;
  config.batch_size = algorithm == PGRAD_A2C ? config.batch_size : ENVS * STEPS / 2;
  config.n_epochs = 2;
  config.sequence_length = 4;
  config.n_episodes = 2;
  if (algorithm == PGRAD_REINFORCE) {
    config.sequence_length = config.n_steps = 0;
    config.baseline = 1;
  }
  return config;
}

static int same_policies(pgrad_agent *one, pgrad_agent *other) {
  pgrad_policy *policies[2] = {NULL, NULL};
  MUST(pgrad_agent_policy(one, &policies[0]));
  MUST(pgrad_agent_policy(other, &policies[1]));
  int same = same_parameters(policies[0], policies[1]);
  for (int i = 0; i < 2; i++) pgrad_policy_destroy(policies[i]);
  return same;
}

static const int32_t ALGORITHMS[] = {PGRAD_REINFORCE, PGRAD_A2C, PGRAD_PPO, PGRAD_NPG, PGRAD_TRPO, PGRAD_SPO};
enum { ALGORITHM_COUNT = sizeof ALGORITHMS / sizeof ALGORITHMS[0] };

static pgrad_agent *new_agent(int form, const pgrad_agent_config *config) {
  pgrad_policy *policy = policy_of(FORMS[form]);
  pgrad_agent *agent = agent_of(policy, config);
  pgrad_policy_destroy(policy);
  return agent;
}

/** Two threads divide a minibatch only if it has 256 rows or more, and more than 8 sequences. This has 576 rows, or at
 *  least 512 in whole trajectories, whose sequences are as long as the rollout. */
static pgrad_agent_config large_config_of(int32_t algorithm, int32_t threads) {
  pgrad_agent_config config = config_of(algorithm, threads);
  if (algorithm == PGRAD_REINFORCE) {
    config.n_episodes = 8;
    return config;
  }
  config.n_steps = 3 * STEPS;
  if (algorithm != PGRAD_A2C) config.batch_size = 3 * STEPS * ENVS;
  return config;
}

static void every_algorithm_learns_the_same_bits_on_one_thread_and_on_two(void) {
  for (int form = 0; form < FORM_COUNT; form++) {
    for (int algorithm = 0; algorithm < ALGORITHM_COUNT; algorithm++) {
      pgrad_agent *agents[3];
      for (int i = 0; i < 3; i++) {
        int now = 0;
        pgrad_agent_config config = large_config_of(ALGORITHMS[algorithm], i == 1 ? 2 : 1);
        agents[i] = new_agent(form, &config);
        if (i < 2) live(agents[i], &now, 7 * STEPS);
      }
      pgrad_statistics statistics;
      MUST(pgrad_agent_statistics(agents[0], &statistics, sizeof statistics));
      CHECK(statistics.updates >= 2);
      CHECK(same_policies(agents[0], agents[1]));
      CHECK(!same_policies(agents[0], agents[2]));
      for (int i = 0; i < 3; i++) pgrad_agent_destroy(agents[i]);
    }
  }
}

static void the_first_ratio_is_exactly_one(void) {
  for (int form = 0; form < FORM_COUNT; form++) {
    for (int length = 0; length <= 4; length += 2) {
      pgrad_agent_config config = config_of(PGRAD_PPO, 1);
      config.batch_size = ENVS * STEPS;
      config.n_epochs = 1;
      config.sequence_length = length;
      pgrad_policy *policy = policy_of(FORMS[form]);
      pgrad_agent *agent = agent_of(policy, &config);
      for (int update = 1, now = 0; update <= 3; update++) {
        live(agent, &now, STEPS);
        pgrad_statistics statistics;
        MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
        CHECK(statistics.updates == update);
        CHECK(statistics.approx_kl == 0);
      }
      pgrad_agent_destroy(agent);
      pgrad_policy_destroy(policy);
    }
  }
}

static void a_loaded_agent_remembers(void) {
  for (int form = 0; form < FORM_COUNT; form++) {
    pgrad_agent_config config = config_of(PGRAD_PPO, 1);
    pgrad_agent *whole = new_agent(form, &config), *loaded = NULL;
    int now = 0;
    live(whole, &now, 2 * STEPS);
    MUST(pgrad_agent_save(whole, "remembering.safetensors"));
    MUST(pgrad_agent_load(&loaded, "remembering.safetensors"));
    int again = now;
    live(whole, &now, 2 * STEPS);
    live(loaded, &again, 2 * STEPS);
    CHECK(same_policies(whole, loaded));
    pgrad_agent_destroy(whole);
    pgrad_agent_destroy(loaded);
  }
}

static void refusals_name_the_argument(void) {
  struct world world;
  write_world(&world);
  pgrad_policy *policy = policy_of(FORMS[0]), *other = policy_of(FORMS[3]), *plain = cartpole_policy(1);
  pgrad_agent *agent = NULL;
  float numbers[ENVS * 3], states[ENVS * MOST_STATES] = {0};
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_policy_sample(policy, world.observations, 1, numbers, NULL), "memory");
  pgrad_rows rows = rows_of(world.observations, world.masks, ENVS);
  rows.steps = 3;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_value_rows(policy, &rows, numbers), "rows.steps is 3");
  rows.steps = 1;
  rows.states = states;
  states[state_size(policy) + 1] = (float)NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_value_rows(policy, &rows, numbers), "states[1, 1] is nan");
  rows.states = NULL;
  rows.episode_starts = (const uint8_t[ENVS]){0, 0, 3, 0, 0};
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_value_rows(policy, &rows, numbers), "episode_starts[2] is 3");
  rows.episode_starts = NULL;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_kl_rows(policy, other, &rows, numbers), "state_size of other");
  pgrad_agent_config config = config_of(PGRAD_PPO, 1);
  config.sequence_length = 5;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, &config), "sequence_length is 5");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, plain, &config), "sequence_length is 5");
  config = config_of(PGRAD_REINFORCE, 1);
  config.sequence_length = 4;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, &config), "sequence_length is 4");
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(other);
  pgrad_policy_destroy(plain);
}

int main(void) {
  RUN(the_state_reached_step_by_step_is_that_of_one_pass);
  RUN(a_state_is_forgotten_where_an_episode_starts);
  RUN(calls_whose_final_states_would_not_be_finite_write_nothing);
  RUN(a_gradient_that_is_not_finite_leaves_the_states);
  RUN(every_algorithm_learns_the_same_bits_on_one_thread_and_on_two);
  RUN(the_first_ratio_is_exactly_one);
  RUN(a_loaded_agent_remembers);
  RUN(refusals_name_the_argument);
  return check_report();
}
