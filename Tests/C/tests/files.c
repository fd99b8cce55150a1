/* Saved policies and agents: complete, truncated, damaged at every byte, and foreign. Writes in the current folder. */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixtures.h"

static unsigned char *contents;
static size_t length;

static void read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) abort();
  length = (size_t)ftell(file);
  rewind(file);
  contents = (unsigned char *)realloc(contents, length);
  if (contents == NULL || fread(contents, 1, length, file) != length) abort();
  fclose(file);
}

static void write_file(const char *path, const void *bytes, size_t size) {
  (void)remove(path); /* some file systems wait for the disk where a file is written over */
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) abort();
}

typedef pgrad_status (*loader)(void **object, const char *path);
typedef void (*destroyer)(void *object);

static pgrad_status load_policy(void **object, const char *path) {
  pgrad_policy *policy = (pgrad_policy *)*object;
  pgrad_status status = pgrad_policy_load(&policy, path);
  *object = policy;
  return status;
}
static pgrad_status load_agent(void **object, const char *path) {
  pgrad_agent *agent = (pgrad_agent *)*object;
  pgrad_status status = pgrad_agent_load(&agent, path);
  *object = agent;
  return status;
}
static void destroy_policy(void *object) { pgrad_policy_destroy((pgrad_policy *)object); }
static void destroy_agent(void *object) { pgrad_agent_destroy((pgrad_agent *)object); }

static const struct {
  const char *path;
  loader load;
  destroyer destroy;
} kinds[] = {{"policy.safetensors", load_policy, destroy_policy}, {"agent.safetensors", load_agent, destroy_agent}};

/** Both files, of the smallest policy and an agent that has learned once. */
static void save_both(void) {
  pgrad_policy *policy = linear_policy((pgrad_action_part){PGRAD_CATEGORICAL, 3, 0, 0}, 1);
  pgrad_agent_config config = small_ppo(3, 1);
  config.n_envs = 1;
  config.n_steps = 128;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("MountainCar-v0", 1);
  MUST(pgrad_train(agent, env, 1, NULL, NULL));
  MUST(pgrad_policy_save(policy, kinds[0].path));
  MUST(pgrad_agent_save(agent, kinds[1].path));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void a_saved_policy_acts_as_before(void) {
  pgrad_policy *policy = cartpole_policy(11), *loaded = NULL;
  const float observations[8] = {0.1f, -0.2f, 0.3f, -0.4f, 1, 2, 3, 4};
  float before[2], after[2], values[2], loaded_values[2];
  CHECK_OK(pgrad_policy_save(policy, "copy.safetensors"));
  CHECK_OK(pgrad_policy_load(&loaded, "copy.safetensors"));
  CHECK(loaded != policy && same_parameters(policy, loaded));
  CHECK_OK(pgrad_policy_mode(policy, observations, 2, before));
  CHECK_OK(pgrad_policy_mode(loaded, observations, 2, after));
  CHECK(memcmp(before, after, sizeof before) == 0);
  CHECK_OK(pgrad_policy_value(policy, observations, 2, values));
  CHECK_OK(pgrad_policy_value(loaded, observations, 2, loaded_values));
  CHECK(memcmp(values, loaded_values, sizeof values) == 0);
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(loaded);
}

static void a_policy_is_read_from_an_agents_file_too(void) {
  pgrad_policy *from_agent = NULL, *from_policy = NULL;
  CHECK_OK(pgrad_policy_load(&from_agent, kinds[1].path));
  CHECK_OK(pgrad_policy_load(&from_policy, kinds[0].path));
  CHECK(same_parameters(from_agent, from_policy));
  pgrad_policy_destroy(from_agent);
  pgrad_policy_destroy(from_policy);
}

static void a_file_truncated_at_any_byte_is_refused(void) {
  for (int kind = 0; kind < 2; kind++) {
    read_file(kinds[kind].path);
    for (size_t size = 0; size < length; size += CHECK_STRIDE) {
      void *object;
      canary_set(&object, sizeof object);
      write_file("cut", contents, size);
      if (!CHECK_REFUSED(PGRAD_BAD_FILE, kinds[kind].load(&object, "cut"), "cut") ||
          !CHECK(canary_alive(&object, sizeof object))) {
        fprintf(stderr, "  %s cut to %zu of %zu bytes\n", kinds[kind].path, size, length);
        break;
      }
    }
  }
}

static void a_file_with_more_at_its_end_is_refused(void) {
  for (int kind = 0; kind < 2; kind++) {
    void *object = NULL;
    read_file(kinds[kind].path);
    contents = (unsigned char *)realloc(contents, length + 1);
    contents[length] = 0;
    write_file("longer", contents, length + 1);
    CHECK_REFUSED(PGRAD_BAD_FILE, kinds[kind].load(&object, "longer"), "longer");
  }
}

/** Any byte may turn into another sound file (a weight's digit), never into a crash or an unusable object. */
static void a_file_damaged_at_any_byte_is_refused_or_usable(void) {
  const unsigned char damages[] = {0x01, 0x80, 0xFF};
  for (int kind = 0; kind < 2; kind++) {
    read_file(kinds[kind].path);
    for (size_t i = 0; i < length; i += CHECK_STRIDE) {
      for (int damage = 0; damage < 3; damage++) {
        void *object = NULL;
        contents[i] ^= damages[damage];
        write_file("damaged", contents, length);
        contents[i] ^= damages[damage];
        pgrad_status status = kinds[kind].load(&object, "damaged");
        if (!CHECK(status == PGRAD_OK ? object != NULL : status == PGRAD_BAD_FILE && object == NULL))
          fprintf(stderr, "  %s, byte %zu ^ %02x: %s: %s\n", kinds[kind].path, i, damages[damage],
                  pgrad_status_name(status), pgrad_last_error());
        if (status == PGRAD_OK) kinds[kind].destroy(object);
      }
    }
  }
}

static void foreign_files_are_refused(void) {
  unsigned char huge_header[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, '{', '}'};
  unsigned char negative_header[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '{', '}'};
  const char text[] = "This is a letter, not a policy. It goes on for a while, so that it is longer than any header.\n";
  const char empty_object[10] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
  char nested[2008] = {(char)0xD0, 0x07};
  memset(nested + 8, '[', sizeof nested - 8);
  const struct {
    const void *bytes;
    size_t size;
  } files[] = {
      {huge_header, 16}, {negative_header, 16}, {text, sizeof text}, {empty_object, 10}, {nested, sizeof nested}};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    for (int kind = 0; kind < 2; kind++) {
      void *object;
      canary_set(&object, sizeof object);
      write_file("foreign", files[i].bytes, files[i].size);
      CHECK_REFUSED(PGRAD_BAD_FILE, kinds[kind].load(&object, "foreign"), "foreign");
      CHECK(canary_alive(&object, sizeof object));
    }
  }
  void *agent = NULL;
  CHECK_REFUSED(PGRAD_BAD_FILE, load_agent(&agent, kinds[0].path), kinds[0].path);
}

static void weights_that_are_not_finite_are_refused(void) {
  const float bad = NAN;
  void *object = NULL;
  read_file(kinds[0].path);
  memcpy(contents + length - sizeof bad, &bad, sizeof bad);
  write_file("nan", contents, length);
  CHECK_REFUSED(PGRAD_BAD_FILE, load_policy(&object, "nan"), "nan");
}

static void errors_of_the_operating_system_are_reported(void) {
  pgrad_policy *policy = cartpole_policy(1);
  void *object = NULL;
  CHECK(mkdir("folder", 0777) == 0);
  for (int kind = 0; kind < 2; kind++) {
    CHECK_REFUSED(PGRAD_IO_ERROR, kinds[kind].load(&object, "no such file"), "no such file");
    CHECK_REFUSED(PGRAD_BAD_FILE, kinds[kind].load(&object, "folder"), "folder");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, kinds[kind].load(&object, ""), "path");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, kinds[kind].load(&object, NULL), "path", "NULL");
  }
  CHECK(object == NULL);
  CHECK_REFUSED(PGRAD_IO_ERROR, pgrad_policy_save(policy, "no such folder/file"), "no such folder");
  CHECK_REFUSED(PGRAD_IO_ERROR, pgrad_policy_save(policy, "folder"), "folder");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_save(policy, ""), "path");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_load(NULL, kinds[0].path), "policy", "NULL");
  CHECK_OK(pgrad_policy_save(policy, "copy.safetensors"));
  CHECK(rmdir("folder") == 0);
  pgrad_policy_destroy(policy);
}

int main(void) {
  save_both();
  RUN(a_saved_policy_acts_as_before);
  RUN(a_policy_is_read_from_an_agents_file_too);
  RUN(a_file_truncated_at_any_byte_is_refused);
  RUN(a_file_with_more_at_its_end_is_refused);
  RUN(a_file_damaged_at_any_byte_is_refused_or_usable);
  RUN(foreign_files_are_refused);
  RUN(weights_that_are_not_finite_are_refused);
  RUN(errors_of_the_operating_system_are_reported);
  free(contents);
  return check_report();
}
