/*
 * The host's own environment: a walker in an icy corridor, three lanes wide, with pits in every other row.
 *
 * The walker observes its lane, the pits of its own row and of the next, and the distance to the door. It may go
 * forward, left or right; sometimes the ice moves it to another lane. Falling into a pit ends the episode with -1, and
 * reaching the door ends it with +1. Every step costs 0.01. An episode that takes too long is truncated, so the agent
 * bootstraps from the value of its last observation.
 *
 * Prints the learning curve and the mean return of the greedy policy, and saves the policy. Exit status 0: it learned.
 */
#include <pgrad.h>
#include <stdio.h>
#include <string.h>

enum { WALKERS = 16, LANES = 3, ROWS = 12, LONGEST = 60, SIGHT = 3 * LANES + 1 };
enum { FORWARD, LEFT, RIGHT, MOVES };
static const double SLIP = 0.02;

typedef struct walker {
  int lane, row, steps;
  int pit[ROWS + 1]; /* the lane of each row's pit, -1 for none */
} walker;

typedef struct corridor {
  uint64_t random; /* the state of a generator; never 0 */
  walker walkers[WALKERS];
} corridor;

/** xorshift64*: uniform in [0, 1). */
static double draw(corridor *environment) {
  environment->random ^= environment->random >> 12;
  environment->random ^= environment->random << 25;
  environment->random ^= environment->random >> 27;
  return (double)((environment->random * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static void start(corridor *environment, walker *w) {
  w->lane = (int)(draw(environment) * LANES);
  w->row = w->steps = 0;
  for (int row = 0; row <= ROWS; row++) w->pit[row] = row % 2 == 1 ? (int)(draw(environment) * LANES) : -1;
}

static void look(const walker *w, float *sight) {
  for (int lane = 0; lane < LANES; lane++) {
    sight[lane] = w->lane == lane;
    sight[LANES + lane] = w->pit[w->row] == lane;
    sight[2 * LANES + lane] = w->row < ROWS && w->pit[w->row + 1] == lane;
  }
  sight[3 * LANES] = (float)(ROWS - w->row) / ROWS;
}

static int within(int lane) { return lane < 0 ? 0 : lane >= LANES ? LANES - 1 : lane; }

static int32_t reset(void *context, uint64_t seed, float *observations) {
  corridor *environment = context;
  environment->random = seed * 2 + 1;
  for (int i = 0; i < 64; i++) (void)draw(environment); /* makes near seeds differ */
  for (int i = 0; i < WALKERS; i++) {
    start(environment, &environment->walkers[i]);
    look(&environment->walkers[i], observations + i * SIGHT);
  }
  return 0;
}

static int32_t step(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                    float *next_observations, float *final_observations) {
  corridor *environment = context;
  for (int i = 0; i < WALKERS; i++) {
    walker *w = &environment->walkers[i];
    switch ((int)actions[i]) {
      case FORWARD: w->row++; break;
      case LEFT: w->lane = within(w->lane - 1); break;
      case RIGHT: w->lane = within(w->lane + 1); break;
      default: return 1;
    }
    if (draw(environment) < SLIP) w->lane = within(w->lane + (draw(environment) < 0.5 ? -1 : 1));
    int fell = w->pit[w->row] == w->lane, arrived = !fell && w->row == ROWS;
    rewards[i] = -0.01f + (float)arrived - (float)fell;
    terminated[i] = fell || arrived;
    truncated[i] = ++w->steps == LONGEST && !terminated[i];
    if (terminated[i] || truncated[i]) { /* the next episode starts within the same step */
      look(w, final_observations + i * SIGHT);
      start(environment, w);
    }
    look(w, next_observations + i * SIGHT);
  }
  return 0;
}

/** One line of the learning curve: -1 has no bar, +1 one of 40 characters. */
static int32_t show(void *context, const pgrad_statistics *now) {
  static const char bar[] = "########################################";
  int width = (int)((now->mean_return + 1) * 20);
  (void)context;
  printf("%8lld  %6.3f  %.*s\n", (long long)now->timesteps, now->mean_return, width < 0 ? 0 : width, bar);
  return now->mean_return > 0.8;
}

/** The mean return of the greedy policy over 200 episodes, in the host's own loop. */
static pgrad_status evaluate(pgrad_policy *policy, pgrad_env *env, double *mean_return) {
  float observations[WALKERS * SIGHT], final[WALKERS * SIGHT], actions[WALKERS], rewards[WALKERS];
  uint8_t terminated[WALKERS], truncated[WALKERS];
  double sum = 0, running[WALKERS] = {0};
  int episodes = 0;
  pgrad_status status = pgrad_env_reset(env, 1000, observations);
  while (status == PGRAD_OK && episodes < 200) {
    status = pgrad_policy_mode(policy, observations, WALKERS, actions);
    if (status == PGRAD_OK) status = pgrad_policy_clip(policy, actions, WALKERS, actions);
    if (status == PGRAD_OK) status = pgrad_env_step(env, actions, rewards, terminated, truncated, observations, final);
    for (int i = 0; status == PGRAD_OK && i < WALKERS; i++) {
      running[i] += rewards[i];
      if (!terminated[i] && !truncated[i]) continue;
      sum += running[i];
      running[i] = 0;
      episodes++;
    }
  }
  if (status == PGRAD_OK) *mean_return = sum / episodes;
  return status;
}

int main(void) {
  const pgrad_action_part moves = {PGRAD_CATEGORICAL, MOVES, 0, 0};
  corridor environment;
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
  callbacks.context = &environment;
  callbacks.reset = reset;
  callbacks.step = step;
  if (pgrad_env_create_callbacks(&env, &callbacks) != PGRAD_OK) goto failed;

  if (pgrad_policy_config_init(&shape, sizeof shape) != PGRAD_OK) goto failed;
  shape.observation_size = SIGHT;
  shape.parts = &moves;
  shape.part_count = 1;
  shape.seed = 1;
  if (pgrad_policy_create(&policy, &shape) != PGRAD_OK) goto failed;

  if (pgrad_agent_config_init(&ppo, sizeof ppo) != PGRAD_OK) goto failed;
  ppo.n_envs = WALKERS;
  ppo.n_steps = 128;
  ppo.batch_size = 256;
  ppo.n_epochs = 8;
  ppo.learning_rate = 1e-3;
  ppo.entropy_coefficient = 0.005;
  ppo.seed = 1;
  if (pgrad_agent_create(&agent, policy, &ppo) != PGRAD_OK) goto failed;

  printf("   steps  return\n");
  if (pgrad_train(agent, env, 120000, show, NULL) != PGRAD_OK) goto failed;
  if (evaluate(policy, env, &mean_return) != PGRAD_OK) goto failed;
  if (pgrad_policy_save(policy, "corridor.safetensors") != PGRAD_OK) goto failed;
  printf("greedy policy: mean return %.3f over 200 episodes; saved as corridor.safetensors\n", mean_return);
  exit_status = mean_return > 0.6 ? 0 : 2;
  if (exit_status != 0) fprintf(stderr, "it has not learned: a mean return above 0.6 was expected\n");
  goto end;

failed:
  fprintf(stderr, "%s\n", pgrad_last_error());
end:
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  pgrad_env_destroy(env);
  return exit_status;
}
