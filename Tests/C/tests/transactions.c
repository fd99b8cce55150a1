/* An update that is not finite changes nothing: the agent has the parameters, the state of the optimizer and the
 * counters of one that never made it, and continues with the same bits. */
#include "../tape.h"

static struct tape first_tape, second_tape;

/** The agent's whole file. */
static void *file_of(pgrad_agent *agent, int64_t *size) {
  MUST(pgrad_agent_save_memory(agent, NULL, 0, size));
  void *bytes = malloc((size_t)*size);
  if (bytes == NULL) abort();
  MUST(pgrad_agent_save_memory(agent, bytes, *size, NULL));
  return bytes;
}

static int same_files(pgrad_agent *one, pgrad_agent *other) {
  int64_t sizes[2];
  void *files[2] = {file_of(one, &sizes[0]), file_of(other, &sizes[1])};
  int same = sizes[0] == sizes[1] && memcmp(files[0], files[1], (size_t)sizes[0]) == 0;
  free(files[0]), free(files[1]);
  return same;
}

/** Rewards that are finite, and whose returns are not. */
static pgrad_status learn_of_huge_rewards(pgrad_agent *agent, struct form form) {
  static struct tape tape;
  tape = second_tape;
  for (int i = 0; i < tape.steps * ENVS; i++) tape.rewards[i] = 3e38f;
  pgrad_rollout rollout = rollout_of(&tape, form);
  return pgrad_agent_learn(agent, &rollout);
}

/** Steps that are so long that the parameters after the first, or after a later minibatch, are useless. */
static pgrad_status learn_by_huge_steps(pgrad_agent *agent, struct form form) {
  pgrad_rollout rollout = rollout_of(&second_tape, form);
  MUST(pgrad_agent_set_learning_rate(agent, 3e38));
  return pgrad_agent_learn(agent, &rollout);
}

/** @return Whether the update was refused. Of those that were, nothing may be left. */
static int check_nothing_changes(struct form form, int32_t algorithm, int32_t optimizer, int32_t threads,
                                 pgrad_status (*fail)(pgrad_agent *, struct form)) {
  pgrad_agent_config config = config_of(algorithm, threads);
  config.optimizer = optimizer;
  if (algorithm == PGRAD_REINFORCE) config.baseline = 1;
  pgrad_agent *actor = new_agent(form, &config), *one = new_agent(form, &config), *other = new_agent(form, &config);
  gather(actor, form, 0, &first_tape);
  gather(actor, form, first_tape.steps, &second_tape);
  pgrad_rollout first = rollout_of(&first_tape, form), second = rollout_of(&second_tape, form);
  MUST(pgrad_agent_learn(one, &first));
  MUST(pgrad_agent_learn(other, &first));
  CHECK(same_files(one, other));
  pgrad_status status = fail(one, form);
  if (status != PGRAD_OK) {
    int unchanged = CHECK(status == PGRAD_NOT_FINITE);
    MUST(pgrad_agent_set_learning_rate(one, 1e-3));
    MUST(pgrad_agent_set_learning_rate(other, 1e-3));
    unchanged = CHECK(same_files(one, other)) && unchanged;
    CHECK_OK(pgrad_agent_learn(one, &second));
    CHECK_OK(pgrad_agent_learn(other, &second));
    if (!unchanged || !CHECK(same_files(one, other)))
      fprintf(stderr, "  in: algorithm %d, optimizer %d, memory %d, exploration %d, %d threads\n", (int)algorithm,
              (int)optimizer, (int)form.memory, (int)form.sde, (int)threads);
  }
  pgrad_agent_destroy(actor);
  pgrad_agent_destroy(one);
  pgrad_agent_destroy(other);
  return status != PGRAD_OK;
}

/** @return How many updates were refused. */
static int check_all(pgrad_status (*fail)(pgrad_agent *, struct form)) {
  int refused = 0;
  for (int f = 0; f < FORM_COUNT; f++)
    for (int a = 0; a < ALGORITHM_COUNT; a++)
      for (int32_t optimizer = PGRAD_SGD; optimizer <= PGRAD_RMSPROP; optimizer++)
        for (int32_t threads = 1; threads <= 2; threads++)
          refused += check_nothing_changes(FORMS[f], ALGORITHMS[a], optimizer, threads, fail);
  return refused;
}

enum { ALL = FORM_COUNT * ALGORITHM_COUNT * 3 * 2 };

static void rewards_whose_returns_are_not_finite_change_nothing(void) {
  CHECK(check_all(learn_of_huge_rewards) == ALL);
}

/** Some algorithms make one step, after which the parameters are still finite. */
static void steps_to_parameters_that_are_not_finite_change_nothing(void) {
  CHECK(check_all(learn_by_huge_steps) > ALL / 2);
}

int main(void) {
  RUN(rewards_whose_returns_are_not_finite_change_nothing);
  RUN(steps_to_parameters_that_are_not_finite_change_nothing);
  return check_report();
}
