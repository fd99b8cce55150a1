/* What tests of the library as a guest in a process share: a training whose result is known, and children of fork. */
#ifndef GUEST_H
#define GUEST_H

#include <sys/wait.h>
#include <unistd.h>

#include "fixtures.h"
#include "thread_count.h"

enum { GUEST_STEPS = 64 };

/** A CartPole policy after some updates, and all that made it. */
struct training {
  pgrad_policy *policy;
  pgrad_agent *agent;
  pgrad_env *env;
};

static inline struct training new_training(int32_t algorithm, int32_t threads) {
  struct training made = {cartpole_policy(7), NULL, native_env("CartPole-v1", 4)};
  pgrad_agent_config config = small_ppo(7, threads);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_steps = GUEST_STEPS;
  config.batch_size = 4 * GUEST_STEPS; /* two threads divide it */
  made.agent = agent_of(made.policy, &config);
  return made;
}

static inline void train(struct training *training, int updates) {
  MUST(pgrad_train(training->agent, training->env, updates * 4 * GUEST_STEPS, NULL, NULL));
}

static inline void end_training(struct training *training) {
  pgrad_env_destroy(training->env);
  pgrad_agent_destroy(training->agent);
  pgrad_policy_destroy(training->policy);
}

/** A number that differs, almost surely, if any bit of the parameters does (FNV-1a). */
static inline uint64_t fingerprint(pgrad_policy *policy) {
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  uint64_t hash = UINT64_C(14695981039346656037);
  for (int64_t i = 0; i < count * (int64_t)sizeof(float); i++)
    hash = (hash ^ ((const unsigned char *)parameters)[i]) * UINT64_C(1099511628211);
  return hash;
}

/** The fingerprint after training alone, undisturbed; saving and loading on the way changes nothing. */
static inline uint64_t train_and_store(int32_t algorithm, int32_t threads, const char *path) {
  struct training training = new_training(algorithm, threads);
  train(&training, 2);
  CHECK(threads == 1 || thread_count() != 1);
  MUST(pgrad_agent_save(training.agent, path));
  pgrad_agent *copy = NULL;
  MUST(pgrad_agent_load(&copy, path));
  pgrad_agent_destroy(copy);
  train(&training, 2);
  uint64_t result = fingerprint(training.policy);
  end_training(&training);
  return result;
}

/** Whether `body` returns 0 in a child of fork. A child that hangs is ended after a minute. */
static inline int holds_in_child(int (*body)(void *context), void *context) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(body(context));
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child) return 0;
  if (WIFSIGNALED(status)) fprintf(stderr, "the child ended by signal %d\n", WTERMSIG(status));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#endif
