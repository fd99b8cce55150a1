/*
 * The policy gradient by hand, on the library's own CartPole: sample, reward-to-go, score, ascent.
 *
 *     θ ← θ + α · 1/N Σ_i Σ_t (G_t - b) ∇θ log π(a_t | s_t)
 *
 * N environments play one episode each; steps after the end of an episode have weight 0. The baseline b is the mean
 * return-to-go of the batch. Exit status 0 if it learned.
 */
#include <pgrad.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 16, LONGEST = 500, UPDATES = 120, SIZE = 4 };

static float observations[(LONGEST + 1) * N * SIZE], actions[LONGEST * N], rewards[LONGEST * N], returns[LONGEST * N];
static uint8_t ended[LONGEST * N], played[LONGEST * N];

#define TRY(call)                                \
  if ((call) != PGRAD_OK) {                      \
    fprintf(stderr, "%s\n", pgrad_last_error()); \
    return -1;                                   \
  }

/** Plays N episodes at most LONGEST steps long. @return Steps of the longest, or -1. */
static int play(pgrad_env *env, pgrad_policy *policy, uint64_t seed) {
  uint8_t truncated[N], over[N] = {0};
  int steps = 0, running = N;
  TRY(pgrad_env_reset(env, seed, observations));
  for (; running > 0 && steps < LONGEST; steps++) {
    int row = steps * N;
    TRY(pgrad_policy_sample(policy, observations + row * SIZE, N, actions + row, NULL));
    TRY(pgrad_env_step(env, actions + row, rewards + row, ended + row, truncated, observations + (row + N) * SIZE,
                       NULL));
    for (int i = 0; i < N; i++) {
      played[row + i] = !over[i];
      if (over[i]) rewards[row + i] = 0;
      ended[row + i] = !over[i] && (ended[row + i] || truncated[i]);
      over[i] = over[i] || ended[row + i];
      running -= ended[row + i];
    }
  }
  return steps;
}

/** Trains; @return the mean episode length of the last ten updates, or -1. */
static double train(pgrad_env *env, pgrad_policy *policy, pgrad_optimizer *optimizer, float *gradient) {
  double recent = 0;
  for (int update = 1; update <= UPDATES; update++) {
    int steps = play(env, policy, (uint64_t)update), rows = steps * N;
    if (steps < 0) return -1;
    TRY(pgrad_returns(rewards, ended, steps, N, 0.99, returns));
    double count = 0, baseline = 0;
    for (int i = 0; i < rows; i++) count += played[i], baseline += played[i] * returns[i];
    baseline /= count;
    for (int i = 0; i < rows; i++) returns[i] = played[i] * (returns[i] - (float)baseline) / N; /* now the weights */
    TRY(pgrad_policy_score_gradient(policy, observations, actions, returns, rows, gradient));
    TRY(pgrad_optimizer_step(optimizer, gradient));
    if (update > UPDATES - 10) recent += count / N / 10;
    if (update % 10 == 0) printf("update %3d  mean length %5.1f\n", update, count / N);
  }
  return recent;
}

int main(void) {
  const pgrad_action_part pushes = {PGRAD_CATEGORICAL, 2, 0, 0};
  const int64_t hidden = 32;
  pgrad_policy_config shape;
  pgrad_optimizer_config adam;
  pgrad_env *env = NULL;
  pgrad_policy *policy = NULL;
  pgrad_optimizer *optimizer = NULL;
  int64_t count = 0;

  TRY(pgrad_policy_config_init(&shape, sizeof shape));
  shape.observation_size = SIZE;
  shape.parts = &pushes;
  shape.part_count = 1;
  shape.hidden_sizes = &hidden;
  shape.hidden_count = 1;
  shape.value_function = 0;
  TRY(pgrad_optimizer_config_init(&adam, sizeof adam));
  adam.learning_rate = 1e-2;
  TRY(pgrad_env_create(&env, "CartPole-v1", N));
  TRY(pgrad_policy_create(&policy, &shape));
  TRY(pgrad_optimizer_create(&optimizer, policy, &adam));
  TRY(pgrad_policy_parameters(policy, NULL, &count));

  float *gradient = malloc((size_t)count * sizeof *gradient);
  if (gradient == NULL) return 1;
  double length = train(env, policy, optimizer, gradient);
  free(gradient);
  pgrad_optimizer_destroy(optimizer);
  pgrad_policy_destroy(policy);
  pgrad_env_destroy(env);
  if (length < 0) return 1;
  printf("mean length of the last ten updates: %.1f\n", length);
  if (length < 150) fprintf(stderr, "it has not learned: at least 150 was expected\n");
  return length < 150;
}
