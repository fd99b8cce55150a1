/* Updates in pieces and in the background: what equals what, to the bit, in every kind of training. */
#include "../trainings.h"

enum { ROLLOUTS = 3, MOST_ACTIONS = 64, MOST_NUMBERS = WALKERS * 512 };

/** How a host gives an update its time: microseconds of each call, or never. */
enum { NEVER = -1 };

/** A host's own loop in any of the worlds, and the agent that it drives. */
typedef struct host {
  walk walk;
  pgrad_env *env;
  pgrad_agent *agent;
  pgrad_env_info info;
  uint64_t actions; /* a hash of all actions so far */
  int64_t unfinished;
  float acted[MOST_ACTIONS], rewards[WALKERS], next[MOST_NUMBERS], final[MOST_NUMBERS];
  uint8_t ended[2 * WALKERS], masks[WALK_FLAGS];
} host;

static uint64_t hashed(uint64_t hash, const void *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
  return hash;
}

static pgrad_agent *agent_in_mode(const setting *s, pgrad_env *env, form f, int32_t mode) {
  pgrad_agent *agent = new_agent_of_form(s, env, f), *changed = NULL;
  pgrad_policy *policy = NULL;
  pgrad_agent_config config;
  MUST(pgrad_agent_describe(agent, &config, sizeof config));
  MUST(pgrad_agent_policy(agent, &policy));
  config.update_mode = mode;
  MUST(pgrad_agent_create(&changed, policy, &config));
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return changed;
}

static void open_host(host *it, const setting *s, form f, int32_t mode) {
  memset(it, 0, sizeof *it);
  it->env = world_env(s->world, &it->walk);
  it->agent = agent_in_mode(s, it->env, f, mode);
  MUST(pgrad_env_describe(it->env, &it->info, sizeof it->info));
  MUST(pgrad_env_reset(it->env, 1, it->next));
  MUST(pgrad_agent_begin(it->agent, it->next));
}

static void close_host(host *it) {
  pgrad_env_destroy(it->env);
  pgrad_agent_destroy(it->agent);
}

static int32_t is_done(host *it, int64_t microseconds) {
  int32_t done = -1;
  MUST(pgrad_agent_update_for(it->agent, microseconds, &done));
  return done;
}

static void step(host *it) {
  size_t count = (size_t)(it->info.n_envs * it->info.action_size);
  if (it->info.mask_size > 0) {
    MUST(pgrad_env_masks(it->env, it->masks));
    MUST(pgrad_agent_set_masks(it->agent, it->masks));
  }
  MUST(pgrad_agent_act(it->agent, it->acted));
  it->actions = hashed(it->actions, it->acted, count * sizeof(float));
  MUST(pgrad_env_step(it->env, it->acted, it->rewards, it->ended, it->ended + WALKERS, it->next, it->final));
  MUST(pgrad_agent_observe(it->agent, it->rewards, it->ended, it->ended + WALKERS, it->next, it->final));
}

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  now.update_seconds = now.timesteps_per_second = 0;
  return now;
}

/** Steps until the agent has made some updates, each in calls of so many microseconds. */
static void run(host *it, int64_t updates, int64_t microseconds) {
  while (statistics_of(it->agent).updates < updates) {
    step(it);
    if (microseconds < 0) continue;
    while (!is_done(it, microseconds)) it->unfinished++;
  }
}

/** Replaces the digit of an option in the bytes of a file. */
static void hide(char *bytes, int64_t size, const char *option) {
  int64_t length = (int64_t)strlen(option);
  for (int64_t i = 0; i + length < size; i++)
    if (memcmp(bytes + i, option, (size_t)length) == 0) bytes[i + length] = '0';
}

/** The file of an agent, except the options in which the agents of a test differ. */
static char *file_of(pgrad_agent *agent, int64_t *size) {
  MUST(pgrad_agent_save_memory(agent, NULL, 0, size));
  char *bytes = (char *)malloc((size_t)*size);
  if (bytes == NULL) abort();
  MUST(pgrad_agent_save_memory(agent, bytes, *size, size));
  hide(bytes, *size, "\"agent.update_mode\":\"");
  hide(bytes, *size, "\"agent.threads\":\"");
  return bytes;
}

/** Parameters, optimizer, normalisers and counters, statistics, and all actions. */
static int are_equal(const host *one, const host *other) {
  int64_t sizes[2];
  char *files[2] = {file_of(one->agent, &sizes[0]), file_of(other->agent, &sizes[1])};
  pgrad_statistics a = statistics_of(one->agent), b = statistics_of(other->agent);
  int equal = sizes[0] == sizes[1] && memcmp(files[0], files[1], (size_t)sizes[0]) == 0 &&
              memcmp(&a, &b, sizeof a) == 0 && one->actions == other->actions;
  free(files[0]);
  free(files[1]);
  return equal;
}

static host one, other;

/** Whether two hosts that differ in nothing else have the same bits after some updates. The first has one thread. */
static int same_bits(const setting *s, int32_t mode, int64_t microseconds, int32_t mode_2, int64_t microseconds_2,
                     int32_t threads) {
  const form alone = {1, 0, 0, threads > 1}, divided = {threads, 0, 0, threads > 1};
  open_host(&one, s, alone, mode);
  open_host(&other, s, divided, mode_2);
  run(&one, ROLLOUTS, microseconds);
  run(&other, ROLLOUTS, microseconds_2);
  int equal = are_equal(&one, &other);
  if (!equal) fprintf(stderr, "  %s, %d threads, %ld microseconds\n", s->name, (int)threads, (long)microseconds_2);
  close_host(&one);
  close_host(&other);
  return equal;
}

static void an_update_in_pieces_that_ends_before_the_next_act_has_the_bits_of_one_at_once(void) {
  const int64_t slices[] = {1, 60, INT64_MAX};
  int divided = 0;
  for (int i = 0; i < SETTINGS; i++) {
    for (int k = 0; k < 3; k++) {
      int32_t threads = 1 + (i + k) % 2;
      CHECK(same_bits(&settings[i], PGRAD_UPDATE_AT_ONCE, NEVER, PGRAD_UPDATE_DEFERRED, slices[k], threads));
      divided += k == 0 && other.unfinished > 0;
    }
  }
  /* The smallest updates may end within a microsecond. */
  CHECK(divided > SETTINGS / 2);
}

static void an_update_in_the_background_has_the_bits_of_one_that_is_deferred_to_the_next_rollouts_end(void) {
  for (int i = 0; i < SETTINGS; i++)
    CHECK(same_bits(&settings[i], PGRAD_UPDATE_DEFERRED, NEVER, PGRAD_UPDATE_IN_BACKGROUND, NEVER, 1 + i % 2));
}

static void waiting_for_the_background_has_the_bits_of_an_update_at_once(void) {
  for (int i = 0; i < SETTINGS; i += 3)
    CHECK(same_bits(&settings[i], PGRAD_UPDATE_AT_ONCE, NEVER, PGRAD_UPDATE_IN_BACKGROUND, INT64_MAX, 2 - i % 2));
}

static int32_t count_down(void *context, const pgrad_statistics *statistics) {
  (void)statistics;
  return --*(int *)context == 0;
}

static void training_in_the_library_completes_each_update(void) {
  for (int i = 0; i < SETTINGS; i += 4) {
    host *hosts[2] = {&one, &other};
    for (int k = 0; k < 2; k++) {
      int updates = ROLLOUTS;
      memset(hosts[k], 0, sizeof one);
      hosts[k]->env = world_env(settings[i].world, &hosts[k]->walk);
      const form f = {1, 0, 0, 0};
      hosts[k]->agent = agent_in_mode(&settings[i], hosts[k]->env, f, k == 0 ? 1 : 2 + i / 4 % 2);
      MUST(pgrad_train(hosts[k]->agent, hosts[k]->env, 100000, count_down, &updates));
    }
    CHECK(are_equal(&one, &other));
    close_host(&one);
    close_host(&other);
  }
}

int main(void) {
  RUN(an_update_in_pieces_that_ends_before_the_next_act_has_the_bits_of_one_at_once);
  RUN(an_update_in_the_background_has_the_bits_of_one_that_is_deferred_to_the_next_rollouts_end);
  RUN(waiting_for_the_background_has_the_bits_of_an_update_at_once);
  RUN(training_in_the_library_completes_each_update);
  return check_report();
}
