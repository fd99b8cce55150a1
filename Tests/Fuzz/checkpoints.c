/* Fuzzes checkpoints: edited files of trainings in the middle of a rollout, in native environments, MDPs and a host's
 * environments. What loads is used, and saved again: the new file loads, and then saves the same bytes. */
#include "agent_calls.h"
#include "edits.h"
#include "pgrad_oracle.h"

static void interpret_one(interpreter *program) { (void)program; }

enum { BASES = 6, ENVS = 2 };

static parted_file bases[BASES];

/** A policy that fits an environment. */
static pgrad_policy *policy_for(pgrad_env *env, int32_t memory, int32_t explores) {
  pgrad_policy_config config;
  pgrad_env_info info;
  pgrad_policy *policy = NULL;
  int64_t hidden = 4;
  if (pgrad_env_describe(env, &info, sizeof info) || pgrad_policy_config_init(&config, sizeof config))
    violated("no environment");
  config.observation_size = info.observation_size, config.parts = info.parts, config.part_count = info.part_count;
  config.hidden_sizes = &hidden, config.hidden_count = 1;
  config.memory = memory, config.memory_size = 2, config.state_dependent_exploration = explores;
  if (pgrad_policy_create(&policy, &config)) violated("no policy");
  return policy;
}

/** An environment of a kind; the host's own one never fails. */
static pgrad_env *new_env(interpreter *program, int kind) {
  static const char *const names[BASES] = {"CartPole-v1", "Pendulum-v1", "MinAtar/Breakout-v1"};
  pgrad_env *env = NULL;
  pgrad_mdp *mdp = NULL;
  if (names[kind] != NULL && pgrad_env_create(&env, names[kind], ENVS)) violated("no native environment");
  if (kind == 3 && (pgrad_mdp_create_named(&mdp, "chain", 0.9, 8) || pgrad_env_create_mdp(&env, mdp, ENVS)))
    violated("no MDP");
  pgrad_mdp_destroy(mdp);
  if (names[kind] != NULL || kind == 3) return env;
  pgrad_policy_config config;
  const pgrad_action_part part = {PGRAD_CATEGORICAL, 3, 0, 0};
  pgrad_policy *policy = NULL;
  (void)pgrad_policy_config_init(&config, sizeof config);
  config.observation_size = 2, config.parts = &part, config.part_count = 1;
  if (pgrad_policy_create(&policy, &config)) violated("no policy");
  create_host_env(program, policy);
  pgrad_policy_destroy(policy);
  return atomic_exchange(&program->held->envs[0], NULL);
}

/** Trains for a while in a loop of its own, and ends between act and observe. */
static void make_base(int kind) {
  const int32_t algorithms[BASES] = {PGRAD_PPO, PGRAD_PPO, PGRAD_A2C, PGRAD_REINFORCE, PGRAD_SPO, PGRAD_TRPO};
  objects held;
  memset(&held, 0, sizeof held);
  static const uint8_t quiet[] = {1};
  interpreter program = {{quiet + 1, quiet + 1}, &held, 0};
  pgrad_agent_config config;
  pgrad_agent *agent = NULL;
  pgrad_env *env = new_env(&program, kind);
  pgrad_policy *policy = policy_for(env, kind == 3 ? PGRAD_MEMORY_GRU : PGRAD_MEMORY_NONE, kind == 1);
  float observations[1024], final[1024], actions[8], rewards[ENVS];
  uint8_t terminated[ENVS], truncated[ENVS];
  (void)pgrad_agent_config_init(&config, sizeof config);
  (void)pgrad_agent_config_algorithm(&config, algorithms[kind]);
  config.n_envs = kind < 4 ? ENVS : 1, config.n_steps = 6, config.batch_size = 6;
  config.normalize_observations = config.normalize_rewards = kind % 2;
  if (pgrad_agent_create(&agent, policy, &config)) violated("no agent");
  if (pgrad_env_reset(env, 1, observations) || pgrad_agent_begin(agent, observations)) violated("no beginning");
  for (int step = 0;; step++) {
    if (pgrad_agent_act(agent, actions)) violated("an agent does not act");
    if (step == 10 && kind % 2 == 0) break;
    if (pgrad_env_step(env, actions, rewards, terminated, truncated, observations, final) ||
        pgrad_agent_observe(agent, rewards, terminated, truncated, observations, final))
      violated("an agent does not observe");
    if (step == 9 && kind % 2 == 1) break;
  }
  if (pgrad_checkpoint_save(agent, kind == 5 ? NULL : env, path_of_file())) violated("no checkpoint");
  size_t size;
  char *bytes = read_file(&size);
  part_file(&bases[kind], bytes, size);
  free(bytes);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static pgrad_status loaded(pgrad_status status) {
  if (status != PGRAD_OK && status != PGRAD_BAD_FILE && status != PGRAD_OUT_OF_MEMORY &&
      status != PGRAD_INVALID_ARGUMENT && status != PGRAD_HOST_ERROR)
    violated("a checkpoint's status");
  return status;
}

/** Saves what was loaded. The new file loads, and what comes of it saves the same bytes. */
static void save_again(pgrad_agent *agent, pgrad_env *env) {
  pgrad_agent *copy = NULL;
  pgrad_env *own = NULL;
  size_t size, again;
  if (CALL(pgrad_checkpoint_save(agent, env, path_of_file())) != PGRAD_OK) violated("a loaded agent is not saved");
  char *first = read_file(&size);
  if (CALL(pgrad_checkpoint_load(&copy, &own, path_of_file())) != PGRAD_OK)
    violated("a saved checkpoint is not loaded");
  if (CALL(pgrad_checkpoint_save(copy, env == NULL ? NULL : own, path_of_file())) != PGRAD_OK)
    violated("a checkpoint is not saved again");
  char *second = read_file(&again);
  if (size != again || memcmp(first, second, size) != 0) violated("a loaded checkpoint saves other bytes");
  free(first);
  free(second);
  pgrad_agent_destroy(copy);
  pgrad_env_destroy(own);
}

/** Continues as after loading, in a host's loop or by training. */
static void use(interpreter *program, pgrad_agent *agent, pgrad_env *env) {
  pgrad_agent_config config;
  agent_shape shape;
  if (CALL(pgrad_agent_describe(agent, &config, sizeof config)) != PGRAD_OK) violated("a loaded agent has no config");
  if (!describe_agent(agent, &shape)) violated("a loaded agent was not described");
  if (shape.view.part_count == 0 || config.n_envs > 8 || config.n_steps > 64 || config.n_epochs > 8 ||
      config.threads > 2 || config.cg_max_steps > 64 || config.line_search_max_iter > 64)
    return;
  size_t bytes = (size_t)(shape.n_envs * shape.view.action) * sizeof(float);
  void *actions = output_of(bytes);
  pgrad_status pending = CALL(pgrad_agent_pending_actions(agent, (float *)actions));
  release_output(pending, actions, bytes);
  if (pending == PGRAD_OK && take_rare(&program->in, 2)) observe(program, agent, &shape);
  for (int i = 0; i < SLOTS; i++) {
    atomic_store(&program->held->agents[i], agent);
    atomic_store(&program->held->envs[i], env);
  }
  train(program);
  if (take_rare(&program->in, 4)) step_agent(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static parted_file file;
  if (bases[0].data_size == 0)
    for (int kind = 0; kind < BASES; kind++) make_base(kind);
  objects held;
  memset(&held, 0, sizeof held);
  interpreter program = {{data, data + size}, &held, 0};
  int kind = take_below(&program.in, BASES), place = take_below(&program.in, 4);
  pgrad_env *given = place == 1 ? new_env(&program, kind) : place == 2 ? new_env(&program, 4) : NULL, *env = given;
  copy_file(&file, &bases[kind]);
  int is_edited = !take_rare(&program.in, 16);
  uint64_t claimed = is_edited ? edit_file(&program.in, &file) : file.header_size;
  size_t length = 0;
  char *bytes = join_file(&file, claimed, &length);
  write_file(bytes, length);
  free(bytes);
  pgrad_checkpoint_info info;
  pgrad_agent *agent = NULL;
  pgrad_status status = loaded(CALL(pgrad_checkpoint_load(&agent, place == 3 ? NULL : &env, path_of_file())));
  if (!is_edited && status != PGRAD_OK && place == 3) violated("a whole file is refused");
  if (!is_edited || take_rare(&program.in, 4)) {
    pgrad_status described = loaded(CALL(pgrad_checkpoint_describe(path_of_file(), &info, sizeof info)));
    if (!is_edited && described != PGRAD_OK) violated("a whole file is not described");
    if (status == PGRAD_OK && place != 3 && described != PGRAD_OK) violated("a file that loads is not described");
  }
  if (status != PGRAD_OK && (agent != NULL || env != given)) violated("a refused file gave handles");
  if (given != NULL && env != given) violated("a given environment was replaced");
  if (status == PGRAD_OK) {
    if (kind != 4 && kind != 5 && given == NULL && take_rare(&program.in, 4)) save_again(agent, env);
    use(&program, agent, env);
  }
  pgrad_agent_destroy(agent);
  pgrad_env_destroy(env);
  return 0;
}
