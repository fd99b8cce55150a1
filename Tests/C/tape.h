/* A world of the host's, the rollouts that agents gather in it, and their arrays. */
#ifndef TAPE_H
#define TAPE_H

#include <math.h>

#include "fixtures.h"

enum { SIZE = 3, CHOICES = 4, COLUMNS = 3, ENVS = 4, STEPS = 12, MOST_STEPS = 64, MOST_STATES = 64 };

/** A policy: its memory, and whether it explores with gSDE, for which all actions are numbers. */
struct form {
  int32_t memory, sde;
};
static const struct form FORMS[] = {{PGRAD_MEMORY_NONE, 0}, {PGRAD_MEMORY_GRU, 0}, {PGRAD_MEMORY_LSTM, 0}, {0, 1}};
enum { FORM_COUNT = sizeof FORMS / sizeof FORMS[0] };

static const int32_t ALGORITHMS[] = {PGRAD_REINFORCE, PGRAD_A2C, PGRAD_PPO, PGRAD_NPG, PGRAD_TRPO, PGRAD_SPO};
enum { ALGORITHM_COUNT = sizeof ALGORITHMS / sizeof ALGORITHMS[0] };

static inline pgrad_policy *policy_of(struct form form) {
  /* Bounds that no action reaches, so that the host sees the actions that are learned from. */
  static const pgrad_action_part hybrid[] = {{PGRAD_CATEGORICAL, CHOICES, 0, 0}, {PGRAD_GAUSSIAN, 2, -1e30f, 1e30f}};
  static const pgrad_action_part numbers = {PGRAD_GAUSSIAN, COLUMNS, -1e30f, 1e30f};
  static const int64_t hidden = 6;
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = SIZE;
  config.parts = form.sde ? &numbers : hybrid;
  config.part_count = form.sde ? 1 : 2;
  config.hidden_sizes = &hidden;
  config.hidden_count = 1;
  config.memory = form.memory;
  config.memory_size = form.memory == PGRAD_MEMORY_NONE ? config.memory_size : 5;
  config.state_dependent_exploration = form.sde;
  config.seed = 4;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  float *parameters;
  int64_t count;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  for (int64_t i = 0; i < count; i++) parameters[i] += 0.3f * (float)sin(1.7 * (double)i);
  return policy;
}

static inline pgrad_agent_config config_of(int32_t algorithm, int32_t threads) {
  pgrad_agent_config config = small_ppo(3, threads);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_envs = ENVS;
  int32_t steps = threads > 1 ? MOST_STEPS : STEPS; /* two threads divide minibatches of so many */
  config.n_steps = algorithm == PGRAD_REINFORCE ? 0 : steps;
  if (algorithm == PGRAD_REINFORCE) config.n_episodes = 3;
  if (algorithm != PGRAD_A2C && algorithm != PGRAD_REINFORCE)
    config.batch_size = threads > 1 ? ENVS * steps : ENVS * STEPS / 2;
  return config;
}

static inline pgrad_agent *new_agent(struct form form, const pgrad_agent_config *config) {
  pgrad_policy *policy = policy_of(form);
  pgrad_agent *agent = agent_of(policy, config);
  pgrad_policy_destroy(policy);
  return agent;
}

static inline pgrad_statistics statistics_of(pgrad_agent *agent) {
  pgrad_statistics statistics;
  MUST(pgrad_agent_statistics(agent, &statistics, sizeof statistics));
  return statistics;
}

static inline int same_policies(pgrad_agent *one, pgrad_agent *other) {
  pgrad_policy *policies[2] = {NULL, NULL};
  MUST(pgrad_agent_policy(one, &policies[0]));
  MUST(pgrad_agent_policy(other, &policies[1]));
  int same = same_parameters(policies[0], policies[1]);
  for (int i = 0; i < 2; i++) pgrad_policy_destroy(policies[i]);
  return same;
}

/** What the host has seen of a rollout. */
struct tape {
  int steps;
  float observations[(MOST_STEPS + 1) * ENVS * SIZE], final[MOST_STEPS * ENVS * SIZE];
  float actions[MOST_STEPS * ENVS * COLUMNS], rewards[MOST_STEPS * ENVS];
  uint8_t terminated[MOST_STEPS * ENVS], truncated[MOST_STEPS * ENVS], masks[MOST_STEPS * ENVS * CHOICES];
  uint8_t starts[(MOST_STEPS + 1) * ENVS];
};

/** Step `now` of every environment: its observation, its masks, and whether an episode starts. */
static inline void write_step(int now, struct tape *tape, int step) {
  for (int i = 0; i < ENVS; i++) {
    int row = step * ENVS + i;
    for (int k = 0; k < SIZE; k++) tape->observations[row * SIZE + k] = (float)(2 * sin(3 * now + 5 * i + 11 * k) + k);
    tape->starts[row] = (uint8_t)(now == 0 || (now + i) % 5 == 0);
    if (step == MOST_STEPS) continue;
    for (int k = 0; k < CHOICES; k++) tape->masks[row * CHOICES + k] = (uint8_t)(k == 0 || (now + i + k) % 3 != 0);
  }
}

/** Step `now` of the world, of `count` environments from `first` on: row `step` of the tape, which is written up to its
 *  observations. */
static inline void play_step(pgrad_agent *agent, struct form form, struct tape *tape, int step, int now, int first,
                             int count) {
  int start = step * ENVS + first;
  float *actions = tape->actions + start * COLUMNS, *final = tape->final + start * SIZE;
  if (!form.sde) MUST(pgrad_agent_set_masks(agent, tape->masks + start * CHOICES));
  MUST(pgrad_agent_act(agent, actions));
  write_step(now + 1, tape, step + 1);
  for (int i = 0; i < count; i++) {
    int row = start + i, ends = tape->starts[row + ENVS];
    for (int k = 0; k < SIZE; k++) final[i * SIZE + k] = (float)cos(now + 1 + first + i + k);
    tape->rewards[row] = (float)sin(actions[i * COLUMNS] + (float)(first + i)) - actions[i * COLUMNS + 1] / 3;
    tape->terminated[row] = (uint8_t)(ends && (first + i) % 2 == 0);
    tape->truncated[row] = (uint8_t)(ends && (first + i) % 2 == 1);
  }
  MUST(pgrad_agent_observe(agent, tape->rewards + start, tape->terminated + start, tape->truncated + start,
                           tape->observations + (start + ENVS) * SIZE, final));
}

/** Acts until the agent learns, from step `now` of the world on. */
static inline void gather(pgrad_agent *agent, struct form form, int now, struct tape *tape) {
  int64_t updates = statistics_of(agent).updates;
  write_step(now, tape, 0);
  if (now == 0) MUST(pgrad_agent_begin(agent, tape->observations));
  for (tape->steps = 0; statistics_of(agent).updates == updates && tape->steps < MOST_STEPS; tape->steps++)
    play_step(agent, form, tape, tape->steps, now + tape->steps, 0, ENVS);
}

static inline pgrad_rollout rollout_of(const struct tape *tape, struct form form) {
  pgrad_rollout rollout;
  MUST(pgrad_rollout_init(&rollout, sizeof rollout));
  rollout.n_steps = tape->steps;
  rollout.n_envs = ENVS;
  rollout.observations = tape->observations;
  rollout.actions = tape->actions;
  rollout.rewards = tape->rewards;
  rollout.terminated = tape->terminated;
  rollout.truncated = tape->truncated;
  rollout.final_observations = tape->final;
  if (!form.sde) rollout.masks = tape->masks;
  return rollout;
}

static inline int same_update(pgrad_agent *one, pgrad_agent *other) {
  pgrad_statistics a = statistics_of(one), b = statistics_of(other);
  return a.updates == b.updates && a.timesteps == b.timesteps && a.policy_loss == b.policy_loss &&
         a.entropy == b.entropy && a.learning_rate == b.learning_rate && same_policies(one, other);
}

#endif
