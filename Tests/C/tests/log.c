/* Messages for the host: silent by default, with levels, never after their callback was replaced. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "fixtures.h"

struct heard {
  int count, level;
  char text[512];
};

static void hear(void *context, int32_t level, const char *message) {
  struct heard *heard = (struct heard *)context;
  heard->count++;
  heard->level = level;
  snprintf(heard->text, sizeof heard->text, "%s", message);
}

/** An update that is undone, because its parameters would be infinite. */
static void cause_a_warning(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  config.optimizer = PGRAD_SGD;
  config.learning_rate = 1e38;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  CHECK(pgrad_train(agent, env, 100 * 4 * 32, NULL, NULL) == PGRAD_NOT_FINITE);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

/** An update that ends in its first minibatch. */
static void cause_a_debug_message(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  config.target_kl = 1e-9;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  MUST(pgrad_train(agent, env, 4 * 32, NULL, NULL));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void nothing_is_written_by_default(void) {
  fflush(NULL);
  FILE *file = tmpfile();
  int output = dup(1), errors = dup(2);
  if (file == NULL || dup2(fileno(file), 1) < 0 || dup2(fileno(file), 2) < 0) abort();
  cause_a_warning();
  cause_a_debug_message();
  fflush(NULL);
  dup2(output, 1);
  dup2(errors, 2);
  CHECK(lseek(fileno(file), 0, SEEK_END) == 0);
  fclose(file);
  close(output);
  close(errors);
}

static void an_undone_update_is_a_warning(void) {
  struct heard heard = {0};
  CHECK_OK(pgrad_set_log_callback(hear, &heard, PGRAD_LOG_WARNING));
  cause_a_warning();
  cause_a_debug_message();
  CHECK(heard.count == 1 && heard.level == PGRAD_LOG_WARNING);
  CHECK(strstr(heard.text, "was undone") != NULL);
  CHECK_OK(pgrad_set_log_callback(NULL, NULL, 0));
  cause_a_warning();
  CHECK(heard.count == 1);
}

static void an_early_end_is_a_debug_message(void) {
  struct heard heard = {0};
  CHECK_OK(pgrad_set_log_callback(hear, &heard, PGRAD_LOG_DEBUG));
  cause_a_debug_message();
  CHECK(heard.count == 1 && heard.level == PGRAD_LOG_DEBUG);
  CHECK(strstr(heard.text, "ended in epoch 1 of 2") != NULL);
  CHECK_OK(pgrad_set_log_callback(NULL, NULL, 0));
}

static void an_unknown_level_is_refused(void) {
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_set_log_callback(hear, NULL, 15), "lowest", "15");
}

static void call_the_library(void *context, int32_t level, const char *message) {
  struct heard *heard = (struct heard *)context;
  (void)level;
  (void)message;
  heard->count++;
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_set_log_callback(NULL, NULL, 0), "log callback");
  cause_a_warning(); /* its message is dropped */
}

static void a_callback_may_call_the_library(void) {
  struct heard heard = {0};
  CHECK_OK(pgrad_set_log_callback(call_the_library, &heard, PGRAD_LOG_WARNING));
  cause_a_warning();
  CHECK(heard.count == 1);
  CHECK_OK(pgrad_set_log_callback(NULL, NULL, 0));
}

static atomic_int is_over;

static void must_be_current(void *context, int32_t level, const char *message) {
  (void)level;
  (void)message;
  CHECK(*(int *)context == 1);
}

static void *cause_warnings(void *context) {
  (void)context;
  while (!atomic_load(&is_over)) cause_a_warning();
  return NULL;
}

/** Each callback has a context of its own, which is 0 once the callback has been replaced. */
static void a_replaced_callback_is_not_called_any_more(void) {
  pthread_t threads[2];
  int contexts[2] = {0, 0};
  for (int i = 0; i < 2; i++)
    if (pthread_create(&threads[i], NULL, cause_warnings, NULL) != 0) abort();
  for (int i = 0; i < 300; i++) {
    contexts[i % 2] = 1;
    CHECK_OK(pgrad_set_log_callback(must_be_current, &contexts[i % 2], PGRAD_LOG_WARNING));
    contexts[1 - i % 2] = 0;
  }
  atomic_store(&is_over, 1);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK_OK(pgrad_set_log_callback(NULL, NULL, 0));
}

int main(void) {
  RUN(nothing_is_written_by_default);
  RUN(an_undone_update_is_a_warning);
  RUN(an_early_end_is_a_debug_message);
  RUN(an_unknown_level_is_refused);
  RUN(a_callback_may_call_the_library);
  RUN(a_replaced_callback_is_not_called_any_more);
  return check_report();
}
