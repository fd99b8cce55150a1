/* Fuzzes MDPs given by tables: their exact solution, environments that sample them, and the laboratory. */
#include "agent_calls.h"
#include "pgrad_oracle.h"

static void interpret_one(interpreter *program) { (void)program; }

enum { MOST_STATES = 5, MOST_ACTIONS = 3 };

/** An MDP's tables, with rows that sum to 1 unless they are spoilt. */
typedef struct tables {
  pgrad_mdp_config config;
  double transitions[MOST_STATES * MOST_ACTIONS * MOST_STATES];
  double rewards[MOST_STATES * MOST_ACTIONS * MOST_STATES];
  double initial[MOST_STATES];
  uint8_t terminal[MOST_STATES];
} tables;

static void fill_distribution(input *in, content *made, double *row, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += row[i] = next_random(&made->random) % 4;
  for (int64_t i = 0; i < count; i++) row[i] = sum > 0 ? row[i] / sum : i == 0;
  if (is_spoilt(made)) row[take_below(in, (int)count)] = take_extreme(in);
}

static pgrad_mdp *take_mdp(input *in) {
  static const char *const names[] = {"bandit", "chain", "cliff", "", "maze"};
  static tables made;
  pgrad_mdp *mdp = NULL;
  double gamma = take_rare(in, 16) ? take_extreme(in) : take_byte(in) / 256.0;
  int64_t horizon = take_rare(in, 48) ? take_absurd(in) : take_below(in, 8);
  int64_t states = 1 + take_below(in, MOST_STATES), actions = 2 + take_below(in, MOST_ACTIONS - 1);
  switch (take_below(in, 4)) {
    case 0: (void)CALL(pgrad_mdp_create_named(&mdp, names[take_below(in, 5)], gamma, horizon)); return mdp;
    case 1:
      (void)CALL(pgrad_mdp_create_garnet(&mdp, take_size(in, MOST_STATES), take_size(in, 3), take_size(in, 3),
                                         take_byte(in), gamma, horizon));
      return mdp;
    default: break;
  }
  content of = take_content(in);
  if (CALL(pgrad_mdp_config_init(&made.config, sizeof made.config)) != PGRAD_OK) violated("an init was refused");
  made.config.rewards_by_next_state = take_choice(in, 0, 2);
  made.config.state_count = states, made.config.action_count = actions;
  made.config.gamma = gamma, made.config.horizon = horizon;
  made.config.transitions = made.transitions, made.config.rewards = made.rewards, made.config.initial = made.initial;
  for (int64_t i = 0; i < states * actions; i++) fill_distribution(in, &of, made.transitions + i * states, states);
  for (int64_t i = 0; i < states * actions * states; i++)
    made.rewards[i] = is_spoilt(&of) ? take_extreme(in) : plain_number(&of);
  for (int64_t i = 0; i < states; i++) made.terminal[i] = next_random(&of.random) % 4 == 0;
  fill_distribution(in, &of, made.initial, states);
  for (int64_t i = 0; i < states && take_rare(in, 2); i++)
    if (made.terminal[i]) made.initial[i] = 0;
  if (take_rare(in, 2)) made.config.terminal = made.terminal;
  if (take_rare(in, 64)) made.config.state_count = take_absurd(in);
  if (take_rare(in, 64)) made.config.struct_size = take_word(in) % 128;
  (void)CALL(pgrad_mdp_create(&mdp, &made.config));
  return mdp;
}

/** Every exact result, into memory of its exact size. */
static void solve(input *in, pgrad_mdp *mdp, pgrad_policy *policy, const pgrad_mdp_config *config, int64_t parameters) {
  int64_t layers = config->horizon > 0 ? config->horizon : 1;
  int64_t pairs = config->state_count * config->action_count;
  size_t sizes[] = {sizeof(double),
                    (size_t)parameters * sizeof(double),
                    (size_t)pairs * sizeof(double),
                    (size_t)(pairs * parameters) * sizeof(double),
                    (size_t)(layers * config->state_count) * sizeof(double),
                    (size_t)(layers * pairs) * sizeof(double)};
  int kind = take_below(in, 5);
  double *output = (double *)output_of(sizes[kind]);
  pgrad_status status = PGRAD_OK;
  switch (kind) {
    case 0: status = CALL(pgrad_mdp_objective(mdp, policy, NULL, output)); break;
    case 1: status = CALL(pgrad_mdp_gradient(mdp, policy, NULL, output)); break;
    case 2: status = CALL(pgrad_mdp_log_probs(mdp, policy, NULL, output)); break;
    case 3: status = CALL(pgrad_mdp_scores(mdp, policy, NULL, output)); break;
    default: {
      double *other = (double *)output_of(sizes[5]);
      status = CALL(pgrad_mdp_values(mdp, policy, NULL, output, other, NULL, NULL));
      release_output(status, other, sizes[5]);
    }
  }
  release_output(status, output, sizes[kind]);
}

static void experiment(input *in, pgrad_mdp *mdp, pgrad_policy *policy) {
  pgrad_laboratory_config config;
  pgrad_laboratory *laboratory = NULL;
  pgrad_laboratory_info info;
  pgrad_estimate estimate;
  double lambda = take_share(in);
  int64_t trajectories[PGRAD_MAX_CHECKPOINTS];
  double bias[PGRAD_MAX_CHECKPOINTS], errors[PGRAD_MAX_CHECKPOINTS], cosines[PGRAD_MAX_CHECKPOINTS];
  (void)CALL(pgrad_laboratory_config_init(&config, sizeof config));
  config.group_size = take_choice(in, 2, 3);
  config.trajectories = take_rare(in, 32) ? 0 : 24 + take_below(in, 3);
  config.lambdas = &lambda, config.lambda_count = take_below(in, 2);
  config.checkpoints = take_size(in, 3);
  if (CALL(pgrad_laboratory_create(&laboratory, mdp, policy, &config)) == PGRAD_OK &&
      CALL(pgrad_laboratory_describe(laboratory, &info, sizeof info)) == PGRAD_OK)
    for (int64_t i = -1; i <= info.estimate_count; i++) {
      size_t bytes = (size_t)info.parameter_count * sizeof(double);
      double *mean = (double *)output_of(bytes);
      (void)CALL(pgrad_laboratory_estimate(laboratory, i, &estimate, sizeof estimate));
      release_output(CALL(pgrad_laboratory_mean(laboratory, i, mean)), mean, bytes);
      (void)CALL(pgrad_laboratory_curve(laboratory, i, trajectories, bias, errors, take_rare(in, 2) ? cosines : NULL));
    }
  pgrad_laboratory_destroy(laboratory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  objects held;
  memset(&held, 0, sizeof held);
  interpreter program = {{data, data + size}, &held, 0};
  input *in = &program.in;
  pgrad_mdp *mdp = take_mdp(in);
  pgrad_mdp_config config;
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  pgrad_agent_config options;
  policy_shape shape;
  if (CALL(pgrad_mdp_describe(mdp, &config, sizeof config)) == PGRAD_OK && config.horizon <= 64) {
    take_policy(in, &shape);
    if (!take_rare(in, 8)) { /* a policy that fits */
      shape.config.observation_parts = NULL, shape.config.observation_part_count = 0;
      shape.config.observation_size = config.observation_size;
      shape.config.parts = config.parts, shape.config.part_count = config.part_count;
    }
    take_agent(in, &options, 2);
    if (CALL(pgrad_policy_create(&policy, &shape.config)) == PGRAD_OK) {
      policy_view view;
      (void)view_policy(policy, &view);
      solve(in, mdp, policy, &config, view.parameters);
      if (take_rare(in, 4)) experiment(in, mdp, policy);
      (void)CALL(pgrad_agent_create(&agent, policy, &options));
      (void)CALL(pgrad_env_create_mdp(&env, mdp, 2));
    }
  }
  for (int i = 0; i < SLOTS; i++) {
    atomic_store(&held.agents[i], agent);
    atomic_store(&held.envs[i], env);
  }
  /* without a horizon episodes may never end, and REINFORCE waits for whole ones */
  if (agent != NULL && config.horizon > 0) train(&program);
  pgrad_mdp_destroy(mdp);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return 0;
}
