/* Fuzzes the functions on arrays: returns, advantages and V-trace. Results are compared with the recursions of the
 * header in double precision. */
#include "arrays.h"

/* More environments than the widest kernel takes at a time, and a remainder. */
enum { MOST_STEPS = 6, MOST_COLUMNS = 40 };

/** The arguments of a call; each array has exactly the size that the header states. */
typedef struct table {
  int64_t steps, envs;
  float *rewards, *values, *log_ratios, *final_values, *last_values;
  uint8_t *terminated, *truncated;
  double gamma, lambda, rho_clip, c_clip;
} table;

static table take_table(input *in, content *made) {
  table given;
  given.steps = 1 + take_below(in, MOST_STEPS), given.envs = 1 + take_below(in, MOST_COLUMNS);
  *made = take_content(in);
  int64_t rows = given.steps * given.envs;
  given.rewards = numbers_of(made, rows), given.values = numbers_of(made, rows);
  given.log_ratios = numbers_of(made, rows), given.final_values = numbers_of(made, rows);
  given.last_values = numbers_of(made, given.envs);
  given.terminated = flags_of(made, rows, 4), given.truncated = flags_of(made, rows, 4);
  given.gamma = take_share(in), given.lambda = take_share(in);
  given.rho_clip = take_share(in), given.c_clip = take_share(in);
  return given;
}

static void free_table(table *given) {
  free(given->rewards);
  free(given->values);
  free(given->log_ratios);
  free(given->final_values);
  free(given->last_values);
  free(given->terminated);
  free(given->truncated);
}

enum { RETURNS, GAE, VTRACE, FUNCTIONS };

/** What a function gives for one environment, by its definition: advantages, and targets of V-trace. */
static void expect_column(int function, const table *of, int64_t env, double *advantages, double *targets) {
  double later = 0, target = of->last_values[env];
  for (int64_t step = of->steps - 1; step >= 0; step--) {
    int64_t row = step * of->envs + env;
    double value = of->values[row], next = step + 1 < of->steps ? of->values[row + of->envs] : of->last_values[env];
    int ended = of->terminated[row] || of->truncated[row];
    if (of->truncated[row]) next = of->final_values[row];
    if (of->terminated[row]) next = 0;
    double delta = of->rewards[row] + of->gamma * next - value, ratio = exp((double)of->log_ratios[row]);
    if (ended) later = 0, target = next;
    switch (function) {
      case RETURNS: later = of->rewards[row] + of->gamma * (of->terminated[row] ? 0 : later); break;
      case GAE: later = delta + of->gamma * of->lambda * later; break;
      default:
        later = of->rewards[row] + of->gamma * target - value;
        target = value + fmin(of->rho_clip, ratio) * delta +
                 of->gamma * of->lambda * fmin(of->c_clip, ratio) * (target - next);
        targets[step] = target;
    }
    advantages[step] = later;
  }
}

/** Float arithmetic is as exact as the largest number of a column allows. */
static void compare(const float *found, const double *expected, const table *of, int64_t env) {
  double largest = 1;
  for (int64_t step = 0; step < of->steps; step++) largest = fmax(largest, fabs(expected[step]));
  for (int64_t step = 0; step < of->steps; step++)
    if (!(fabs((double)found[step * of->envs + env] - expected[step]) <= 1e-5 * largest))
      violated("a result differs from its definition");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input in = {data, data + size};
  int function = take_below(&in, FUNCTIONS);
  content made;
  table given = take_table(&in, &made);
  int64_t steps = take_rare(&in, 64) ? take_absurd(&in) : given.steps;
  int64_t envs = take_rare(&in, 64) ? take_absurd(&in) : given.envs;
  size_t bytes = (size_t)(given.steps * given.envs) * sizeof(float);
  float *found = (float *)output_of(bytes), *targets = (float *)output_of(bytes);
  const float *rewards = take_rare(&in, 64) ? NULL : given.rewards;
  const float *final_values = take_rare(&in, 64) ? NULL : given.final_values;
  pgrad_status status;
  if (function == RETURNS) {
    memset(given.truncated, 0, (size_t)(given.steps * given.envs));
    status = CALL(pgrad_returns(rewards, given.terminated, steps, envs, given.gamma, found));
  } else if (function == GAE) {
    status = CALL(pgrad_gae(rewards, given.values, given.terminated, given.truncated, final_values, given.last_values,
                            steps, envs, given.gamma, given.lambda, found));
  } else {
    status = CALL(pgrad_vtrace(rewards, given.values, given.log_ratios, given.terminated, given.truncated, final_values,
                               given.last_values, steps, envs, given.gamma, given.lambda, given.rho_clip, given.c_clip,
                               found, targets));
  }
  if (status == PGRAD_OK && made.rarity == 0 && steps == given.steps && envs == given.envs)
    for (int64_t env = 0; env < envs; env++) {
      double advantages[MOST_STEPS], expected_targets[MOST_STEPS];
      expect_column(function, &given, env, advantages, expected_targets);
      compare(found, advantages, &given, env);
      if (function == VTRACE) compare(targets, expected_targets, &given, env);
    }
  release_output(status, found, bytes);
  release_output(status, targets, bytes);
  free_table(&given);
  return 0;
}
