/* Memory of agents that learn from frames as large as those of Atari games, 84 × 84 × 4. */
#include <malloc.h>

#include "fixtures.h"
#include "resident.h"

enum {
  SIDE = 84,
  CHANNELS = 4,
  FRAME = SIDE * SIDE * CHANNELS,
  ENVS = 8,
  STEPS = 128,
  FEW_STEPS = 8,
  MORE_STEPS = 32,
  MEGABYTE = 1000000
};

static float observations[ENVS * FRAME];

static void show_frames(int step) {
  for (int i = 0; i < ENVS; i++)
    for (int k = 0; k < FRAME; k++) observations[i * FRAME + k] = (float)((k * 7 + i * 31 + step * 13) % 256);
}

static pgrad_policy *policy_of_frames(void) {
  const pgrad_observation_part frame = {PGRAD_IMAGE, 0, SIDE, SIDE, CHANNELS, 0};
  const pgrad_action_part moves = {PGRAD_CATEGORICAL, 6, 0, 0};
  pgrad_policy *policy = NULL;
  pgrad_policy_config shape;
  MUST(pgrad_policy_config_init(&shape, sizeof shape));
  shape.parts = &moves;
  shape.part_count = 1;
  shape.observation_parts = &frame;
  shape.observation_part_count = 1;
  shape.encoder = PGRAD_ENCODER_NATURE;
  shape.hidden_count = 0;
  shape.initialization = PGRAD_KAIMING_UNIFORM; /* quick */
  MUST(pgrad_policy_create(&policy, &shape));
  return policy;
}

/** The resident bytes of an agent with its policy: one step before its rollout is full, or after the first update. */
static long bytes_of_an_agent(int n_steps, int keeps_finals, int learns) {
  pgrad_agent_config config;
  float actions[ENVS], rewards[ENVS];
  uint8_t none[ENVS] = {0}, cut[ENVS] = {0};
  if (keeps_finals) memset(cut, 1, sizeof cut);
  long before = bytes_in_memory();
  pgrad_policy *policy = policy_of_frames();
  MUST(pgrad_agent_config_init(&config, sizeof config));
  config.n_envs = ENVS;
  config.n_steps = n_steps;
  config.batch_size = 64;
  config.n_epochs = 1;
  config.threads = 1;
  config.recompute_advantages = keeps_finals;
  pgrad_agent *agent = agent_of(policy, &config);
  show_frames(0);
  MUST(pgrad_agent_begin(agent, observations));
  for (int step = learns ? 0 : 1; step < n_steps; step++) {
    MUST(pgrad_agent_act(agent, actions));
    for (int i = 0; i < ENVS; i++) rewards[i] = actions[i];
    show_frames(step + 1);
    MUST(pgrad_agent_observe(agent, rewards, none, cut, observations, observations));
  }
  long bytes = bytes_in_memory() - before;
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return bytes;
}

/** The megabytes of a rollout of `STEPS` steps, by the difference of shorter ones. */
static double rollout_megabytes(int keeps_finals) {
  long few = bytes_of_an_agent(FEW_STEPS, keeps_finals, 0), more = bytes_of_an_agent(MORE_STEPS, keeps_finals, 0);
  return (double)(more - few) * STEPS / (MORE_STEPS - FEW_STEPS) / MEGABYTE;
}

static void a_rollout_holds_bytes(void) {
  const double frames = (double)STEPS * ENVS * FRAME / MEGABYTE;
  (void)bytes_of_an_agent(FEW_STEPS, 0, 1); /* the library's own memory */
  double rollout = rollout_megabytes(0), with_finals = rollout_megabytes(1);
  double rest = (double)bytes_of_an_agent(FEW_STEPS, 0, 1) / MEGABYTE - rollout * FEW_STEPS / STEPS;
  printf("rollout %.1f MB, with final observations %.1f MB; agent with policy %.1f MB\n", rollout, with_finals,
         rest + rollout);
  /* Besides frames, a row has less than 1 % of other numbers. */
  CHECK(rollout < 1.01 * frames);
  CHECK(with_finals < 2.02 * frames && with_finals < 60);
  CHECK(rest + rollout < 115);
}

int main(void) {
  /* Freed memory returns to the system, so that each agent is counted alone. */
  mallopt(M_MMAP_THRESHOLD, 1 << 16);
  RUN(a_rollout_holds_bytes);
  return check_report();
}
