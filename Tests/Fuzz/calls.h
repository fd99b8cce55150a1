/* The calls of an interpreted program: each takes its handles and arguments from the input. */
#ifndef CALLS_H
#define CALLS_H

#include "hosts.h"

/* -------------------------------------------------------------------------------------------------------- policies */

/** Rows for a policy, and the arrays behind them. */
typedef struct given_rows {
  pgrad_rows rows;
  float *observations, *states, *final_states;
  uint8_t *masks, *starts;
} given_rows;

static inline given_rows take_rows(input *in, const policy_view *view, int64_t count) {
  content made = take_content(in);
  given_rows given;
  memset(&given, 0, sizeof given);
  if (CALL(pgrad_rows_init(&given.rows, sizeof given.rows)) != PGRAD_OK) violated("an init was refused");
  given.observations = observations_of(&made, view, count);
  given.rows.observations = given.observations;
  given.rows.count = count;
  given.rows.steps = take_rare(in, 3) ? count : 1;
  if (take_rare(in, 3)) given.rows.masks = given.masks = masks_of(&made, count * view->mask);
  if (take_rare(in, 3)) given.rows.states = given.states = numbers_of(&made, count * view->state);
  if (take_rare(in, 3)) given.rows.episode_starts = given.starts = flags_of(&made, count, 3);
  if (take_rare(in, 3)) {
    given.final_states = (float *)memory_of((size_t)(count * view->state) * sizeof(float));
    given.rows.final_states = given.final_states;
  }
  if (take_rare(in, 64)) given.rows.count = take_absurd(in);
  if (take_rare(in, 64)) given.rows.steps = take_absurd(in);
  if (take_rare(in, 64)) given.rows.observations = NULL;
  if (take_rare(in, 64)) given.rows.struct_size = take_word(in) % (sizeof given.rows + 1);
  return given;
}

static inline void free_rows(given_rows *given) {
  free(given->observations);
  free(given->states);
  free(given->final_states);
  free(given->masks);
  free(given->starts);
}

static inline void create_policy(interpreter *program) {
  policy_shape shape;
  pgrad_policy *made = NULL;
  take_policy(&program->in, &shape);
  if (CALL(pgrad_policy_create(&made, &shape.config)) != PGRAD_OK && made != NULL) violated("a handle was written");
  keep_policy(program, made);
}

static inline void use_policy(interpreter *program) {
  input *in = &program->in;
  pgrad_policy *policy = TAKE(pgrad_policy, policies), *other = TAKE(pgrad_policy, policies);
  policy_view view;
  (void)view_policy(policy, &view);
  int64_t count = 1 + take_below(in, 9);
  given_rows given = take_rows(in, &view, count);
  content made = take_content(in);
  float *actions = actions_of(&made, &view, count);
  float *weights = numbers_of(&made, count > view.parameters ? count : view.parameters);
  size_t action_bytes = (size_t)(count * view.action) * sizeof(float), row_bytes = (size_t)count * sizeof(float);
  size_t gradient_bytes = (size_t)view.parameters * sizeof(float);
  size_t sizes[3] = {row_bytes, 0, 0};
  int function = take_below(in, 16);
  if (function == 0 || function == 1 || function == 10 || function == 11 || function == 14) sizes[0] = action_bytes;
  if (function == 0 || function == 11 || function == 14) sizes[1] = row_bytes;
  if ((function >= 6 && function <= 9) || function == 15) sizes[0] = gradient_bytes;
  if (function == 14) sizes[2] = action_bytes;
  float *outputs[3] = {(float *)output_of(sizes[0]), (float *)output_of(sizes[1]), (float *)output_of(sizes[2])};
  float *first = take_rare(in, 64) ? NULL : outputs[0];
  pgrad_status status = PGRAD_OK;
  switch (function) {
    case 0: status = CALL(pgrad_policy_sample_rows(policy, &given.rows, first, outputs[1])); break;
    case 1: status = CALL(pgrad_policy_mode_rows(policy, &given.rows, first)); break;
    case 2: status = CALL(pgrad_policy_log_prob_rows(policy, &given.rows, actions, first)); break;
    case 3: status = CALL(pgrad_policy_entropy_rows(policy, &given.rows, first)); break;
    case 4: status = CALL(pgrad_policy_kl_rows(policy, other, &given.rows, first)); break;
    case 5: status = CALL(pgrad_policy_value_rows(policy, &given.rows, first)); break;
    case 6: status = CALL(pgrad_policy_score_gradient_rows(policy, &given.rows, actions, weights, first)); break;
    case 7: status = CALL(pgrad_policy_fisher_vector_rows(policy, &given.rows, weights, first)); break;
    case 8: status = CALL(pgrad_policy_entropy_gradient_rows(policy, &given.rows, weights, first)); break;
    case 9: status = CALL(pgrad_policy_value_gradient_rows(policy, &given.rows, weights, first)); break;
    case 10: status = CALL(pgrad_policy_clip(policy, actions, given.rows.count, first)); break;
    case 11:
      status = CALL(pgrad_policy_sample(policy, given.rows.observations, given.rows.count, first, outputs[1]));
      break;
    case 12:
      status = CALL(pgrad_policy_log_prob_draws(policy, given.rows.observations, given.rows.masks, actions,
                                                given.rows.count, first));
      break;
    case 14:
      status = CALL(pgrad_policy_sample_draws(policy, given.rows.observations, given.rows.masks, given.rows.count,
                                              first, outputs[2], outputs[1]));
      break;
    case 15:
      status = CALL(pgrad_policy_score_gradient_draws(policy, given.rows.observations, given.rows.masks, actions,
                                                      weights, given.rows.count, first));
      break;
    default: status = CALL(pgrad_policy_value(policy, given.rows.observations, given.rows.count, first)); break;
  }
  for (int i = 0; i < 3; i++) release_output(status, outputs[i], sizes[i]);
  free(actions);
  free(weights);
  free_rows(&given);
}

static inline void inspect_policy(interpreter *program) {
  input *in = &program->in;
  pgrad_policy *policy = TAKE(pgrad_policy, policies);
  pgrad_tensor tensor;
  int64_t number = 0;
  char note[8];
  switch (take_below(in, 5)) {
    case 0:
      (void)CALL(pgrad_policy_tensor(policy, take_rare(in, 48) ? take_absurd(in) : take_below(in, 12), &tensor,
                                     sizeof tensor));
      break;
    case 1: (void)CALL(pgrad_policy_tensor_count(policy, &number)); break;
    case 2: (void)CALL(pgrad_policy_observation_moments(policy, NULL, NULL, &number)); break;
    case 3: {
      char text[8] = {0};
      for (int i = 0; i < 7; i++) text[i] = (char)take_byte(in);
      (void)CALL(pgrad_policy_set_note(policy, text));
      break;
    }
    default: (void)CALL(pgrad_policy_note(policy, note, take_below(in, 9), &number)); break;
  }
}

static inline void assign_policy(interpreter *program) {
  pgrad_policy *policy = TAKE(pgrad_policy, policies);
  (void)CALL(pgrad_policy_assign(policy, TAKE(pgrad_policy, policies)));
}

/** Writes an object to memory and reads it again, with a few bytes changed. */
static inline void copy_by_file(interpreter *program) {
  input *in = &program->in;
  int is_agent = take_rare(in, 2);
  pgrad_policy *policy = TAKE(pgrad_policy, policies), *loaded_policy = NULL;
  pgrad_agent *agent = TAKE(pgrad_agent, agents), *loaded_agent = NULL;
  int64_t size = 0;
  pgrad_status status = is_agent ? CALL(pgrad_agent_save_memory(agent, NULL, 0, &size))
                                 : CALL(pgrad_policy_save_memory(policy, NULL, 0, &size));
  if (status != PGRAD_OK) return;
  char *bytes = (char *)memory_of((size_t)size);
  status = is_agent ? CALL(pgrad_agent_save_memory(agent, bytes, size, NULL))
                    : CALL(pgrad_policy_save_memory(policy, bytes, size, NULL));
  if (status == PGRAD_OK) {
    for (int changes = take_below(in, 4); changes > 1; changes--)
      bytes[take_word(in) % (uint32_t)size] = (char)take_byte(in);
    if (is_agent) {
      (void)CALL(pgrad_agent_load_memory(&loaded_agent, bytes, size));
      KEEP(agents, pgrad_agent_destroy, loaded_agent);
    } else {
      (void)CALL(pgrad_policy_load_memory(&loaded_policy, bytes, size));
      keep_policy(program, loaded_policy);
    }
  }
  free(bytes);
}

/* ------------------------------------------------------------------------------------------------------ optimizers */

static inline void create_optimizer(interpreter *program) {
  input *in = &program->in;
  pgrad_optimizer_config config;
  pgrad_optimizer *made = NULL;
  (void)CALL(pgrad_optimizer_config_init(&config, sizeof config));
  config.kind = take_choice(in, PGRAD_SGD, 5);
  double *const shares[] = {&config.learning_rate, &config.momentum, &config.beta1,         &config.beta2,
                            &config.decay,         &config.epsilon,  &config.max_grad_norm, &config.weight_decay};
  *shares[take_below(in, 8)] = take_share(in);
  (void)CALL(pgrad_optimizer_create(&made, TAKE(pgrad_policy, policies), &config));
  KEEP(optimizers, pgrad_optimizer_destroy, made);
}

static inline void use_optimizer(interpreter *program) {
  input *in = &program->in;
  pgrad_optimizer *optimizer = TAKE(pgrad_optimizer, optimizers);
  content made = take_content(in);
  float *gradient = numbers_of(&made, atomic_load(&program->held->most_parameters));
  (void)CALL(pgrad_optimizer_step(optimizer, gradient));
  free(gradient);
  if (take_rare(in, 4)) (void)CALL(pgrad_optimizer_set_learning_rate(optimizer, take_share(in)));
}

/* ---------------------------------------------------------------------------------------------------- environments */

static inline void create_env(interpreter *program) {
  static const char *const names[] = {"CartPole-v1",         "Pendulum-v1",        "Acrobot-v1", "MountainCar-v0",
                                      "MinAtar/Breakout-v1", "MinAtar/Asterix-v1", "",           "cartpole"};
  input *in = &program->in;
  pgrad_env *made = NULL;
  if (take_rare(in, 2)) {
    create_host_env(program, TAKE(pgrad_policy, policies));
    return;
  }
  (void)CALL(pgrad_env_create(&made, take_rare(in, 64) ? NULL : names[take_below(in, 8)], take_size(in, MOST_ENVS)));
  KEEP(envs, pgrad_env_destroy, made);
}

static inline void use_env(interpreter *program) {
  input *in = &program->in;
  pgrad_env *env = TAKE(pgrad_env, envs);
  pgrad_env_info info;
  policy_view space;
  memset(&space, 0, sizeof space);
  (void)pthread_mutex_lock(&describing);
  if (CALL(pgrad_env_describe(env, &info, sizeof info)) != PGRAD_OK) memset(&info, 0, sizeof info);
  view_action_parts(&space, info.parts, info.part_count);
  (void)pthread_mutex_unlock(&describing);
  content made = take_content(in);
  int64_t numbers = info.n_envs * info.observation_size, states = info.n_envs * info.state_size;
  float *observations = (float *)memory_of((size_t)numbers * sizeof(float));
  switch (take_below(in, 4)) {
    case 0: (void)CALL(pgrad_env_reset(env, take_byte(in), take_rare(in, 64) ? NULL : observations)); break;
    case 1: {
      double *state = (double *)memory_of((size_t)states * sizeof(double));
      for (int64_t i = 0; i < states; i++) state[i] = take_number(in);
      (void)(take_rare(in, 2) ? CALL(pgrad_env_state(env, state)) : CALL(pgrad_env_set_state(env, state)));
      free(state);
      break;
    }
    case 2: {
      uint8_t *masks = (uint8_t *)memory_of((size_t)(info.n_envs * info.mask_size));
      (void)CALL(pgrad_env_masks(env, masks));
      free(masks);
      break;
    }
    default: {
      float *rewards = (float *)memory_of((size_t)info.n_envs * sizeof(float));
      uint8_t *ends[2] = {flags_of(&made, info.n_envs, 2), flags_of(&made, info.n_envs, 2)};
      float *last = take_rare(in, 2) ? (float *)memory_of((size_t)numbers * sizeof(float)) : NULL;
      float *actions = actions_of(&made, &space, info.n_envs);
      (void)CALL(pgrad_env_step(env, actions, rewards, ends[0], ends[1], observations, last));
      free(rewards);
      free(ends[0]);
      free(ends[1]);
      free(last);
      free(actions);
    }
  }
  free(observations);
}

#endif
