/* Policies and agents of any shape, made from an input. */
#ifndef SHAPES_H
#define SHAPES_H

#include <pthread.h>

#include "input.h"

enum { MOST_PARTS = 3, MOST_LAYERS = 3, MOST_SIZE = 5 };

/** A configuration together with the arrays that it points to. */
typedef struct policy_shape {
  pgrad_policy_config config;
  pgrad_action_part parts[MOST_PARTS];
  pgrad_observation_part observation_parts[MOST_PARTS];
  int64_t hidden[MOST_LAYERS], value_hidden[MOST_LAYERS];
  pgrad_convolution convolutions[MOST_LAYERS];
} policy_shape;

static inline void take_action_part(input *in, pgrad_action_part *part) {
  part->kind = take_choice(in, PGRAD_CATEGORICAL, 5);
  part->size = take_rare(in, 48) ? (int32_t)take_absurd(in) : 1 + take_below(in, MOST_SIZE);
  part->low = take_rare(in, 24) ? (float)take_extreme(in) : -1;
  part->high = take_rare(in, 24) ? (float)take_extreme(in) : 2;
}

static inline void take_observation_part(input *in, pgrad_observation_part *part) {
  memset(part, 0, sizeof *part);
  part->kind = take_choice(in, PGRAD_VECTOR, 3);
  if (part->kind == PGRAD_IMAGE) {
    part->height = take_rare(in, 48) ? (int32_t)take_absurd(in) : 3 + take_below(in, 3);
    part->width = take_rare(in, 48) ? (int32_t)take_absurd(in) : 3 + take_below(in, 3);
    part->channels = take_rare(in, 48) ? (int32_t)take_absurd(in) : 1 + take_below(in, 2);
  } else {
    part->size = take_rare(in, 48) ? (int32_t)take_absurd(in) : 2 + take_below(in, MOST_SIZE);
  }
  if (part->kind == PGRAD_CHOICE && take_rare(in, 2)) part->embedding = 1 + take_below(in, 4);
  if (take_rare(in, 64)) part->embedding = (int32_t)take_absurd(in);
}

static inline void take_convolutions(input *in, policy_shape *shape) {
  for (int i = 0; i < MOST_LAYERS; i++) {
    pgrad_convolution *row = &shape->convolutions[i];
    row->filters = take_rare(in, 48) ? (int32_t)take_absurd(in) : 1 + take_below(in, 3);
    row->kernel = take_rare(in, 48) ? (int32_t)take_absurd(in) : 1 + take_below(in, 3);
    row->stride = take_rare(in, 48) ? (int32_t)take_absurd(in) : 1 + take_below(in, 2);
    row->padding = take_rare(in, 48) ? (int32_t)take_absurd(in) : take_below(in, row->kernel < 3 ? 1 : 3);
  }
  shape->config.encoder = PGRAD_ENCODER_AUTO;
  shape->config.convolutions = take_rare(in, 64) ? NULL : shape->convolutions;
  shape->config.convolution_count = take_rare(in, 64) ? take_absurd(in) : 1 + take_below(in, MOST_LAYERS);
  shape->config.encoder_size = take_size(in, 6);
}

static inline void take_policy(input *in, policy_shape *shape) {
  pgrad_policy_config *config = &shape->config;
  if (CALL(pgrad_policy_config_init(config, sizeof *config)) != PGRAD_OK) violated("an init was refused");
  config->observation_size = take_size(in, MOST_SIZE);
  config->part_count = 1 + take_below(in, MOST_PARTS);
  config->parts = shape->parts;
  for (int i = 0; i < MOST_PARTS; i++) take_action_part(in, &shape->parts[i]);
  for (int i = 0; i < MOST_LAYERS; i++) shape->hidden[i] = take_size(in, 8), shape->value_hidden[i] = take_size(in, 8);
  config->hidden_sizes = shape->hidden;
  config->hidden_count = take_below(in, MOST_LAYERS + 1);
  config->activation = take_choice(in, PGRAD_TANH, 5);
  config->seed = take_word(in);
  if (take_rare(in, 4)) config->value_function = 0;
  if (take_rare(in, 4)) config->initial_log_std = (float)take_number(in);
  if (take_rare(in, 4)) config->state_dependent_std = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->layer_norm = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->shared_trunk = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->initialization = take_choice(in, PGRAD_ORTHOGONAL, 3);
  if (take_rare(in, 4)) config->bias = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->state_dependent_exploration = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->rescale_actions = take_choice(in, 0, 2);
  if (take_rare(in, 4)) {
    config->value_hidden_sizes = shape->value_hidden;
    config->value_hidden_count = take_below(in, MOST_LAYERS + 1);
  }
  if (take_rare(in, 3)) {
    config->memory = take_choice(in, PGRAD_MEMORY_NONE, 3);
    config->memory_size = take_size(in, 4);
    config->memory_layers = take_size(in, 2);
    config->value_memory = take_choice(in, 0, 2);
    config->shared_memory = config->value_memory == 0 && config->memory_size % 2;
  }
  if (take_rare(in, 6)) {
    config->observation_parts = shape->observation_parts;
    config->observation_part_count = 1 + take_below(in, MOST_PARTS);
    for (int i = 0; i < MOST_PARTS; i++) take_observation_part(in, &shape->observation_parts[i]);
    config->observation_size = 0;
    config->encoder = take_rare(in, 4) ? take_choice(in, PGRAD_ENCODER_AUTO, 4) : PGRAD_ENCODER_MINATAR;
  }
  if (take_rare(in, 64)) config->reserved = take_byte(in), config->reserved_2 = take_byte(in);
  if (take_rare(in, 64)) config->struct_size = take_word(in) % 400;
  if (take_rare(in, 8)) config->memory_first = take_choice(in, 0, 2);
  if (take_rare(in, 64)) config->parts = NULL;
  if (take_rare(in, 64)) config->part_count = take_absurd(in);
  /* the named encoders are large, and therefore slow */
  if (config->observation_parts != NULL && !take_rare(in, 16)) take_convolutions(in, shape);
}

/** The first options of `config`, from the algorithm on. */
static inline void take_agent(input *in, pgrad_agent_config *config, int64_t n_envs) {
  if (CALL(pgrad_agent_config_init(config, sizeof *config)) != PGRAD_OK) violated("an init was refused");
  (void)CALL(pgrad_agent_config_algorithm(config, take_choice(in, PGRAD_REINFORCE, 6)));
  config->n_envs = n_envs;
  config->n_steps = take_size(in, 6);
  config->n_episodes = take_size(in, 2);
  int is_small = config->n_steps > 0 && config->n_steps <= 6 && n_envs > 0 && n_envs <= 8;
  config->batch_size = is_small ? config->n_steps * n_envs : 4;
  config->n_epochs = take_size(in, 2);
  config->seed = take_byte(in);
  if (take_rare(in, 3)) config->estimator = take_choice(in, PGRAD_WHOLE_TRAJECTORY, 7);
  if (take_rare(in, 4)) config->baseline = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->optimizer = take_choice(in, PGRAD_SGD, 5);
  if (take_rare(in, 4)) config->normalize_advantage = take_choice(in, 0, 3);
  if (take_rare(in, 4)) config->normalize_observations = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->normalize_rewards = take_choice(in, 0, 2);
  if (take_rare(in, 4)) config->autoreset_mode = take_choice(in, PGRAD_AUTORESET_SAME_STEP, 2);
  if (take_rare(in, 4)) config->learning_rate_schedule = take_choice(in, PGRAD_CONSTANT, 4);
  if (take_rare(in, 8)) config->clip_range_schedule = take_choice(in, PGRAD_CONSTANT, 4);
  if (take_rare(in, 8)) config->surrogate = take_choice(in, PGRAD_CLIP, 2);
  if (take_rare(in, 8)) config->recompute_advantages = take_choice(in, 0, 2);
  if (take_rare(in, 8)) config->discount_scores = take_choice(in, 0, 2);
  if (take_rare(in, 8)) config->group_size = take_size(in, 3);
  if (take_rare(in, 8)) config->sde_sample_freq = take_size(in, 3);
  if (take_rare(in, 8)) config->sequence_length = take_size(in, 3);
  if (take_rare(in, 8)) config->batch_size = take_size(in, 6);
  if (take_rare(in, 8)) config->total_timesteps = take_absurd(in);
  double *const shares[] = {&config->learning_rate,
                            &config->gamma,
                            &config->gae_lambda,
                            &config->clip_range,
                            &config->clip_range_value,
                            &config->entropy_coefficient,
                            &config->value_coefficient,
                            &config->max_grad_norm,
                            &config->target_kl,
                            &config->desired_kl,
                            &config->kl_coefficient,
                            &config->rho_clip,
                            &config->c_clip,
                            &config->cg_damping,
                            &config->cg_rtol,
                            &config->cg_atol,
                            &config->line_search_shrinking_factor,
                            &config->optimizer_epsilon,
                            &config->observation_clip,
                            &config->reward_clip,
                            &config->weight_decay};
  for (int changes = take_below(in, 4); changes > 0; changes--)
    *shares[take_below(in, (int)(sizeof shares / sizeof shares[0]))] = take_share(in);
  if (take_rare(in, 8)) config->value_clip = take_choice(in, PGRAD_VALUE_CLIP_LARGER, 2);
  if (take_rare(in, 8)) config->reverse_kl = 1;
  if (take_rare(in, 4)) config->update_mode = take_choice(in, PGRAD_UPDATE_AT_ONCE, 3);
  if (take_rare(in, 32)) config->threads = take_below(in, 3);
  if (take_rare(in, 64)) config->struct_size = take_word(in) % (sizeof *config + 1);
}

/** A copy of what the library says of a policy, and the numbers that its arrays have in a row. */
typedef struct policy_view {
  int64_t observation, action, mask, state, parameters;
  int64_t part_count, observation_part_count;
  pgrad_action_part parts[MOST_PARTS];
  pgrad_observation_part observation_parts[MOST_PARTS];
} policy_view;

/** Held while a description is copied, and while objects are destroyed: descriptions point into objects. */
static pthread_mutex_t describing = PTHREAD_MUTEX_INITIALIZER;

static inline int64_t columns_of(const pgrad_action_part *part) {
  return part->kind == PGRAD_CATEGORICAL ? 1 : part->size;
}

static inline void view_action_parts(policy_view *view, const pgrad_action_part *parts, int64_t count) {
  if (count > MOST_PARTS) return;
  view->part_count = count;
  for (int64_t i = 0; i < count; i++) {
    view->parts[i] = parts[i];
    view->action += columns_of(&parts[i]);
  }
}

/** @return 0, and zeros, for a handle that is not a policy. */
static inline int view_policy(pgrad_policy *policy, policy_view *view) {
  pgrad_policy_config config;
  memset(view, 0, sizeof *view);
  (void)pthread_mutex_lock(&describing);
  int is_policy = CALL(pgrad_policy_describe(policy, &config, sizeof config)) == PGRAD_OK;
  if (is_policy && config.part_count <= MOST_PARTS && config.observation_part_count <= MOST_PARTS) {
    view->observation = config.observation_size;
    view_action_parts(view, config.parts, config.part_count);
    view->observation_part_count = config.observation_part_count;
    for (int64_t i = 0; i < config.observation_part_count; i++)
      view->observation_parts[i] = config.observation_parts[i];
  }
  (void)pthread_mutex_unlock(&describing);
  (void)CALL(pgrad_policy_mask_size(policy, &view->mask));
  (void)CALL(pgrad_policy_state_size(policy, &view->state));
  (void)CALL(pgrad_policy_parameters(policy, NULL, &view->parameters));
  return is_policy;
}

#endif
