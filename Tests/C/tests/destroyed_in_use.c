/* A handle may be destroyed while other threads use it: their calls return a status. A child of fork may continue,
   whatever other threads did with handles. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixtures.h"
#include "pgrad_oracle.h"

static pgrad_action_part push = {PGRAD_CATEGORICAL, 2, 0, 0};

static pgrad_policy *tiny_policy(void) {
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 1, config.parts = &push, config.part_count = 1, config.hidden_count = 0;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

/** One kind of object: how it is made, used and destroyed. */
typedef struct kind {
  void *(*make)(void);
  pgrad_status (*use)(void *object);
  void (*destroy)(void *object);
} kind;

static void *make_policy(void) { return tiny_policy(); }
static pgrad_status use_policy(void *object) {
  float observation[1] = {0.5f}, action[1], value[1];
  pgrad_status status = pgrad_policy_sample((pgrad_policy *)object, observation, 1, action, NULL);
  return status != PGRAD_OK ? status : pgrad_policy_value((pgrad_policy *)object, observation, 1, value);
}
static void destroy_policy(void *object) { pgrad_policy_destroy((pgrad_policy *)object); }

static void *make_optimizer(void) {
  pgrad_policy *policy = tiny_policy();
  pgrad_optimizer *optimizer = adam(policy);
  pgrad_policy_destroy(policy);
  return optimizer;
}
static pgrad_status use_optimizer(void *object) {
  float gradient[8] = {0};
  return pgrad_optimizer_step((pgrad_optimizer *)object, gradient);
}
static void destroy_optimizer(void *object) { pgrad_optimizer_destroy((pgrad_optimizer *)object); }

static void *make_env(void) { return native_env("CartPole-v1", 2); }
static pgrad_status use_env(void *object) {
  float observations[8];
  return pgrad_env_reset((pgrad_env *)object, 1, observations);
}
static void destroy_env(void *object) { pgrad_env_destroy((pgrad_env *)object); }

static void *make_agent(void) {
  pgrad_policy *policy = tiny_policy();
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  return agent;
}
static pgrad_status use_agent(void *object) {
  float observations[4] = {0};
  pgrad_statistics now;
  pgrad_status status = pgrad_agent_begin((pgrad_agent *)object, observations);
  return status != PGRAD_OK ? status : pgrad_agent_statistics((pgrad_agent *)object, &now, sizeof now);
}
static void destroy_agent(void *object) { pgrad_agent_destroy((pgrad_agent *)object); }

static void *make_mdp(void) {
  pgrad_mdp *mdp = NULL;
  MUST(pgrad_mdp_create_named(&mdp, "chain", 0.9, 0));
  return mdp;
}
static pgrad_status use_mdp(void *object) {
  pgrad_mdp_config config;
  return pgrad_mdp_describe((pgrad_mdp *)object, &config, sizeof config);
}
static void destroy_mdp(void *object) { pgrad_mdp_destroy((pgrad_mdp *)object); }

static const kind kinds[] = {
    {make_policy, use_policy, destroy_policy}, {make_optimizer, use_optimizer, destroy_optimizer},
    {make_env, use_env, destroy_env},          {make_agent, use_agent, destroy_agent},
    {make_mdp, use_mdp, destroy_mdp},
};

static const kind *current;
static atomic_uintptr_t published;
static atomic_int is_over, wrong;

static void *use_what_is_published(void *unused) {
  (void)unused;
  while (!atomic_load(&is_over)) {
    void *object = (void *)atomic_load(&published);
    if (object == NULL) continue;
    pgrad_status status = current->use(object);
    /* Destroyed, or in use on the other thread. */
    if (status != PGRAD_OK && status != PGRAD_INVALID_HANDLE && status != PGRAD_BAD_STATE) atomic_store(&wrong, 1);
  }
  return NULL;
}

static void calls_with_a_destroyed_object_return_a_status(void) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    current = &kinds[i];
    atomic_store(&is_over, 0);
    pthread_t users[2];
    for (int user = 0; user < 2; user++) CHECK(pthread_create(&users[user], NULL, use_what_is_published, NULL) == 0);
    for (int round = 0; round < 4000; round += CHECK_STRIDE) {
      void *object = current->make();
      atomic_store(&published, (uintptr_t)object);
      for (volatile int spin = 0; spin < 50; spin++) continue;
      current->destroy(object);
    }
    atomic_store(&is_over, 1);
    for (int user = 0; user < 2; user++) pthread_join(users[user], NULL);
    atomic_store(&published, 0);
    CHECK(!atomic_load(&wrong));
  }
}

#ifndef __SANITIZE_ADDRESS__
static void *create_and_destroy(void *unused) {
  (void)unused;
  while (!atomic_load(&is_over)) pgrad_policy_destroy(tiny_policy());
  return NULL;
}

static void a_child_of_fork_never_hangs(void) {
  enum { CREATORS = 3, CHILDREN = 300 };
  pthread_t creators[CREATORS];
  atomic_store(&is_over, 0);
  for (int i = 0; i < CREATORS; i++) pthread_create(&creators[i], NULL, create_and_destroy, NULL);
  int hung = 0, failed = 0;
  for (int i = 0; i < CHILDREN && hung == 0; i++) {
    pid_t child = fork();
    if (child == 0) {
      alarm(20);
      pgrad_env *env = NULL;
      pgrad_status status = pgrad_env_create(&env, "CartPole-v1", 2);
      pgrad_env_destroy(env);
      _exit(status == PGRAD_OK ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
      hung++;
    else if (WEXITSTATUS(status) != 0)
      failed++;
  }
  atomic_store(&is_over, 1);
  for (int i = 0; i < CREATORS; i++) pthread_join(creators[i], NULL);
  CHECK(hung == 0 && failed == 0);
}
#endif

int main(void) {
  RUN(calls_with_a_destroyed_object_return_a_status);
/* AddressSanitizer's own malloc hangs in a child of fork: its locks stay held by threads that the child does not
   have. */
#ifndef __SANITIZE_ADDRESS__
  RUN(a_child_of_fork_never_hangs);
#endif
  return check_report();
}
