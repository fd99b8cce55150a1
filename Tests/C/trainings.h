/* Trainings of every algorithm, with every estimator, schedule and kind of policy, each in a small world. */
#ifndef TRAININGS_H
#define TRAININGS_H

#include "pictures.h"

enum { STEPS = 16, WIDE_STEPS = 64, WIDE_SEQUENCE = 16 };

typedef enum world { CART, PENDULUM, GAME, TABLE, WALK, PICTURE, WORLDS } world;

typedef struct setting {
  const char *name;
  world world;
  int32_t algorithm;
  void (*adjust)(pgrad_policy_config *shape, pgrad_agent_config *agent);
} setting;

#define ADJUST(name, ...)                                                   \
  static void name(pgrad_policy_config *shape, pgrad_agent_config *agent) { \
    (void)shape;                                                            \
    (void)agent;                                                            \
    __VA_ARGS__                                                             \
  }

ADJUST(plain, )
ADJUST(schedules, agent->learning_rate_schedule = PGRAD_LINEAR; agent->clip_range_schedule = PGRAD_COSINE;
       agent->entropy_coefficient = 0.01; agent->entropy_coefficient_schedule = PGRAD_LINEAR;
       agent->total_timesteps = 100000;)
ADJUST(own_schedule, agent->learning_rate_schedule = PGRAD_COSINE;)
ADJUST(value_clip, agent->clip_range_value = 0.1; agent->value_clip = PGRAD_VALUE_CLIP_ALONE;)
ADJUST(kl_adaptive, agent->learning_rate_schedule = PGRAD_KL_ADAPTIVE; agent->learning_rate = 3e-3;)
ADJUST(kl_penalty, agent->surrogate = PGRAD_KL_PENALTY; agent->learning_rate = 3e-3;)
ADJUST(target_kl, agent->target_kl = 1e-3; agent->learning_rate = 1e-2; agent->clip_range_value = 0.2;)
ADJUST(vtrace, agent->estimator = PGRAD_VTRACE; agent->recompute_advantages = 1;)
ADJUST(recomputed, agent->recompute_advantages = 1; agent->optimizer = PGRAD_ADAMW;)
ADJUST(normalizers, agent->normalize_observations = 1; agent->normalize_rewards = 1;)
ADJUST(rmsprop_tensorflow, agent->optimizer = PGRAD_RMSPROP_TENSORFLOW; agent->learning_rate = 3e-3;)
ADJUST(gsde, shape->state_dependent_exploration = 1; agent->sde_sample_freq = 5;)
ADJUST(gsde_rollout, shape->state_dependent_exploration = 1; shape->expln = 1; agent->normalize_observations = 1;)
ADJUST(trunk, shape->shared_trunk = 1; shape->layer_norm = 1; agent->optimizer = PGRAD_RMSPROP;)
ADJUST(gru, shape->memory = PGRAD_MEMORY_GRU; shape->memory_size = 8; agent->sequence_length = 8;)
ADJUST(lstm, shape->memory = PGRAD_MEMORY_LSTM; shape->memory_size = 8; agent->sequence_length = 4;
       agent->recompute_advantages = 1; agent->normalize_observations = 1;)
ADJUST(lstm_whole, shape->memory = PGRAD_MEMORY_LSTM; shape->memory_size = 8;)
ADJUST(lstm_apart, shape->memory = PGRAD_MEMORY_LSTM; shape->memory_size = 8; shape->value_encoder = 1;)
ADJUST(lstm_shared, shape->memory = PGRAD_MEMORY_LSTM; shape->memory_size = 8; shape->value_memory = 0;
       shape->shared_memory = 1;)
ADJUST(gru_whole, shape->memory = PGRAD_MEMORY_GRU; shape->memory_size = 8;)
ADJUST(reward_to_go, agent->estimator = PGRAD_REWARD_TO_GO; agent->discount_scores = 1;)
ADJUST(gae, agent->estimator = PGRAD_GAE; agent->normalize_rewards = 1; agent->n_steps = 13;)
ADJUST(baseline, agent->baseline = 1; agent->normalize_observations = 1;)
ADJUST(leave_one_out, agent->estimator = PGRAD_LEAVE_ONE_OUT; agent->group_size = 2;)
ADJUST(group_normalized, agent->estimator = PGRAD_GROUP_NORMALIZED;)
ADJUST(group_centered, agent->estimator = PGRAD_GROUP_CENTERED; shape->memory = PGRAD_MEMORY_GRU;
       shape->memory_size = 8;)

static const setting settings[] = {
    {"REINFORCE", CART, PGRAD_REINFORCE, plain},
    {"REINFORCE in an MDP", TABLE, PGRAD_REINFORCE, plain},
    {"REINFORCE, reward to go", WALK, PGRAD_REINFORCE, reward_to_go},
    {"REINFORCE, GAE and a horizon", CART, PGRAD_REINFORCE, gae},
    {"REINFORCE, baseline", TABLE, PGRAD_REINFORCE, baseline},
    {"REINFORCE, leave one out", CART, PGRAD_REINFORCE, leave_one_out},
    {"REINFORCE, GRPO", TABLE, PGRAD_REINFORCE, group_normalized},
    {"REINFORCE, GRPO without division, GRU", WALK, PGRAD_REINFORCE, group_centered},
    {"REINFORCE, LSTM", WALK, PGRAD_REINFORCE, lstm_whole},
    {"A2C", CART, PGRAD_A2C, plain},
    {"A2C, schedules of each call", TABLE, PGRAD_A2C, own_schedule},
    {"A2C, GRU", WALK, PGRAD_A2C, gru},
    {"A2C, images", GAME, PGRAD_A2C, trunk},
    {"PPO", CART, PGRAD_PPO, plain},
    {"PPO in an MDP", TABLE, PGRAD_PPO, plain},
    {"PPO, masks", WALK, PGRAD_PPO, plain},
    {"PPO, images", GAME, PGRAD_PPO, plain},
    {"PPO, images of each network, LSTM", GAME, PGRAD_PPO, lstm_apart},
    {"PPO, schedules", CART, PGRAD_PPO, schedules},
    {"PPO, value clip, rates of the host", CART, PGRAD_PPO, value_clip},
    {"PPO, KL-adaptive", CART, PGRAD_PPO, kl_adaptive},
    {"PPO, KL penalty", PENDULUM, PGRAD_PPO, kl_penalty},
    {"PPO, target KL", CART, PGRAD_PPO, target_kl},
    {"PPO, V-trace", WALK, PGRAD_PPO, vtrace},
    {"PPO, recomputed advantages", WALK, PGRAD_PPO, recomputed},
    {"PPO, normalisers", PENDULUM, PGRAD_PPO, normalizers},
    {"PPO, RMSProp of TensorFlow", CART, PGRAD_PPO, rmsprop_tensorflow},
    {"PPO, gSDE", PENDULUM, PGRAD_PPO, gsde},
    {"PPO, gSDE for a rollout", PENDULUM, PGRAD_PPO, gsde_rollout},
    {"PPO, GRU", TABLE, PGRAD_PPO, gru},
    {"PPO, LSTM", WALK, PGRAD_PPO, lstm},
    {"PPO, LSTM of both networks", WALK, PGRAD_PPO, lstm_shared},
    {"NPG", PENDULUM, PGRAD_NPG, normalizers},
    {"NPG, GRU", TABLE, PGRAD_NPG, gru_whole},
    {"TRPO", CART, PGRAD_TRPO, plain},
    {"TRPO, masks, LSTM", WALK, PGRAD_TRPO, lstm_whole},
    {"SPO", PENDULUM, PGRAD_SPO, normalizers},
    {"SPO, GRU", WALK, PGRAD_SPO, gru},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static inline int compares(const setting *s) {
  return s->adjust == leave_one_out || s->adjust == group_normalized || s->adjust == group_centered;
}

static inline pgrad_env *world_env(world world, walk *w) {
  switch (world) {
    case CART: return native_env("CartPole-v1", WALKERS);
    case PENDULUM: return native_env("Pendulum-v1", WALKERS);
    case GAME: return native_env("MinAtar/Asterix-v1", WALKERS);
    case TABLE: return aliased_mdp_env(WALKERS, 1);
    case WALK: return walk_env(w);
    default: return picture_env(w);
  }
}

static inline int is_of_callbacks(world world) { return world == WALK || world == PICTURE; }
static inline int has_masks(world world) { return is_of_callbacks(world); }
static inline int has_long_episodes(world world) { return world == PENDULUM || world == GAME; }
static inline int has_real_actions(world world) { return world == PENDULUM || world == PICTURE; }

/** What an agent has beside what its setting chooses. */
typedef struct form {
  int32_t threads;
  int32_t memory;   /* 0 for none */
  int32_t explores; /* 1: state-dependent exploration */
  int32_t wide;     /* 1: minibatches that are large enough to be divided among two threads */
} form;

static inline pgrad_agent *new_agent_of_form(const setting *s, pgrad_env *env, form f) {
  const int64_t hidden = 16;
  const pgrad_observation_part screen = {PGRAD_IMAGE, 0, 10, 10, 4, 0};
  const pgrad_observation_part picture = {PGRAD_IMAGE, 0, PICTURE_SIDE, PICTURE_SIDE, 1, 0};
  pgrad_env_info info;
  pgrad_policy_config shape;
  pgrad_agent_config config = small_ppo(5, f.threads);
  pgrad_policy *policy = NULL;
  MUST(pgrad_env_describe(env, &info, sizeof info));
  MUST(pgrad_policy_config_init(&shape, sizeof shape));
  MUST(pgrad_agent_config_algorithm(&config, s->algorithm));
  shape.observation_size = info.observation_size;
  shape.parts = info.parts;
  shape.part_count = info.part_count;
  shape.hidden_sizes = &hidden;
  shape.hidden_count = 1;
  shape.seed = 3;
  if (s->world == GAME) shape.observation_parts = &screen, shape.observation_part_count = 1;
  if (s->world == PICTURE) shape.observation_parts = &picture, shape.observation_part_count = 1;
  int32_t steps = f.wide ? WIDE_STEPS : STEPS;
  config.n_steps = s->algorithm == PGRAD_REINFORCE ? 0 : steps;
  config.n_episodes = has_long_episodes(s->world) ? 1 : f.wide ? 24 : 2;
  config.batch_size = f.wide ? WIDE_STEPS * WALKERS : 32;
  config.n_epochs = 2;
  s->adjust(&shape, &config);
  if (f.memory != 0) {
    shape.memory = f.memory, shape.memory_size = 8;
    if (f.memory == PGRAD_MEMORY_GRU && config.n_steps == steps) config.sequence_length = 8;
  }
  /* whole rollouts are too few sequences for two threads */
  if (f.wide && shape.memory != 0 && config.sequence_length == 0 && config.n_steps == steps)
    config.sequence_length = WIDE_SEQUENCE;
  if (f.explores) shape.state_dependent_exploration = 1, config.sde_sample_freq = 5;
  MUST(pgrad_policy_create(&policy, &shape));
  pgrad_agent *agent = agent_of(policy, &config);
  pgrad_policy_destroy(policy);
  return agent;
}

static inline pgrad_agent *new_agent(const setting *s, pgrad_env *env, int32_t threads) {
  const form f = {threads, 0, 0, threads > 1};
  return new_agent_of_form(s, env, f);
}

#endif
