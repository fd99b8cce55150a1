/* Ranks that learn together, here threads of one process, against one agent with all their environments. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "fixtures.h"

enum { MOST_RANKS = 4, ENVS = 4 };

/** Sums over threads, in the order of ranks. */
struct meeting {
  int ranks;
  pthread_barrier_t barrier;
  void *numbers[MOST_RANKS];
  /** The call of rank 1 that fails, counted from 1; 0 for none. */
  int64_t failing_call;
};

struct member {
  struct meeting *meeting;
  int rank;
  int64_t calls;
  double *sums;
  int64_t capacity;
};

static double number(const void *numbers, int64_t i, int32_t type) {
  return type == PGRAD_FLOAT64 ? ((const double *)numbers)[i] : (double)((const float *)numbers)[i];
}

static int32_t sum_over_threads(void *context, void *numbers, int64_t count, int32_t type) {
  struct member *member = context;
  struct meeting *meeting = member->meeting;
  member->calls++;
  if (count > member->capacity) {
    free(member->sums);
    member->sums = malloc((size_t)count * sizeof(double));
    member->capacity = count;
    if (member->sums == NULL) abort();
  }
  meeting->numbers[member->rank] = numbers;
  pthread_barrier_wait(&meeting->barrier);
  for (int64_t i = 0; i < count; i++) {
    member->sums[i] = 0;
    for (int rank = 0; rank < meeting->ranks; rank++) member->sums[i] += number(meeting->numbers[rank], i, type);
  }
  pthread_barrier_wait(&meeting->barrier);
  for (int64_t i = 0; i < count; i++) {
    if (type == PGRAD_FLOAT64)
      ((double *)numbers)[i] = member->sums[i];
    else
      ((float *)numbers)[i] = (float)member->sums[i];
  }
  // All fail alike, as after the loss of a rank; a single one would leave the others waiting.
  return meeting->failing_call > 0 && member->calls >= meeting->failing_call;
}

struct form {
  const char *name, *world;
  int32_t algorithm, memory;
  /** How many updates to compare. Roundings grow fast through conjugate gradients, and through actions of numbers. */
  int64_t updates;
  void (*set)(pgrad_agent_config *config);
};

static void every_option(pgrad_agent_config *config) {
  config->normalize_observations = config->normalize_rewards = config->recompute_advantages = 1;
  config->target_kl = 0.02;
  config->learning_rate_schedule = config->clip_range_schedule = PGRAD_LINEAR;
  config->total_timesteps = 1 << 20;
  config->entropy_coefficient = 0.01;
}

static void adaptive(pgrad_agent_config *config) {
  config->learning_rate_schedule = PGRAD_KL_ADAPTIVE;
  config->surrogate = PGRAD_KL_PENALTY;
}

static void normalized(pgrad_agent_config *config) { config->normalize_observations = 1; }

static void compared(pgrad_agent_config *config) {
  config->estimator = PGRAD_LEAVE_ONE_OUT;
  config->group_size = 2;
}

static void in_sequences(pgrad_agent_config *config) { config->sequence_length = 8; }

static void nothing(pgrad_agent_config *config) { (void)config; }

static const struct form FORMS[] = {
    {"PPO with every option", "CartPole-v1", PGRAD_PPO, 0, 50, every_option},
    {"PPO with an adaptive rate", "Pendulum-v1", PGRAD_PPO, 0, 12, adaptive},
    {"PPO with a memory", "CartPole-v1", PGRAD_PPO, PGRAD_MEMORY_GRU, 50, in_sequences},
    {"SPO", "CartPole-v1", PGRAD_SPO, 0, 50, nothing},
    {"A2C", "CartPole-v1", PGRAD_A2C, 0, 50, normalized},
    {"REINFORCE", "CartPole-v1", PGRAD_REINFORCE, 0, 50, normalized},
    {"RLOO", "CartPole-v1", PGRAD_REINFORCE, 0, 50, compared},
    {"NPG", "CartPole-v1", PGRAD_NPG, 0, 2, nothing},
    {"TRPO", "Pendulum-v1", PGRAD_TRPO, 0, 2, normalized},
};
enum { FORM_COUNT = sizeof FORMS / sizeof *FORMS };

/** An agent with so many times ENVS environments, which shuffles them in so many groups. */
static pgrad_agent *agent_for(const struct form *form, int groups) {
  pgrad_policy_config policy_config;
  MUST(pgrad_policy_config_init(&policy_config, sizeof policy_config));
  pgrad_env *env = native_env(form->world, 1);
  pgrad_env_info info;
  MUST(pgrad_env_describe(env, &info, sizeof info));
  policy_config.observation_size = info.observation_size;
  policy_config.parts = info.parts;
  policy_config.part_count = info.part_count;
  policy_config.memory = form->memory;
  policy_config.memory_size = 8;
  int64_t hidden = 16;
  policy_config.hidden_sizes = &hidden;
  policy_config.hidden_count = 1;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &policy_config));
  pgrad_env_destroy(env);
  pgrad_agent_config config;
  MUST(pgrad_agent_config_init(&config, sizeof config));
  MUST(pgrad_agent_config_algorithm(&config, form->algorithm));
  config.n_envs = ENVS * groups;
  config.n_steps = form->algorithm == PGRAD_REINFORCE ? 0 : 16;
  config.n_episodes = 1;
  config.batch_size = 16 * groups;
  config.n_epochs = 3;
  config.seed = 5;
  form->set(&config);
  config.shuffle_groups = groups;
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  return agent;
}

static int32_t stop_after_updates(void *context, const pgrad_statistics *statistics) {
  return statistics->updates >= *(const int64_t *)context;
}

static pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics statistics;
  MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  return statistics;
}

static pgrad_policy *policy_of(pgrad_agent *agent) {
  pgrad_policy *policy = NULL;
  MUST(pgrad_agent_policy(agent, &policy));
  return policy;
}

struct learner {
  const struct form *form;
  struct member member;
  pgrad_agent *agent;
  pgrad_status joined, trained;
  char message[256];
  double learning_rate;
};

static void *learn_as_a_rank(void *context) {
  struct learner *learner = context;
  struct member *member = &learner->member;
  learner->agent = agent_for(learner->form, 1);
  learner->joined =
      pgrad_agent_set_reduce(learner->agent, member->rank, member->meeting->ranks, sum_over_threads, member);
  snprintf(learner->message, sizeof learner->message, "%s", pgrad_last_error());
  if (learner->joined == PGRAD_OK) {
    pgrad_env *env = native_env(learner->form->world, ENVS);
    learner->trained = pgrad_train(learner->agent, env, 1 << 20, stop_after_updates, (void *)&learner->form->updates);
    snprintf(learner->message, sizeof learner->message, "%s", pgrad_last_error());
    pgrad_env_destroy(env);
  }
  free(member->sums);
  return NULL;
}

/** Trains ranks in threads; the caller destroys their agents. */
static void train_ranks(const struct form *form, int ranks, int64_t failing_call, struct learner *learners) {
  struct meeting meeting = {.ranks = ranks, .failing_call = failing_call};
  pthread_t threads[MOST_RANKS];
  if (pthread_barrier_init(&meeting.barrier, NULL, (unsigned)ranks) != 0) abort();
  for (int rank = 0; rank < ranks; rank++) {
    learners[rank] = (struct learner){.form = form, .member = {.meeting = &meeting, .rank = rank}};
    if (pthread_create(&threads[rank], NULL, learn_as_a_rank, &learners[rank]) != 0) abort();
  }
  for (int rank = 0; rank < ranks; rank++) pthread_join(threads[rank], NULL);
  pthread_barrier_destroy(&meeting.barrier);
}

static void destroy_all(struct learner *learners, int ranks) {
  for (int rank = 0; rank < ranks; rank++) pgrad_agent_destroy(learners[rank].agent);
}

/** The largest difference between the parameters of two policies. */
static double distance(pgrad_policy *one, pgrad_policy *other) {
  int64_t count = 0;
  float *a = parameters_of(one, &count), *b = parameters_of(other, &count);
  double most = 0;
  for (int64_t i = 0; i < count; i++) most = fmax(most, fabs((double)a[i] - (double)b[i]));
  free(a);
  free(b);
  return most;
}

static void ranks_learn_as_one_process(void) {
  for (int f = 0; f < FORM_COUNT; f++) {
    for (int ranks = 2; ranks <= MOST_RANKS; ranks *= 2) {
      struct learner learners[MOST_RANKS];
      train_ranks(&FORMS[f], ranks, 0, learners);
      pgrad_agent *alone = agent_for(&FORMS[f], ranks);
      pgrad_env *env = native_env(FORMS[f].world, (int64_t)ENVS * ranks);
      MUST(pgrad_train(alone, env, 1 << 20, stop_after_updates, (void *)&FORMS[f].updates));
      double apart = distance(policy_of(alone), policy_of(learners[0].agent));
      pgrad_statistics ours = statistics_of(learners[0].agent), theirs = statistics_of(alone);
      if (!CHECK(apart <= 1e-5)) fprintf(stderr, "  %s, %d ranks: %g apart\n", FORMS[f].name, ranks, apart);
      CHECK(ours.timesteps == theirs.timesteps);
      CHECK(ours.episodes == theirs.episodes);
      CHECK(fabs(ours.learning_rate - theirs.learning_rate) <= 1e-9);
      for (int rank = 1; rank < ranks; rank++) {
        CHECK(learners[rank].joined == PGRAD_OK && learners[rank].trained == PGRAD_OK);
        CHECK(same_parameters(policy_of(learners[0].agent), policy_of(learners[rank].agent)));
      }
      destroy_all(learners, ranks);
      pgrad_agent_destroy(alone);
      pgrad_env_destroy(env);
    }
  }
}

static void the_same_ranks_learn_the_same_bits_again(void) {
  struct learner first[MOST_RANKS], again[MOST_RANKS];
  train_ranks(&FORMS[0], 3, 0, first);
  train_ranks(&FORMS[0], 3, 0, again);
  CHECK(same_parameters(policy_of(first[0].agent), policy_of(again[0].agent)));
  destroy_all(first, 3);
  destroy_all(again, 3);
}

static void a_failed_sum_ends_the_call_and_changes_nothing(void) {
  struct learner learners[MOST_RANKS];
  pgrad_agent *fresh = agent_for(&FORMS[0], 1);
  // The table of the ranks takes three calls, each step four; the failure comes within the first update.
  train_ranks(&FORMS[0], 2, 3 + 4 * 17 + 20, learners);
  for (int rank = 0; rank < 2; rank++) {
    CHECK(learners[rank].trained == PGRAD_HOST_ERROR);
    CHECK(strstr(learners[rank].message, "reduce callback") != NULL);
    CHECK(statistics_of(learners[rank].agent).updates == 0);
    CHECK(same_parameters(policy_of(fresh), policy_of(learners[rank].agent)));
  }
  destroy_all(learners, 2);
  pgrad_agent_destroy(fresh);
}

static void *join_only(void *context) {
  struct learner *learner = context;
  struct member *member = &learner->member;
  int rank = member->rank;
  // Rank 2 claims to be rank 1 if its learning rate is 0.
  int claimed = learner->learning_rate > 0 ? rank : rank == 2 ? 1 : rank;
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  if (learner->learning_rate > 0) config.learning_rate = learner->learning_rate;
  learner->agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  learner->joined = pgrad_agent_set_reduce(learner->agent, claimed, member->meeting->ranks, sum_over_threads, member);
  snprintf(learner->message, sizeof learner->message, "%s", pgrad_last_error());
  free(member->sums);
  return NULL;
}

/** Lets three ranks join with these learning rates, and destroys them. */
static void join_three(const double *rates, struct learner *learners) {
  struct meeting meeting = {.ranks = 3};
  pthread_t threads[3];
  if (pthread_barrier_init(&meeting.barrier, NULL, 3) != 0) abort();
  for (int rank = 0; rank < 3; rank++) {
    learners[rank] = (struct learner){.member = {.meeting = &meeting, .rank = rank}, .learning_rate = rates[rank]};
    if (pthread_create(&threads[rank], NULL, join_only, &learners[rank]) != 0) abort();
  }
  for (int rank = 0; rank < 3; rank++) pthread_join(threads[rank], NULL);
  pthread_barrier_destroy(&meeting.barrier);
  destroy_all(learners, 3);
}

static void ranks_that_differ_are_named(void) {
  struct learner learners[3];
  join_three((const double[]){1e-3, 1e-3, 2e-3}, learners);
  for (int rank = 0; rank < 3; rank++) {
    CHECK(learners[rank].joined == PGRAD_BAD_STATE);
    CHECK(strstr(learners[rank].message, "rank 2") && strstr(learners[rank].message, "learning_rate"));
    CHECK(strstr(learners[rank].message, "0.002") && strstr(learners[rank].message, "0.001"));
  }
  join_three((const double[]){0, 0, 0}, learners);
  for (int rank = 0; rank < 3; rank++) {
    CHECK(learners[rank].joined == PGRAD_INVALID_ARGUMENT);
    CHECK(strstr(learners[rank].message, "rank 1 was given by 2") != NULL);
  }
}

static int32_t no_sum(void *context, void *numbers, int64_t count, int32_t type) {
  (void)context, (void)numbers, (void)count, (void)type;
  return 0;
}

static void arguments_out_of_range_are_refused(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  config.shuffle_groups = 3;
  pgrad_agent *agent = NULL;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&agent, policy, &config), "shuffle_groups is 3", "n_envs");
  config.shuffle_groups = 1;
  agent = agent_of(policy, &config);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_reduce(agent, 2, 2, no_sum, NULL), "rank is 2", "[0, 1]");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_reduce(agent, -1, 2, no_sum, NULL), "rank is -1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_reduce(agent, 0, 0, no_sum, NULL), "ranks is 0");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_set_reduce(agent, 0, 1 << 20, no_sum, NULL), "n_envs");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_set_reduce(NULL, 0, 1, no_sum, NULL), "agent");
  float observations[4 * 4] = {0}, actions[4];
  MUST(pgrad_agent_begin(agent, observations));
  MUST(pgrad_agent_act(agent, actions));
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_agent_set_reduce(agent, 0, 1, no_sum, NULL), "rollout");
  MUST(pgrad_agent_set_reduce(agent, 0, 0, NULL, NULL));
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(ranks_learn_as_one_process);
  RUN(the_same_ranks_learn_the_same_bits_again);
  RUN(a_failed_sum_ends_the_call_and_changes_nothing);
  RUN(ranks_that_differ_are_named);
  RUN(arguments_out_of_range_are_refused);
  return check_report();
}
