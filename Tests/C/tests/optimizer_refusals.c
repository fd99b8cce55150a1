/* Every bad argument of the optimizer's functions. */
#include <math.h>

#include "fixtures.h"

static pgrad_policy *policy;

static void bad_optimizer_configurations_are_refused(void) {
  pgrad_optimizer_config config;
  pgrad_optimizer *optimizer;
  canary_set(&optimizer, sizeof optimizer);
#define REFUSES(spoil, ...)                                                                                  \
  do {                                                                                                       \
    MUST(pgrad_optimizer_config_init(&config, sizeof config));                                               \
    spoil;                                                                                                   \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_optimizer_create(&optimizer, policy, &config), __VA_ARGS__); \
    CHECK(canary_alive(&optimizer, sizeof optimizer));                                                       \
  } while (0)
  REFUSES(config.kind = 0, "kind", "0");
  REFUSES(config.kind = 6, "kind", "6");
  REFUSES(config.learning_rate = 0, "learning_rate", "0");
  REFUSES(config.learning_rate = -1, "learning_rate", "-1");
  REFUSES(config.learning_rate = NAN, "learning_rate", "nan");
  REFUSES(config.learning_rate = INFINITY, "learning_rate", "inf");
  REFUSES((config.kind = PGRAD_SGD, config.momentum = 1), "momentum", "1");
  REFUSES((config.kind = PGRAD_SGD, config.momentum = -0.1), "momentum", "-0.1");
  REFUSES((config.kind = PGRAD_SGD, config.momentum = NAN), "momentum", "nan");
  REFUSES(config.beta1 = 1, "beta1", "1");
  REFUSES(config.beta1 = -0.5, "beta1", "-0.5");
  REFUSES(config.beta1 = NAN, "beta1", "nan");
  REFUSES(config.beta2 = 1, "beta2", "1");
  REFUSES(config.beta2 = NAN, "beta2", "nan");
  REFUSES((config.kind = PGRAD_RMSPROP, config.decay = 1), "decay", "1");
  REFUSES((config.kind = PGRAD_RMSPROP, config.decay = NAN), "decay", "nan");
  REFUSES((config.kind = PGRAD_ADAMW, config.weight_decay = -0.01), "weight_decay", "-0.01");
  REFUSES((config.kind = PGRAD_ADAMW, config.weight_decay = NAN), "weight_decay", "nan");
  REFUSES(config.epsilon = 0, "epsilon", "0");
  REFUSES(config.epsilon = -1e-8, "epsilon", "-1e-08");
  REFUSES(config.epsilon = NAN, "epsilon", "nan");
  REFUSES(config.max_grad_norm = -1, "max_grad_norm", "-1");
  REFUSES(config.max_grad_norm = NAN, "max_grad_norm", "nan");
#undef REFUSES
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_optimizer_create(NULL, policy, &config), "optimizer", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_optimizer_create(&optimizer, policy, NULL), "config", "NULL");
}

static void a_gradient_that_is_not_finite_changes_nothing(void) {
  pgrad_policy *one = cartpole_policy(5), *other = cartpole_policy(5);
  pgrad_optimizer *spoiled = adam(one), *twin = adam(other);
  int64_t count = 0;
  float *gradient = parameters_of(one, &count);
  const float bad[] = {NAN, INFINITY, -INFINITY};
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_optimizer_step(spoiled, NULL), "gradient", "NULL");
  for (int i = 0; i < 3; i++) {
    float kept = gradient[count - 1];
    gradient[count - 1] = bad[i];
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_optimizer_step(spoiled, gradient), "gradient");
    gradient[count - 1] = kept;
    CHECK_OK(pgrad_optimizer_step(spoiled, gradient));
    CHECK_OK(pgrad_optimizer_step(twin, gradient));
    CHECK(same_parameters(one, other));
  }
  pgrad_optimizer_destroy(spoiled);
  pgrad_optimizer_destroy(twin);
  pgrad_policy_destroy(one);
  pgrad_policy_destroy(other);
  free(gradient);
}

static void a_step_that_would_overflow_a_parameter_changes_nothing(void) {
  pgrad_policy *one = cartpole_policy(5), *untouched = cartpole_policy(5);
  pgrad_optimizer_config config;
  MUST(pgrad_optimizer_config_init(&config, sizeof config));
  config.kind = PGRAD_SGD;
  config.learning_rate = 1e30;
  pgrad_optimizer *optimizer = NULL;
  MUST(pgrad_optimizer_create(&optimizer, one, &config));
  int64_t count = 0;
  float *gradient = parameters_of(one, &count);
  for (int64_t i = 0; i < count; i++) gradient[i] = 0;
  gradient[count / 2] = 1e20f;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_optimizer_step(optimizer, gradient), "");
  CHECK(same_parameters(one, untouched));
  pgrad_optimizer_destroy(optimizer);
  pgrad_policy_destroy(one);
  pgrad_policy_destroy(untouched);
  free(gradient);
}

int main(void) {
  policy = cartpole_policy(1);
  RUN(bad_optimizer_configurations_are_refused);
  RUN(a_gradient_that_is_not_finite_changes_nothing);
  RUN(a_step_that_would_overflow_a_parameter_changes_nothing);
  pgrad_policy_destroy(policy);
  return check_report();
}
