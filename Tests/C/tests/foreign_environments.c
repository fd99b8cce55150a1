/* A checkpoint whose environment is loaded into one of any other kind, or of another number: both are named, and
 * nothing has changed. */
#include "../trainings.h"

static const char *const descriptions[WORLDS] = {
    "native CartPole-v1", "native Pendulum-v1", "native MinAtar/Asterix-v1", "an MDP", "callbacks", "callbacks"};

static pgrad_agent *save_trained(world world, const char *path) {
  static walk w;
  const setting s = {"", world, PGRAD_PPO, plain};
  pgrad_env *env = world_env(world, &w);
  pgrad_agent *agent = new_agent(&s, env, 1);
  MUST(pgrad_train(agent, env, 100, NULL, NULL));
  MUST(pgrad_checkpoint_save(agent, env, path));
  pgrad_env_destroy(env);
  return agent;
}

/** The environment's next steps, as a number that almost surely differs if its state does. */
static uint64_t future_of(pgrad_env *env, world world) {
  static float rewards[WALKERS], next[WALKERS * 400], final[WALKERS * 400];
  const float actions[2 * WALKERS] = {0};
  uint8_t terminated[WALKERS], truncated[WALKERS];
  uint64_t hash = 0;
  for (int step = 0; step < 5; step++) {
    memset(next, 0, sizeof next);
    MUST(pgrad_env_step(env, actions, rewards, terminated, truncated, next, final));
    for (size_t i = 0; i < sizeof next; i++) hash = hash * 31 + ((const unsigned char *)next)[i];
  }
  return hash + (uint64_t)world;
}

static void check_refused_and_unchanged(world saved, world given) {
  static walk one, other;
  static float first[WALKERS * 400];
  pgrad_env *env = world_env(given, &one), *untouched = world_env(given, &other), *before = env;
  pgrad_agent *agent = NULL;
  MUST(pgrad_env_reset(env, 9, first));
  MUST(pgrad_env_reset(untouched, 9, first));
  const char *theirs = descriptions[saved], *ours = descriptions[given];
  if (is_of_callbacks(saved) && is_of_callbacks(given)) theirs = "49", ours = "3"; /* their observations differ */
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &env, "saved"), "env", theirs, ours);
  CHECK(agent == NULL && env == before);
  CHECK(future_of(env, given) == future_of(untouched, given));
  pgrad_env_destroy(env);
  pgrad_env_destroy(untouched);
}

static void an_environment_of_another_kind_is_named(void) {
  for (int saved = 0; saved < WORLDS; saved++) {
    pgrad_agent_destroy(save_trained((world)saved, "saved"));
    for (int given = 0; given < WORLDS; given++)
      if (given != saved) check_refused_and_unchanged((world)saved, (world)given);
  }
}

static void another_number_of_environments_is_named(void) {
  static walk w;
  const pgrad_action_part moves = {PGRAD_CATEGORICAL, WALK_MOVES, 0, 0};
  pgrad_env_callbacks callbacks = walk_callbacks(&w, &moves);
  pgrad_env *walkers = NULL;
  callbacks.n_envs = 3;
  MUST(pgrad_env_create_callbacks(&walkers, &callbacks));
  struct {
    world world;
    pgrad_env *env;
    const char *number;
  } others[] = {{CART, native_env("CartPole-v1", 1), "1"},
                {PENDULUM, native_env("Pendulum-v1", 5), "5"},
                {TABLE, aliased_mdp_env(8, 1), "8"},
                {WALK, walkers, "3"}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    pgrad_agent *agent = NULL, *saved = save_trained(others[i].world, "saved");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_load(&agent, &others[i].env, "saved"), "env.n_envs is",
                  others[i].number, "4, the number of environments in the file");
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_checkpoint_save(saved, others[i].env, "none"), "env.n_envs is",
                  others[i].number, "4");
    CHECK(agent == NULL);
    pgrad_agent_destroy(saved);
    pgrad_env_destroy(others[i].env);
  }
}

int main(void) {
  RUN(an_environment_of_another_kind_is_named);
  RUN(another_number_of_environments_is_named);
  return check_report();
}
