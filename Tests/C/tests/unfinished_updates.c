/* What a host may do while an update is unfinished: act, read, save, fail, fork, destroy. */
#include "../guest.h"

enum { ENVS = 4, STEPS = 32, SIZE = 4 };

/** A host's loop in CartPole. */
typedef struct host {
  pgrad_policy *policy;
  pgrad_agent *agent;
  pgrad_env *env;
  float next[ENVS * SIZE];
} host;

static host host_with(int32_t mode, int32_t algorithm) {
  host it = {cartpole_policy(7), NULL, native_env("CartPole-v1", ENVS), {0}};
  pgrad_agent_config config = small_ppo(7, 1);
  config.update_mode = mode;
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  config.n_steps = STEPS;
  it.agent = agent_of(it.policy, &config);
  MUST(pgrad_env_reset(it.env, 1, it.next));
  MUST(pgrad_agent_begin(it.agent, it.next));
  return it;
}

static host host_in(int32_t mode) { return host_with(mode, PGRAD_PPO); }

static void end(host *it) {
  pgrad_env_destroy(it->env);
  pgrad_agent_destroy(it->agent);
  pgrad_policy_destroy(it->policy);
}

/** Takes some steps; returns the status of the last observe. */
static pgrad_status run(host *it, int steps) {
  float actions[ENVS], rewards[ENVS], final[ENVS * SIZE];
  uint8_t terminated[ENVS], truncated[ENVS];
  pgrad_status status = PGRAD_OK;
  for (int i = 0; i < steps; i++) {
    MUST(pgrad_agent_act(it->agent, actions));
    MUST(pgrad_env_step(it->env, actions, rewards, terminated, truncated, it->next, final));
    status = pgrad_agent_observe(it->agent, rewards, terminated, truncated, it->next, final);
  }
  return status;
}

static int32_t continued(host *it, int64_t microseconds) {
  int32_t done = -1;
  MUST(pgrad_agent_update_for(it->agent, microseconds, &done));
  return done;
}

static int64_t updates_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  return now.updates;
}

static float value_of(pgrad_policy *policy) {
  const float observation[SIZE] = {0.1f, -0.2f, 0.3f, 0.4f};
  float value = 0;
  MUST(pgrad_policy_value(policy, observation, 1, &value));
  return value;
}

/** A host whose update is half done; the fingerprint of the parameters before it. */
static host half_done(uint64_t *before) {
  host it = host_in(PGRAD_UPDATE_DEFERRED);
  *before = fingerprint(it.policy);
  MUST(run(&it, STEPS));
  while (fingerprint(it.policy) == *before) CHECK(continued(&it, 1) == 0);
  return it;
}

/* ----------------------------------------------------------------------------------------------- acting and reading */

static void until_the_end_of_an_update_everybody_sees_the_policy_before_it(void) {
  const int32_t modes[] = {PGRAD_UPDATE_DEFERRED, PGRAD_UPDATE_IN_BACKGROUND};
  for (int k = 0; k < 2; k++) {
    host it = host_in(modes[k]);
    pgrad_policy *before = NULL;
    MUST(pgrad_policy_clone(&before, it.policy));
    MUST(run(&it, STEPS));
    CHECK(updates_of(it.agent) == 0 && continued(&it, 0) == 0);
    for (int i = 1; i < STEPS; i++) {
      CHECK(value_of(it.policy) == value_of(before));
      MUST(run(&it, 1));
      if (modes[k] == PGRAD_UPDATE_DEFERRED && i < 3) CHECK(continued(&it, 1) == 0);
    }
    CHECK(continued(&it, INT64_MAX) == 1 && updates_of(it.agent) == 1);
    CHECK(value_of(it.policy) != value_of(before));
    CHECK(continued(&it, 0) == 1 && continued(&it, 1) == 1);
    pgrad_policy_destroy(before);
    end(&it);
  }
}

static void a_full_second_rollout_completes_the_update_and_makes_the_next_one_due(void) {
  const int32_t modes[] = {PGRAD_UPDATE_DEFERRED, PGRAD_UPDATE_IN_BACKGROUND};
  for (int k = 0; k < 2; k++) {
    host it = host_in(modes[k]);
    for (int i = 0; i < 4; i++) {
      MUST(run(&it, STEPS));
      CHECK(updates_of(it.agent) == i && continued(&it, 0) == 0);
    }
    end(&it);
  }
}

static void an_update_at_once_leaves_nothing_to_do(void) {
  host it = host_in(PGRAD_UPDATE_AT_ONCE);
  MUST(run(&it, STEPS));
  CHECK(updates_of(it.agent) == 1 && continued(&it, 0) == 1 && continued(&it, 1000) == 1);
  CHECK_OK(pgrad_agent_update_for(it.agent, 5, NULL));
  end(&it);
}

static void the_option_is_described_and_saved(void) {
  host it = host_in(PGRAD_UPDATE_IN_BACKGROUND);
  pgrad_agent_config config;
  pgrad_agent *loaded = NULL;
  MUST(pgrad_agent_save(it.agent, "agent"));
  MUST(pgrad_agent_load(&loaded, "agent"));
  MUST(pgrad_agent_describe(loaded, &config, sizeof config));
  CHECK(config.update_mode == PGRAD_UPDATE_IN_BACKGROUND && config.stats_window_size == 100);
  pgrad_agent_destroy(loaded);
  end(&it);
}

/* --------------------------------------------------------------------------------------------------------- refusals */

static int32_t sum_of_one(void *context, void *numbers, int64_t count, int32_t type) {
  (void)context, (void)numbers, (void)count, (void)type;
  return 0;
}

static void what_does_not_fit_is_refused(void) {
  uint64_t before;
  host it = half_done(&before);
  int32_t done = 7;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_update_for(it.agent, -1, &done), "microseconds", "-1");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_agent_update_for(NULL, 1, &done), "agent");
  CHECK(done == 7);
  pgrad_optimizer *optimizer = adam(it.policy);
  float gradient[1024] = {0};
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_optimizer_step(optimizer, gradient), "unfinished update");
  pgrad_policy *source = cartpole_policy(8);
  CHECK_REFUSED(PGRAD_BAD_STATE, pgrad_policy_assign(it.policy, source), "unfinished update");
  pgrad_policy_destroy(source);
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *rival = NULL;
  config.update_mode = 4;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_create(&rival, it.policy, &config), "update_mode", "4");
  CHECK(continued(&it, INT64_MAX) == 1);
  CHECK_OK(pgrad_optimizer_step(optimizer, gradient));
  CHECK_REFUSED(PGRAD_UNSUPPORTED, pgrad_agent_set_reduce(it.agent, 0, 1, sum_of_one, NULL), "update_mode");
  pgrad_optimizer_destroy(optimizer);
  end(&it);
}

static void two_agents_of_one_policy_do_not_update_it_at_the_same_time(void) {
  uint64_t before;
  host it = half_done(&before), rival = {it.policy, NULL, native_env("CartPole-v1", ENVS), {0}};
  pgrad_agent_config config = small_ppo(9, 1);
  rival.agent = agent_of(it.policy, &config);
  MUST(pgrad_env_reset(rival.env, 2, rival.next));
  MUST(pgrad_agent_begin(rival.agent, rival.next));
  CHECK_REFUSED(PGRAD_BAD_STATE, run(&rival, STEPS), "unfinished update");
  CHECK(continued(&it, INT64_MAX) == 1);
  CHECK_OK(run(&rival, STEPS));
  CHECK(updates_of(rival.agent) == 1);
  pgrad_env_destroy(rival.env);
  pgrad_agent_destroy(rival.agent);
  end(&it);
}

/** An infinite step is undone in the call that completes it, and the agent goes on. */
static void a_failed_update_is_reported_where_it_would_have_ended(void) {
  const int32_t modes[] = {PGRAD_UPDATE_DEFERRED, PGRAD_UPDATE_IN_BACKGROUND};
  for (int k = 0; k < 4; k++) {
    host it = host_in(modes[k % 2]);
    uint64_t before = fingerprint(it.policy);
    int32_t done = 7;
    MUST(pgrad_agent_set_learning_rate(it.agent, 1e38));
    MUST(run(&it, STEPS));
    if (k < 2) {
      pgrad_status status = PGRAD_OK;
      while (status == PGRAD_OK && done != 1) status = pgrad_agent_update_for(it.agent, 200, &done);
      CHECK(status == PGRAD_NOT_FINITE);
    } else {
      MUST(run(&it, STEPS - 1));
      CHECK_REFUSED(PGRAD_NOT_FINITE, run(&it, 1), "finite");
      CHECK(continued(&it, 0) == 0);
      CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_update_for(it.agent, INT64_MAX, &done), "finite");
    }
    CHECK(fingerprint(it.policy) == before && continued(&it, 0) == 1 && updates_of(it.agent) == 0);
    MUST(pgrad_agent_set_learning_rate(it.agent, 1e-3));
    MUST(run(&it, 2 * STEPS));
    CHECK(continued(&it, INT64_MAX) == 1 && updates_of(it.agent) == 2);
    end(&it);
  }
}

/* ---------------------------------------------------------------------------------------- saving, forks, destroying */

static void saving_completes_the_update(void) {
  const int32_t modes[] = {PGRAD_UPDATE_DEFERRED, PGRAD_UPDATE_IN_BACKGROUND};
  for (int k = 0; k < 4; k++) {
    host it = host_in(modes[k % 2]), alone = host_in(PGRAD_UPDATE_AT_ONCE);
    MUST(run(&it, STEPS));
    MUST(run(&alone, STEPS));
    if (modes[k % 2] == PGRAD_UPDATE_DEFERRED) CHECK(continued(&it, 1) == 0);
    MUST(k < 2 ? pgrad_agent_save(it.agent, "half") : pgrad_checkpoint_save(it.agent, it.env, "half"));
    CHECK(continued(&it, 0) == 1 && fingerprint(it.policy) == fingerprint(alone.policy));
    MUST(run(&it, STEPS));
    MUST(run(&alone, STEPS));
    CHECK(continued(&it, INT64_MAX) == 1 && fingerprint(it.policy) == fingerprint(alone.policy));
    end(&it);
    end(&alone);
  }
}

static void destroying_an_agent_undoes_its_unfinished_update(void) {
  uint64_t before;
  host it = half_done(&before);
  pgrad_agent_destroy(it.agent);
  CHECK(fingerprint(it.policy) == before);
  pgrad_optimizer *optimizer = adam(it.policy);
  float gradient[1024] = {0};
  CHECK_OK(pgrad_optimizer_step(optimizer, gradient));
  pgrad_optimizer_destroy(optimizer);
  it.agent = NULL;
  end(&it);
  for (int steps = STEPS; steps < STEPS + 3; steps++) {
    host other = host_in(PGRAD_UPDATE_IN_BACKGROUND);
    MUST(run(&other, steps));
    pgrad_agent_destroy(other.agent);
    CHECK(fingerprint(other.policy) == before);
    other.agent = NULL;
    end(&other);
  }
}

// The address sanitizer does not survive a fork beside other threads.
#ifndef __SANITIZE_ADDRESS__

/** The result, or 0 if the child ended in any other way. */
static int child_has(uint64_t expected, host *it) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(run(it, STEPS) == PGRAD_OK && continued(it, INT64_MAX) == 1 && fingerprint(it->policy) == expected ? 0 : 1);
  }
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void a_child_of_fork_makes_the_same_update(void) {
  const int32_t modes[] = {PGRAD_UPDATE_DEFERRED, PGRAD_UPDATE_IN_BACKGROUND};
  for (int k = 0; k < 4; k++) {
    int32_t algorithm = k < 2 ? PGRAD_PPO : PGRAD_TRPO;
    host it = host_with(modes[k % 2], algorithm), alone = host_with(PGRAD_UPDATE_DEFERRED, algorithm);
    MUST(run(&alone, 2 * STEPS));
    CHECK(continued(&alone, INT64_MAX) == 1);
    uint64_t expected = fingerprint(alone.policy);
    MUST(run(&it, STEPS));
    if (modes[k % 2] == PGRAD_UPDATE_DEFERRED) CHECK(continued(&it, 1) == 0);
    CHECK(child_has(expected, &it));
    MUST(run(&it, STEPS));
    CHECK(continued(&it, INT64_MAX) == 1 && fingerprint(it.policy) == expected);
    end(&it);
    end(&alone);
  }
}

#endif

int main(void) {
  RUN(until_the_end_of_an_update_everybody_sees_the_policy_before_it);
  RUN(a_full_second_rollout_completes_the_update_and_makes_the_next_one_due);
  RUN(an_update_at_once_leaves_nothing_to_do);
  RUN(the_option_is_described_and_saved);
  RUN(what_does_not_fit_is_refused);
  RUN(two_agents_of_one_policy_do_not_update_it_at_the_same_time);
  RUN(a_failed_update_is_reported_where_it_would_have_ended);
  RUN(saving_completes_the_update);
  RUN(destroying_an_agent_undoes_its_unfinished_update);
#ifndef __SANITIZE_ADDRESS__
  RUN(a_child_of_fork_makes_the_same_update);
#endif
  return check_report();
}
