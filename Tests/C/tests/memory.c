/* Files in memory: the same bytes as on disk, complete, truncated and damaged at every byte; and the kind of a file. */
#include "fixtures.h"

enum { LARGEST = 1 << 16 };

static unsigned char policy_bytes[LARGEST], agent_bytes[LARGEST], copy[LARGEST];
static int64_t policy_size, agent_size;
static pgrad_policy *policy;
static pgrad_agent *agent;

/** The smallest policy, and an agent that has learned once. */
static void create_both(void) {
  pgrad_agent_config config = small_ppo(3, 1);
  policy = linear_policy((pgrad_action_part){PGRAD_CATEGORICAL, 3, 0, 0}, 1);
  config.n_envs = 1;
  agent = agent_of(policy, &config);
  pgrad_env *env = native_env("MountainCar-v0", 1);
  MUST(pgrad_train(agent, env, 1, NULL, NULL));
  pgrad_env_destroy(env);
  MUST(pgrad_policy_save_memory(policy, policy_bytes, LARGEST, &policy_size));
  MUST(pgrad_agent_save_memory(agent, agent_bytes, LARGEST, &agent_size));
}

static void memory_holds_the_bytes_of_the_file(void) {
  const struct {
    const char *path;
    const unsigned char *bytes;
    int64_t size;
  } kinds[] = {{"policy", policy_bytes, policy_size}, {"agent", agent_bytes, agent_size}};
  CHECK_OK(pgrad_policy_save(policy, kinds[0].path));
  CHECK_OK(pgrad_agent_save(agent, kinds[1].path));
  for (int kind = 0; kind < 2; kind++) {
    FILE *file = fopen(kinds[kind].path, "rb");
    if (file == NULL) abort();
    size_t size = fread(copy, 1, sizeof copy, file);
    fclose(file);
    CHECK((int64_t)size == kinds[kind].size && memcmp(copy, kinds[kind].bytes, size) == 0);
  }
}

static void the_size_can_be_read_without_bytes(void) {
  int64_t size = 0;
  CHECK_OK(pgrad_policy_save_memory(policy, NULL, 0, &size));
  CHECK(size == policy_size);
  CHECK_OK(pgrad_agent_save_memory(agent, NULL, 0, &size));
  CHECK(size == agent_size);
  CHECK_OK(pgrad_agent_save_memory(agent, copy, size, NULL));
  CHECK(memcmp(copy, agent_bytes, (size_t)size) == 0);
}

static void what_is_loaded_continues_with_the_same_bits(void) {
  pgrad_policy *loaded_policy = NULL, *of_agent = NULL;
  pgrad_agent *loaded_agent = NULL;
  CHECK_OK(pgrad_policy_load_memory(&loaded_policy, policy_bytes, policy_size));
  CHECK(same_parameters(policy, loaded_policy));
  CHECK_OK(pgrad_policy_load_memory(&of_agent, agent_bytes, agent_size));
  CHECK(same_parameters(policy, of_agent));
  CHECK_OK(pgrad_agent_load_memory(&loaded_agent, agent_bytes, agent_size));
  int64_t size = 0;
  CHECK_OK(pgrad_agent_save_memory(loaded_agent, copy, LARGEST, &size));
  CHECK(size == agent_size && memcmp(copy, agent_bytes, (size_t)size) == 0);
  pgrad_agent_destroy(loaded_agent);
  pgrad_policy_destroy(of_agent);
  pgrad_policy_destroy(loaded_policy);
}

static void too_little_memory_is_refused_and_not_written(void) {
  int64_t size;
  canary_set(&size, sizeof size);
  canary_set(copy, sizeof copy);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_save_memory(policy, copy, policy_size - 1, &size), "capacity");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_save_memory(agent, copy, 0, &size), "capacity", "0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_save_memory(agent, copy, -1, &size), "capacity", "-1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_save_memory(policy, NULL, 8, &size), "capacity", "8");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_save_memory(NULL, copy, LARGEST, &size), "policy");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_save_memory(NULL, copy, LARGEST, &size), "agent");
  CHECK(canary_alive(&size, sizeof size) && canary_alive(copy, sizeof copy));
}

static void no_bytes_are_refused(void) {
  void *place;
  canary_set(&place, sizeof place);
  pgrad_policy **policies = (pgrad_policy **)&place;
  pgrad_agent **agents = (pgrad_agent **)&place;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_load_memory(policies, NULL, 8), "bytes", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_load_memory(agents, agent_bytes, -1), "size", "-1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_load_memory(NULL, policy_bytes, policy_size), "policy", "NULL");
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_agent_load_memory(agents, policy_bytes, policy_size), "bytes", "not an agent");
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_policy_load_memory(policies, policy_bytes, 0), "bytes");
  CHECK(canary_alive(&place, sizeof place));
}

/** Loads exact copies, so that the address sanitizer sees a read beyond the end. @return Whether the status is
 *  allowed. */
static int loads(const unsigned char *bytes, int64_t size, int may_succeed) {
  unsigned char *exact = (unsigned char *)malloc(size > 0 ? (size_t)size : 1);
  pgrad_policy *loaded_policy = NULL;
  pgrad_agent *loaded_agent = NULL;
  memcpy(exact, bytes, (size_t)size);
  pgrad_status of_policy = pgrad_policy_load_memory(&loaded_policy, exact, size);
  pgrad_status of_agent = pgrad_agent_load_memory(&loaded_agent, exact, size);
  free(exact);
  int good = (of_policy == PGRAD_BAD_FILE && loaded_policy == NULL) || (may_succeed && of_policy == PGRAD_OK);
  good = good && ((of_agent == PGRAD_BAD_FILE && loaded_agent == NULL) || (may_succeed && of_agent == PGRAD_OK));
  pgrad_policy_destroy(loaded_policy);
  pgrad_agent_destroy(loaded_agent);
  return good;
}

static void bytes_truncated_anywhere_are_refused(void) {
  for (int64_t size = 0; size < agent_size; size += CHECK_STRIDE) {
    if (!CHECK(loads(agent_bytes, size, 0))) break;
  }
  for (int64_t size = 0; size < policy_size; size += CHECK_STRIDE) {
    if (!CHECK(loads(policy_bytes, size, 0))) break;
  }
}

static void bytes_damaged_anywhere_are_refused_or_usable(void) {
  const unsigned char damages[] = {0x01, 0x80, 0xFF};
  memcpy(copy, agent_bytes, (size_t)agent_size);
  for (int64_t i = 0; i < agent_size; i += CHECK_STRIDE) {
    for (int damage = 0; damage < 3; damage++) {
      copy[i] ^= damages[damage];
      if (!CHECK(loads(copy, agent_size, 1))) return;
      copy[i] ^= damages[damage];
    }
  }
}

static void a_file_shows_whether_it_holds_a_policy_or_an_agent(void) {
  int32_t kind = 0;
  CHECK_OK(pgrad_policy_save(policy, "a policy"));
  CHECK_OK(pgrad_agent_save(agent, "an agent"));
  CHECK_OK(pgrad_file_kind("a policy", &kind));
  CHECK(kind == PGRAD_FILE_POLICY);
  CHECK_OK(pgrad_file_kind("an agent", &kind));
  CHECK(kind == PGRAD_FILE_AGENT);
}

static void a_foreign_file_has_no_kind(void) {
  int32_t kind;
  canary_set(&kind, sizeof kind);
  const char foreign[] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
  FILE *file = fopen("foreign", "wb");
  if (file == NULL || fwrite(foreign, 1, sizeof foreign, file) != sizeof foreign || fclose(file) != 0) abort();
  CHECK_REFUSED(PGRAD_BAD_FILE, pgrad_file_kind("foreign", &kind), "foreign");
  CHECK_REFUSED(PGRAD_IO_ERROR, pgrad_file_kind("no such file", &kind), "no such file");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_file_kind(NULL, &kind), "path", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_file_kind("foreign", NULL), "kind", "NULL");
  CHECK(canary_alive(&kind, sizeof kind));
}

int main(void) {
  create_both();
  RUN(memory_holds_the_bytes_of_the_file);
  RUN(the_size_can_be_read_without_bytes);
  RUN(what_is_loaded_continues_with_the_same_bits);
  RUN(too_little_memory_is_refused_and_not_written);
  RUN(no_bytes_are_refused);
  RUN(bytes_truncated_anywhere_are_refused);
  RUN(bytes_damaged_anywhere_are_refused_or_usable);
  RUN(a_file_shows_whether_it_holds_a_policy_or_an_agent);
  RUN(a_foreign_file_has_no_kind);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return check_report();
}
