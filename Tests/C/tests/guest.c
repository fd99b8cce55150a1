/* The library as a guest in a process with its own locale, floating-point modes, small stacks, signals and forks. */
#include <fenv.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>

#include "guest.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* --------------------------------------------------------------------------------------------------------- locale */

/** Switches to a locale with a decimal comma, made here if none is installed. Returns whether there is one. */
static int use_decimal_comma(void) {
  const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
  for (int attempt = 0; attempt < 2; attempt++) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
      if (setlocale(LC_ALL, names[i]) != NULL && *localeconv()->decimal_point == ',') return 1;
    if (attempt == 0 && system("localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 >locale.log 2>&1") < 0) return 0;
    setenv("LOCPATH", ".", 1);
  }
  return 0;
}

static int64_t bytes_of(pgrad_policy *policy, char *bytes, int64_t capacity) {
  int64_t size = 0;
  MUST(pgrad_policy_save_memory(policy, bytes, capacity, &size));
  return size;
}

static void a_decimal_comma_changes_no_file_and_no_message(void) {
  static char plain[1 << 15], foreign[1 << 15];
  pgrad_action_part part = {PGRAD_BETA, 1, -0.5f, 1.25f};
  pgrad_policy *policy = linear_policy(part, 1), *copy = NULL;
  int64_t size = bytes_of(policy, plain, sizeof plain);
  if (!use_decimal_comma()) {
    printf("  no locale with a decimal comma is installed, and none can be made\n");
    pgrad_policy_destroy(policy);
    return;
  }
  CHECK(bytes_of(policy, foreign, sizeof foreign) == size && memcmp(plain, foreign, (size_t)size) == 0);
  CHECK_OK(pgrad_policy_load_memory(&copy, foreign, size));
  CHECK(same_parameters(policy, copy));
  pgrad_agent_config config = small_ppo(1, 1);
  config.gamma = 1.5;
  pgrad_agent *agent = NULL;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, &config), "gamma is 1.5;");
  char comma[8];
  snprintf(comma, sizeof comma, "%.1f", 0.5);
  CHECK(strcmp(comma, "0,5") == 0); /* the host's locale is as it was */
  setlocale(LC_ALL, "C");
  pgrad_policy_destroy(copy);
  pgrad_policy_destroy(policy);
}

/* --------------------------------------------------------------------------------------------- floating-point modes */

#if defined(__SSE__)
static void flushing_denormals_changes_no_result(void) {
  const unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040, flags = 0x003F;
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++) {
    uint64_t expected = train_and_store(algorithm, 1, "flushed.safetensors");
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | flush_to_zero | denormals_are_zero);
    uint64_t flushed = train_and_store(algorithm, 1, "flushed.safetensors");
    CHECK((_mm_getcsr() & ~flags) == ((before | flush_to_zero | denormals_are_zero) & ~flags));
    _mm_setcsr(before);
    CHECK(flushed == expected);
  }
}
#endif

/** The largest difference of the policy's numbers between the current rounding mode and the usual one. */
static double difference_by_rounding(pgrad_policy *policy, int mode) {
  static float usual[2][256], other[2][256], observations[256 * 4];
  double largest = 0;
  for (int i = 0; i < 256 * 4; i++) observations[i] = sinf((float)i) * 3;
  float actions[256];
  MUST(pgrad_policy_mode(policy, observations, 256, actions));
  for (int round = 0; round < 2; round++) {
    float (*numbers)[256] = round ? other : usual;
    fesetround(round ? mode : FE_TONEAREST);
    MUST(pgrad_policy_log_prob(policy, observations, actions, 256, numbers[0]));
    MUST(pgrad_policy_value(policy, observations, 256, numbers[1]));
    CHECK(fegetround() == (round ? mode : FE_TONEAREST));
  }
  fesetround(FE_TONEAREST);
  for (int i = 0; i < 512; i++) {
    double difference = fabs((double)usual[i / 256][i % 256] - (double)other[i / 256][i % 256]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

static void a_rounding_mode_of_the_host_is_kept_and_moves_results_by_little(void) {
  const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  pgrad_policy *policy = cartpole_policy(1);
  for (int i = 0; i < 3; i++) {
    CHECK(difference_by_rounding(policy, modes[i]) < 1e-4);
    fesetround(modes[i]);
    (void)train_and_store(PGRAD_PPO, 1, "rounded.safetensors");
    CHECK(fegetround() == modes[i]);
    fesetround(FE_TONEAREST);
  }
  pgrad_policy_destroy(policy);
}

/* --------------------------------------------------------------------------------------------------------- stacks */

static void *train_every_algorithm(void *context) {
  uint64_t *fingerprints = (uint64_t *)context;
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++)
    fingerprints[algorithm] = train_and_store(algorithm, 2, "small_stack.safetensors");
  return NULL;
}

static void a_stack_of_64_KiB_is_enough(void) {
  uint64_t expected[PGRAD_SPO + 1] = {0}, found[PGRAD_SPO + 1] = {0};
  pthread_attr_t attributes;
  pthread_t thread;
  (void)train_every_algorithm(expected);
  pthread_attr_init(&attributes);
  if (!CHECK(pthread_attr_setstacksize(&attributes, 64 * 1024) == 0)) return;
  if (pthread_create(&thread, &attributes, train_every_algorithm, found) != 0) abort();
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
  CHECK(memcmp(found, expected, sizeof found) == 0);
}

/* -------------------------------------------------------------------------------------------------------- signals */

static atomic_long signals;
static void count_signal(int number) {
  (void)number;
  atomic_fetch_add(&signals, 1);
}

static void a_storm_of_signals_changes_nothing(void) {
  uint64_t expected = train_and_store(PGRAD_PPO, 2, "storm.safetensors");
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = count_signal; /* without SA_RESTART, so that system calls are interrupted */
  sigaction(SIGPROF, &action, &before);
  const struct itimerval millisecond = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_PROF, &millisecond, NULL);
  for (int i = 0; i < 500 && (i < 20 || atomic_load(&signals) < 100); i++)
    CHECK(train_and_store(PGRAD_PPO, 2, "storm.safetensors") == expected);
  setitimer(ITIMER_PROF, &never, NULL);
  CHECK(atomic_load(&signals) >= 20);
  sigaction(SIGPROF, NULL, &action);
  CHECK(action.sa_handler == count_signal); /* the host's handler is as it was */
  sigaction(SIGPROF, &before, NULL);
}

/* ----------------------------------------------------------------------------------------------------------- forks */

struct fork_case {
  struct training training;
  uint64_t expected;
};

static int train_on(void *context) {
  struct fork_case *given = (struct fork_case *)context;
  train(&given->training, 3);
  return fingerprint(given->training.policy) != given->expected;
}

static void a_child_of_fork_trains_on_with_and_without_threads(void) {
  for (int32_t threads = 1; threads <= 2; threads++) {
    struct fork_case given = {new_training(PGRAD_PPO, threads), 0};
    struct training whole = new_training(PGRAD_PPO, threads);
    train(&whole, 2);
    train(&whole, 3);
    given.expected = fingerprint(whole.policy);
    train(&given.training, 2);
    CHECK(threads == 1 || thread_count() != 1);
    CHECK(holds_in_child(train_on, &given));
    CHECK(train_on(&given) == 0);
    end_training(&whole);
    end_training(&given.training);
  }
}

static atomic_int readers_stop;
static void *read_without_end(void *context) {
  const float observation[4] = {0.1f, 0.2f, 0.3f, 0.4f};
  float value;
  while (!atomic_load(&readers_stop)) MUST(pgrad_policy_value((pgrad_policy *)context, observation, 1, &value));
  return NULL;
}

/** Readers that exist only in the parent hold up nobody in the child. */
static void a_child_of_fork_trains_while_threads_of_its_parent_read(void) {
  enum { READERS = 3 };
  struct fork_case given = {new_training(PGRAD_PPO, 1), 0};
  struct training whole = new_training(PGRAD_PPO, 1);
  pthread_t threads[READERS];
  train(&whole, 3);
  given.expected = fingerprint(whole.policy);
  for (int i = 0; i < READERS; i++)
    if (pthread_create(&threads[i], NULL, read_without_end, given.training.policy) != 0) abort();
  for (int i = 0; i < 20; i++) {
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    if (!CHECK(holds_in_child(train_on, &given))) break;
  }
  atomic_store(&readers_stop, 1);
  for (int i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
  end_training(&whole);
  end_training(&given.training);
}

static atomic_int arrived;
static void *create_first(void *context) {
  const float observation[4] = {0.1f, 0.2f, 0.3f, 0.4f};
  float action;
  pgrad_policy *policy = cartpole_policy(1);
  atomic_fetch_add(&arrived, 1);
  while (atomic_load(&arrived) < *(int *)context) continue;
  pgrad_env *env = native_env("MinAtar/Breakout-v1", 2);
  MUST(pgrad_policy_sample(policy, observation, 1, &action, NULL));
  pgrad_env_destroy(env);
  pgrad_policy_destroy(policy);
  return NULL;
}

static int create_first_on_four_threads(void *context) {
  enum { THREADS = 4 };
  int count = THREADS;
  pthread_t threads[THREADS - 1];
  (void)context;
  for (int i = 0; i < THREADS - 1; i++)
    if (pthread_create(&threads[i], NULL, create_first, &count) != 0) abort();
  create_first(&count);
  for (int i = 0; i < THREADS - 1; i++) pthread_join(threads[i], NULL);
  return 0;
}

/** What is made for the first time in a process takes locks of Swift's runtime. */
static void threads_of_a_child_of_fork_may_be_the_first_to_create_something(void) {
  for (int i = 0; i < 50; i++)
    if (!CHECK(holds_in_child(create_first_on_four_threads, NULL))) break;
}

int main(void) {
  RUN(a_decimal_comma_changes_no_file_and_no_message);
#if defined(__SSE__)
  RUN(flushing_denormals_changes_no_result);
#endif
  RUN(a_rounding_mode_of_the_host_is_kept_and_moves_results_by_little);
  RUN(a_stack_of_64_KiB_is_enough);
  RUN(a_storm_of_signals_changes_nothing);
  RUN(a_child_of_fork_trains_on_with_and_without_threads);
  RUN(a_child_of_fork_trains_while_threads_of_its_parent_read);
  RUN(threads_of_a_child_of_fork_may_be_the_first_to_create_something);
  return check_report();
}
