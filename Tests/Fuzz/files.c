/* Fuzzes files: edited files of policies and agents. What loads is used. */
#include "agent_calls.h"
#include "edits.h"

static void interpret_one(interpreter *program) { (void)program; }

enum { BASES = 6 };

static parted_file bases[BASES];

/** Files of agents with all that files contain: moments, episodes, masks, memory, images, several optimizers. */
static void make_bases(void) {
  for (int i = 0; i < BASES; i++) {
    pgrad_policy_config shape;
    pgrad_agent_config config;
    pgrad_policy *policy = NULL;
    pgrad_agent *agent = NULL;
    pgrad_env *env = NULL;
    int64_t hidden = 4, size = 0;
    const pgrad_action_part parts[] = {{PGRAD_CATEGORICAL, 2, 0, 0}, {PGRAD_SQUASHED_GAUSSIAN, 1, -1, 1}};
    const pgrad_observation_part seen[] = {{PGRAD_CHOICE, 3, 0, 0, 0, 2}, {PGRAD_IMAGE, 0, 3, 3, 1, 0}};
    const int32_t algorithms[BASES] = {PGRAD_PPO, PGRAD_A2C, PGRAD_REINFORCE, PGRAD_TRPO, PGRAD_SPO, PGRAD_PPO};
    (void)pgrad_policy_config_init(&shape, sizeof shape);
    (void)pgrad_agent_config_init(&config, sizeof config);
    (void)pgrad_agent_config_algorithm(&config, algorithms[i]);
    shape.observation_size = 4, shape.hidden_sizes = &hidden, shape.hidden_count = 1;
    shape.parts = parts, shape.part_count = i == 5 ? 2 : 1;
    config.n_envs = 2, config.n_steps = 8, config.batch_size = 8;
    if (i == 0) config.normalize_observations = config.normalize_rewards = 1;
    if (i == 1) shape.layer_norm = shape.shared_trunk = 1;
    if (i == 4) shape.memory = PGRAD_MEMORY_LSTM, shape.memory_size = 2;
    if (i == 5) shape.observation_parts = seen, shape.observation_part_count = 2, shape.observation_size = 0;
    if (pgrad_policy_create(&policy, &shape) || pgrad_agent_create(&agent, policy, &config)) violated("no base");
    if (pgrad_policy_set_note(policy, "{\"note\":[\"\\\"\"]}")) violated("no note");
    if (i < 5 && (pgrad_env_create(&env, "CartPole-v1", 2) || pgrad_train(agent, env, 64, NULL, NULL)))
      violated("a base does not train");
    char *bytes = NULL;
    if (pgrad_agent_save_memory(agent, NULL, 0, &size)) violated("a base has no file");
    bytes = (char *)memory_of((size_t)size);
    if (pgrad_agent_save_memory(agent, bytes, size, NULL)) violated("a base was not saved");
    part_file(&bases[i], bytes, (size_t)size);
    free(bytes);
    pgrad_env_destroy(env);
    pgrad_agent_destroy(agent);
    pgrad_policy_destroy(policy);
  }
}

static pgrad_status loaded(pgrad_status status) {
  if (status != PGRAD_OK && status != PGRAD_BAD_FILE && status != PGRAD_OUT_OF_MEMORY) violated("a file's status");
  return status;
}

static void (*const operations[])(interpreter *program) = {use_policy, train, learn, copy_by_file};

/** Makes a few calls with what came of a file, if it is small. */
static void use(interpreter *program, pgrad_policy *policy, pgrad_agent *agent) {
  pgrad_agent_config config;
  policy_view view;
  for (int i = 0; i < SLOTS; i++) {
    atomic_store(&program->held->policies[i], policy);
    atomic_store(&program->held->agents[i], agent);
  }
  if (!view_policy(policy, &view)) violated("a loaded policy was not described");
  if (view.part_count == 0) return;
  if (agent == NULL) {
    use_policy(program);
    return;
  }
  if (CALL(pgrad_agent_describe(agent, &config, sizeof config)) != PGRAD_OK) violated("a loaded agent has no config");
  if (config.n_envs > 8 || config.n_steps > 64 || config.n_epochs > 8 || config.threads > 2 ||
      config.cg_max_steps > 64 || config.line_search_max_iter > 64)
    return;
  create_host_env(program, policy);
  for (int calls = 0; calls < 4 && input_left(&program->in); calls++) operations[take_below(&program->in, 4)](program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static parted_file file;
  if (bases[0].data_size == 0) make_bases();
  objects held;
  memset(&held, 0, sizeof held);
  interpreter program = {{data, data + size}, &held, 0};
  copy_file(&file, &bases[take_below(&program.in, BASES)]);
  int reads_agent = take_rare(&program.in, 2), reads_both = take_rare(&program.in, 4);
  uint64_t claimed = edit_file(&program.in, &file);
  size_t length = 0;
  char *bytes = join_file(&file, claimed, &length);
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  if (reads_agent) (void)loaded(CALL(pgrad_agent_load_memory(&agent, bytes, (int64_t)length)));
  if (agent != NULL && CALL(pgrad_agent_policy(agent, &policy)) != PGRAD_OK) violated("a loaded agent has no policy");
  if (!reads_agent || reads_both) {
    pgrad_policy_destroy(policy);
    policy = NULL;
    (void)loaded(CALL(pgrad_policy_load_memory(&policy, bytes, (int64_t)length)));
    if (agent != NULL && policy == NULL) violated("the file of an agent has no policy");
  }
  free(bytes);
  if (policy == NULL) return 0;
  use(&program, policy, agent);
  destroy_all(&held);
  return 0;
}
