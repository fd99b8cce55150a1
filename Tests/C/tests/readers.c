/* Many threads read one policy while another thread changes it: no call is refused, and draws are reproducible. The
   number of actions of each thread may be given as an argument. */
#include <math.h>

#include "readers.h"

static long actions_of_each_thread = 100000;

/* ------------------------------------------------------------------------------------------------------- refusals */

static void act_often(struct meeting *meeting, int thread) {
  float action, log_prob, value;
  for (long i = 0; i < actions_of_each_thread; i++) {
    const float *observation = some_observations + (i + thread) % ROWS * 4;
    accepted(meeting, pgrad_policy_sample(meeting->policy, observation, 1, &action, &log_prob));
    if (i % 4 == 0) accepted(meeting, pgrad_policy_mode(meeting->policy, observation, 1, &action));
    if (i % 4 == 1) accepted(meeting, pgrad_policy_value(meeting->policy, observation, 1, &value));
    if (i % 4 == 2) accepted(meeting, pgrad_policy_entropy(meeting->policy, observation, 1, &value));
    if (i % 4 == 3) accepted(meeting, pgrad_policy_kl(meeting->policy, meeting->policy, observation, 1, &value));
    expect(meeting, log_prob <= 0 && isfinite(value) && (action == 0 || action == 1));
  }
}

static int32_t until_over(void *context, const pgrad_statistics *statistics) {
  struct meeting *meeting = (struct meeting *)context;
  (void)statistics;
  return atomic_load(&meeting->is_over);
}

static void *train_until_over(void *context) {
  struct meeting *meeting = (struct meeting *)context;
  pgrad_agent *agent = agent_of(meeting->policy, ((pgrad_agent_config[1]){small_ppo(1, 1)}));
  pgrad_env *env = native_env("CartPole-v1", 4);
  MUST(pgrad_train(agent, env, INT64_C(1) << 40, until_over, meeting));
  pgrad_statistics statistics;
  MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  expect(meeting, statistics.updates > 0);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  return NULL;
}

static void readers_are_never_refused_while_an_agent_trains(void) {
  static struct meeting meeting;
  pthread_t trainer;
  struct reader readers[READERS];
  meeting.policy = cartpole_policy(1);
  meeting.read = act_often;
  if (pthread_create(&trainer, NULL, train_until_over, &meeting) != 0) abort();
  start_readers(&meeting, readers);
  join_readers(readers);
  atomic_store(&meeting.is_over, 1);
  pthread_join(trainer, NULL);
  CHECK(atomic_load(&meeting.refusals) == 0);
  CHECK(atomic_load(&meeting.mistakes) == 0);
  pgrad_policy_destroy(meeting.policy);
}

/* ------------------------------------------------------------------------------------------------------------ keys */

enum { KEYS = 500 };
static float expected_actions[KEYS][ROWS];

/** Rows of the some_observations above, with a key. */
static pgrad_rows keyed_rows(uint64_t key) {
  pgrad_rows rows = rows_of(some_observations, NULL, ROWS);
  rows.draw_key = key;
  rows.has_draw_key = 1;
  return rows;
}

static void draw_by_keys(struct meeting *meeting, int thread) {
  for (int i = 0; i < KEYS; i++) {
    int key = (i * 7 + thread * 61) % KEYS;
    float actions[ROWS];
    pgrad_rows rows = keyed_rows((uint64_t)key);
    accepted(meeting, pgrad_policy_sample_rows(meeting->policy, &rows, actions, NULL));
    expect(meeting, memcmp(actions, expected_actions[key], sizeof actions) == 0);
    accepted(meeting, pgrad_policy_sample(meeting->policy, some_observations, ROWS, actions, NULL));
  }
}

static void a_key_gives_the_same_draws_on_every_thread(void) {
  static struct meeting meeting;
  struct reader readers[READERS];
  meeting.policy = cartpole_policy(3);
  meeting.read = draw_by_keys;
  int changes = 0;
  for (int key = 0; key < KEYS; key++) {
    pgrad_rows rows = keyed_rows((uint64_t)key);
    MUST(pgrad_policy_sample_rows(meeting.policy, &rows, expected_actions[key], NULL));
    if (key > 0) changes += memcmp(expected_actions[key], expected_actions[key - 1], sizeof expected_actions[0]) != 0;
  }
  CHECK(changes > KEYS / 2);
  start_readers(&meeting, readers);
  join_readers(readers);
  CHECK(atomic_load(&meeting.refusals) == 0);
  CHECK(atomic_load(&meeting.mistakes) == 0);
  pgrad_policy_destroy(meeting.policy);
}

static void calls_without_a_key_use_the_keys_0_1_2(void) {
  pgrad_policy *plain = cartpole_policy(4), *keyed = cartpole_policy(4);
  for (uint64_t key = 0; key < 20; key++) {
    float expected[ROWS], actions[ROWS];
    pgrad_rows rows = keyed_rows(key);
    MUST(pgrad_policy_sample(plain, some_observations, ROWS, expected, NULL));
    CHECK_OK(pgrad_policy_sample_rows(keyed, &rows, actions, NULL));
    CHECK(memcmp(actions, expected, sizeof actions) == 0);
  }
  float first[ROWS], expected[ROWS];
  pgrad_rows rows = keyed_rows(0);
  MUST(pgrad_policy_sample_rows(keyed, &rows, expected, NULL));
  CHECK_OK(pgrad_policy_sample(keyed, some_observations, ROWS, first, NULL)); /* keys have not moved the own sequence */
  CHECK(memcmp(first, expected, sizeof first) == 0);
  rows.has_draw_key = 2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_sample_rows(keyed, &rows, first, NULL), "has_draw_key", "2");
  pgrad_policy_destroy(plain);
  pgrad_policy_destroy(keyed);
}

int main(int argc, char **argv) {
  if (argc > 1) actions_of_each_thread = atol(argv[1]);
  RUN(readers_are_never_refused_while_an_agent_trains);
  RUN(a_key_gives_the_same_draws_on_every_thread);
  RUN(calls_without_a_key_use_the_keys_0_1_2);
  return check_report();
}
