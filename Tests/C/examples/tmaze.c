/*
 * A corridor that needs memory, with masks: the T-maze (Bakker 2002).
 *
 * A walker sees a sign, left or right, on the first step only. Then it walks down a corridor in which all places look
 * the same, up to a junction, where it must turn the way that the sign showed: +1 if it does, -1 if not. Masks allow
 * only forward in the corridor, and only left or right at the junction. Without memory the best mean return is 0.
 *
 * Trains a policy with a GRU of 16 units, then plays greedily, carrying the state from step to step. Prints the mean
 * returns. Exit status 0: it remembers.
 */
#include <pgrad.h>
#include <stdio.h>
#include <string.h>

enum { WALKERS = 16, LENGTH = 10, SIGHT = 3, EPISODES = 200 };
enum { FORWARD, LEFT, RIGHT, MOVES };

typedef struct maze {
  uint64_t random;
  int sign[WALKERS], place[WALKERS];
} maze;

/** A step of a linear congruential generator (Knuth 1998); its upper bits are the better ones. */
static int draw_sign(maze *m) {
  m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return m->random >> 63 ? LEFT : RIGHT;
}

/** What each walker sees: a sign to the left, a sign to the right, the junction. */
static void look(const maze *m, float *sight) {
  for (int i = 0; i < WALKERS; i++) {
    sight[i * SIGHT] = m->place[i] == 0 && m->sign[i] == LEFT;
    sight[i * SIGHT + 1] = m->place[i] == 0 && m->sign[i] == RIGHT;
    sight[i * SIGHT + 2] = m->place[i] == LENGTH;
  }
}

static int32_t reset(void *context, uint64_t seed, float *observations) {
  maze *m = context;
  m->random = seed;
  for (int i = 0; i < WALKERS; i++) {
    m->sign[i] = draw_sign(m);
    m->place[i] = 0;
  }
  look(m, observations);
  return 0;
}

static int32_t allow(void *context, uint8_t *masks) {
  const maze *m = context;
  for (int i = 0; i < WALKERS; i++) {
    int junction = m->place[i] == LENGTH;
    masks[i * MOVES + FORWARD] = !junction;
    masks[i * MOVES + LEFT] = masks[i * MOVES + RIGHT] = (uint8_t)junction;
  }
  return 0;
}

static int32_t step(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                    float *next_observations, float *final_observations) {
  maze *m = context;
  (void)final_observations; /* only truncated episodes need it, and here none is */
  for (int i = 0; i < WALKERS; i++) {
    terminated[i] = m->place[i] == LENGTH;
    truncated[i] = 0;
    rewards[i] = !terminated[i] ? 0 : (int)actions[i] == m->sign[i] ? 1 : -1;
    m->place[i]++;
    if (!terminated[i]) continue;
    m->sign[i] = draw_sign(m); /* the next episode starts within the same step */
    m->place[i] = 0;
  }
  look(m, next_observations);
  return 0;
}

static int32_t show(void *context, const pgrad_statistics *now) {
  (void)context;
  if (now->updates % 5 == 0) printf("%8lld  %6.3f\n", (long long)now->timesteps, now->mean_return);
  return now->mean_return > 0.95;
}

/** The mean return of the greedy policy. Its states are carried along, and forgotten where an episode begins. */
static pgrad_status play(pgrad_policy *policy, pgrad_env *env, maze *m, double *mean_return) {
  static float states[WALKERS * 64];
  float observations[WALKERS * SIGHT], final[WALKERS * SIGHT], actions[WALKERS], rewards[WALKERS];
  uint8_t masks[WALKERS * MOVES], starts[WALKERS], terminated[WALKERS], truncated[WALKERS];
  double sum = 0;
  int episodes = 0;
  pgrad_rows rows;
  pgrad_status status = pgrad_rows_init(&rows, sizeof rows);
  rows.count = WALKERS;
  rows.observations = observations;
  rows.masks = masks;
  rows.states = rows.final_states = states;
  rows.episode_starts = starts;
  memset(starts, 1, sizeof starts);
  if (status == PGRAD_OK) status = pgrad_env_reset(env, 1000, observations);
  while (status == PGRAD_OK && episodes < EPISODES) {
    allow(m, masks);
    status = pgrad_policy_mode_rows(policy, &rows, actions);
    if (status == PGRAD_OK) status = pgrad_env_step(env, actions, rewards, terminated, truncated, observations, final);
    for (int i = 0; status == PGRAD_OK && i < WALKERS; i++) {
      starts[i] = terminated[i];
      sum += rewards[i];
      episodes += terminated[i];
    }
  }
  if (status == PGRAD_OK) *mean_return = sum / episodes;
  return status;
}

int main(void) {
  const pgrad_action_part moves = {PGRAD_CATEGORICAL, MOVES, 0, 0};
  maze m;
  pgrad_env_callbacks callbacks;
  pgrad_policy_config shape;
  pgrad_agent_config ppo;
  pgrad_env *env = NULL;
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  double mean_return = 0;
  int exit_status = 1;

  if (pgrad_env_callbacks_init(&callbacks, sizeof callbacks) != PGRAD_OK) goto failed;
  callbacks.n_envs = WALKERS;
  callbacks.observation_size = SIGHT;
  callbacks.parts = &moves;
  callbacks.part_count = 1;
  callbacks.context = &m;
  callbacks.reset = reset;
  callbacks.step = step;
  callbacks.masks = allow;
  if (pgrad_env_create_callbacks(&env, &callbacks) != PGRAD_OK) goto failed;

  if (pgrad_policy_config_init(&shape, sizeof shape) != PGRAD_OK) goto failed;
  shape.observation_size = SIGHT;
  shape.parts = &moves;
  shape.part_count = 1;
  shape.hidden_count = 0;
  shape.memory = PGRAD_MEMORY_GRU;
  shape.memory_size = 16;
  shape.seed = 1;
  if (pgrad_policy_create(&policy, &shape) != PGRAD_OK) goto failed;

  if (pgrad_agent_config_init(&ppo, sizeof ppo) != PGRAD_OK) goto failed;
  ppo.n_envs = WALKERS;
  ppo.n_steps = 64;
  ppo.sequence_length = 32; /* longer than an episode, so the sign is within reach of the gradient */
  ppo.batch_size = 256;     /* 8 sequences */
  ppo.n_epochs = 4;
  ppo.learning_rate = 2e-3;
  ppo.gamma = 0.98;
  ppo.entropy_coefficient = 0.01;
  ppo.seed = 1;
  if (pgrad_agent_create(&agent, policy, &ppo) != PGRAD_OK) goto failed;

  printf("   steps  return\n");
  if (pgrad_train(agent, env, 200000, show, NULL) != PGRAD_OK) goto failed;
  if (play(policy, env, &m, &mean_return) != PGRAD_OK) goto failed;
  printf("greedy policy: mean return %.3f over %d episodes\n", mean_return, EPISODES);
  exit_status = mean_return > 0.9 ? 0 : 2;
  if (exit_status != 0) fprintf(stderr, "it does not remember: a mean return above 0.9 was expected\n");
  goto end;

failed:
  fprintf(stderr, "%s\n", pgrad_last_error());
end:
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  pgrad_env_destroy(env);
  return exit_status;
}
