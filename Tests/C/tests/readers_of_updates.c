/* What threads read while another thread changes the policy is of before or after a change. */
#include <math.h>
#include <sched.h>

#include "readers.h"

static float value_of(struct meeting *meeting, pgrad_policy *policy) {
  float value = NAN;
  accepted(meeting, pgrad_policy_value(policy, some_observations, 1, &value));
  return value;
}

enum { MOST = 20000 };
static float values_of_updates[MOST], values_of_readers[READERS][MOST];
static long counts_of_readers[READERS];
/** How often the first reader has looked. */
static atomic_long looks;

/** Records each value that is not the last one; every 50th is that of a copy, from the bytes of a file. */
static void watch_the_value(struct meeting *meeting, int thread) {
  static char files[READERS][1 << 15];
  float *values = values_of_readers[thread];
  long count = 0;
  for (long i = 0; !atomic_load(&meeting->is_over) && count < MOST; i++) {
    pgrad_policy *copy = NULL;
    int64_t size = 0;
    if (i % 50 == 0 &&
        accepted(meeting, pgrad_policy_save_memory(meeting->policy, files[thread], sizeof files[thread], &size)) &&
        accepted(meeting, pgrad_policy_load_memory(&copy, files[thread], size))) {
      values[count] = value_of(meeting, copy);
      pgrad_policy_destroy(copy);
    } else {
      values[count] = value_of(meeting, meeting->policy);
    }
    if (count == 0 || values[count] != values[count - 1]) count++;
    if (thread == 0) atomic_fetch_add(&looks, 1);
  }
  counts_of_readers[thread] = count;
}

static int32_t keep_the_value(void *context, const pgrad_statistics *statistics) {
  struct meeting *meeting = (struct meeting *)context;
  values_of_updates[statistics->updates] = value_of(meeting, meeting->policy);
  return 0;
}

/** Waits until the first reader has looked so many times more. */
static void await_looks(long more) {
  for (long before = atomic_load(&looks); atomic_load(&looks) < before + more;) sched_yield();
}

static int compare(const void *one, const void *other) {
  float a = *(const float *)one, b = *(const float *)other;
  return (a > b) - (a < b);
}

/** Trains with the given algorithm while readers record the values that they see. */
static void values_are_of_before_or_after(int32_t algorithm) {
  static struct meeting meeting;
  struct reader readers[READERS];
  enum { UPDATES = 50 };
  memset(&meeting, 0, sizeof meeting);
  meeting.policy = cartpole_policy(5);
  meeting.read = watch_the_value;
  pgrad_agent_config config = small_ppo(1, 1);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_steps = 32;
  pgrad_agent *agent = agent_of(meeting.policy, &config);
  pgrad_env *env = native_env("CartPole-v1", 4);
  values_of_updates[0] = value_of(&meeting, meeting.policy);
  start_readers(&meeting, readers);
  /* One look before the training, and one that begins after it: readers may get no processor between. */
  await_looks(1);
  MUST(pgrad_train(agent, env, UPDATES * 4 * 32, keep_the_value, &meeting));
  await_looks(2);
  atomic_store(&meeting.is_over, 1);
  join_readers(readers);
  qsort(values_of_updates, UPDATES + 1, sizeof(float), compare);
  long foreign = 0;
  for (int thread = 0; thread < READERS; thread++) {
    for (long i = 0; i < counts_of_readers[thread]; i++)
      foreign += bsearch(&values_of_readers[thread][i], values_of_updates, UPDATES + 1, sizeof(float), compare) == NULL;
  }
  /* The first reader saw a change. Another one may have got no processor and have seen no value at all. */
  CHECK(counts_of_readers[0] > 1);
  CHECK(foreign == 0);
  CHECK(atomic_load(&meeting.refusals) == 0);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(meeting.policy);
}

static void a_reader_sees_the_policy_before_or_after_an_update(void) {
  values_are_of_before_or_after(PGRAD_PPO);
  values_are_of_before_or_after(PGRAD_TRPO);
}

enum { WIDTH = 4000 };
static float ones[WIDTH];

static void add_up_all_parameters(struct meeting *meeting, int thread) {
  (void)thread;
  while (!atomic_load(&meeting->is_over)) {
    float sum = NAN;
    accepted(meeting, pgrad_policy_value(meeting->policy, ones, 1, &sum));
    expect(meeting, sum == 0 || sum == WIDTH + 1);
  }
}

/** All parameters are 0, then 1, then 0, and so on. In between, a step is undone that would make them infinite. */
static void a_reader_sees_no_step_of_an_optimizer_in_part(void) {
  static struct meeting meeting;
  struct reader readers[READERS];
  pgrad_policy_config config;
  pgrad_action_part part = {PGRAD_CATEGORICAL, 2, 0, 0};
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = WIDTH;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_count = 0;
  MUST(pgrad_policy_create(&meeting.policy, &config));
  pgrad_optimizer_config sgd;
  pgrad_optimizer *optimizer = NULL;
  MUST(pgrad_optimizer_config_init(&sgd, sizeof sgd));
  sgd.kind = PGRAD_SGD;
  sgd.learning_rate = 1;
  MUST(pgrad_optimizer_create(&optimizer, meeting.policy, &sgd));
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(meeting.policy, &parameters, &count));
  float *gradient = (float *)malloc((size_t)count * sizeof(float));
  if (gradient == NULL) abort();
  for (int64_t i = 0; i < count; i++) parameters[i] = 0;
  for (int i = 0; i < WIDTH; i++) ones[i] = 1;
  meeting.read = add_up_all_parameters;
  start_readers(&meeting, readers);
  for (int step = 0; step < 200 / CHECK_STRIDE; step++) {
    for (int64_t i = 0; i < count; i++) gradient[i] = step % 2 ? -1.0f : 1.0f;
    MUST(pgrad_optimizer_step(optimizer, gradient));
    if (step % 100 == 0) {
      MUST(pgrad_optimizer_set_learning_rate(optimizer, 1e38));
      for (int64_t i = 0; i < count; i++) gradient[i] = 1e3f;
      CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_optimizer_step(optimizer, gradient), "parameter");
      MUST(pgrad_optimizer_set_learning_rate(optimizer, sgd.learning_rate));
    }
  }
  atomic_store(&meeting.is_over, 1);
  join_readers(readers);
  CHECK(atomic_load(&meeting.refusals) == 0);
  CHECK(atomic_load(&meeting.mistakes) == 0);
  free(gradient);
  pgrad_optimizer_destroy(optimizer);
  pgrad_policy_destroy(meeting.policy);
}

/* ----------------------------------------------------------------------------------------- normalisation and notes */

static void look_at_moments_and_notes(struct meeting *meeting, int thread) {
  (void)thread;
  while (!atomic_load(&meeting->is_over)) {
    double means[4], variances[4];
    int64_t count = 0, length = 0;
    char note[64];
    accepted(meeting, pgrad_policy_observation_moments(meeting->policy, means, variances, &count));
    for (int i = 1; i < 4; i++) expect(meeting, means[i] == means[0] && variances[i] == variances[0]);
    expect(meeting, count % 2 == 0);
    accepted(meeting, pgrad_policy_note(meeting->policy, note, sizeof note, &length));
    for (int64_t i = 1; i < length; i++) expect(meeting, note[i] == note[0]);
    (void)value_of(meeting, meeting->policy);
  }
}

/** All columns of an observation are equal, so the moments of all columns are; all letters of a note are equal. */
static void moments_and_notes_are_whole(void) {
  static struct meeting meeting;
  struct reader readers[READERS];
  meeting.policy = cartpole_policy(6);
  meeting.read = look_at_moments_and_notes;
  pgrad_agent_config config = small_ppo(1, 1);
  config.n_envs = 2;
  config.normalize_observations = 1;
  pgrad_agent *agent = agent_of(meeting.policy, &config);
  float next[2 * 4] = {0}, actions[2];
  const float rewards[2] = {1, 0};
  const uint8_t flags[2] = {0, 0};
  MUST(pgrad_agent_begin(agent, next));
  start_readers(&meeting, readers);
  for (int step = 0; step < 1000; step++) {
    char note[33] = {0};
    MUST(pgrad_agent_act(agent, actions));
    for (int i = 0; i < 8; i++) next[i] = sinf((float)step) + (i < 4 ? 1.0f : -1.0f);
    MUST(pgrad_agent_observe(agent, rewards, flags, flags, next, NULL));
    if (step % 20 != 0) continue;
    memset(note, 'a' + step % 26, 1 + (size_t)step % 32);
    MUST(pgrad_policy_set_note(meeting.policy, note));
  }
  atomic_store(&meeting.is_over, 1);
  join_readers(readers);
  CHECK(atomic_load(&meeting.refusals) == 0);
  CHECK(atomic_load(&meeting.mistakes) == 0);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(meeting.policy);
}

int main(void) {
  RUN(a_reader_sees_the_policy_before_or_after_an_update);
  RUN(a_reader_sees_no_step_of_an_optimizer_in_part);
  RUN(moments_and_notes_are_whole);
  return check_report();
}
