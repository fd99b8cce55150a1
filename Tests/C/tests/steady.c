/* Memory of the process over many actions and updates. The numbers of actions, and of updates of each algorithm, may be
   given as arguments. */
#include "guest.h"
#include "resident.h"

static long action_count = 1000000, update_count = 10000;

static int is_flat_since(long before) {
  long growth = bytes_in_memory() - before;
  if (growth >= 1 << 20) fprintf(stderr, "grew by %ld bytes\n", growth);
  return growth < 1 << 20;
}

static void act(pgrad_policy *policy, long count) {
  const float observation[4] = {0.1f, 0.2f, 0.3f, 0.4f};
  float action, log_prob;
  for (long i = 0; i < count; i++) MUST(pgrad_policy_sample(policy, observation, 1, &action, &log_prob));
}

static void actions_leave_memory_as_it_is(void) {
  pgrad_policy *policy = cartpole_policy(1);
  act(policy, 1000);
  long before = bytes_in_memory();
  act(policy, action_count);
  CHECK(is_flat_since(before));
  pgrad_policy_destroy(policy);
}

static int32_t stop_at(void *context, const pgrad_statistics *statistics) {
  return statistics->updates >= *(const int64_t *)context;
}

static void train_until(pgrad_agent *agent, pgrad_env *env, int64_t updates) {
  pgrad_statistics now;
  MUST(pgrad_train(agent, env, INT64_C(1) << 40, stop_at, &updates));
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  CHECK(now.updates == updates);
}

static void updates_leave_memory_as_it_is(void) {
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++) {
    pgrad_policy *policy = cartpole_policy(1);
    pgrad_agent_config config = small_ppo(1, 1);
    MUST(pgrad_agent_config_algorithm(&config, algorithm));
    config.n_steps = 16;
    config.batch_size = 32;
    if (algorithm == PGRAD_REINFORCE) config.n_episodes = 4;
    pgrad_agent *agent = agent_of(policy, &config);
    pgrad_env *env = native_env("CartPole-v1", 4);
    train_until(agent, env, 50);
    long before = bytes_in_memory();
    train_until(agent, env, 50 + update_count);
    CHECK(is_flat_since(before));
    pgrad_env_destroy(env);
    pgrad_agent_destroy(agent);
    pgrad_policy_destroy(policy);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) action_count = atol(argv[1]);
  if (argc > 2) update_count = atol(argv[2]);
  RUN(actions_leave_memory_as_it_is);
  RUN(updates_leave_memory_as_it_is);
  return check_report();
}
