/* Agents that go on with another number of environments, and policies that are cloned. */
#include "fixtures.h"

enum { SIZE = 4, MOST_ENVS = 8, STEPS = 32 };

/** A host's loop in CartPole, and what it acts on next. */
typedef struct host {
  pgrad_agent *agent;
  pgrad_env *env;
  int64_t count;
  float next[MOST_ENVS * SIZE];
} host;

static void begin(host *it) {
  MUST(pgrad_env_reset(it->env, 5, it->next));
  MUST(pgrad_agent_begin(it->agent, it->next));
}

static void run(host *it, int steps) {
  float actions[MOST_ENVS], rewards[MOST_ENVS], final[MOST_ENVS * SIZE];
  uint8_t terminated[MOST_ENVS], truncated[MOST_ENVS];
  for (int i = 0; i < steps; i++) {
    MUST(pgrad_agent_act(it->agent, actions));
    MUST(pgrad_env_step(it->env, actions, rewards, terminated, truncated, it->next, final));
    MUST(pgrad_agent_observe(it->agent, rewards, terminated, truncated, it->next, final));
  }
}

static host host_with(int32_t algorithm, int64_t count) {
  host it = {NULL, native_env("CartPole-v1", count), count, {0}};
  pgrad_policy *policy = cartpole_policy(3);
  pgrad_agent_config config = small_ppo(3, 1);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_envs = count;
  config.n_steps = STEPS;
  config.batch_size = 32;
  config.normalize_observations = config.normalize_rewards = 1;
  config.learning_rate_schedule = PGRAD_LINEAR;
  config.stats_window_size = 7;
  it.agent = agent_of(policy, &config);
  MUST(pgrad_agent_set_total_timesteps(it.agent, 2000));
  pgrad_policy_destroy(policy);
  begin(&it);
  return it;
}

static void end(host *it) {
  pgrad_env_destroy(it->env);
  pgrad_agent_destroy(it->agent);
}

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  now.update_seconds = now.timesteps_per_second = 0;
  return now;
}

static int same_files(pgrad_agent *one, pgrad_agent *other) {
  static char bytes[2][1 << 16];
  int64_t sizes[2];
  MUST(pgrad_agent_save_memory(one, bytes[0], sizeof bytes[0], &sizes[0]));
  MUST(pgrad_agent_save_memory(other, bytes[1], sizeof bytes[1], &sizes[1]));
  return sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], (size_t)sizes[0]) == 0;
}

/** Gives the host's agent so many environments. */
static void resize(host *it, int64_t count) {
  pgrad_agent *resized = NULL;
  MUST(pgrad_agent_resize(&resized, it->agent, count));
  end(it);
  it->agent = resized;
  it->env = native_env("CartPole-v1", count);
  it->count = count;
}

/** An agent of as many environments as before goes on as one that begins new episodes. */
static void resizing_keeps_all_that_was_learned(void) {
  const int32_t algorithms[] = {PGRAD_PPO, PGRAD_A2C, PGRAD_NPG};
  for (int k = 0; k < 3; k++) {
    host one = host_with(algorithms[k], 4), other = host_with(algorithms[k], 4);
    run(&one, 2 * STEPS);
    run(&other, 2 * STEPS);
    resize(&other, 4);
    pgrad_statistics a = statistics_of(one.agent), b = statistics_of(other.agent);
    CHECK(a.updates == 2 && memcmp(&a, &b, sizeof a) == 0);
    begin(&one);
    begin(&other);
    run(&one, 2 * STEPS);
    run(&other, 2 * STEPS);
    a = statistics_of(one.agent), b = statistics_of(other.agent);
    CHECK(a.updates == 4 && memcmp(&a, &b, sizeof a) == 0 && same_files(one.agent, other.agent));
    end(&one);
    end(&other);
  }
}

static void characters_come_and_go(void) {
  const int64_t counts[] = {7, 1, 8, 3};
  host it = host_with(PGRAD_PPO, 4);
  pgrad_agent_config config;
  run(&it, STEPS);
  int64_t timesteps = 4 * STEPS;
  for (int k = 0; k < 4; k++) {
    resize(&it, counts[k]);
    MUST(pgrad_agent_describe(it.agent, &config, sizeof config));
    CHECK(config.n_envs == counts[k] && config.batch_size == 32 && config.stats_window_size == 7);
    begin(&it);
    run(&it, STEPS);
    timesteps += counts[k] * STEPS;
    pgrad_statistics now = statistics_of(it.agent);
    CHECK(now.updates == 2 + k && now.timesteps == timesteps);
    /* A linear schedule of 2000 timesteps, at the start of the rollout. */
    CHECK(now.learning_rate == config.learning_rate * (1 - (double)(timesteps - counts[k] * STEPS) / 2000));
  }
  end(&it);
}

static void a_minibatch_shrinks_to_divide_the_new_rollout(void) {
  pgrad_policy *policy = cartpole_policy(3);
  pgrad_agent_config config = small_ppo(3, 1);
  config.batch_size = 128;
  pgrad_agent *agent = agent_of(policy, &config), *resized = NULL;
  MUST(pgrad_agent_resize(&resized, agent, 3));
  MUST(pgrad_agent_describe(resized, &config, sizeof config));
  CHECK(config.batch_size == 32); /* the greatest common divisor of 128 and 3 × 32 */
  pgrad_agent_destroy(resized);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void what_cannot_be_resized_is_refused(void) {
  pgrad_policy *policy = cartpole_policy(3);
  pgrad_agent_config config = small_ppo(3, 1);
  config.shuffle_groups = 2;
  pgrad_agent *agent = agent_of(policy, &config), *resized = NULL;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_resize(&resized, agent, 0), "n_envs", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_resize(&resized, agent, PGRAD_MAX_ENVS + 1), "n_envs");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_resize(&resized, agent, 3), "shuffle_groups", "3");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_resize(NULL, agent, 2), "resized");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_resize(&resized, NULL, 2), "agent");
  CHECK(resized == NULL);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

/* ----------------------------------------------------------------------------------------------------------- clones */

static void a_clone_is_equal_and_shares_nothing(void) {
  host it = host_with(PGRAD_PPO, 4);
  pgrad_policy *policy = NULL, *clone = NULL;
  float observation[SIZE] = {0.1f, 0.2f, -0.3f, 0.4f}, drawn[2], logs[2], values[3];
  double means[2][SIZE], variances[2][SIZE];
  int64_t counts[2];
  char note[16] = "";
  run(&it, STEPS);
  MUST(pgrad_agent_policy(it.agent, &policy));
  MUST(pgrad_policy_set_note(policy, "original"));
  MUST(pgrad_policy_clone(&clone, policy));
  CHECK(same_parameters(policy, clone));
  for (int i = 0; i < 2; i++) {
    MUST(pgrad_policy_sample(i ? clone : policy, observation, 1, &drawn[i], &logs[i]));
    MUST(pgrad_policy_observation_moments(i ? clone : policy, means[i], variances[i], &counts[i]));
  }
  CHECK(drawn[0] == drawn[1] && logs[0] == logs[1]);
  CHECK(counts[0] > 0 && counts[0] == counts[1] && memcmp(means[0], means[1], sizeof means[0]) == 0);
  CHECK(memcmp(variances[0], variances[1], sizeof variances[0]) == 0);
  MUST(pgrad_policy_note(clone, note, sizeof note, NULL));
  CHECK(strcmp(note, "original") == 0);
  MUST(pgrad_policy_value(clone, observation, 1, &values[0]));
  run(&it, STEPS);
  MUST(pgrad_policy_value(clone, observation, 1, &values[1]));
  MUST(pgrad_policy_value(policy, observation, 1, &values[2]));
  CHECK(values[0] == values[1] && values[1] != values[2]);
  end(&it);
  pgrad_policy_destroy(policy);
  MUST(pgrad_policy_value(clone, observation, 1, &values[1]));
  CHECK(values[0] == values[1]);
  pgrad_policy_destroy(clone);
}

static void a_clone_of_nothing_is_refused(void) {
  pgrad_policy *policy = cartpole_policy(1), *clone = NULL;
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_clone(&clone, NULL), "policy");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_clone(NULL, policy), "clone");
  CHECK(clone == NULL);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(resizing_keeps_all_that_was_learned);
  RUN(characters_come_and_go);
  RUN(a_minibatch_shrinks_to_divide_the_new_rollout);
  RUN(what_cannot_be_resized_is_refused);
  RUN(a_clone_is_equal_and_shares_nothing);
  RUN(a_clone_of_nothing_is_refused);
  return check_report();
}
