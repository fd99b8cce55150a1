/* remember KIND INPUTS UNITS CALLS: seconds that one call takes to sample one action of a policy with a memory, gru or
   lstm, while its state goes from step to step. */
#include <string.h>

#include "measure.h"

int main(int argc, char **argv) {
  int32_t inputs = (int32_t)argument(argc, argv, 2), units = (int32_t)argument(argc, argv, 3);
  int64_t calls = argument(argc, argv, 4), state_size;
  pgrad_action_part part = {PGRAD_CATEGORICAL, 6, 0, 0};
  pgrad_policy_config config;
  pgrad_policy *policy;
  float action, log_prob;

  must(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = inputs;
  config.parts = &part;
  config.part_count = 1;
  config.hidden_count = 0;
  config.value_function = 0;
  config.memory = strcmp(argv[1], "lstm") ? PGRAD_MEMORY_GRU : PGRAD_MEMORY_LSTM;
  config.memory_size = units;
  must(pgrad_policy_create(&policy, &config));
  must(pgrad_policy_state_size(policy, &state_size));
  float *observation = calloc((size_t)inputs, sizeof(float)), *state = calloc((size_t)state_size, sizeof(float));
  if (!observation || !state) return 1;
  observation[0] = 0.1f;

  pgrad_rows rows;
  must(pgrad_rows_init(&rows, sizeof rows));
  rows.count = rows.steps = 1;
  rows.observations = observation;
  rows.states = rows.final_states = state;
  for (int64_t i = 0; i < calls / 10 + 1; i++) must(pgrad_policy_sample_rows(policy, &rows, &action, &log_prob));

  double start = seconds_now();
  for (int64_t i = 0; i < calls; i++) must(pgrad_policy_sample_rows(policy, &rows, &action, &log_prob));
  printf("%.9g\n", (seconds_now() - start) / (double)calls);

  pgrad_policy_destroy(policy);
  free(observation);
  free(state);
  return 0;
}
