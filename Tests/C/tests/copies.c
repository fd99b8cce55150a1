/* Two copies of the library in one process, and a library that is opened and closed many times. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <link.h>

#include "guest.h"

/** The functions of one copy that the tests call. */
struct copy {
  void *handle;
  pgrad_status (*policy_config_init)(pgrad_policy_config *, size_t);
  pgrad_status (*policy_create)(pgrad_policy **, const pgrad_policy_config *);
  void (*policy_destroy)(pgrad_policy *);
  pgrad_status (*policy_parameters)(pgrad_policy *, float **, int64_t *);
  pgrad_status (*agent_config_init)(pgrad_agent_config *, size_t);
  pgrad_status (*agent_create)(pgrad_agent **, pgrad_policy *, const pgrad_agent_config *);
  void (*agent_destroy)(pgrad_agent *);
  pgrad_status (*env_create)(pgrad_env **, const char *, int64_t);
  void (*env_destroy)(pgrad_env *);
  pgrad_status (*train)(pgrad_agent *, pgrad_env *, int64_t, pgrad_progress, void *);
  const char *(*last_error)(void);
};

/** ISO C has no conversion from an object's address to a function's. */
static void find(void *handle, const char *name, void *place) {
  void *address = dlsym(handle, name);
  if (address == NULL) {
    fprintf(stderr, "%s is missing: %s\n", name, dlerror());
    exit(1);
  }
  memcpy(place, &address, sizeof address);
}

static struct copy functions_of(void *handle) {
  struct copy copy = {.handle = handle};
  if (handle == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  find(handle, "pgrad_policy_config_init", &copy.policy_config_init);
  find(handle, "pgrad_policy_create", &copy.policy_create);
  find(handle, "pgrad_policy_destroy", &copy.policy_destroy);
  find(handle, "pgrad_policy_parameters", &copy.policy_parameters);
  find(handle, "pgrad_agent_config_init", &copy.agent_config_init);
  find(handle, "pgrad_agent_create", &copy.agent_create);
  find(handle, "pgrad_agent_destroy", &copy.agent_destroy);
  find(handle, "pgrad_env_create", &copy.env_create);
  find(handle, "pgrad_env_destroy", &copy.env_destroy);
  find(handle, "pgrad_train", &copy.train);
  find(handle, "pgrad_last_error", &copy.last_error);
  return copy;
}

/** The path of the library that this program is linked with. */
static const char *library_path(void) {
  Dl_info information;
  const char *(*version)(void) = pgrad_version;
  void *address = NULL;
  memcpy(&address, &version, sizeof address);
  if (dladdr(address, &information) == 0) abort();
  return information.dli_fname;
}

/** Copies the library to a file of this folder. */
static void copy_library(const char *path) {
  FILE *source = fopen(library_path(), "rb"), *target = fopen(path, "wb");
  static char bytes[1 << 16];
  if (source == NULL || target == NULL) abort();
  for (size_t count; (count = fread(bytes, 1, sizeof bytes, source)) > 0;)
    if (fwrite(bytes, 1, count, target) != count) abort();
  fclose(source);
  if (fclose(target) != 0) abort();
}

static uint64_t trained_by(const struct copy *library) {
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config shape;
  pgrad_agent_config config;
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  float *parameters = NULL;
  int64_t count = 0;
  MUST(library->policy_config_init(&shape, sizeof shape));
  shape.observation_size = 4;
  shape.parts = &part;
  shape.part_count = 1;
  MUST(library->policy_create(&policy, &shape));
  MUST(library->agent_config_init(&config, sizeof config));
  config.n_envs = 2;
  config.n_steps = 128;
  config.batch_size = 256;
  config.threads = 2;
  MUST(library->agent_create(&agent, policy, &config));
  MUST(library->env_create(&env, "CartPole-v1", 2));
  MUST(library->train(agent, env, 1024, NULL, NULL));
  CHECK(thread_count() != 1);
  MUST(library->policy_parameters(policy, &parameters, &count));
  uint64_t hash = UINT64_C(14695981039346656037);
  for (int64_t i = 0; i < count * (int64_t)sizeof(float); i++)
    hash = (hash ^ ((const unsigned char *)parameters)[i]) * UINT64_C(1099511628211);
  library->env_destroy(env);
  library->agent_destroy(agent);
  library->policy_destroy(policy);
  return hash;
}

static struct copy linked(void) { return functions_of(dlopen(library_path(), RTLD_NOW | RTLD_LOCAL)); }

static void a_renamed_copy_works_beside_the_library(void) {
  copy_library("./libcopied.so");
  struct copy own = linked(), other = functions_of(dlopen("./libcopied.so", RTLD_NOW | RTLD_LOCAL));
  CHECK(own.policy_create == pgrad_policy_create && other.policy_create != own.policy_create);
  uint64_t expected = trained_by(&own);
  CHECK(trained_by(&other) == expected);
  CHECK(trained_by(&own) == expected);
  pgrad_status refused = other.policy_create(NULL, NULL);
  CHECK(refused == PGRAD_INVALID_ARGUMENT && strlen(other.last_error()) > 0);
  CHECK(own.last_error() != other.last_error());
}

static void a_copy_in_a_namespace_of_its_own_works(void) {
  struct copy own = linked(), other = functions_of(dlmopen(LM_ID_NEWLM, library_path(), RTLD_NOW | RTLD_LOCAL));
  CHECK(other.policy_create != own.policy_create);
  CHECK(trained_by(&other) == trained_by(&own));
}

static long pages_in_memory(void) {
  long all = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &all, &resident) != 2) abort();
  fclose(file);
  return resident;
}

static int open_descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) abort();
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

static void opening_and_closing_a_thousand_times_leaves_nothing(void) {
  copy_library("./libopened.so");
  struct copy first = functions_of(dlopen("./libopened.so", RTLD_NOW | RTLD_LOCAL));
  uint64_t expected = trained_by(&first);
  dlclose(first.handle);
  long pages = pages_in_memory();
  int descriptors = open_descriptors();
  for (int i = 0; i < 1000; i++) {
    struct copy copy = functions_of(dlopen("./libopened.so", RTLD_NOW | RTLD_LOCAL));
    if (i % 100 == 0) CHECK(trained_by(&copy) == expected);
    CHECK(dlclose(copy.handle) == 0);
  }
  CHECK(pages_in_memory() - pages < (1 << 20) / sysconf(_SC_PAGESIZE));
  CHECK(open_descriptors() == descriptors);
}

int main(void) {
  RUN(a_renamed_copy_works_beside_the_library);
  RUN(a_copy_in_a_namespace_of_its_own_works);
  RUN(opening_and_closing_a_thousand_times_leaves_nothing);
  return check_report();
}
