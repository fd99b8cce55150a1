/* Runs a fuzz target without libFuzzer, with the library as it is installed: first every file of its corpus, then
 * random changes of them for a while. Coverage does not guide it, and it needs no other build of the library.
 * PGRAD_ROOT is the repository, FUZZ_SECONDS the time [60], FUZZ_SEED chooses the inputs [1]. */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An input that takes longer than LONGEST seconds has found something, even beside other tests with low priority. */
enum { LARGEST = 4096, LARGEST_END = 1024, MOST_FILES = 1024, LONGEST = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct sample {
  uint8_t bytes[LARGEST];
  size_t size;
} sample;

static sample samples[MOST_FILES], current;
static int sample_count;
static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
  random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
  return (uint32_t)(random_state >> 32) % limit;
}

/** Prints the input that ends the program, for `xxd -r -p`, and lets it end. */
static void print_input(int signal_number) {
  static const char digits[] = "0123456789abcdef", intro[] = "\nthe input that ended the program:\n";
  static char text[2 * LARGEST + 1];
  (void)signal(signal_number, SIG_DFL);
  for (size_t i = 0; i < current.size; i++) {
    text[2 * i] = digits[current.bytes[i] >> 4];
    text[2 * i + 1] = digits[current.bytes[i] & 15];
  }
  text[2 * current.size] = '\n';
  ssize_t written = write(2, intro, sizeof intro - 1) + write(2, text, 2 * current.size + 1);
  (void)written;
  (void)raise(signal_number);
}

static void read_folder(const char *path) {
  DIR *entries = opendir(path);
  if (entries == NULL) {
    fprintf(stderr, "cannot open the folder %s\n", path);
    exit(2);
  }
  for (struct dirent *entry; (entry = readdir(entries)) != NULL && sample_count < MOST_FILES;) {
    char name[5000];
    (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    FILE *stream = entry->d_name[0] == '.' ? NULL : fopen(name, "rb");
    if (stream == NULL) continue;
    sample *read = &samples[sample_count++];
    read->size = fread(read->bytes, 1, LARGEST, stream);
    (void)fclose(stream);
  }
  (void)closedir(entries);
}

/** A sample, or nothing, with a few changes. */
static void change(void) {
  current.size = 0;
  if (random_below(8) != 0 && sample_count > 0) current = samples[random_below((uint32_t)sample_count)];
  if (random_below(4) == 0 && sample_count > 0) { /* its end comes from another one */
    const sample *other = &samples[random_below((uint32_t)sample_count)];
    size_t from = random_below((uint32_t)current.size + 1);
    if (other->size > from) {
      memcpy(current.bytes + from, other->bytes + from, other->size - from);
      current.size = other->size;
    }
  }
  for (uint32_t changes = random_below(8); changes > 0 && current.size > 0; changes--)
    current.bytes[random_below((uint32_t)current.size)] = (uint8_t)random_below(256);
  if (current.size == 0 || random_below(8) == 0) /* random bytes follow */
    for (uint32_t more = random_below(LARGEST_END); more > 0 && current.size < LARGEST; more--)
      current.bytes[current.size++] = (uint8_t)random_below(256);
}

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(void) {
  const char *seconds = getenv("FUZZ_SECONDS"), *seed = getenv("FUZZ_SEED"), *root = getenv("PGRAD_ROOT");
  const int ends[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGALRM};
  random_state = 88172645463325252u ^ (seed == NULL ? 1 : strtoull(seed, NULL, 10));
  for (int i = 0; i < 7; i++) (void)signal(ends[i], print_input);
  char corpus[4096];
  (void)snprintf(corpus, sizeof corpus, "%s/Tests/Fuzz/corpus/" TARGET, root == NULL ? "." : root);
  read_folder(corpus);
  long executions = 0;
  for (; executions < sample_count; executions++) {
    current = samples[executions];
    (void)alarm(LONGEST);
    (void)LLVMFuzzerTestOneInput(current.bytes, current.size);
  }
  double end = now() + (seconds == NULL ? 60 : atof(seconds));
  for (; now() < end; executions++) {
    change();
    (void)alarm(LONGEST);
    (void)LLVMFuzzerTestOneInput(current.bytes, current.size);
  }
  printf("%d samples, %ld executions\n1 passed, 0 failed\n", sample_count, executions);
  return 0;
}
