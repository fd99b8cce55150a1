/* Every algorithm, with each of its estimators, surrogates and schedules, in every kind of world, without a memory and
 * with each, with and without state-dependent exploration, on 1 and 2 threads, saved at every moment: what is saved in
 * one process and resumed in another ends with the bits of training that neither was saved nor stopped.
 *
 * Takes every cell if its argument is "all", and else one of each 61. */
#include "../resuming.h"

ADJUST(vtrace_of_one_pass, agent->estimator = PGRAD_VTRACE;)
ADJUST(penalty_vtrace, agent->surrogate = PGRAD_KL_PENALTY; agent->estimator = PGRAD_VTRACE;
       agent->recompute_advantages = 1;)
ADJUST(linear, agent->learning_rate_schedule = PGRAD_LINEAR; agent->clip_range_schedule = PGRAD_COSINE;
       agent->entropy_coefficient = 0.01; agent->entropy_coefficient_schedule = PGRAD_LINEAR;
       agent->total_timesteps = 4000;)
ADJUST(cosine, agent->learning_rate_schedule = PGRAD_COSINE; agent->clip_range_schedule = PGRAD_LINEAR;
       agent->entropy_coefficient = 0.01; agent->entropy_coefficient_schedule = PGRAD_COSINE;
       agent->total_timesteps = 4000;)
ADJUST(sgd_schedule, agent->learning_rate_schedule = PGRAD_LINEAR; agent->optimizer = PGRAD_SGD;)
ADJUST(to_go, agent->estimator = PGRAD_REWARD_TO_GO;)
ADJUST(group_of_all, agent->estimator = PGRAD_LEAVE_ONE_OUT;)
ADJUST(normalized_pairs, agent->estimator = PGRAD_GROUP_NORMALIZED; agent->group_size = 2;)
ADJUST(centered, agent->estimator = PGRAD_GROUP_CENTERED;)
ADJUST(centered_pairs, agent->estimator = PGRAD_GROUP_CENTERED; agent->group_size = 2; agent->normalize_rewards = 1;)
ADJUST(sampled, agent->sub_sampling_factor = 2;)

static const setting variants[] = {
    {"REINFORCE, whole trajectories", CART, PGRAD_REINFORCE, plain},
    {"REINFORCE, reward to go", CART, PGRAD_REINFORCE, to_go},
    {"REINFORCE, reward to go, discounted", CART, PGRAD_REINFORCE, reward_to_go},
    {"REINFORCE, GAE and a horizon", CART, PGRAD_REINFORCE, gae},
    {"REINFORCE, baseline", CART, PGRAD_REINFORCE, baseline},
    {"REINFORCE, leave one out of all", CART, PGRAD_REINFORCE, group_of_all},
    {"REINFORCE, leave one out of pairs", CART, PGRAD_REINFORCE, leave_one_out},
    {"REINFORCE, normalized by all", CART, PGRAD_REINFORCE, group_normalized},
    {"REINFORCE, normalized by pairs", CART, PGRAD_REINFORCE, normalized_pairs},
    {"REINFORCE, centered by all", CART, PGRAD_REINFORCE, centered},
    {"REINFORCE, centered by pairs", CART, PGRAD_REINFORCE, centered_pairs},
    {"A2C", CART, PGRAD_A2C, plain},
    {"A2C, V-trace", CART, PGRAD_A2C, vtrace_of_one_pass},
    {"A2C, schedule of each call", CART, PGRAD_A2C, sgd_schedule},
    {"PPO, clip, GAE", CART, PGRAD_PPO, plain},
    {"PPO, clip, V-trace", CART, PGRAD_PPO, vtrace},
    {"PPO, penalty, GAE", CART, PGRAD_PPO, kl_penalty},
    {"PPO, penalty, V-trace", CART, PGRAD_PPO, penalty_vtrace},
    {"PPO, linear and cosine", CART, PGRAD_PPO, linear},
    {"PPO, cosine and linear", CART, PGRAD_PPO, cosine},
    {"PPO, KL-adaptive", CART, PGRAD_PPO, kl_adaptive},
    {"PPO, normalisers", CART, PGRAD_PPO, normalizers},
    {"PPO, shared trunk", CART, PGRAD_PPO, trunk},
    {"NPG", CART, PGRAD_NPG, plain},
    {"NPG, V-trace", CART, PGRAD_NPG, vtrace_of_one_pass},
    {"TRPO", CART, PGRAD_TRPO, normalizers},
    {"TRPO, half the rows", CART, PGRAD_TRPO, sampled},
    {"SPO", CART, PGRAD_SPO, plain},
    {"SPO, V-trace", CART, PGRAD_SPO, vtrace},
};

enum { VARIANTS = sizeof variants / sizeof variants[0], MEMORIES = 3, STRIDE = 61 };

static const char *const world_names[WORLDS] = {"CartPole", "Pendulum", "Asterix", "MDP", "callbacks", "pictures"};

typedef struct cell {
  setting setting;
  int32_t memory; /* 0 for none */
  int32_t explores;
} cell;

static int stride = STRIDE * CHECK_STRIDE;

static void start(run *r, const void *context, int32_t threads) {
  const cell *c = (const cell *)context;
  r->world = c->setting.world;
  r->env = world_env(r->world, &r->walk);
  const form f = {threads, c->memory, c->explores, threads > 1};
  r->agent = new_agent_of_form(&c->setting, r->env, f);
}

static int compares_trajectories(const cell *c) {
  return compares(&c->setting) || c->setting.adjust == group_of_all || c->setting.adjust == normalized_pairs ||
         c->setting.adjust == centered || c->setting.adjust == centered_pairs;
}

/** Hosts begin groups by themselves, and only callbacks see the middle of a step. */
static int is_a_moment_of(const cell *c, moment when) {
  if (when == AT_UPDATE) return 1;
  if (when == DURING_STEP) return is_of_callbacks(c->setting.world);
  if (when == AFTER_MASKS && !has_masks(c->setting.world)) return 0;
  return !compares_trajectories(c);
}

static long cells, tried;

static void try_moments(const cell *c) {
  for (int32_t threads = 1; threads <= 2; threads++) {
    for (int when = 0; when < MOMENTS; when++) {
      if (!is_a_moment_of(c, (moment)when) || cells++ % stride != 0) continue;
      tried++;
      if (!continues_with_the_same_bits(start, c, (moment)when, threads))
        fprintf(stderr, "  in: %s, %s, memory %d, exploration %d, moment %d, %d threads\n", c->setting.name,
                world_names[c->setting.world], (int)c->memory, (int)c->explores, when, (int)threads);
    }
  }
}

static void every_cell_resumes_with_the_same_bits(void) {
  for (int variant = 0; variant < VARIANTS; variant++)
    for (int32_t memory = 0; memory < MEMORIES; memory++)
      for (int world = 0; world < WORLDS; world++)
        for (int32_t explores = 0; explores <= has_real_actions((enum world)world); explores++) {
          cell c = {variants[variant], memory, explores};
          c.setting.world = (enum world)world;
          try_moments(&c);
        }
}

int main(int count, char **words) {
  resume_if_asked(count, words);
  if (count > 1 && strcmp(words[1], "all") == 0) stride = 1;
  RUN(every_cell_resumes_with_the_same_bits);
  printf("%ld of %ld cells\n", tried, cells);
  return check_report();
}
