/*
 * Two policies of one process play each other: Nim, with masks.
 *
 * From a heap of stones, two players take one to three by turns; who takes the last stone wins. Each player is an agent
 * with its own policy. The environment of a player is made of callbacks: within its step, the other player's policy
 * draws the answer. The players train by turns, and so each learns against an opponent that has learned meanwhile.
 * Masks forbid to take more than there is.
 *
 * Perfect play leaves a multiple of four. Prints how often the greedy moves of both do. Exit status 0: always, where
 * that is possible.
 */
#include <pgrad.h>
#include <stdio.h>
#include <string.h>

enum { GAMES = 64, HEAP = 15, SIGHT = HEAP + 1, MOVES = 3, ROUNDS = 30, WON_HEAPS = 12 };

/** One of two players, and its games, in each of which it is at turn. */
typedef struct player {
  uint64_t random;
  int left[GAMES];
  pgrad_policy *policy;
  pgrad_agent *agent;
  pgrad_env *env;
  const struct player *other;
} player;

/** 0 to count - 1, by a linear congruential generator (Knuth 1998); its upper bits are the better ones. */
static int draw(player *p, int count) {
  p->random = p->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (int)((p->random >> 33) % (uint64_t)count);
}

/** What is seen of a heap: which number of stones is left. */
static void look(int left, float *sight) {
  memset(sight, 0, SIGHT * sizeof *sight);
  sight[left] = 1;
}

static void allow(int left, uint8_t *mask) {
  for (int move = 0; move < MOVES; move++) mask[move] = move < left;
}

/** Choose a move of a player for each heap, drawn or the most probable; 0 is to take one stone. */
static pgrad_status choose(const player *p, const int *heaps, int count, int greedy, float *moves) {
  float sight[GAMES * SIGHT];
  uint8_t masks[GAMES * MOVES];
  pgrad_rows rows;
  pgrad_status status = pgrad_rows_init(&rows, sizeof rows);
  for (int i = 0; i < count; i++) {
    look(heaps[i], sight + i * SIGHT);
    allow(heaps[i], masks + i * MOVES);
  }
  rows.count = count;
  rows.observations = sight;
  rows.masks = masks;
  if (status != PGRAD_OK) return status;
  if (greedy) return pgrad_policy_mode_rows(p->policy, &rows, moves);
  return pgrad_policy_sample_rows(p->policy, &rows, moves, NULL);
}

/** Let the other player move in those of a player's games that are listed. */
static pgrad_status answer(player *p, const int *games, int count) {
  int heaps[GAMES];
  float moves[GAMES];
  for (int i = 0; i < count; i++) heaps[i] = p->left[games[i]];
  pgrad_status status = count > 0 ? choose(p->other, heaps, count, 0, moves) : PGRAD_OK;
  for (int i = 0; status == PGRAD_OK && i < count; i++) p->left[games[i]] -= (int)moves[i] + 1;
  return status;
}

/** Begin the listed games with a heap of any size. The other player moves first in about half of them. */
static pgrad_status deal(player *p, const int *games, int count) {
  int waiting[GAMES], waits = 0;
  for (int i = 0; i < count; i++) {
    int other_begins = draw(p, 2);
    p->left[games[i]] = 1 + draw(p, HEAP);
    if (other_begins && p->left[games[i]] > MOVES) waiting[waits++] = games[i]; /* it cannot take all */
  }
  return answer(p, waiting, waits);
}

static int32_t reset(void *context, uint64_t seed, float *observations) {
  player *p = context;
  int games[GAMES];
  p->random = seed;
  for (int i = 0; i < GAMES; i++) games[i] = i;
  if (deal(p, games, GAMES) != PGRAD_OK) return 1;
  for (int i = 0; i < GAMES; i++) look(p->left[i], observations + i * SIGHT);
  return 0;
}

static int32_t masks(void *context, uint8_t *flags) {
  const player *p = context;
  for (int i = 0; i < GAMES; i++) allow(p->left[i], flags + i * MOVES);
  return 0;
}

static int32_t step(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                    float *next_observations, float *final_observations) {
  player *p = context;
  int waiting[GAMES], ended[GAMES], waits = 0, ends = 0;
  (void)final_observations; /* only truncated episodes need it, and here none is */
  for (int i = 0; i < GAMES; i++) {
    p->left[i] -= (int)actions[i] + 1;
    rewards[i] = p->left[i] == 0;
    truncated[i] = 0;
    if (p->left[i] > 0) waiting[waits++] = i;
  }
  if (answer(p, waiting, waits) != PGRAD_OK) return 1;
  for (int i = 0; i < GAMES; i++) {
    terminated[i] = p->left[i] == 0;
    if (!terminated[i]) continue;
    if (rewards[i] == 0) rewards[i] = -1; /* the other player took the last stone */
    ended[ends++] = i;
  }
  if (deal(p, ended, ends) != PGRAD_OK) return 1;
  for (int i = 0; i < GAMES; i++) look(p->left[i], next_observations + i * SIGHT);
  return 0;
}

static pgrad_status create(player *p, const player *other, uint64_t seed) {
  const pgrad_action_part moves = {PGRAD_CATEGORICAL, MOVES, 0, 0};
  pgrad_env_callbacks callbacks;
  pgrad_policy_config shape;
  pgrad_agent_config ppo;
  pgrad_status status = pgrad_env_callbacks_init(&callbacks, sizeof callbacks);
  if (status == PGRAD_OK) status = pgrad_policy_config_init(&shape, sizeof shape);
  if (status == PGRAD_OK) status = pgrad_agent_config_init(&ppo, sizeof ppo);
  if (status != PGRAD_OK) return status;

  p->other = other;
  callbacks.n_envs = GAMES;
  callbacks.observation_size = shape.observation_size = SIGHT;
  callbacks.parts = shape.parts = &moves;
  callbacks.part_count = shape.part_count = 1;
  callbacks.context = p;
  callbacks.reset = reset;
  callbacks.step = step;
  callbacks.masks = masks;
  shape.seed = seed;
  ppo.n_envs = GAMES;
  ppo.n_steps = 16;
  ppo.batch_size = 256;
  ppo.n_epochs = 4;
  ppo.learning_rate = 3e-3;
  ppo.gamma = 1;
  ppo.entropy_coefficient = 0.03;
  ppo.seed = seed;
  status = pgrad_env_create_callbacks(&p->env, &callbacks);
  if (status == PGRAD_OK) status = pgrad_policy_create(&p->policy, &shape);
  if (status == PGRAD_OK) status = pgrad_agent_create(&p->agent, p->policy, &ppo);
  return status;
}

static void destroy(player *p) {
  pgrad_agent_destroy(p->agent);
  pgrad_policy_destroy(p->policy);
  pgrad_env_destroy(p->env);
}

/** Count the heaps from which a player's greedy move leaves a multiple of four. */
static pgrad_status count_best(const player *p, int *best) {
  int heaps[HEAP];
  float moves[HEAP];
  for (int i = 0; i < HEAP; i++) heaps[i] = i + 1;
  pgrad_status status = choose(p, heaps, HEAP, 1, moves);
  *best = 0;
  for (int i = 0; status == PGRAD_OK && i < HEAP; i++) *best += (int)moves[i] + 1 == heaps[i] % (MOVES + 1);
  return status;
}

int main(void) {
  player first, second;
  int best[2] = {0, 0};
  memset(&first, 0, sizeof first);
  memset(&second, 0, sizeof second);
  pgrad_status status = create(&first, &second, 1);
  if (status == PGRAD_OK) status = create(&second, &first, 2);

  printf("   round  best moves, of %d\n", WON_HEAPS);
  for (int round = 1; status == PGRAD_OK && round <= ROUNDS; round++) {
    status = pgrad_train(first.agent, first.env, 1, NULL, NULL); /* one rollout */
    if (status == PGRAD_OK) status = pgrad_train(second.agent, second.env, 1, NULL, NULL);
    if (status == PGRAD_OK) status = count_best(&first, &best[0]);
    if (status == PGRAD_OK) status = count_best(&second, &best[1]);
    if (status == PGRAD_OK && round % 5 == 0) printf("%8d  %d and %d\n", round, best[0], best[1]);
  }
  if (status != PGRAD_OK) fprintf(stderr, "%s\n", pgrad_last_error());
  destroy(&first);
  destroy(&second);
  return status == PGRAD_OK && best[0] == WON_HEAPS && best[1] == WON_HEAPS ? 0 : 1;
}
