/* A program built against the header of PGRAD_ABI_VERSION 1, whose declarations it repeats: shorter structures, and
 * functions without those that ended in _masked. It runs unchanged with later libraries. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int pgrad_status;
typedef struct pgrad_policy pgrad_policy;
typedef struct pgrad_optimizer pgrad_optimizer;
typedef struct pgrad_agent pgrad_agent;
typedef struct pgrad_env pgrad_env;

typedef struct pgrad_action_part {
  int32_t kind;
  int32_t size;
  float low;
  float high;
} pgrad_action_part;

typedef struct pgrad_policy_config {
  uint32_t struct_size;
  int32_t activation;
  int64_t observation_size;
  const pgrad_action_part *parts;
  int64_t part_count;
  const int64_t *hidden_sizes;
  int64_t hidden_count;
  uint64_t seed;
  int32_t value_function;
  float initial_log_std;
  int32_t state_dependent_std;
  int32_t layer_norm;
  int32_t shared_trunk;
  int32_t initialization;
  int32_t bias;
  int32_t state_dependent_exploration;
  int32_t rescale_actions;
  int32_t reserved;
} pgrad_policy_config;

typedef struct pgrad_optimizer_config {
  uint32_t struct_size;
  int32_t kind;
  double learning_rate;
  double momentum;
  double beta1;
  double beta2;
  double decay;
  double epsilon;
  double max_grad_norm;
} pgrad_optimizer_config;

typedef struct pgrad_agent_config {
  uint32_t struct_size;
  int32_t algorithm;
  int64_t n_envs;
  int64_t n_steps;
  int64_t n_episodes;
  int64_t group_size;
  int64_t sde_sample_freq;
  int64_t batch_size;
  int64_t n_epochs;
  int64_t total_timesteps;
  uint64_t seed;
  double learning_rate;
  double gamma;
  double gae_lambda;
  double clip_range;
  double clip_range_value;
  double entropy_coefficient;
  double value_coefficient;
  double max_grad_norm;
  double target_kl;
  double desired_kl;
  double kl_coefficient;
  double rho_clip;
  double c_clip;
  double cg_damping;
  double line_search_shrinking_factor;
  double optimizer_epsilon;
  double observation_clip;
  double reward_clip;
  int32_t optimizer;
  int32_t estimator;
  int32_t baseline;
  int32_t discount_scores;
  int32_t normalize_advantage;
  int32_t normalize_observations;
  int32_t normalize_rewards;
  int32_t learning_rate_schedule;
  int32_t clip_range_schedule;
  int32_t entropy_coefficient_schedule;
  int32_t surrogate;
  int32_t recompute_advantages;
  int32_t cg_max_steps;
  int32_t line_search_max_iter;
  int32_t autoreset_mode;
  int32_t threads;
} pgrad_agent_config;

typedef struct pgrad_statistics {
  uint32_t struct_size;
  int32_t reserved;
  int64_t updates;
  int64_t timesteps;
  int64_t episodes;
  double mean_return;
  double mean_length;
  double policy_loss;
  double value_loss;
  double entropy;
  double approx_kl;
  double clip_fraction;
  double explained_variance;
  double gradient_norm;
  double learning_rate;
  double clip_range;
  double entropy_coefficient;
  double kl_coefficient;
  double gradient_snr;
  double update_seconds;
  double timesteps_per_second;
} pgrad_statistics;

typedef int32_t (*pgrad_progress)(void *context, const pgrad_statistics *statistics);

extern const char *pgrad_last_error(void);
extern pgrad_status pgrad_policy_config_init(pgrad_policy_config *config, size_t struct_size);
extern pgrad_status pgrad_policy_create(pgrad_policy **policy, const pgrad_policy_config *config);
extern pgrad_status pgrad_policy_describe(pgrad_policy *policy, pgrad_policy_config *config, size_t struct_size);
extern pgrad_status pgrad_policy_sample(pgrad_policy *policy, const float *observations, int64_t count, float *actions,
                                        float *log_probs);
extern pgrad_status pgrad_policy_log_prob(pgrad_policy *policy, const float *observations, const float *actions,
                                          int64_t count, float *log_probs);
extern pgrad_status pgrad_policy_score_gradient(pgrad_policy *policy, const float *observations, const float *actions,
                                                const float *weights, int64_t count, float *gradient);
extern pgrad_status pgrad_policy_parameters(pgrad_policy *policy, float **parameters, int64_t *count);
extern pgrad_status pgrad_policy_save(pgrad_policy *policy, const char *path);
extern pgrad_status pgrad_policy_load(pgrad_policy **policy, const char *path);
extern void pgrad_policy_destroy(pgrad_policy *policy);
extern pgrad_status pgrad_optimizer_config_init(pgrad_optimizer_config *config, size_t struct_size);
extern pgrad_status pgrad_optimizer_create(pgrad_optimizer **optimizer, pgrad_policy *policy,
                                           const pgrad_optimizer_config *config);
extern pgrad_status pgrad_optimizer_step(pgrad_optimizer *optimizer, const float *gradient);
extern void pgrad_optimizer_destroy(pgrad_optimizer *optimizer);
extern pgrad_status pgrad_agent_config_init(pgrad_agent_config *config, size_t struct_size);
extern pgrad_status pgrad_agent_create(pgrad_agent **agent, pgrad_policy *policy, const pgrad_agent_config *config);
extern pgrad_status pgrad_agent_statistics(pgrad_agent *agent, pgrad_statistics *statistics, size_t struct_size);
extern void pgrad_agent_destroy(pgrad_agent *agent);
extern pgrad_status pgrad_env_create(pgrad_env **env, const char *name, int64_t n_envs);
extern void pgrad_env_destroy(pgrad_env *env);
extern pgrad_status pgrad_train(pgrad_agent *agent, pgrad_env *env, int64_t total_timesteps, pgrad_progress progress,
                                void *context);

static int passed, failed;

/** The lines that follow a failure may fail with it. */
static void check(int holds, const char *what) {
  if (holds) {
    passed++;
    return;
  }
  failed++;
  fprintf(stderr, "failed: %s; the last error is \"%s\"\n", what, pgrad_last_error());
}

#define CHECK(condition) check((condition) ? 1 : 0, #condition)

/** A structure of this program with memory behind it, which a longer structure would overwrite. */
#define GUARDED(type)        \
  struct {                   \
    type config;             \
    unsigned char guard[64]; \
  }

static int is_untouched(const unsigned char *guard) {
  for (int i = 0; i < 64; i++)
    if (guard[i] != 0xA5) return 0;
  return 1;
}

static pgrad_policy *create_policy(void) {
  GUARDED(pgrad_policy_config) shape;
  pgrad_action_part push = {1, 2, 0, 0};
  pgrad_policy *policy = NULL;
  memset(&shape, 0xA5, sizeof shape);
  CHECK(pgrad_policy_config_init(&shape.config, sizeof shape.config) == 0);
  CHECK(is_untouched(shape.guard) && shape.config.struct_size == 96 && shape.config.hidden_count == 2);
  shape.config.observation_size = 4;
  shape.config.parts = &push;
  shape.config.part_count = 1;
  CHECK(pgrad_policy_create(&policy, &shape.config) == 0);
  memset(&shape, 0xA5, sizeof shape);
  CHECK(pgrad_policy_describe(policy, &shape.config, sizeof shape.config) == 0);
  CHECK(is_untouched(shape.guard) && shape.config.observation_size == 4 && shape.config.parts[0].size == 2);
  return policy;
}

static void train(pgrad_policy *policy) {
  GUARDED(pgrad_agent_config) ppo;
  GUARDED(pgrad_statistics) now;
  pgrad_agent *agent = NULL;
  pgrad_env *env = NULL;
  memset(&ppo, 0xA5, sizeof ppo);
  memset(&now, 0xA5, sizeof now);
  CHECK(pgrad_agent_config_init(&ppo.config, sizeof ppo.config) == 0);
  CHECK(is_untouched(ppo.guard) && ppo.config.struct_size == 288 && ppo.config.batch_size == 64);
  ppo.config.n_envs = 8;
  ppo.config.n_steps = 64;
  CHECK(pgrad_agent_create(&agent, policy, &ppo.config) == 0);
  CHECK(pgrad_env_create(&env, "CartPole-v1", 8) == 0);
  CHECK(pgrad_train(agent, env, 50000, NULL, NULL) == 0);
  CHECK(pgrad_agent_statistics(agent, &now.config, sizeof now.config) == 0);
  CHECK(is_untouched(now.guard) && now.config.timesteps >= 50000 && now.config.mean_return > 100);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(agent);
}

/** One step of gradient ascent makes the drawn action more probable. */
static void step_by_hand(pgrad_policy *policy) {
  static float gradient[20000];
  const float observation[4] = {0.1f, -0.2f, 0.3f, 0.4f}, weight = 1;
  float action = 0, before = 0, after = 0;
  int64_t count = 0;
  GUARDED(pgrad_optimizer_config) adam;
  pgrad_optimizer *optimizer = NULL;
  memset(&adam, 0xA5, sizeof adam);
  CHECK(pgrad_optimizer_config_init(&adam.config, sizeof adam.config) == 0);
  CHECK(is_untouched(adam.guard) && adam.config.struct_size == 64);
  CHECK(pgrad_optimizer_create(&optimizer, policy, &adam.config) == 0);
  CHECK(pgrad_policy_parameters(policy, NULL, &count) == 0 && count <= 20000);
  CHECK(pgrad_policy_sample(policy, observation, 1, &action, &before) == 0);
  CHECK(pgrad_policy_score_gradient(policy, observation, &action, &weight, 1, gradient) == 0);
  CHECK(pgrad_optimizer_step(optimizer, gradient) == 0);
  CHECK(pgrad_policy_log_prob(policy, observation, &action, 1, &after) == 0 && after > before);
  pgrad_optimizer_destroy(optimizer);
}

static void save_and_load(pgrad_policy *policy) {
  pgrad_policy *loaded = NULL;
  float *one = NULL, *other = NULL;
  int64_t count = 0, loaded_count = 0;
  CHECK(pgrad_policy_save(policy, "saved") == 0 && pgrad_policy_load(&loaded, "saved") == 0);
  CHECK(pgrad_policy_parameters(policy, &one, &count) == 0);
  CHECK(pgrad_policy_parameters(loaded, &other, &loaded_count) == 0);
  CHECK(count == loaded_count && memcmp(one, other, (size_t)count * sizeof(float)) == 0);
  pgrad_policy_destroy(loaded);
}

int main(void) {
  pgrad_policy *policy = create_policy();
  train(policy);
  step_by_hand(policy);
  save_and_load(policy);
  pgrad_policy_destroy(policy);
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
