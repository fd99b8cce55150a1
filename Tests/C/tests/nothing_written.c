/* A refused call writes nothing: outputs are set to a pattern, the last row or the last block is hostile, and both the
   pattern and the next results of the object are compared. */
#include <math.h>

#include "fixtures.h"

/* --------------------------------------------------------------------------------------------------------- policies */

enum { MOST_ROWS = 64 * 40, COLUMNS = 2 };

static float observations[2 * MOST_ROWS], actions[COLUMNS * MOST_ROWS], weights[MOST_ROWS];
static float outputs[COLUMNS * MOST_ROWS], logs[MOST_ROWS], vector[64];
static uint8_t masks[2 * COLUMNS * MOST_ROWS];

typedef pgrad_status (*policy_call)(pgrad_policy *policy, pgrad_policy *other, int64_t rows);

static pgrad_status sample(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_sample(policy, observations, rows, outputs, logs);
}
static pgrad_status sample_alone(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_sample(policy, observations, rows, outputs, NULL);
}
static pgrad_status sample_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_sample_rows(policy, ROWS_OF(observations, masks, rows), outputs, logs);
}
static pgrad_status mode(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_mode(policy, observations, rows, outputs);
}
static pgrad_status mode_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_mode_rows(policy, ROWS_OF(observations, masks, rows), outputs);
}
static pgrad_status log_prob(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_log_prob(policy, observations, actions, rows, outputs);
}
static pgrad_status log_prob_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_log_prob_rows(policy, ROWS_OF(observations, masks, rows), actions, outputs);
}
static pgrad_status entropy(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_entropy(policy, observations, rows, outputs);
}
static pgrad_status entropy_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_entropy_rows(policy, ROWS_OF(observations, masks, rows), outputs);
}
static pgrad_status kl(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  return pgrad_policy_kl(policy, other, observations, rows, outputs);
}
static pgrad_status kl_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  return pgrad_policy_kl_rows(policy, other, ROWS_OF(observations, masks, rows), outputs);
}
static pgrad_status value(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_value(policy, observations, rows, outputs);
}
static pgrad_status score_gradient(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_score_gradient(policy, observations, actions, weights, rows, outputs);
}
static pgrad_status score_gradient_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_score_gradient_rows(policy, ROWS_OF(observations, masks, rows), actions, weights, outputs);
}
static pgrad_status fisher_vector(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_fisher_vector(policy, observations, rows, vector, outputs);
}
static pgrad_status fisher_vector_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_fisher_vector_rows(policy, ROWS_OF(observations, masks, rows), vector, outputs);
}
static pgrad_status value_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_value_rows(policy, ROWS_OF(observations, NULL, rows), outputs);
}
static pgrad_status entropy_gradient_rows(pgrad_policy *policy, pgrad_policy *other, int64_t rows) {
  (void)other;
  return pgrad_policy_entropy_gradient_rows(policy, ROWS_OF(observations, masks, rows), weights, outputs);
}

static const struct {
  const char *name;
  policy_call call;
  int draws;       /**< 1: counts as a draw. */
  int must_refuse; /**< 1: refuses outputs that are not finite, whatever the distribution. */
  int is_constant; /**< 1: no mean changes it for a Gaussian whose log standard deviations are parameters. */
} policy_calls[] = {
    {"sample", sample, 1, 0, 0},
    {"sample without log_probs", sample_alone, 1, 0, 0},
    {"sample_rows", sample_rows, 1, 0, 0},
    {"mode", mode, 0, 1, 0},
    {"mode_rows", mode_rows, 0, 1, 0},
    {"log_prob", log_prob, 0, 0, 0},
    {"log_prob_rows", log_prob_rows, 0, 0, 0},
    {"entropy", entropy, 0, 0, 1},
    {"entropy_rows", entropy_rows, 0, 0, 1},
    {"kl", kl, 0, 0, 0},
    {"kl_rows", kl_rows, 0, 0, 0},
    {"value", value, 0, 1, 0},
    {"value_rows", value_rows, 0, 1, 0},
    {"score_gradient", score_gradient, 0, 0, 0},
    {"score_gradient_rows", score_gradient_rows, 0, 0, 0},
    {"fisher_vector", fisher_vector, 0, 0, 1},
    {"fisher_vector_rows", fisher_vector_rows, 0, 0, 1},
    {"entropy_gradient_rows", entropy_gradient_rows, 0, 0, 1},
};
enum { POLICY_CALLS = sizeof policy_calls / sizeof policy_calls[0] };

static const pgrad_action_part parts[] = {{PGRAD_CATEGORICAL, 3, 0, 0},
                                          {PGRAD_BERNOULLI, 2, 0, 0},
                                          {PGRAD_GAUSSIAN, 2, -INFINITY, INFINITY},
                                          {PGRAD_SQUASHED_GAUSSIAN, 2, -1, 1},
                                          {PGRAD_BETA, 2, 0, 1}};
enum { PARTS = sizeof parts / sizeof parts[0] };

/** A linear policy whose weights are 2, so that an observation of (3e38, -3e38) gives outputs of inf - inf. */
static pgrad_policy *fragile_policy(pgrad_action_part part) {
  pgrad_policy *policy = linear_policy(part, 1);
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] = parameters[i] != 0 ? 2 : 0;
  return policy;
}

static void set_rows(int64_t rows, int hostile) {
  for (int64_t i = 0; i < 2 * rows; i++) observations[i] = (float)(i % 7) * 0.1f;
  for (int64_t i = 0; i < COLUMNS * rows; i++) actions[i] = 0;
  if (hostile) {
    observations[2 * rows - 2] = 3e38f;
    observations[2 * rows - 1] = -3e38f;
  }
}

static int nothing_is_written(void) { return canary_alive(outputs, sizeof outputs) && canary_alive(logs, sizeof logs); }

static void a_call_refused_for_its_last_row_writes_nothing(void) {
  const int64_t rows[] = {1, 64, 65, 200, 1024, 1025, MOST_ROWS};
  for (int i = 0; i < MOST_ROWS; i++) weights[i] = 1;
  for (int i = 0; i < 64; i++) vector[i] = 0.5f;
  memset(masks, 1, sizeof masks);
  for (int p = 0; p < PARTS; p++) {
    pgrad_policy *policy = fragile_policy(parts[p]), *twin = fragile_policy(parts[p]);
    pgrad_policy *other = fragile_policy(parts[p]);
    int is_gaussian = parts[p].kind == PGRAD_GAUSSIAN, is_strict = is_gaussian || parts[p].kind == PGRAD_CATEGORICAL;
    int draws = 0;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
      for (int c = 0; c < POLICY_CALLS; c++) {
        int may_answer = !policy_calls[c].must_refuse && (!is_strict || (is_gaussian && policy_calls[c].is_constant));
        set_rows(rows[r], 1);
        canary_set(outputs, sizeof outputs);
        canary_set(logs, sizeof logs);
        /* Some distributions answer with finite numbers whatever the outputs of the network are. */
        pgrad_status status = policy_calls[c].call(policy, other, rows[r]);
        int refused = status == PGRAD_NOT_FINITE;
        if (!CHECK(refused ? nothing_is_written() : status == PGRAD_OK && may_answer))
          fprintf(stderr, "  %s of kind %d, %d rows\n", policy_calls[c].name, parts[p].kind, (int)rows[r]);
        set_rows(rows[r], 0);
        CHECK_OK(policy_calls[c].call(policy, other, rows[r]));
        if (policy_calls[c].draws) draws += 1 + !refused;
      }
    }
    /* Only the calls that succeeded count as draws. */
    float after[COLUMNS], twins[COLUMNS];
    for (int i = 0; i < draws; i++) MUST(pgrad_policy_sample(twin, observations, 1, twins, NULL));
    MUST(pgrad_policy_sample(policy, observations, 1, after, NULL));
    MUST(pgrad_policy_sample(twin, observations, 1, twins, NULL));
    CHECK(memcmp(after, twins, sizeof(float) * (parts[p].kind == PGRAD_CATEGORICAL ? 1 : 2)) == 0);
    CHECK(same_parameters(policy, twin));
    pgrad_policy_destroy(policy);
    pgrad_policy_destroy(twin);
    pgrad_policy_destroy(other);
  }
}

static void a_refused_optimizer_step_changes_neither_parameters_nor_state(void) {
  for (int32_t kind = PGRAD_SGD; kind <= PGRAD_ADAMW; kind++) {
    pgrad_policy *policies[2];
    pgrad_optimizer *optimizers[2];
    int64_t count = 0;
    float *gradient = NULL;
    for (int i = 0; i < 2; i++) {
      pgrad_optimizer_config config;
      MUST(pgrad_optimizer_config_init(&config, sizeof config));
      config.kind = kind;
      config.momentum = 0.9;
      config.learning_rate = 10;
      policies[i] = cartpole_policy(1);
      optimizers[i] = NULL;
      MUST(pgrad_optimizer_create(&optimizers[i], policies[i], &config));
    }
    gradient = parameters_of(policies[0], &count);
    for (int i = 0; i < 2; i++) MUST(pgrad_optimizer_step(optimizers[i], gradient));
    float last = gradient[count - 1];
    const float hostile[] = {INFINITY, NAN, 3e38f};
    for (int i = 0; i < 3; i++) {
      gradient[count - 1] = hostile[i];
      /* the last is finite: what it makes of the parameters, or of the squares that a rule keeps, is not */
      CHECK(pgrad_optimizer_step(optimizers[0], gradient) == PGRAD_NOT_FINITE);
      CHECK(same_parameters(policies[0], policies[1]));
    }
    gradient[count - 1] = last;
    for (int i = 0; i < 2; i++) MUST(pgrad_optimizer_step(optimizers[i], gradient));
    CHECK(same_parameters(policies[0], policies[1]));
    free(gradient);
    for (int i = 0; i < 2; i++) {
      pgrad_optimizer_destroy(optimizers[i]);
      pgrad_policy_destroy(policies[i]);
    }
  }
}

/* ----------------------------------------------------------------------------------------------------- environments */

enum { ENVS = 130, WIDTH = 4 };

static float rewards[ENVS], next_observations[ENVS * WIDTH], final_observations[ENVS * WIDTH];
static uint8_t terminated[ENVS], truncated[ENVS];

static void poison(void) {
  canary_set(rewards, sizeof rewards);
  canary_set(next_observations, sizeof next_observations);
  canary_set(final_observations, sizeof final_observations);
  canary_set(terminated, sizeof terminated);
  canary_set(truncated, sizeof truncated);
}
static int poison_is_whole(void) {
  return canary_alive(rewards, sizeof rewards) && canary_alive(next_observations, sizeof next_observations) &&
         canary_alive(final_observations, sizeof final_observations) && canary_alive(terminated, sizeof terminated) &&
         canary_alive(truncated, sizeof truncated);
}
static pgrad_status step(pgrad_env *env, const float *chosen) {
  return pgrad_env_step(env, chosen, rewards, terminated, truncated, next_observations, final_observations);
}

static void a_refused_call_does_not_move_a_native_environment(void) {
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  static float chosen[ENVS];
  static double before[ENVS * WIDTH], after[ENVS * WIDTH];
  poison();
  canary_set(before, sizeof before);
  CHECK_REFUSED(PGRAD_BAD_STATE, step(env, chosen), "reset");
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_env_state(env, before), "reset");
  CHECK(poison_is_whole() && canary_alive(before, sizeof before));
  MUST(pgrad_env_reset(env, 1, next_observations));
  MUST(pgrad_env_state(env, before));
  poison();
  const float hostile[] = {2, -1, 0.5f, NAN, INFINITY};
  for (int i = 0; i < 5; i++) {
    chosen[ENVS - 1] = hostile[i];
    pgrad_status status = step(env, chosen);
    CHECK(status == PGRAD_INVALID_ARGUMENT || status == PGRAD_NOT_FINITE);
    CHECK(poison_is_whole());
  }
  memcpy(after, before, sizeof after);
  after[0] = 0.01;
  after[ENVS * WIDTH - 1] = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_env_set_state(env, after), "states");
  MUST(pgrad_env_state(env, after));
  CHECK(memcmp(before, after, sizeof before) == 0);
  pgrad_env_destroy(env);
}

/** Host environments; the last of them fails as `trouble` selects. */
enum trouble { NONE, FAIL, BAD_REWARD, BAD_OBSERVATION, BAD_FINAL };
static enum trouble trouble;

static int32_t host_reset(void *context, uint64_t seed, float *shown) {
  (void)context, (void)seed;
  for (int i = 0; i < ENVS * WIDTH; i++) shown[i] = 1;
  if (trouble == BAD_OBSERVATION) shown[ENVS * WIDTH - 1] = NAN;
  return trouble == FAIL;
}
static int32_t host_step(void *context, const float *chosen, float *paid, uint8_t *ended, uint8_t *cut, float *shown,
                         float *last) {
  (void)context, (void)chosen, (void)ended;
  for (int i = 0; i < ENVS; i++) paid[i] = 1;
  for (int i = 0; i < ENVS * WIDTH; i++) shown[i] = last[i] = 2;
  cut[ENVS - 1] = 1;
  if (trouble == BAD_REWARD) paid[ENVS - 1] = INFINITY;
  if (trouble == BAD_OBSERVATION) shown[ENVS * WIDTH - 1] = NAN;
  if (trouble == BAD_FINAL) last[ENVS * WIDTH - 1] = NAN;
  return trouble == FAIL ? 7 : 0;
}

static pgrad_env *host_env(void) {
  static const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_env_callbacks callbacks;
  MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
  callbacks.n_envs = ENVS;
  callbacks.observation_size = WIDTH;
  callbacks.parts = &part;
  callbacks.part_count = 1;
  callbacks.reset = host_reset;
  callbacks.step = host_step;
  pgrad_env *env = NULL;
  MUST(pgrad_env_create_callbacks(&env, &callbacks));
  return env;
}

static void a_callback_that_fails_or_returns_invalid_values_does_not_change_the_callers_arrays(void) {
  static const float chosen[ENVS];
  pgrad_env *env = host_env();
  const enum trouble resets[] = {FAIL, BAD_OBSERVATION};
  poison();
  for (int i = 0; i < 2; i++) {
    trouble = resets[i];
    CHECK(pgrad_env_reset(env, 1, next_observations) == (trouble == FAIL ? PGRAD_HOST_ERROR : PGRAD_NOT_FINITE));
    CHECK(poison_is_whole());
  }
  trouble = NONE;
  MUST(pgrad_env_reset(env, 1, next_observations));
  poison();
  for (trouble = FAIL; trouble <= BAD_FINAL; trouble++) {
    CHECK(step(env, chosen) == (trouble == FAIL ? PGRAD_HOST_ERROR : PGRAD_NOT_FINITE));
    CHECK(poison_is_whole());
  }
  trouble = NONE;
  CHECK_OK(step(env, chosen));
  CHECK(!poison_is_whole());
  pgrad_env_destroy(env);
}

/* ----------------------------------------------------------------------------------------------------------- agents */

static pgrad_agent *twin_agent(pgrad_policy **policy) {
  *policy = fragile_policy((pgrad_action_part){PGRAD_CATEGORICAL, 2, 0, 0});
  pgrad_agent_config config = small_ppo(3, 1);
  config.n_envs = ENVS;
  config.n_steps = 8;
  config.batch_size = ENVS;
  config.normalize_rewards = 1;
  return agent_of(*policy, &config);
}

/** Two agents live through the same steps, one of them refused on the way whatever can be; both end with the same
 *  bits. */
static void a_refused_call_does_not_change_later_training(void) {
  pgrad_policy *policies[2];
  pgrad_agent *agents[2] = {twin_agent(&policies[0]), twin_agent(&policies[1])};
  static float shown[ENVS * 2], chosen[2][ENVS];
  for (int i = 0; i < ENVS * 2; i++) shown[i] = 0.01f * (float)(i % 11);
  float *hostile = &shown[ENVS * 2 - 1], good = *hostile;

  canary_set(chosen[0], sizeof chosen[0]);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_act(agents[0], chosen[0]), "begin");
  *hostile = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_begin(agents[0], shown), "observations");
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_act(agents[0], chosen[0]), "begin");
  shown[ENVS * 2 - 2] = 3e38f;
  *hostile = -3e38f;
  MUST(pgrad_agent_begin(agents[0], shown));
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_act(agents[0], chosen[0]), "would be");
  CHECK(canary_alive(chosen[0], sizeof chosen[0]));
  shown[ENVS * 2 - 2] = 0;
  *hostile = good;
  for (int i = 0; i < 2; i++) MUST(pgrad_agent_begin(agents[i], shown));

  memset(terminated, 0, sizeof terminated);
  memset(truncated, 0, sizeof truncated);
  for (int t = 0; t < 20; t++) {
    for (int i = 0; i < 2; i++) CHECK_OK(pgrad_agent_act(agents[i], chosen[i]));
    CHECK(memcmp(chosen[0], chosen[1], sizeof chosen[0]) == 0);
    for (int i = 0; i < ENVS; i++) rewards[i] = (float)((i + t) % 3);
    float paid = rewards[ENVS - 1];
    rewards[ENVS - 1] = NAN;
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_observe(agents[0], rewards, terminated, truncated, shown, NULL),
                  "rewards");
    rewards[ENVS - 1] = paid;
    truncated[ENVS - 1] = 1;
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agents[0], rewards, terminated, truncated, shown, NULL),
                  "final_observations");
    truncated[ENVS - 1] = 0;
    *hostile = INFINITY;
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_observe(agents[0], rewards, terminated, truncated, shown, NULL),
                  "next_observations");
    *hostile = good;
    for (int i = 0; i < 2; i++) CHECK_OK(pgrad_agent_observe(agents[i], rewards, terminated, truncated, shown, NULL));
  }
  CHECK(same_parameters(policies[0], policies[1]));
  pgrad_statistics statistics[2];
  for (int i = 0; i < 2; i++) MUST(pgrad_agent_statistics(agents[i], &statistics[i], sizeof statistics[i]));
  CHECK(statistics[0].updates == 2 && statistics[0].updates == statistics[1].updates &&
        statistics[0].timesteps == statistics[1].timesteps);
  for (int i = 0; i < 2; i++) {
    pgrad_agent_destroy(agents[i]);
    pgrad_policy_destroy(policies[i]);
  }
}

/** Four host environments that count their steps, and fail once at each step in `failures`. */
struct counting {
  int32_t steps, failures[8];
};

static int32_t counting_reset(void *context, uint64_t seed, float *shown) {
  (void)seed;
  ((struct counting *)context)->steps = 0;
  for (int i = 0; i < 4 * WIDTH; i++) shown[i] = 0;
  return 0;
}
static int32_t counting_step(void *context, const float *chosen, float *paid, uint8_t *ended, uint8_t *cut,
                             float *shown, float *last) {
  struct counting *environment = (struct counting *)context;
  (void)ended, (void)cut, (void)last;
  for (int i = 0; i < 8; i++) {
    if (environment->failures[i] != environment->steps) continue;
    environment->failures[i] = -1;
    return 1;
  }
  environment->steps++;
  for (int i = 0; i < 4; i++) paid[i] = chosen[i];
  for (int i = 0; i < 4 * WIDTH; i++) shown[i] = (float)((environment->steps + i) % 5);
  return 0;
}

static void training_resumes_at_the_step_at_which_a_callback_failed(void) {
  const int64_t total = 4 * 32 * 3;
  pgrad_policy *policies[2];
  for (int i = 0; i < 2; i++) {
    struct counting environment = {0, {-1, -1, -1, -1, -1, -1, -1, -1}};
    static const int32_t failures[8] = {0, 1, 31, 32, 33, 50, 64, 95};
    static const pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
    if (i == 1) memcpy(environment.failures, failures, sizeof failures);
    pgrad_env_callbacks callbacks;
    MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
    callbacks.n_envs = 4;
    callbacks.observation_size = WIDTH;
    callbacks.parts = &part;
    callbacks.part_count = 1;
    callbacks.context = &environment;
    callbacks.reset = counting_reset;
    callbacks.step = counting_step;
    pgrad_env *env = NULL;
    MUST(pgrad_env_create_callbacks(&env, &callbacks));
    policies[i] = cartpole_policy(1);
    pgrad_agent_config config = small_ppo(3, 1);
    pgrad_agent *agent = agent_of(policies[i], &config);
    int refusals = 0;
    pgrad_statistics now = {.timesteps = 0};
    while (now.timesteps < total && refusals < 20) {
      pgrad_status status = pgrad_train(agent, env, total - now.timesteps, NULL, NULL);
      CHECK(status == PGRAD_OK || status == PGRAD_HOST_ERROR);
      refusals += status != PGRAD_OK;
      MUST(pgrad_agent_statistics(agent, &now, sizeof now));
    }
    CHECK(refusals == 8 * i && now.timesteps == total && now.updates == 3 && environment.steps == 96);
    pgrad_agent_destroy(agent);
    pgrad_env_destroy(env);
  }
  CHECK(same_parameters(policies[0], policies[1]));
  for (int i = 0; i < 2; i++) pgrad_policy_destroy(policies[i]);
}

/* --------------------------------------------------------------------------------------------------- pure functions */

static void pure_functions_refused_for_their_last_row_write_nothing(void) {
  enum { STEPS = 50, LANES = 9, ROWS = STEPS * LANES };
  static float paid[ROWS], values[ROWS], ratios[ROWS], last[LANES], result[ROWS], targets[ROWS];
  static uint8_t ended[ROWS], cut[ROWS];
  canary_set(result, sizeof result);
  canary_set(targets, sizeof targets);
  paid[ROWS - 1] = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_returns(paid, ended, STEPS, LANES, 0.9, result), "rewards");
  paid[ROWS - 1] = 0;
  ended[ROWS - 1] = 2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_returns(paid, ended, STEPS, LANES, 0.9, result), "ended");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_gae(paid, values, ended, cut, NULL, last, STEPS, LANES, 0.9, 0.9, result),
                "terminated");
  ended[ROWS - 1] = 0;
  cut[ROWS - 1] = 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_gae(paid, values, ended, cut, NULL, last, STEPS, LANES, 0.9, 0.9, result),
                "final_values");
  cut[ROWS - 1] = 0;
  last[LANES - 1] = INFINITY;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_gae(paid, values, ended, cut, NULL, last, STEPS, LANES, 0.9, 0.9, result),
                "last_values");
  last[LANES - 1] = 0;
  ratios[ROWS - 1] = NAN;
  CHECK_REFUSED(
      PGRAD_NOT_FINITE,
      pgrad_vtrace(paid, values, ratios, ended, cut, NULL, last, STEPS, LANES, 0.9, 0.9, 1, 1, result, targets),
      "log_ratios");
  ratios[ROWS - 1] = 0;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT,
                pgrad_vtrace(paid, values, ratios, ended, cut, NULL, last, STEPS, LANES, 0.9, 0.9, 1, 1, result, NULL),
                "targets");
  CHECK(canary_alive(result, sizeof result) && canary_alive(targets, sizeof targets));
}

int main(void) {
  RUN(a_call_refused_for_its_last_row_writes_nothing);
  RUN(a_refused_optimizer_step_changes_neither_parameters_nor_state);
  RUN(a_refused_call_does_not_move_a_native_environment);
  RUN(a_callback_that_fails_or_returns_invalid_values_does_not_change_the_callers_arrays);
  RUN(a_refused_call_does_not_change_later_training);
  RUN(training_resumes_at_the_step_at_which_a_callback_failed);
  RUN(pure_functions_refused_for_their_last_row_write_nothing);
  return check_report();
}
