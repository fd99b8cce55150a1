/* Versions, the names of statuses, and the message of the last failure. */
#include <pthread.h>

#include "fixtures.h"

static void the_library_has_the_headers_version(void) {
  CHECK(strcmp(pgrad_version(), PGRAD_VERSION) == 0);
  CHECK(pgrad_abi_version() == PGRAD_ABI_VERSION);
  CHECK(strcmp(pgrad_kernels(), "avx512") == 0 || strcmp(pgrad_kernels(), "avx2") == 0 ||
        strcmp(pgrad_kernels(), "baseline") == 0);
}

static void statuses_have_names_and_fixed_values(void) {
  const char *const names[] = {"PGRAD_OK",        "PGRAD_INVALID_ARGUMENT", "PGRAD_INVALID_HANDLE", "PGRAD_NOT_FINITE",
                               "PGRAD_BAD_STATE", "PGRAD_OUT_OF_MEMORY",    "PGRAD_UNSUPPORTED",    "PGRAD_IO_ERROR",
                               "PGRAD_BAD_FILE",  "PGRAD_HOST_ERROR"};
  for (int i = 0; i < 10; i++) CHECK(strcmp(pgrad_status_name(i), names[i]) == 0);
  const int unknown[] = {-1, 10, 255, 1000000};
  for (int i = 0; i < 4; i++) CHECK(strcmp(pgrad_status_name(unknown[i]), "unknown status") == 0);
}

static void a_success_keeps_the_last_message(void) {
  pgrad_agent_config config;
  CHECK(pgrad_agent_config_init(NULL, sizeof config) == PGRAD_INVALID_ARGUMENT);
  char message[256];
  snprintf(message, sizeof message, "%s", pgrad_last_error());
  CHECK(message[0] != '\0');
  CHECK_OK(pgrad_agent_config_init(&config, sizeof config));
  CHECK(strcmp(message, pgrad_last_error()) == 0);
}

static void *fail_on_a_thread_of_its_own(void *result) {
  int good = pgrad_last_error()[0] == '\0';
  for (int i = 0; i < 1000; i++) {
    pgrad_env *env = NULL;
    good = good && pgrad_env_create(&env, "OtherThread-v0", 1) == PGRAD_INVALID_ARGUMENT;
    good = good && strstr(pgrad_last_error(), "OtherThread-v0") != NULL;
  }
  *(int *)result = good;
  return NULL;
}

static void messages_belong_to_their_thread(void) {
  pthread_t threads[4];
  int good[4] = {0, 0, 0, 0};
  CHECK(pgrad_optimizer_step(NULL, NULL) == PGRAD_INVALID_HANDLE);
  const char *mine = pgrad_last_error();
  char message[256];
  snprintf(message, sizeof message, "%s", mine);
  for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, fail_on_a_thread_of_its_own, &good[i]) == 0);
  for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0 && good[i]);
  CHECK(pgrad_last_error() == mine);
  CHECK(strcmp(message, mine) == 0);
}

static void a_message_survives_absurdly_long_values(void) {
  enum { LONG = 1 << 20 };
  char *name = (char *)malloc(LONG + 1);
  pgrad_env *env = NULL;
  memset(name, 'x', LONG);
  name[LONG] = '\0';
  CHECK(pgrad_env_create(&env, name, 1) == PGRAD_INVALID_ARGUMENT);
  CHECK(strstr(pgrad_last_error(), "CartPole-v1") != NULL || strlen(pgrad_last_error()) < LONG);
  pgrad_policy *policy = NULL;
  CHECK(pgrad_policy_load(&policy, name) == PGRAD_IO_ERROR);
  CHECK(env == NULL && policy == NULL);
  free(name);
}

int main(void) {
  CHECK(pgrad_last_error()[0] == '\0');
  RUN(the_library_has_the_headers_version);
  RUN(statuses_have_names_and_fixed_values);
  RUN(a_success_keeps_the_last_message);
  RUN(messages_belong_to_their_thread);
  RUN(a_message_survives_absurdly_long_values);
  return check_report();
}
