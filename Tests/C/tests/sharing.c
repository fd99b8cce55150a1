/* One object on two threads: a call on the second thread that changes it is refused, and nothing is lost. */
#include <pthread.h>

#include "fixtures.h"

/** An agent, the objects that share its policy, and a native environment. */
struct workshop {
  pgrad_policy *policy, *other;
  pgrad_optimizer *optimizer;
  pgrad_agent *agent;
  pgrad_env *env;
  int64_t parameters;
  int looks;
};

static struct workshop workshop(void) {
  struct workshop shop = {cartpole_policy(1), cartpole_policy(2), NULL, NULL, native_env("CartPole-v1", 4), 0, 0};
  pgrad_agent_config config = small_ppo(1, 1);
  shop.optimizer = adam(shop.policy);
  shop.agent = agent_of(shop.policy, &config);
  MUST(pgrad_policy_parameters(shop.policy, NULL, &shop.parameters));
  return shop;
}

static void close_down(struct workshop *shop) {
  pgrad_env_destroy(shop->env);
  pgrad_agent_destroy(shop->agent);
  pgrad_optimizer_destroy(shop->optimizer);
  pgrad_policy_destroy(shop->other);
  pgrad_policy_destroy(shop->policy);
}

static const float observations[4 * 4] = {0.1f, 0.2f, 0.3f, 0.4f};

static void *use_on_another_thread(void *context) {
  struct workshop *shop = (struct workshop *)context;
  float actions[4], numbers[4 * 4];
  float *gradient = (float *)calloc((size_t)shop->parameters, sizeof *gradient);
  pgrad_statistics statistics;
#define IS_BUSY(name, call) CHECK_REFUSED(PGRAD_BAD_STATE, call, name, "another thread")
  IS_BUSY("policy", pgrad_policy_set_note(shop->policy, "a note"));
  IS_BUSY("optimizer", pgrad_optimizer_step(shop->optimizer, gradient));
  IS_BUSY("agent", pgrad_agent_begin(shop->agent, observations));
  IS_BUSY("agent", pgrad_agent_statistics(shop->agent, &statistics, sizeof statistics));
  IS_BUSY("agent", pgrad_train(shop->agent, shop->env, 1, NULL, NULL));
  IS_BUSY("env", pgrad_env_reset(shop->env, 1, numbers));
  CHECK_OK(pgrad_policy_sample(shop->policy, observations, 4, actions, NULL));
  CHECK_OK(pgrad_policy_kl(shop->other, shop->policy, observations, 4, numbers));
  CHECK_OK(pgrad_policy_save(shop->policy, "in_training.safetensors"));
  pgrad_policy *further = NULL;
  CHECK_OK(pgrad_agent_policy(shop->agent, &further));
  pgrad_policy_destroy(further);
  free(gradient);
  return NULL;
}

static int32_t look(void *context, const pgrad_statistics *statistics) {
  struct workshop *shop = (struct workshop *)context;
  (void)statistics;
  shop->looks++;
  pthread_t thread;
  if (CHECK(pthread_create(&thread, NULL, use_on_another_thread, shop) == 0)) pthread_join(thread, NULL);
  return 0;
}

static void an_object_in_training_is_refused_on_another_thread(void) {
  struct workshop shop = workshop();
  CHECK_OK(pgrad_train(shop.agent, shop.env, 2 * 4 * 32, look, &shop));
  CHECK(shop.looks == 2);
  close_down(&shop);
}

static int32_t act_beside(void *context, const pgrad_statistics *statistics) {
  struct workshop *shop = (struct workshop *)context;
  float actions[4], values[4];
  pgrad_statistics now;
  CHECK_OK(pgrad_policy_sample(shop->policy, observations, 4, actions, NULL));
  CHECK_OK(pgrad_policy_kl(shop->policy, shop->policy, observations, 4, values));
  CHECK_OK(pgrad_agent_statistics(shop->agent, &now, sizeof now));
  CHECK(now.updates == statistics->updates);
  return 0;
}

static void a_callback_may_use_what_its_own_thread_trains(void) {
  struct workshop shop = workshop();
  CHECK_OK(pgrad_train(shop.agent, shop.env, 2 * 4 * 32, act_beside, &shop));
  close_down(&shop);
}

static void *train(void *context) {
  struct workshop *shop = (struct workshop *)context;
  intptr_t trained = 0;
  for (int i = 0; i < 50; i++) {
    pgrad_status status = pgrad_train(shop->agent, shop->env, 4 * 32, NULL, NULL);
    CHECK(status == PGRAD_OK || status == PGRAD_BAD_STATE);
    trained += status == PGRAD_OK;
  }
  return (void *)trained;
}

static void threads_that_train_one_agent_at_once_take_turns_or_are_refused(void) {
  enum { THREADS = 4 };
  struct workshop shop = workshop();
  pthread_t threads[THREADS];
  intptr_t trained = 0;
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, train, &shop) != 0) abort();
  for (int i = 0; i < THREADS; i++) {
    void *count = NULL;
    pthread_join(threads[i], &count);
    trained += (intptr_t)count;
  }
  pgrad_statistics statistics;
  CHECK_OK(pgrad_agent_statistics(shop.agent, &statistics, sizeof statistics));
  CHECK(trained > 0 && statistics.updates == trained);
  CHECK(statistics.timesteps == trained * 4 * 32);
  close_down(&shop);
}

int main(void) {
  RUN(an_object_in_training_is_refused_on_another_thread);
  RUN(a_callback_may_use_what_its_own_thread_trains);
  RUN(threads_that_train_one_agent_at_once_take_turns_or_are_refused);
  return check_report();
}
