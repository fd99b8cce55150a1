/* Every algorithm with a spread of options, trained for a few updates: its parameters keep the bits that witness.h
   records.
 *
 * A change of these bits is a change of every result; it is made on purpose or not at all. `witness --print` writes the
 * table again, of other kernels where PGRAD_KERNELS names them. The baseline kernels have the same bits on every x86-64
 * processor; others differ in the last places. */
#include "../witness.h"

#include "fixtures.h"

/** FNV-1a over bytes. */
static uint64_t hash_of(uint64_t hash, const void *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
  return hash;
}

/* -------------------------------------------------------------------------------------------------- the environment */

enum { N_ENVS = 4, SIZE = 3, MAX_COLUMNS = 4 };

/** Host environments whose arithmetic rounds the same everywhere: three numbers follow the action; episodes have
 *  different lengths, and some are truncated. */
typedef struct environment {
  int columns, next_step, age[N_ENVS], episode[N_ENVS], waits[N_ENVS];
  float state[N_ENVS][SIZE];
} environment;

static void begin_episode(environment *it, int env) {
  it->age[env] = 0;
  for (int i = 0; i < SIZE; i++) it->state[env][i] = (float)((env * 5 + it->episode[env] * 3 + i) % 7) * 0.25f - 0.75f;
  it->episode[env]++;
}

static int32_t environment_reset(void *context, uint64_t seed, float *observations) {
  environment *it = (environment *)context;
  for (int env = 0; env < N_ENVS; env++) {
    it->episode[env] = (int)(seed % 5);
    it->waits[env] = 0;
    begin_episode(it, env);
  }
  memcpy(observations, it->state, sizeof it->state);
  return 0;
}

static int32_t environment_step(void *context, const float *actions, float *rewards, uint8_t *terminated,
                                uint8_t *truncated, float *next_observations, float *final_observations) {
  environment *it = (environment *)context;
  for (int env = 0; env < N_ENVS; env++) {
    float *state = it->state[env];
    rewards[env] = 0;
    terminated[env] = truncated[env] = 0;
    if (it->waits[env]) {
      it->waits[env] = 0;
      begin_episode(it, env);
      memcpy(next_observations + env * SIZE, state, sizeof it->state[env]);
      continue;
    }
    float push = actions[env * it->columns] - 0.5f;
    if (push > 2) push = 2;
    if (push < -2) push = -2;
    for (int i = 0; i < SIZE; i++) state[i] = state[i] * 0.5f + push * (0.125f * (float)(i + 1));
    rewards[env] = state[0] - state[1] * state[1];
    it->age[env]++;
    int length = 4 + (it->episode[env] * 3 + env) % 6;
    if (it->age[env] == length) {
      if (it->episode[env] % 2)
        terminated[env] = 1;
      else
        truncated[env] = 1;
      memcpy(final_observations + env * SIZE, state, sizeof it->state[env]);
      if (it->next_step)
        it->waits[env] = 1;
      else
        begin_episode(it, env);
    }
    memcpy(next_observations + env * SIZE, state, sizeof it->state[env]);
  }
  return 0;
}

/* -------------------------------------------------------------------------------------------------------- the cases */

typedef enum loop { NATIVE, CALLBACKS, HOST } loop;

/** The options that a case changes from the defaults below. */
typedef struct setting {
  pgrad_policy_config policy;
  pgrad_agent_config agent;
  pgrad_action_part parts[2];
  int64_t hidden[2];
  loop loop;
  const char *env;
} setting;

static void choose(setting *it, pgrad_action_part part) { it->parts[0] = part, it->policy.part_count = 1; }
static void algorithm(setting *it, int32_t number) {
  MUST(pgrad_agent_config_algorithm(&it->agent, number));
  it->agent.n_steps = number == PGRAD_REINFORCE ? 0 : 24;
  it->agent.n_episodes = 2;
  it->agent.batch_size = 32;
  it->agent.n_epochs = 2;
}
static void continuous(setting *it) {
  it->env = "Pendulum-v1", it->policy.observation_size = 3;
  choose(it, (pgrad_action_part){PGRAD_GAUSSIAN, 1, -2, 2});
}
static void in_environment(setting *it, loop loop) { it->loop = loop, it->policy.observation_size = SIZE; }

static void reinforce(setting *it) { algorithm(it, PGRAD_REINFORCE); }
static void a2c(setting *it) { algorithm(it, PGRAD_A2C); }
static void ppo(setting *it) { (void)it; }
static void npg(setting *it) { algorithm(it, PGRAD_NPG); }
static void spo(setting *it) { algorithm(it, PGRAD_SPO); }
static void trpo(setting *it) {
  algorithm(it, PGRAD_TRPO), it->agent.target_kl = 0.5;
} /* Long steps, to be shortened. */

static void as_is(setting *it) { (void)it; }
static void gaussian(setting *it) { continuous(it); }
static void two_threads(setting *it) {
  it->agent.threads = 2, it->agent.n_steps *= 8, it->agent.batch_size *= 8, it->agent.n_episodes *= 8;
}
static void host_same_step(setting *it) { in_environment(it, HOST); }
static void host_next_step(setting *it) {
  in_environment(it, HOST), it->agent.autoreset_mode = PGRAD_AUTORESET_NEXT_STEP;
}
static void callbacks_hybrid(setting *it) {
  in_environment(it, CALLBACKS);
  it->parts[1] = (pgrad_action_part){PGRAD_GAUSSIAN, 2, -1, 1}, it->policy.part_count = 2;
}
static void normalized(setting *it) { it->agent.normalize_observations = it->agent.normalize_rewards = 1; }
static void shared_trunk(setting *it) {
  it->policy.shared_trunk = it->policy.layer_norm = 1, it->policy.activation = PGRAD_SILU;
}
static void entropy_linear(setting *it) {
  it->agent.entropy_coefficient = 0.05;
  it->agent.learning_rate_schedule = it->agent.entropy_coefficient_schedule = PGRAD_LINEAR;
}

static void vtrace(setting *it) { it->agent.estimator = PGRAD_VTRACE; }
static void vtrace_again(setting *it) { vtrace(it), it->agent.recompute_advantages = 1; }
static void recompute(setting *it) { in_environment(it, CALLBACKS), it->agent.recompute_advantages = 1; }
static void penalty(setting *it) { it->agent.surrogate = PGRAD_KL_PENALTY; }
static void kl_adaptive(setting *it) { it->agent.learning_rate_schedule = PGRAD_KL_ADAPTIVE; }
static void cosine(setting *it) { it->agent.learning_rate_schedule = it->agent.clip_range_schedule = PGRAD_COSINE; }
static void target_kl(setting *it) { it->agent.target_kl = 1e-4, it->agent.learning_rate = 1e-2; }
static void value_clip(setting *it) { it->agent.clip_range_value = 1e-3; }
static void batch_advantages(setting *it) { it->agent.normalize_advantage = PGRAD_NORMALIZE_BATCH; }
static void plain_advantages(setting *it) { it->agent.normalize_advantage = PGRAD_NORMALIZE_OFF; }
static void sgd(setting *it) { it->agent.optimizer = PGRAD_SGD; }
static void rmsprop(setting *it) { it->agent.optimizer = PGRAD_RMSPROP; }
static void relu(setting *it) { it->policy.activation = PGRAD_RELU, it->policy.initialization = PGRAD_KAIMING_UNIFORM; }
static void elu(setting *it) { it->policy.activation = PGRAD_ELU, it->policy.initialization = PGRAD_GLOROT_UNIFORM; }
static void gelu_norm(setting *it) { it->policy.activation = PGRAD_GELU, it->policy.layer_norm = 1; }
static void tanh_trunk(setting *it) { it->policy.shared_trunk = 1; }
static void no_bias(setting *it) { it->policy.bias = 0; }
static void no_hidden(setting *it) { it->policy.hidden_count = 0; }
static void sde(setting *it) {
  continuous(it), it->policy.state_dependent_exploration = 1, it->agent.sde_sample_freq = 4;
}
static void state_std(setting *it) { continuous(it), it->policy.state_dependent_std = 1; }
static void rescaled(setting *it) {
  continuous(it), it->policy.rescale_actions = 1, it->policy.initial_log_std = -0.5f;
}
static void squashed(setting *it) { continuous(it), it->parts[0].kind = PGRAD_SQUASHED_GAUSSIAN; }
static void beta(setting *it) { continuous(it), it->parts[0].kind = PGRAD_BETA; }
static void bernoulli(setting *it) {
  in_environment(it, CALLBACKS), choose(it, (pgrad_action_part){PGRAD_BERNOULLI, 3, 0, 0});
}
static void twelve_choices(setting *it) {
  in_environment(it, CALLBACKS), choose(it, (pgrad_action_part){PGRAD_CATEGORICAL, 12, 0, 0});
}
static void mountain_car(setting *it) {
  it->env = "MountainCar-v0", it->policy.observation_size = 2;
  choose(it, (pgrad_action_part){PGRAD_CATEGORICAL, 3, 0, 0});
}
static void acrobot(setting *it) { mountain_car(it), it->env = "Acrobot-v1", it->policy.observation_size = 6; }

static void estimator(setting *it, int32_t number) { in_environment(it, CALLBACKS), it->agent.estimator = number; }
static void reward_to_go(setting *it) { estimator(it, PGRAD_REWARD_TO_GO), it->agent.discount_scores = 1; }
static void with_baseline(setting *it) { estimator(it, PGRAD_REWARD_TO_GO), it->agent.baseline = 1; }
static void whole_with_baseline(setting *it) { estimator(it, PGRAD_WHOLE_TRAJECTORY), it->agent.baseline = 1; }
static void episodic_gae(setting *it) { estimator(it, PGRAD_GAE), it->agent.n_steps = 5; }
static void leave_one_out(setting *it) { estimator(it, PGRAD_LEAVE_ONE_OUT), it->agent.group_size = 2; }
static void group_normalized(setting *it) { estimator(it, PGRAD_GROUP_NORMALIZED); }
static void group_centered(setting *it) { estimator(it, PGRAD_GROUP_CENTERED); }

typedef struct witness_case {
  void (*algorithm)(setting *), (*change)(setting *);
  const char *name;
} witness_case;

#define CASE(algorithm, change) {algorithm, change, #algorithm " " #change}
#define WITH_EVERY(algorithm)                                                                                       \
  CASE(algorithm, as_is), CASE(algorithm, gaussian), CASE(algorithm, two_threads), CASE(algorithm, host_same_step), \
      CASE(algorithm, host_next_step), CASE(algorithm, callbacks_hybrid), CASE(algorithm, normalized),              \
      CASE(algorithm, shared_trunk), CASE(algorithm, entropy_linear)

static const witness_case cases[] = {
    WITH_EVERY(reinforce),
    WITH_EVERY(a2c),
    WITH_EVERY(ppo),
    WITH_EVERY(npg),
    WITH_EVERY(trpo),
    CASE(a2c, vtrace),
    CASE(npg, vtrace),
    CASE(npg, sde),
    CASE(trpo, state_std),
    CASE(trpo, plain_advantages),
    CASE(trpo, beta),
    CASE(trpo, bernoulli),
    CASE(npg, squashed),
    CASE(npg, rescaled),
    CASE(ppo, vtrace_again),
    CASE(ppo, recompute),
    CASE(ppo, penalty),
    CASE(ppo, kl_adaptive),
    CASE(ppo, cosine),
    CASE(ppo, target_kl),
    CASE(ppo, value_clip),
    CASE(ppo, batch_advantages),
    CASE(ppo, plain_advantages),
    CASE(ppo, sgd),
    CASE(ppo, rmsprop),
    CASE(ppo, relu),
    CASE(ppo, elu),
    CASE(ppo, gelu_norm),
    CASE(ppo, tanh_trunk),
    CASE(ppo, no_bias),
    CASE(ppo, no_hidden),
    CASE(ppo, sde),
    CASE(ppo, state_std),
    CASE(ppo, rescaled),
    CASE(ppo, squashed),
    CASE(ppo, beta),
    CASE(ppo, bernoulli),
    CASE(ppo, twelve_choices),
    CASE(ppo, mountain_car),
    CASE(ppo, acrobot),
    CASE(reinforce, reward_to_go),
    CASE(reinforce, with_baseline),
    CASE(reinforce, whole_with_baseline),
    CASE(reinforce, episodic_gae),
    CASE(reinforce, leave_one_out),
    CASE(reinforce, group_normalized),
    CASE(reinforce, group_centered),
    WITH_EVERY(spo),
    CASE(spo, vtrace_again),
    CASE(spo, target_kl),
    CASE(spo, squashed),
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* --------------------------------------------------------------------------------------------------------- training */

static int columns_of(const setting *it) {
  int columns = 0;
  for (int64_t i = 0; i < it->policy.part_count; i++)
    columns += it->parts[i].kind == PGRAD_CATEGORICAL ? 1 : (int)it->parts[i].size;
  return columns;
}

/** The host's own loop until `updates` updates are done. */
static void drive(pgrad_agent *agent, environment *it, int64_t updates) {
  float actions[N_ENVS * MAX_COLUMNS], rewards[N_ENVS], next[N_ENVS * SIZE], final[N_ENVS * SIZE];
  uint8_t terminated[N_ENVS], truncated[N_ENVS];
  pgrad_statistics now;
  MUST(environment_reset(it, 1, next) ? PGRAD_HOST_ERROR : PGRAD_OK);
  MUST(pgrad_agent_begin(agent, next));
  do {
    MUST(pgrad_agent_act(agent, actions));
    memset(final, 0, sizeof final);
    environment_step(it, actions, rewards, terminated, truncated, next, final);
    MUST(pgrad_agent_observe(agent, rewards, terminated, truncated, next, final));
    MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  } while (now.updates < updates);
}

static int32_t count_down(void *context, const pgrad_statistics *statistics) {
  (void)statistics;
  return --*(int *)context == 0;
}

/** Trains a case for three updates and hashes the parameters. */
static uint64_t trained(const witness_case *given) {
  setting it;
  memset(&it, 0, sizeof it);
  it.env = "CartPole-v1";
  MUST(pgrad_policy_config_init(&it.policy, sizeof it.policy));
  it.policy.observation_size = 4, it.policy.seed = 7;
  it.policy.hidden_sizes = it.hidden, it.policy.hidden_count = 2, it.hidden[0] = 24, it.hidden[1] = 13;
  it.policy.parts = it.parts;
  choose(&it, (pgrad_action_part){PGRAD_CATEGORICAL, 2, 0, 0});
  MUST(pgrad_agent_config_init(&it.agent, sizeof it.agent));
  it.agent.n_envs = N_ENVS, it.agent.seed = 3, it.agent.total_timesteps = 1000;
  algorithm(&it, PGRAD_PPO);
  given->algorithm(&it);
  given->change(&it);

  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  environment host;
  memset(&host, 0, sizeof host);
  host.columns = columns_of(&it), host.next_step = it.agent.autoreset_mode == PGRAD_AUTORESET_NEXT_STEP;
  MUST(pgrad_policy_create(&policy, &it.policy));
  MUST(pgrad_agent_create(&agent, policy, &it.agent));
  if (it.loop == HOST) {
    drive(agent, &host, 3);
  } else {
    if (it.loop == CALLBACKS) {
      pgrad_env_callbacks callbacks;
      MUST(pgrad_env_callbacks_init(&callbacks, sizeof callbacks));
      callbacks.n_envs = N_ENVS, callbacks.observation_size = SIZE, callbacks.context = &host;
      callbacks.parts = it.parts, callbacks.part_count = it.policy.part_count;
      callbacks.reset = environment_reset, callbacks.step = environment_step;
      MUST(pgrad_env_create_callbacks(&env, &callbacks));
    } else {
      MUST(pgrad_env_create(&env, it.env, N_ENVS));
    }
    int updates = 3;
    MUST(pgrad_train(agent, env, 1000000, count_down, &updates));
  }
  float *parameters = NULL;
  int64_t count = 0;
  MUST(pgrad_policy_parameters(policy, &parameters, &count));
  uint64_t hash = hash_of(UINT64_C(14695981039346656037), parameters, (size_t)count * sizeof *parameters);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return hash;
}

/** The hash that was recorded for a case; 0 for none. */
static uint64_t recorded(const char *name) {
  for (size_t i = 0; i < sizeof witnessed / sizeof witnessed[0]; i++)
    if (strcmp(name, witnessed[i].name) == 0) return witnessed[i].hash;
  return 0;
}

static void every_algorithm_gives_the_recorded_bits(void) {
  CHECK(CASES == sizeof witnessed / sizeof witnessed[0]);
  for (size_t i = 0; i < CASES; i++) {
    uint64_t hash = trained(&cases[i]);
    if (!CHECK(hash == recorded(cases[i].name)))
      fprintf(stderr, "  %s: %016llx, recorded %016llx\n", cases[i].name, (unsigned long long)hash,
              (unsigned long long)recorded(cases[i].name));
  }
}

int main(int argc, char **argv) {
  int prints = argc > 1 && strcmp(argv[1], "--print") == 0;
  setenv("PGRAD_KERNELS", "baseline", !prints);
  if (prints) {
    for (size_t i = 0; i < CASES; i++)
      printf("    {\"%s\", UINT64_C(0x%016llx)},\n", cases[i].name, (unsigned long long)trained(&cases[i]));
    return 0;
  }
  RUN(every_algorithm_gives_the_recorded_bits);
  return check_report();
}
