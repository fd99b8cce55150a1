/* Well-formed files with hostile contents. Every case runs in a child process, which must end by itself. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixtures.h"

enum { LARGEST = 1 << 16 };

static char file[LARGEST];
static size_t length;

/** An agent's file with ended episodes and an optimizer that has stepped. */
static void save_agent(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  MUST(pgrad_train(agent, env, 6000, NULL, NULL)); /* over a hundred episodes */
  MUST(pgrad_agent_save(agent, "sound"));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  FILE *stream = fopen("sound", "rb");
  if (stream == NULL) abort();
  length = fread(file, 1, sizeof file, stream);
  fclose(stream);
  if (length < 9 || length == sizeof file) abort();
}

static size_t header_length(void) {
  uint64_t size;
  memcpy(&size, file, sizeof size);
  return (size_t)size;
}

/** Writes the sound file with the bytes from..to of its header replaced. */
static void write_with(const char *path, size_t from, size_t to, const char *text) {
  (void)remove(path); /* some file systems wait for the disk where a file is written over */
  FILE *stream = fopen(path, "wb");
  uint64_t size = header_length() - (to - from) + strlen(text);
  if (stream == NULL) abort();
  fwrite(&size, sizeof size, 1, stream);
  fwrite(file + 8, 1, from, stream);
  fwrite(text, 1, strlen(text), stream);
  fwrite(file + 8 + to, 1, length - 8 - to, stream);
  if (fclose(stream) != 0) abort();
}

/** Loads the file and uses whatever comes of it. @return Whether every status was one that the header allows. */
static int use(const char *path) {
  pgrad_agent *agent = NULL;
  pgrad_policy *policy = NULL;
  pgrad_statistics statistics;
  pgrad_agent_config config;
  pgrad_status status = pgrad_policy_load(&policy, path);
  if (status != PGRAD_OK && status != PGRAD_BAD_FILE) return 0;
  pgrad_policy_destroy(policy);
  status = pgrad_agent_load(&agent, path);
  if (status != PGRAD_OK) return status == PGRAD_BAD_FILE;
  MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  MUST(pgrad_agent_describe(agent, &config, sizeof config));
  pgrad_env *env = NULL;
  if (config.n_envs <= 64) {
    MUST(pgrad_env_create(&env, "CartPole-v1", config.n_envs));
    if (config.n_steps <= 4096 && config.n_epochs <= 64) (void)pgrad_train(agent, env, 1, NULL, NULL);
    (void)pgrad_train(agent, env, -1, NULL, NULL);
    MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  }
  MUST(pgrad_agent_save(agent, "again"));
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  return 1;
}

/** Uses the file in a child. @return Whether that ended by itself, within ten seconds, as it should. */
static int survives(const char *path) {
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    alarm(10);
    _exit(use(path) ? 0 : 1);
  }
  int ended = 0;
  if (waitpid(child, &ended, 0) != child) abort();
  return WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
}

static void the_undamaged_file_loads(void) { CHECK(survives("sound")); }

/** Every text of the metadata in turn takes every one of these values. */
static void no_value_of_a_field_traps(void) {
  const char *const values[] = {
      "",    "0",   "-1", "1",     "2147483648", "9223372036854775807", "-9223372036854775808",
      "nan", "inf", "x",  "1e308", "1e-320",     "18446744073709551615"};
  char *header = file + 8, *end = header + header_length();
  int fields = 0;
  for (char *key = header; (key = strstr(key, "\":\"")) != NULL && key < end;) {
    size_t from = (size_t)(key - header) + 3;
    size_t to = (size_t)(strchr(header + from, '"') - header);
    const char *name = key;
    while (name[-1] != '"') name--;
    int is_metadata = memcmp(name, "agent.", 6) == 0 || memcmp(name, "policy.", 7) == 0;
    for (size_t i = (size_t)fields % CHECK_STRIDE; is_metadata && i < sizeof values / sizeof values[0];
         i += CHECK_STRIDE) {
      write_with("crafted", from, to, values[i]);
      if (!CHECK(survives("crafted"))) fprintf(stderr, "  %.*s = \"%s\"\n", (int)(key - name), name, values[i]);
    }
    fields += is_metadata;
    key = header + to;
  }
  CHECK(fields > 30);
}

/** Every byte of the data of one tensor takes one value: the largest, the smallest and odd numbers of its type. */
static void no_number_of_a_tensor_traps(void) {
  const unsigned char values[] = {0x00, 0x0F, 0x7F, 0x80, 0xFF};
  char *header = file + 8, *place = header;
  static char kept[LARGEST];
  int tensors = 0;
  while ((place = strstr(place, "\"data_offsets\":[")) != NULL && place < header + header_length()) {
    unsigned long from = 0, to = 0;
    place += strlen("\"data_offsets\":[");
    if (sscanf(place, "%lu,%lu", &from, &to) != 2 || to < from || 8 + header_length() + to > length) abort();
    char *data = header + header_length() + from;
    memcpy(kept, data, to - from);
    for (size_t i = (size_t)tensors % CHECK_STRIDE; i < sizeof values; i += CHECK_STRIDE) {
      memset(data, values[i], to - from);
      write_with("crafted", 0, 0, "");
      if (!CHECK(survives("crafted"))) fprintf(stderr, "  bytes %lu to %lu are %02x\n", from, to, values[i]);
      if (to - from < 8) continue;
      /* integers of 64 bits just below 2⁶⁰ and 2⁶² */
      for (unsigned long k = 7; k < to - from; k += 8) data[k] = (char)(values[i] & 0x3F);
      write_with("crafted", 0, 0, "");
      if (!CHECK(survives("crafted"))) fprintf(stderr, "  bytes %lu to %lu are near %02x\n", from, to, values[i]);
    }
    memcpy(data, kept, to - from);
    tensors++;
  }
  CHECK(tensors > 8);
}

static void deep_nesting_does_not_exhaust_the_stack(void) {
  enum { DEEP = 1 << 20 }; /* the longest header that is parsed */
  char *nested = (char *)malloc(8 + DEEP);
  uint64_t size = DEEP;
  memcpy(nested, &size, 8);
  for (int kind = 0; kind < 2; kind++) {
    memset(nested + 8, kind == 0 ? '[' : '{', DEEP);
    FILE *stream = fopen("nested", "wb");
    if (stream == NULL || fwrite(nested, 1, 8 + DEEP, stream) != 8 + DEEP || fclose(stream) != 0) abort();
    CHECK(survives("nested"));
  }
  free(nested);
}

static long peak_kilobytes(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) abort();
  return usage.ru_maxrss;
}

/** A tensor of a gigabyte that nobody asks for, of which the disk holds nothing. */
static void a_long_file_takes_no_memory(void) {
  const long long junk = 1 << 30, data = (long long)(length - 8 - header_length());
  char text[128];
  snprintf(text, sizeof text, "\"junk\":{\"dtype\":\"U8\",\"shape\":[%lld],\"data_offsets\":[%lld,%lld]},", junk, data,
           data + junk);
  write_with("long", 1, 1, text);
  if (truncate("long", (off_t)(length + strlen(text)) + (off_t)junk) != 0) abort();
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    long before = peak_kilobytes();
    int32_t kind = 0;
    pgrad_policy *policy = NULL;
    pgrad_agent *agent = NULL;
    pgrad_checkpoint_info info;
    MUST(pgrad_file_kind("long", &kind));
    MUST(pgrad_checkpoint_describe("long", &info, sizeof info));
    MUST(pgrad_policy_load(&policy, "long"));
    MUST(pgrad_agent_load(&agent, "long"));
    _exit(kind == PGRAD_FILE_AGENT && peak_kilobytes() - before < 100 << 10 ? 0 : 1);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  (void)remove("long");
}

static void a_pipe_without_a_writer_does_not_block(void) {
  CHECK(mkfifo("pipe", 0600) == 0);
  CHECK(survives("pipe"));
}

int main(void) {
  save_agent();
  RUN(the_undamaged_file_loads);
  RUN(no_value_of_a_field_traps);
  RUN(no_number_of_a_tensor_traps);
  RUN(deep_nesting_does_not_exhaust_the_stack);
  RUN(a_long_file_takes_no_memory);
  RUN(a_pipe_without_a_writer_does_not_block);
  return check_report();
}
