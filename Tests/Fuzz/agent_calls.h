/* The calls of an interpreted program that use agents. */
#ifndef AGENT_CALLS_H
#define AGENT_CALLS_H

#include "calls.h"
#include "disk.h"

static inline void create_agent(interpreter *program) {
  input *in = &program->in;
  pgrad_agent_config config;
  pgrad_agent *made = NULL;
  take_agent(in, &config, take_size(in, MOST_ENVS));
  (void)CALL(pgrad_agent_create(&made, TAKE(pgrad_policy, policies), &config));
  KEEP(agents, pgrad_agent_destroy, made);
}

/** Creates a policy and an agent of it with few environments, which every slot of agents holds then.
 *  @return Whether both could be created. */
static inline int create_learner(interpreter *program, pgrad_policy **policy, pgrad_agent **agent) {
  policy_shape shape;
  pgrad_agent_config config;
  take_policy(&program->in, &shape);
  take_agent(&program->in, &config, 1 + take_below(&program->in, MOST_ENVS));
  if (CALL(pgrad_policy_create(policy, &shape.config)) != PGRAD_OK) return 0;
  if (CALL(pgrad_agent_create(agent, *policy, &config)) != PGRAD_OK) return 0;
  for (int i = 0; i < SLOTS; i++) atomic_store(&program->held->agents[i], *agent);
  return 1;
}

/** What an agent's arrays need. */
typedef struct agent_shape {
  int64_t n_envs;
  policy_view view;
} agent_shape;

/** @return 0 for a handle that is not an agent. */
static inline int describe_agent(pgrad_agent *agent, agent_shape *shape) {
  pgrad_agent_config config;
  pgrad_policy *policy = NULL;
  if (CALL(pgrad_agent_describe(agent, &config, sizeof config)) != PGRAD_OK) return 0;
  if (CALL(pgrad_agent_policy(agent, &policy)) != PGRAD_OK) return 0;
  shape->n_envs = config.n_envs;
  int described = view_policy(policy, &shape->view);
  pgrad_policy_destroy(policy);
  return described;
}

/** Reads an array to its end. */
static inline void read_all(const void *array, int64_t bytes) {
  int sum = 0;
  for (int64_t i = 0; array != NULL && i < bytes; i++) sum += ((const uint8_t *)array)[i];
  if (sum < 0) violated("a sum of bytes"); /* so that the loop is not left out */
}

/** Reads the rows of the latest update, if there are any. */
static inline void read_learned(interpreter *program, pgrad_agent *agent, const agent_shape *shape) {
  pgrad_learned_rows learned;
  if (CALL(pgrad_agent_learned_rows(agent, &learned, sizeof learned)) != PGRAD_OK) return;
  if (program->held->is_shared) return; /* another thread may make the agent act */
  int64_t rows = learned.n_steps * learned.n_envs, bytes = rows * (int64_t)sizeof(float);
  if (rows <= 0 || learned.n_envs != shape->n_envs) violated("learned rows of a wrong size");
  const void *const numbers[] = {learned.log_probs, learned.rewards,    learned.episode_steps,
                                 learned.values,    learned.advantages, learned.targets};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) read_all(numbers[i], bytes);
  read_all(learned.draws, bytes * shape->view.action);
  read_all(learned.terminated, rows);
  read_all(learned.truncated, rows);
  read_all(learned.masks, rows * shape->view.mask);
  size_t size = (size_t)(bytes * shape->view.observation);
  void *observations = output_of(size);
  release_output(CALL(pgrad_agent_learned_observations(agent, (float *)observations)), observations, size);
}

static inline void observe(interpreter *program, pgrad_agent *agent, const agent_shape *shape) {
  input *in = &program->in;
  content made = take_content(in);
  float *rewards = numbers_of(&made, shape->n_envs);
  uint8_t *terminated = flags_of(&made, shape->n_envs, 3), *truncated = flags_of(&made, shape->n_envs, 3);
  float *next = observations_of(&made, &shape->view, shape->n_envs);
  float *last = take_rare(in, 3) ? NULL : observations_of(&made, &shape->view, shape->n_envs);
  (void)CALL(pgrad_agent_observe(agent, take_rare(in, 64) ? NULL : rewards, terminated, truncated, next, last));
  free(rewards);
  free(terminated);
  free(truncated);
  free(next);
  free(last);
}

static inline void step_agent(interpreter *program) {
  input *in = &program->in;
  pgrad_agent *agent = TAKE(pgrad_agent, agents);
  agent_shape shape;
  pgrad_statistics now;
  if (!describe_agent(agent, &shape)) return;
  content made = take_content(in);
  float *observations = observations_of(&made, &shape.view, shape.n_envs);
  size_t bytes = (size_t)(shape.n_envs * shape.view.action) * sizeof(float);
  if (take_rare(in, 2)) (void)CALL(pgrad_agent_begin(agent, take_rare(in, 64) ? NULL : observations));
  free(observations);
  for (int steps = take_below(in, 8); steps > 0; steps--) {
    if (take_rare(in, 4)) {
      uint8_t *masks = masks_of(&made, shape.n_envs * shape.view.mask);
      (void)CALL(pgrad_agent_set_masks(agent, masks));
      free(masks);
    }
    void *actions = output_of(bytes);
    release_output(CALL(pgrad_agent_act(agent, (float *)actions)), actions, bytes);
    if (!take_rare(in, 16)) observe(program, agent, &shape);
    read_learned(program, agent, &shape);
  }
  (void)CALL(pgrad_agent_statistics(agent, &now, sizeof now));
  if (take_rare(in, 8)) (void)CALL(pgrad_agent_set_total_timesteps(agent, take_absurd(in)));
  if (take_rare(in, 8)) (void)CALL(pgrad_agent_set_learning_rate(agent, take_share(in)));
  if (take_rare(in, 8)) (void)CALL(pgrad_agent_set_clip_range(agent, take_share(in)));
  if (take_rare(in, 8)) (void)CALL(pgrad_agent_set_clip_range_value(agent, take_share(in)));
  if (take_rare(in, 3)) (void)CALL(pgrad_agent_update_for(agent, take_below(in, 50), NULL));
  if (!take_rare(in, 16)) return;
  pgrad_agent *resized = NULL;
  (void)CALL(pgrad_agent_resize(&resized, agent, take_size(in, MOST_ENVS)));
  KEEP(agents, pgrad_agent_destroy, resized);
}

/** What the progress callback calls, and how many updates it waits for. */
typedef struct progress_context {
  interpreter program;
  int updates;
} progress_context;

static inline int32_t progress(void *context, const pgrad_statistics *statistics) {
  progress_context *now = (progress_context *)context;
  (void)statistics;
  if (now->program.depth < DEPTH && input_left(&now->program.in)) interpret_one(&now->program);
  return now->updates-- <= 0;
}

static inline void train(interpreter *program) {
  input *in = &program->in;
  progress_context context = {{*in, program->held, program->depth + 1}, take_below(in, 3)};
  int64_t timesteps = take_size(in, 64);
  /* without progress nothing ends a training of too many steps */
  pgrad_progress callback = timesteps < 64 && take_rare(in, 4) ? NULL : progress;
  if (take_rare(in, 8)) {
    int32_t has_learned = 0;
    (void)CALL(pgrad_train_for(TAKE(pgrad_agent, agents), TAKE(pgrad_env, envs), timesteps,
                               take_rare(in, 16) ? take_absurd(in) % 1000 : take_below(in, 100), &has_learned));
    return;
  }
  (void)CALL(pgrad_train(TAKE(pgrad_agent, agents), TAKE(pgrad_env, envs), timesteps, callback, &context));
}

static inline void show_pending_actions(interpreter *program) {
  pgrad_agent *agent = TAKE(pgrad_agent, agents);
  agent_shape shape;
  if (!describe_agent(agent, &shape)) return;
  size_t bytes = (size_t)(shape.n_envs * shape.view.action) * sizeof(float);
  void *actions = output_of(bytes);
  release_output(CALL(pgrad_agent_pending_actions(agent, (float *)actions)), actions, bytes);
  read_learned(program, agent, &shape);
}

static inline void share_policy(interpreter *program) {
  pgrad_policy *policy = NULL, *clone = NULL;
  (void)CALL(pgrad_agent_policy(TAKE(pgrad_agent, agents), &policy));
  if (take_rare(&program->in, 4) && CALL(pgrad_policy_clone(&clone, policy)) == PGRAD_OK) keep_policy(program, clone);
  keep_policy(program, policy);
}

/** Goes through a checkpoint, with an environment that fits, another or none. */
static inline void copy_by_checkpoint(interpreter *program) {
  input *in = &program->in;
  pgrad_checkpoint_info info;
  pgrad_agent *loaded = NULL;
  pgrad_env *given = take_rare(in, 4) ? NULL : TAKE(pgrad_env, envs), *env = take_rare(in, 3) ? NULL : given;
  if (CALL(pgrad_checkpoint_save(TAKE(pgrad_agent, agents), given, path_of_file())) != PGRAD_OK) return;
  (void)CALL(pgrad_checkpoint_describe(path_of_file(), &info, sizeof info));
  int32_t kind = 0;
  (void)CALL(pgrad_file_kind(path_of_file(), &kind));
  (void)CALL(pgrad_checkpoint_load(&loaded, take_rare(in, 4) ? NULL : &env, path_of_file()));
  KEEP(agents, pgrad_agent_destroy, loaded);
  if (env != given) KEEP(envs, pgrad_env_destroy, env);
}

/** A rollout for an agent, with arrays of the sizes that the header states. */
static inline void learn(interpreter *program) {
  input *in = &program->in;
  pgrad_agent *agent = TAKE(pgrad_agent, agents);
  agent_shape shape;
  pgrad_rollout given;
  if (!describe_agent(agent, &shape)) return;
  int64_t steps = 1 + take_below(in, 8), rows = steps * shape.n_envs;
  content made = take_content(in);
  if (CALL(pgrad_rollout_init(&given, sizeof given)) != PGRAD_OK) violated("an init was refused");
  given.n_steps = steps, given.n_envs = shape.n_envs;
  void *arrays[] = {observations_of(&made, &shape.view, rows + shape.n_envs),
                    actions_of(&made, &shape.view, rows),
                    numbers_of(&made, rows * shape.view.action),
                    numbers_of(&made, rows),
                    numbers_of(&made, rows),
                    flags_of(&made, rows, 4),
                    flags_of(&made, rows, 4),
                    observations_of(&made, &shape.view, rows),
                    masks_of(&made, rows * shape.view.mask),
                    numbers_of(&made, shape.n_envs * shape.view.state),
                    flags_of(&made, shape.n_envs, 2),
                    masks_of(&made, rows)};
  given.observations = (float *)arrays[0];
  given.actions = (float *)arrays[1];
  given.rewards = (float *)arrays[4];
  given.terminated = (uint8_t *)arrays[5];
  given.truncated = (uint8_t *)arrays[6];
  given.final_observations = (float *)arrays[7];
  if (take_rare(in, 4)) given.draws = (float *)arrays[2], given.actions = NULL;
  if (take_rare(in, 2)) given.log_probs = (float *)arrays[3];
  if (take_rare(in, 3)) given.masks = (uint8_t *)arrays[8];
  if (take_rare(in, 3)) given.states = (float *)arrays[9];
  if (take_rare(in, 3)) given.episode_starts = (uint8_t *)arrays[10];
  if (take_rare(in, 3)) given.active = (uint8_t *)arrays[11];
  if (take_rare(in, 4)) given.final_observations = NULL;
  if (take_rare(in, 64)) given.n_steps = take_absurd(in);
  if (take_rare(in, 64)) given.n_envs = take_absurd(in);
  if (take_rare(in, 64)) given.rewards = NULL;
  if (take_rare(in, 64)) given.struct_size = take_word(in) % (sizeof given + 1);
  if (take_rare(in, 16)) given.policy_version = take_rare(in, 4) ? take_absurd(in) : take_below(in, 4);
  if (take_rare(in, 16)) given.max_staleness = take_rare(in, 4) ? take_absurd(in) : take_below(in, 2);
  (void)CALL(pgrad_agent_learn(agent, &given));
  read_learned(program, agent, &shape);
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) free(arrays[i]);
}

/** Lets an agent gather, and another one learn from what it has gathered. */
static inline void gather(interpreter *program) {
  input *in = &program->in;
  pgrad_agent *agent = TAKE(pgrad_agent, agents);
  agent_shape shape;
  pgrad_rollout gathered;
  if (!describe_agent(agent, &shape)) return;
  (void)CALL(pgrad_agent_set_gathering(agent, take_rare(in, 8) ? 0 : take_size(in, 6),
                                       take_rare(in, 48) ? take_absurd(in) : take_below(in, 4)));
  for (int steps = take_below(in, 8); steps > 0; steps--) {
    size_t bytes = (size_t)(shape.n_envs * shape.view.action) * sizeof(float);
    void *actions = output_of(bytes);
    release_output(CALL(pgrad_agent_act(agent, (float *)actions)), actions, bytes);
    observe(program, agent, &shape);
  }
  if (CALL(pgrad_agent_rollout(agent, &gathered, sizeof gathered)) != PGRAD_OK) return;
  if (program->held->is_shared) return; /* another thread may end the arrays */
  int64_t rows = gathered.n_steps * gathered.n_envs, wide = shape.view.observation * (int64_t)sizeof(float);
  read_all(gathered.observations, (rows + gathered.n_envs) * wide);
  read_all(gathered.final_observations, rows * wide);
  read_all(gathered.draws, rows * shape.view.action * (int64_t)sizeof(float));
  read_all(gathered.log_probs, rows * (int64_t)sizeof(float));
  read_all(gathered.rewards, rows * (int64_t)sizeof(float));
  read_all(gathered.terminated, rows);
  read_all(gathered.truncated, rows);
  read_all(gathered.masks, rows * shape.view.mask);
  read_all(gathered.states, gathered.n_envs * shape.view.state * (int64_t)sizeof(float));
  read_all(gathered.episode_starts, gathered.n_envs);
  read_all(gathered.active, rows);
  pgrad_agent *learner = TAKE(pgrad_agent, agents);
  agent_shape other;
  if (gathered.n_steps == 0 || !describe_agent(learner, &other)) return;
  /* An agent of another policy would read arrays of other sizes. */
  if (other.view.observation == shape.view.observation && other.view.action == shape.view.action &&
      other.view.mask == shape.view.mask && other.view.state == shape.view.state)
    (void)CALL(pgrad_agent_learn(learner, &gathered));
}

#endif
