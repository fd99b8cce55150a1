/* Checks on this machine what the library promises: for people who package or port it. One line for each promise, and
 * exit status 1 if one does not hold; --json prints them as JSON. Needs nothing but the header and the library, and
 * takes a few seconds.
 *
 *     cc -pthread selftest.c $(pkg-config --cflags --libs pgrad) -lm && ./a.out
 */
#include <fenv.h>
#include <locale.h>
#include <math.h>
#include <pgrad.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static char figure[256]; /* what the last check measured */

/** A check is over if one of its calls fails or a condition does not hold. */
#define NEED(condition)                                                                    \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      (void)snprintf(figure, sizeof figure, "%s; %.150s", #condition, pgrad_last_error()); \
      return 0;                                                                            \
    }                                                                                      \
  } while (0)
#define NEED_OK(call) NEED((call) == PGRAD_OK)

/* --------------------------------------------------------------------------------------------------------- objects */

static pgrad_policy *new_policy(uint64_t seed) {
  pgrad_policy *policy = NULL;
  pgrad_policy_config config;
  pgrad_action_part push = {PGRAD_CATEGORICAL, 2, 0, 0};
  if (pgrad_policy_config_init(&config, sizeof config) != PGRAD_OK) return NULL;
  config.observation_size = 4, config.parts = &push, config.part_count = 1, config.seed = seed;
  return pgrad_policy_create(&policy, &config) == PGRAD_OK ? policy : NULL;
}

/** An agent of any algorithm for 8 environments. */
static pgrad_agent *new_agent(int32_t algorithm, int32_t threads, uint64_t seed) {
  pgrad_agent *agent = NULL;
  pgrad_agent_config config;
  pgrad_policy *policy = new_policy(seed);
  if (pgrad_agent_config_init(&config, sizeof config) != PGRAD_OK) return NULL;
  if (pgrad_agent_config_algorithm(&config, algorithm) != PGRAD_OK) return NULL;
  config.n_envs = 8, config.threads = threads, config.seed = seed;
  if (algorithm == PGRAD_REINFORCE) {
    config.n_episodes = 2;
  } else {
    config.n_steps = 32, config.batch_size = 256; /* several threads divide it */
  }
  if (pgrad_agent_create(&agent, policy, &config) != PGRAD_OK) agent = NULL;
  pgrad_policy_destroy(policy); /* the agent keeps it */
  return agent;
}

static int train(pgrad_agent *agent, int64_t steps) {
  pgrad_env *env = NULL;
  int done =
      pgrad_env_create(&env, "CartPole-v1", 8) == PGRAD_OK && pgrad_train(agent, env, steps, NULL, NULL) == PGRAD_OK;
  pgrad_env_destroy(env);
  return done;
}

/** A sum over the bits of an agent's parameters; 0 if something failed. */
static uint64_t bits_of(pgrad_agent *agent) {
  pgrad_policy *policy = NULL;
  float *parameters = NULL;
  int64_t count = 0;
  uint64_t sum = 14695981039346656037u;
  if (pgrad_agent_policy(agent, &policy) != PGRAD_OK) return 0;
  if (pgrad_policy_parameters(policy, &parameters, &count) != PGRAD_OK) count = 0;
  for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &parameters[i], sizeof bits);
    sum = (sum ^ bits) * 1099511628211u;
  }
  pgrad_policy_destroy(policy);
  return count == 0 ? 0 : sum;
}

static uint64_t bits_after_training(int32_t algorithm, int32_t threads, uint64_t seed) {
  pgrad_agent *agent = new_agent(algorithm, threads, seed);
  uint64_t bits = train(agent, 1024) ? bits_of(agent) : 0;
  pgrad_agent_destroy(agent);
  return bits;
}

/* -------------------------------------------------------------------------------------------------------- promises */

static int versions_agree(void) {
  NEED(strcmp(pgrad_version(), PGRAD_VERSION) == 0);
  NEED(pgrad_abi_version() == PGRAD_ABI_VERSION);
  (void)snprintf(figure, sizeof figure, "%s, ABI %d, kernels %s", pgrad_version(), PGRAD_ABI_VERSION, pgrad_kernels());
  return 1;
}

static int threads_agree(void) {
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++) {
    uint64_t one = bits_after_training(algorithm, 1, 3);
    NEED(one != 0);
    NEED(bits_after_training(algorithm, 2, 3) == one);
    NEED(bits_after_training(algorithm, 3, 3) == one);
    NEED(bits_after_training(algorithm, 1, 4) != one);
  }
  (void)snprintf(figure, sizeof figure, "6 algorithms with 1, 2 and 3 threads");
  return 1;
}

enum { LANES = 8, SAVED_AT = 50, STEPS = 128 };

/** A host's loop over some steps. `pending`: the first actions are drawn already. */
static int drive(pgrad_agent *agent, pgrad_env *env, int steps, int pending) {
  float actions[LANES], rewards[LANES], next[LANES * 4], last[LANES * 4];
  uint8_t terminated[LANES], truncated[LANES];
  for (int i = 0; i < steps; i++) {
    pgrad_status acted =
        pending && i == 0 ? pgrad_agent_pending_actions(agent, actions) : pgrad_agent_act(agent, actions);
    NEED_OK(acted);
    NEED_OK(pgrad_env_step(env, actions, rewards, terminated, truncated, next, last));
    NEED_OK(pgrad_agent_observe(agent, rewards, terminated, truncated, next, last));
  }
  return 1;
}

static int begin(pgrad_agent **agent, pgrad_env **env, int32_t algorithm) {
  float first[LANES * 4], actions[LANES];
  *agent = new_agent(algorithm, 1, 3), *env = NULL;
  NEED_OK(pgrad_env_create(env, "CartPole-v1", LANES));
  NEED_OK(pgrad_env_reset(*env, 1, first));
  NEED_OK(pgrad_agent_begin(*agent, first));
  return drive(*agent, *env, SAVED_AT, 0) && pgrad_agent_act(*agent, actions) == PGRAD_OK;
}

/** A process of its own saves between act and observe, in the middle of episodes and of a rollout. */
static int loading_resumes(void) {
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++) {
    pgrad_agent *whole, *loaded = NULL;
    pgrad_env *env, *loaded_env = NULL;
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0)
      _exit(!begin(&whole, &env, algorithm) || pgrad_checkpoint_save(whole, env, "selftest.safetensors") != PGRAD_OK);
    int status = 0;
    NEED(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    NEED(begin(&whole, &env, algorithm));
    NEED_OK(pgrad_checkpoint_load(&loaded, &loaded_env, "selftest.safetensors"));
    NEED(drive(whole, env, STEPS, 1));
    NEED(drive(loaded, loaded_env, STEPS, 1));
    NEED(bits_of(loaded) == bits_of(whole));
    pgrad_env_destroy(env);
    pgrad_env_destroy(loaded_env);
    pgrad_agent_destroy(whole);
    pgrad_agent_destroy(loaded);
  }
  (void)snprintf(figure, sizeof figure, "6 algorithms, %d further steps of another process's file", STEPS);
  return 1;
}

/** Saves that the system ends, by a limit of the length of files: with an error, and with a signal. */
static int failed_saves_keep_the_file(void) {
  enum { SAVES = 40 };
  for (int i = 0; i < SAVES; i++) {
    pgrad_policy *old = new_policy(1), *loaded = NULL;
    NEED_OK(pgrad_policy_save(old, "selftest.safetensors"));
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
      struct rlimit limit = {(rlim_t)(100 * i), (rlim_t)(100 * i)}, no_core = {0, 0};
      (void)signal(SIGXFSZ, i % 2 ? SIG_IGN : SIG_DFL);
      if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0) _exit(2);
      _exit(pgrad_policy_save(new_policy(2), "selftest.safetensors") == PGRAD_IO_ERROR ? 0 : 1);
    }
    int status = 0;
    NEED(waitpid(child, &status, 0) == child);
    NEED(i % 2 ? WIFEXITED(status) && WEXITSTATUS(status) == 0 : WIFSIGNALED(status));
    NEED_OK(pgrad_policy_load(&loaded, "selftest.safetensors"));
    pgrad_policy_destroy(loaded);
    pgrad_policy_destroy(old);
  }
  (void)snprintf(figure, sizeof figure, "%d of %d saves ended in the middle", SAVES, SAVES);
  return 1;
}

static int bad_arguments_are_refused(void) {
  pgrad_policy *policy = new_policy(1), *destroyed = new_policy(2);
  const float good[4] = {0, 0, 0, 0}, bad[4] = {0, NAN, 0, 0};
  float action = 7;
  pgrad_env *env = NULL;
  pgrad_policy_destroy(destroyed);
  NEED(pgrad_policy_mode(NULL, good, 1, &action) == PGRAD_INVALID_HANDLE);
  NEED(pgrad_policy_mode(destroyed, good, 1, &action) == PGRAD_INVALID_HANDLE);
  NEED(pgrad_policy_mode((pgrad_policy *)(void *)&action, good, 1, &action) == PGRAD_INVALID_HANDLE);
  NEED(pgrad_policy_mode(policy, NULL, 1, &action) == PGRAD_INVALID_ARGUMENT);
  NEED(pgrad_policy_mode(policy, good, 0, &action) == PGRAD_INVALID_ARGUMENT);
  NEED(pgrad_policy_mode(policy, good, INT64_MAX, &action) == PGRAD_INVALID_ARGUMENT);
  NEED(pgrad_policy_mode(policy, bad, 1, &action) == PGRAD_NOT_FINITE);
  NEED(pgrad_env_create(&env, "Nowhere-v1", 1) == PGRAD_INVALID_ARGUMENT);
  NEED(pgrad_env_create(&env, "CartPole-v1", -1) == PGRAD_INVALID_ARGUMENT);
  NEED(pgrad_policy_load(&destroyed, "no such folder/file") == PGRAD_IO_ERROR);
  NEED(action == 7 && env == NULL && strstr(pgrad_last_error(), "no such folder") != NULL);
  NEED_OK(pgrad_policy_mode(policy, good, 1, &action));
  pgrad_policy_destroy(policy);
  (void)snprintf(figure, sizeof figure, "10 of 10 refused");
  return 1;
}

static int infinite_steps_change_nothing(void) {
  static float gradient[20000];
  pgrad_agent *agent = new_agent(PGRAD_PPO, 1, 1);
  pgrad_policy *policy = NULL;
  pgrad_optimizer *optimizer = NULL;
  pgrad_optimizer_config config;
  int64_t count = 0;
  NEED_OK(pgrad_agent_policy(agent, &policy));
  NEED_OK(pgrad_policy_parameters(policy, NULL, &count));
  NEED(count <= 20000);
  NEED_OK(pgrad_optimizer_config_init(&config, sizeof config));
  NEED_OK(pgrad_optimizer_create(&optimizer, policy, &config));
  uint64_t before = bits_of(agent);
  gradient[count - 1] = INFINITY;
  NEED(pgrad_optimizer_step(optimizer, gradient) == PGRAD_NOT_FINITE);
  NEED(bits_of(agent) == before);
  pgrad_optimizer_destroy(optimizer);
  pgrad_policy_destroy(policy);
  pgrad_agent_destroy(agent);
  (void)snprintf(figure, sizeof figure, "refused, and the parameters are as before");
  return 1;
}

enum { READERS = 4, READS = 50000 };

static void *read_often(void *policy) {
  static const float observation[4] = {0.1f, 0.2f, 0.3f, 0.4f};
  float action, log_prob = 0;
  for (int i = 0; i < READS; i++)
    if (pgrad_policy_sample((pgrad_policy *)policy, observation, 1, &action, &log_prob) != PGRAD_OK || !(log_prob <= 0))
      return policy;
  return NULL;
}

static int readers_are_free(void) {
  pgrad_agent *agent = new_agent(PGRAD_PPO, 1, 1);
  pgrad_policy *policy = NULL;
  pthread_t readers[READERS];
  NEED_OK(pgrad_agent_policy(agent, &policy));
  for (int i = 0; i < READERS; i++) NEED(pthread_create(&readers[i], NULL, read_often, policy) == 0);
  int trained = train(agent, 10000), failed = 0;
  for (int i = 0; i < READERS; i++) {
    void *failure = NULL;
    (void)pthread_join(readers[i], &failure);
    failed += failure != NULL;
  }
  NEED(trained && failed == 0);
  pgrad_policy_destroy(policy);
  pgrad_agent_destroy(agent);
  (void)snprintf(figure, sizeof figure, "0 refusals of %d actions on %d threads during a training", READERS * READS,
                 READERS);
  return 1;
}

static long pages_in_memory(void) {
  long all = 0, resident = -1;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return -1;
  if (fscanf(file, "%ld %ld", &all, &resident) != 2) resident = -1;
  (void)fclose(file);
  return resident;
}

static int memory_stays(void) {
  pgrad_agent *agent = new_agent(PGRAD_PPO, 1, 1);
  pgrad_policy *policy = NULL;
  NEED_OK(pgrad_agent_policy(agent, &policy));
  NEED(train(agent, 10000) && read_often(policy) == NULL);
  long before = pages_in_memory();
  NEED(train(agent, 20000) && read_often(policy) == NULL);
  long growth = (pages_in_memory() - before) * sysconf(_SC_PAGESIZE);
  NEED(growth < 1 << 20);
  pgrad_policy_destroy(policy);
  pgrad_agent_destroy(agent);
  (void)snprintf(figure, sizeof figure, before < 0 ? "not measured: there is no /proc" : "%ld KiB more", growth / 1024);
  return 1;
}

static int the_host_stays_as_it_is(void) {
  const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGINT, SIGPIPE, SIGTERM, SIGABRT};
  struct sigaction now;
  NEED(fesetround(FE_TOWARDZERO) == 0);
  int trained = bits_after_training(PGRAD_PPO, 2, 3) != 0, mode = fegetround();
  (void)fesetround(FE_TONEAREST);
  NEED(trained && mode == FE_TOWARDZERO);
  NEED(strcmp(setlocale(LC_ALL, NULL), "C") == 0);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    NEED(sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL);
  (void)snprintf(figure, sizeof figure, "rounding mode, locale and %d signals",
                 (int)(sizeof numbers / sizeof *numbers));
  return 1;
}

static int children_of_fork_learn(void) {
  uint64_t parent = bits_after_training(PGRAD_PPO, 2, 3);
  pid_t child = fork();
  NEED(child >= 0);
  if (child == 0) _exit(bits_after_training(PGRAD_PPO, 2, 3) == parent ? 0 : 1);
  int status = 0;
  NEED(waitpid(child, &status, 0) == child);
  NEED(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  (void)snprintf(figure, sizeof figure, "the same bits in parent and child, with 2 threads");
  return 1;
}

static int ppo_learns(void) {
  pgrad_agent *agent = new_agent(PGRAD_PPO, 1, 1);
  pgrad_statistics now;
  NEED(train(agent, 50000));
  NEED_OK(pgrad_agent_statistics(agent, &now, sizeof now));
  NEED(now.mean_return >= 100);
  pgrad_agent_destroy(agent);
  (void)snprintf(figure, sizeof figure, "mean return %.0f after 50,000 steps of CartPole", now.mean_return);
  return 1;
}

int main(int argument_count, char **arguments) {
  static const struct {
    const char *claim;
    int (*holds)(void);
  } promises[] = {{"the header and the library have the same version", versions_agree},
                  {"threads do not change bits, seeds do", threads_agree},
                  {"a checkpoint continues with the same bits", loading_resumes},
                  {"a save that ends in the middle keeps the old file", failed_saves_keep_the_file},
                  {"bad arguments are refused, and change nothing", bad_arguments_are_refused},
                  {"an update that is not finite changes nothing", infinite_steps_change_nothing},
                  {"any number of threads read a policy as it trains", readers_are_free},
                  {"acting and learning keep the memory of the process", memory_stays},
                  {"the host's modes and signals stay as they are", the_host_stays_as_it_is},
                  {"a child of fork learns the same", children_of_fork_learn},
                  {"PPO learns", ppo_learns}};
  int count = (int)(sizeof promises / sizeof promises[0]), failed = 0;
  int as_json = argument_count > 1 && strcmp(arguments[1], "--json") == 0;
  for (int i = 0; i < count; i++) {
    int holds = promises[i].holds();
    failed += !holds;
    if (as_json) {
      for (char *at = figure; *at != 0; at++) /* no text in a figure needs these to be read */
        if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ') *at = '\'';
      printf("%s{\"claim\": \"%s\", \"holds\": %s, \"figure\": \"%s\"}", i == 0 ? "[" : ",\n ", promises[i].claim,
             holds ? "true" : "false", figure);
    } else {
      printf("%s  %-52s %s\n", holds ? "ok    " : "BROKEN", promises[i].claim, figure);
    }
    fflush(stdout);
  }
  (void)remove("selftest.safetensors");
  if (as_json) {
    printf("]\n");
  } else {
    printf("%d passed, %d failed\n", count - failed, failed);
  }
  return failed != 0;
}
