/* The same seed gives the same bits: with any number of threads, after saving and loading, and after a fork. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixtures.h"
#include "thread_count.h"

enum { ENVS = 4, ROLLOUT = 4 * 32, WIDE_STEPS = 128, WIDE_ROLLOUT = ENVS * WIDE_STEPS, MAX_PARAMETERS = 4096 };

struct outcome {
  int64_t count;
  float parameters[MAX_PARAMETERS];
};

static struct outcome outcome_of(pgrad_policy *policy) {
  struct outcome outcome;
  float *live = NULL;
  memset(&outcome, 0, sizeof outcome);
  MUST(pgrad_policy_parameters(policy, &live, &outcome.count));
  if (outcome.count > MAX_PARAMETERS) abort();
  memcpy(outcome.parameters, live, (size_t)outcome.count * sizeof(float));
  return outcome;
}

static int same(const struct outcome *one, const struct outcome *other) { return memcmp(one, other, sizeof *one) == 0; }

/** Rollouts, and minibatches, that several threads divide. */
static pgrad_agent_config config_of(pgrad_algorithm algorithm, uint64_t seed, int32_t threads) {
  pgrad_agent_config config = small_ppo(seed, threads);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  if (algorithm != PGRAD_REINFORCE) config.n_steps = WIDE_STEPS;
  config.batch_size = WIDE_ROLLOUT;
  return config;
}

/** Parameters after that many rollouts of native CartPole. */
static struct outcome train(pgrad_algorithm algorithm, uint64_t seed, int32_t threads, int64_t rollouts) {
  pgrad_policy *policy = cartpole_policy(seed);
  pgrad_agent_config config = config_of(algorithm, seed, threads);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  MUST(pgrad_train(agent, env, rollouts * WIDE_ROLLOUT, NULL, NULL));
  CHECK(threads == 1 || thread_count() != 1);
  struct outcome outcome = outcome_of(policy);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return outcome;
}

static void one_seed_gives_one_result_and_another_seed_another(void) {
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++) {
    struct outcome first = train((pgrad_algorithm)algorithm, 1, 1, 5);
    struct outcome again = train((pgrad_algorithm)algorithm, 1, 1, 5);
    struct outcome other = train((pgrad_algorithm)algorithm, 2, 1, 5);
    CHECK(same(&first, &again));
    CHECK(!same(&first, &other));
  }
}

static void threads_do_not_change_a_bit(void) {
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++) {
    struct outcome one = train((pgrad_algorithm)algorithm, 3, 1, 6);
    for (int32_t threads = 2; threads <= 5; threads += 3) {
      struct outcome many = train((pgrad_algorithm)algorithm, 3, threads, 6);
      CHECK(same(&one, &many));
    }
  }
}

/** So many environments, and minibatches of so many rows, that acting, valuing and learning are all shared out. */
static void threads_that_share_every_part_of_the_work_do_not_change_a_bit(void) {
  enum { MANY = 1100, STEPS = 4 };
  const int32_t threads[] = {1, 2, 3, 7, 0};
  pgrad_policy *policies[5];
  for (int i = 0; i < 5; i++) {
    policies[i] = cartpole_policy_of_width(6, 64);
    pgrad_agent_config config = small_ppo(6, threads[i]);
    config.n_envs = MANY;
    config.n_steps = STEPS;
    config.batch_size = MANY * STEPS / 4;
    config.n_epochs = 2;
    pgrad_agent *agent = agent_of(policies[i], &config);
    pgrad_env *env = native_env("CartPole-v1", MANY);
    MUST(pgrad_train(agent, env, 4 * MANY * STEPS, NULL, NULL));
    pgrad_env_destroy(env);
    pgrad_agent_destroy(agent);
    CHECK(same_parameters(policies[0], policies[i]));
  }
  for (int i = 0; i < 5; i++) pgrad_policy_destroy(policies[i]);
}

/** Gives the same episodes to an agent that was never saved and to one that was saved and loaded. */
static void saving_and_loading_in_between_does_not_change_a_bit(void) {
  pgrad_agent_config config = small_ppo(4, 1);
  config.total_timesteps = 8 * ROLLOUT;
  config.learning_rate_schedule = PGRAD_LINEAR;
  pgrad_policy *policies[2] = {cartpole_policy(4), cartpole_policy(4)};
  pgrad_agent *agents[2] = {agent_of(policies[0], &config), agent_of(policies[1], &config)};
  pgrad_env *envs[2] = {native_env("CartPole-v1", ENVS), native_env("CartPole-v1", ENVS)};
  MUST(pgrad_train(agents[0], envs[0], 8 * ROLLOUT, NULL, NULL));

  MUST(pgrad_train(agents[1], envs[1], 4 * ROLLOUT, NULL, NULL));
  MUST(pgrad_agent_save(agents[1], "paused.safetensors"));
  pgrad_agent_destroy(agents[1]);
  pgrad_policy_destroy(policies[1]);
  MUST(pgrad_agent_load(&agents[1], "paused.safetensors"));
  MUST(pgrad_agent_policy(agents[1], &policies[1]));
  MUST(pgrad_train(agents[1], envs[1], 4 * ROLLOUT, NULL, NULL));
  CHECK(same_parameters(policies[0], policies[1]));

  pgrad_statistics straight, paused;
  MUST(pgrad_agent_statistics(agents[0], &straight, sizeof straight));
  MUST(pgrad_agent_statistics(agents[1], &paused, sizeof paused));
  CHECK(straight.timesteps == paused.timesteps && straight.updates == paused.updates);
  CHECK(straight.episodes == paused.episodes && straight.learning_rate == paused.learning_rate);
  for (int i = 0; i < 2; i++) {
    pgrad_env_destroy(envs[i]);
    pgrad_agent_destroy(agents[i]);
    pgrad_policy_destroy(policies[i]);
  }
}

static void training_in_two_calls_is_training_in_one(void) {
  pgrad_agent_config config = small_ppo(5, 1);
  pgrad_policy *policies[2] = {cartpole_policy(5), cartpole_policy(5)};
  for (int i = 0; i < 2; i++) {
    pgrad_agent *agent = agent_of(policies[i], &config);
    pgrad_env *env = native_env("CartPole-v1", ENVS);
    for (int call = 0; call <= i; call++) MUST(pgrad_train(agent, env, (i == 0 ? 6 : 3) * ROLLOUT, NULL, NULL));
    pgrad_env_destroy(env);
    pgrad_agent_destroy(agent);
  }
  CHECK(same_parameters(policies[0], policies[1]));
  pgrad_policy_destroy(policies[0]);
  pgrad_policy_destroy(policies[1]);
}

static void the_hosts_own_loop_learns_what_train_learns(void) {
  struct outcome trained = train(PGRAD_PPO, 6, 1, 4);
  pgrad_policy *policy = cartpole_policy(6);
  pgrad_agent_config config = config_of(PGRAD_PPO, 6, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  float actions[ENVS], rewards[ENVS], next[ENVS * 4], final[ENVS * 4];
  uint8_t terminated[ENVS], truncated[ENVS];
  MUST(pgrad_env_reset(env, 6, next));
  MUST(pgrad_agent_begin(agent, next));
  for (int step = 0; step < 4 * WIDE_STEPS; step++) {
    MUST(pgrad_agent_act(agent, actions));
    MUST(pgrad_env_step(env, actions, rewards, terminated, truncated, next, final));
    MUST(pgrad_agent_observe(agent, rewards, terminated, truncated, next, final));
  }
  struct outcome stepped = outcome_of(policy);
  CHECK(same(&trained, &stepped));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

struct job {
  uint64_t seed;
  int32_t threads;
  struct outcome outcome;
};

static void *train_job(void *job) {
  struct job *mine = (struct job *)job;
  mine->outcome = train(PGRAD_PPO, mine->seed, mine->threads, 8);
  return NULL;
}

static void objects_on_different_threads_do_not_disturb_each_other(void) {
  enum { JOBS = 4 };
  static struct job jobs[JOBS];
  pthread_t threads[JOBS];
  for (int i = 0; i < JOBS; i++) {
    jobs[i].seed = (uint64_t)i / 2;
    jobs[i].threads = 1 + i % 2;
    if (pthread_create(&threads[i], NULL, train_job, &jobs[i]) != 0) abort();
  }
  for (int i = 0; i < JOBS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < JOBS; i++) {
    struct outcome alone = train(PGRAD_PPO, jobs[i].seed, 1, 8);
    CHECK(same(&alone, &jobs[i].outcome));
  }
}

static void a_forked_child_continues_training_as_its_parent_does(void) {
  pgrad_policy *policy = cartpole_policy(7);
  pgrad_agent_config config = config_of(PGRAD_PPO, 7, 2);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", ENVS);
  MUST(pgrad_train(agent, env, 2 * WIDE_ROLLOUT, NULL, NULL));
  CHECK(thread_count() != 1); /* its workers are running */
  int ends[2];
  if (pipe(ends) != 0) abort();
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  pgrad_status status = pgrad_train(agent, env, 2 * WIDE_ROLLOUT, NULL, NULL);
  struct outcome outcome = outcome_of(policy);
  if (child == 0) {
    const char *bytes = (const char *)&outcome;
    for (size_t sent = 0; sent < sizeof outcome;) {
      ssize_t n = write(ends[1], bytes + sent, sizeof outcome - sent);
      if (n <= 0) _exit(2);
      sent += (size_t)n;
    }
    _exit(status == PGRAD_OK ? 0 : 1);
  }
  CHECK_OK(status);
  close(ends[1]);
  struct outcome childs;
  memset(&childs, 0, sizeof childs);
  for (size_t got = 0; got < sizeof childs;) {
    ssize_t n = read(ends[0], (char *)&childs + got, sizeof childs - got);
    if (n <= 0) break;
    got += (size_t)n;
  }
  close(ends[0]);
  int ended = 0;
  CHECK(waitpid(child, &ended, 0) == child);
  CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
  CHECK(same(&outcome, &childs));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void a_rows_log_probability_does_not_depend_on_its_batch(void) {
  enum { ROWS = 131 };
  static float observations[ROWS * 4], actions[ROWS], together[ROWS];
  pgrad_policy *policy = cartpole_policy(8);
  for (int i = 0; i < ROWS * 4; i++) observations[i] = (float)(i * 37 % 101) / 50 - 1;
  CHECK_OK(pgrad_policy_sample(policy, observations, ROWS, actions, together));
  int equal = 0;
  for (int row = 0; row < ROWS; row++) {
    float alone;
    CHECK_OK(pgrad_policy_log_prob(policy, observations + row * 4, actions + row, 1, &alone));
    equal += memcmp(&alone, &together[row], sizeof alone) == 0;
  }
  CHECK(equal == ROWS);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(one_seed_gives_one_result_and_another_seed_another);
  RUN(threads_do_not_change_a_bit);
  RUN(threads_that_share_every_part_of_the_work_do_not_change_a_bit);
  RUN(saving_and_loading_in_between_does_not_change_a_bit);
  RUN(training_in_two_calls_is_training_in_one);
  RUN(the_hosts_own_loop_learns_what_train_learns);
  RUN(objects_on_different_threads_do_not_disturb_each_other);
  RUN(a_forked_child_continues_training_as_its_parent_does);
  RUN(a_rows_log_probability_does_not_depend_on_its_batch);
  return check_report();
}
