/* Observations of parts: a vector, a choice and an image in one row of floats. Writes in the current folder. */
#include <math.h>

#include "fixtures.h"

enum { CHOICES = 3, SIDE = 6, CHANNELS = 2, PIXELS = SIDE * SIDE * CHANNELS, WIDTH = 2 + 1 + PIXELS, ENVS = 4 };

static const pgrad_observation_part all_parts[3] = {
    {PGRAD_VECTOR, 2, 0, 0, 0, 0}, {PGRAD_CHOICE, CHOICES, 0, 0, 0, 4}, {PGRAD_IMAGE, 0, SIDE, SIDE, CHANNELS, 0}};
static const pgrad_action_part action = {PGRAD_CATEGORICAL, CHOICES, 0, 0};
static const int64_t hidden = 16;
/** Of the policies that are created next. */
static int32_t value_encoder;

static pgrad_policy_config config_of(const pgrad_observation_part *parts, int64_t count) {
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.parts = &action;
  config.part_count = 1;
  config.hidden_sizes = &hidden;
  config.hidden_count = 1;
  config.observation_parts = parts;
  config.observation_part_count = count;
  return config;
}

static pgrad_policy *policy_of(int32_t encoder) {
  pgrad_policy_config config = config_of(all_parts, 3);
  config.encoder = encoder;
  config.value_encoder = value_encoder;
  pgrad_policy *policy = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  return policy;
}

/** Numbers of a world whose best action is the choice that it shows. */
static uint32_t world_state;

static int next_number(int count) {
  world_state = world_state * 1664525u + 1013904223u;
  return (int)((world_state >> 16) % (uint32_t)count);
}

static void write_observations(float *observations) {
  for (int i = 0; i < ENVS; i++) {
    float *row = observations + i * WIDTH;
    row[0] = (float)next_number(100) / 10, row[1] = -3;
    row[2] = (float)next_number(CHOICES);
    for (int k = 0; k < PIXELS; k++) row[3 + k] = (float)next_number(256);
  }
}

/** Steps an agent; returns the rewards of the last half. */
static double steps_of(pgrad_agent *agent, float *observations, int steps) {
  double sum = 0;
  for (int step = 0; step < steps; step++) {
    float actions[ENVS], rewards[ENVS];
    uint8_t terminated[ENVS] = {0}, truncated[ENVS] = {0};
    MUST(pgrad_agent_act(agent, actions));
    for (int i = 0; i < ENVS; i++) {
      rewards[i] = actions[i] == observations[i * WIDTH + 2] ? 1 : 0;
      terminated[i] = next_number(4) == 0;
      if (2 * step >= steps) sum += rewards[i];
    }
    write_observations(observations);
    MUST(pgrad_agent_observe(agent, rewards, terminated, truncated, observations, NULL));
  }
  return sum / (ENVS * (steps - steps / 2));
}

static pgrad_agent_config learning_config_of(pgrad_algorithm algorithm, int32_t threads, int32_t n_steps) {
  pgrad_agent_config config = small_ppo(1, threads);
  MUST(pgrad_agent_config_algorithm(&config, algorithm));
  if (algorithm == PGRAD_REINFORCE) config.n_episodes = n_steps / 4;
  if (algorithm != PGRAD_REINFORCE) config.n_steps = n_steps;
  config.learning_rate = 1e-3;
  config.gamma = 0;
  config.normalize_observations = 1;
  return config;
}

static pgrad_policy *trained(const pgrad_agent_config *config, int32_t encoder, int steps, double *mean) {
  static float observations[ENVS * WIDTH];
  pgrad_policy *policy = policy_of(encoder);
  pgrad_agent *agent = agent_of(policy, config);
  world_state = 7;
  write_observations(observations);
  MUST(pgrad_agent_begin(agent, observations));
  *mean = steps_of(agent, observations, steps);
  pgrad_agent_destroy(agent);
  return policy;
}

/** Checks that both learn the same bits. A rollout is a minibatch of 640 rows, or about as many in whole trajectories:
 *  two threads divide those of 256 rows or more. */
static pgrad_policy *trained_with_one_and_two_threads(pgrad_algorithm algorithm) {
  enum { MANY_STEPS = 160 };
  pgrad_policy *policies[2];
  double means[2];
  for (int i = 0; i < 2; i++) {
    pgrad_agent_config config = learning_config_of(algorithm, 1 + i, MANY_STEPS);
    if (algorithm != PGRAD_REINFORCE && algorithm != PGRAD_A2C)
      config.batch_size = MANY_STEPS * ENVS, config.n_epochs = 2;
    policies[i] = trained(&config, PGRAD_ENCODER_MINATAR, MANY_STEPS * 3 / 2, &means[i]);
  }
  CHECK(same_parameters(policies[0], policies[1]) && means[0] == means[1]);
  pgrad_policy_destroy(policies[1]);
  return policies[0];
}

static void a_description_makes_the_same_policy_again(void) {
  pgrad_policy *policy = policy_of(PGRAD_ENCODER_IMPALA), *again = NULL;
  pgrad_policy_config config;
  MUST(pgrad_policy_describe(policy, &config, sizeof config));
  CHECK(config.observation_size == WIDTH && config.observation_part_count == 3);
  CHECK(config.encoder == PGRAD_ENCODER_IMPALA);
  CHECK(memcmp(config.observation_parts, all_parts, sizeof all_parts) == 0);
  CHECK_OK(pgrad_policy_create(&again, &config));
  CHECK(same_parameters(policy, again));
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(again);

  policy = cartpole_policy(1);
  MUST(pgrad_policy_describe(policy, &config, sizeof config));
  CHECK(config.observation_parts == NULL && config.observation_part_count == 0);
  pgrad_policy_destroy(policy);
}

static void parts_that_nothing_can_hold_are_refused(void) {
  pgrad_policy *policy = NULL;
#define REFUSES(part, ...)                                                                                             \
  do {                                                                                                                 \
    pgrad_observation_part one = part;                                                                                 \
    pgrad_policy_config config = config_of(&one, 1);                                                                   \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "observation_parts[0]", __VA_ARGS__); \
  } while (0)
#define PART(...) ((pgrad_observation_part){__VA_ARGS__})
  REFUSES(PART(0, 1, 0, 0, 0, 0), "kind is 0", "pgrad_observation_kind");
  REFUSES(PART(6, 1, 0, 0, 0, 0), "kind is 6");
  REFUSES(PART(PGRAD_BITMAP, 48, 4, 4, 3, 0), "size is 48", "bitmap");
  REFUSES(PART(PGRAD_VECTOR, 0, 0, 0, 0, 0), "size is 0");
  REFUSES(PART(PGRAD_VECTOR, 3, 1, 0, 0, 0), "height is 1", "vector");
  REFUSES(PART(PGRAD_VECTOR, 3, 0, 0, 0, 2), "embedding is 2", "vector");
  REFUSES(PART(PGRAD_CHOICE, 1, 0, 0, 0, 0), "size is 1");
  REFUSES(PART(PGRAD_CHOICE, 2, 0, 0, 0, -1), "embedding is -1");
  REFUSES(PART(PGRAD_IMAGE, 48, 4, 4, 3, 0), "size is 48", "image");
  REFUSES(PART(PGRAD_IMAGE, 0, 4, -4, 3, 0), "width is -4");
  REFUSES(PART(PGRAD_IMAGE, 0, 2, 9, 3, 0), "2 × 9 pixels", "3 × 3", "minatar");

  pgrad_policy_config config = config_of(NULL, 1);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "observation_parts is NULL");
  config = config_of(all_parts, PGRAD_MAX_PARTS + 1);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "observation_part_count", "1025");
  config = config_of(all_parts, 3);
  config.observation_size = WIDTH - 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "observation_size is 74", "75");
  config.observation_size = 0, config.encoder = 4;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "encoder is 4", "pgrad_encoder");
  config.encoder = PGRAD_ENCODER_NATURE;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "observation_parts[2]", "36 × 36");
  config.observation_part_count = 2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "encoder is 2", "images");
  CHECK(policy == NULL);
}

static void convolutions_make_an_encoder(void) {
  const pgrad_convolution minatar = {16, 3, 1, 0}, padded[] = {{4, 3, 2, 2}, {5, 2, 1, 1}};
  static float observations[ENVS * WIDTH], one[ENVS], other[ENVS];
  pgrad_policy *named = policy_of(PGRAD_ENCODER_MINATAR), *own = NULL, *again = NULL, *loaded = NULL;
  pgrad_policy_config config = config_of(all_parts, 3);
  config.convolutions = &minatar, config.convolution_count = 1, config.encoder_size = 128;
  CHECK_OK(pgrad_policy_create(&own, &config));
  CHECK(same_parameters(named, own));
  write_observations(observations);
  MUST(pgrad_policy_value(named, observations, ENVS, one));
  MUST(pgrad_policy_value(own, observations, ENVS, other));
  CHECK(memcmp(one, other, sizeof one) == 0);

  pgrad_policy_destroy(own);
  config.convolutions = padded, config.convolution_count = 2, config.encoder_size = 7;
  MUST(pgrad_policy_create(&own, &config));
  MUST(pgrad_policy_save(own, "convolutions.safetensors"));
  CHECK_OK(pgrad_policy_load(&loaded, "convolutions.safetensors"));
  MUST(pgrad_policy_describe(loaded, &config, sizeof config));
  CHECK(config.encoder == PGRAD_ENCODER_AUTO && config.convolution_count == 2 && config.encoder_size == 7);
  CHECK(memcmp(config.convolutions, padded, sizeof padded) == 0);
  CHECK_OK(pgrad_policy_create(&again, &config));
  CHECK(same_parameters(own, loaded) && same_parameters(own, again));
  MUST(pgrad_policy_describe(named, &config, sizeof config));
  CHECK(config.convolutions == NULL && config.convolution_count == 0 && config.encoder_size == 512);
  pgrad_policy_destroy(named);
  pgrad_policy_destroy(own);
  pgrad_policy_destroy(again);
  pgrad_policy_destroy(loaded);
  remove("convolutions.safetensors");
}

static void convolutions_that_read_no_image_are_refused(void) {
  pgrad_policy *policy = NULL;
  pgrad_policy_config config = config_of(all_parts, 3);
  pgrad_convolution rows[2] = {{4, 3, 1, 0}, {4, 3, 1, 0}};
  config.convolutions = rows, config.convolution_count = 2;
#define REFUSES_ROW(field, value, ...)                                                                      \
  do {                                                                                                      \
    int32_t before = rows[1].field;                                                                         \
    rows[1].field = value;                                                                                  \
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "convolutions[1]." #field, \
                  __VA_ARGS__);                                                                             \
    rows[1].field = before;                                                                                 \
  } while (0)
  REFUSES_ROW(filters, 0, "is 0", "[1, ");
  REFUSES_ROW(kernel, 257, "is 257", "[1, 256]");
  REFUSES_ROW(stride, -1, "is -1", "[1, 256]");
  REFUSES_ROW(padding, 3, "is 3", "[0, 2]");
  rows[1].kernel = 5;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "observation_parts[2] is 6 × 6 pixels",
                "7 × 7");
  rows[1].kernel = 3, config.encoder = PGRAD_ENCODER_MINATAR;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "encoder is 1", "convolutions");
  config.encoder = PGRAD_ENCODER_AUTO, config.encoder_size = 0;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "encoder_size is 0");
  config.encoder_size = 8, config.observation_part_count = 2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "convolution_count is 2", "images");
  config.convolution_count = 0;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "encoder_size is 8", "512");
  config.convolution_count = PGRAD_MAX_LAYERS + 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "convolution_count is 65");
  config.convolutions = NULL, config.convolution_count = 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&policy, &config), "convolutions is NULL");
  CHECK(policy == NULL);
}

static void a_value_function_may_have_its_own_encoder(void) {
  pgrad_policy *shared = policy_of(PGRAD_ENCODER_MINATAR), *again = NULL;
  value_encoder = 1;
  pgrad_policy *one = trained_with_one_and_two_threads(PGRAD_PPO);
  value_encoder = 0;
  int64_t few, more;
  MUST(pgrad_policy_parameters(shared, NULL, &few));
  MUST(pgrad_policy_parameters(one, NULL, &more));
  /* The embedding, 3 × 4; 16 filters of 3 × 3 × 2 with biases; from 4 × 4 × 16 features to 128, with biases. */
  CHECK(more == few + 12 + 16 * 18 + 16 + 256 * 128 + 128);
  pgrad_policy_config config;
  MUST(pgrad_policy_describe(one, &config, sizeof config));
  CHECK(config.value_encoder == 1);
  CHECK_OK(pgrad_policy_create(&again, &config));
  CHECK(!same_parameters(again, one));
  pgrad_policy_destroy(shared);
  pgrad_policy_destroy(one);
  pgrad_policy_destroy(again);

  config = config_of(all_parts, 3), config.value_encoder = 2;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&again, &config), "value_encoder is 2");
  config.value_encoder = 1, config.observation_part_count = 1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_create(&again, &config), "value_encoder is 1", "own network");
}

static void a_float_image_is_read_as_it_is(void) {
  const pgrad_observation_part bytes = {PGRAD_IMAGE, 0, SIDE, SIDE, 1, 0},
                               floats = {PGRAD_FLOAT_IMAGE, 0, SIDE, SIDE, 1, 0};
  pgrad_policy_config first = config_of(&bytes, 1), second = config_of(&floats, 1);
  pgrad_policy *read_bytes = NULL, *read_floats = NULL;
  MUST(pgrad_policy_create(&read_bytes, &first));
  CHECK_OK(pgrad_policy_create(&read_floats, &second));
  float pixels[SIDE * SIDE], numbers[SIDE * SIDE], expected, found;
  for (int i = 0; i < SIDE * SIDE; i++) {
    pixels[i] = (float)next_number(256);
    numbers[i] = pixels[i] * (1.0f / 255);
  }
  MUST(pgrad_policy_value(read_bytes, pixels, 1, &expected));
  CHECK_OK(pgrad_policy_value(read_floats, numbers, 1, &found));
  CHECK(expected == found);
  numbers[7] = -1e5f;
  CHECK_OK(pgrad_policy_value(read_floats, numbers, 1, &found));
  numbers[7] = NAN;
  CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_value(read_floats, numbers, 1, &found), "observations[0, 7] is nan");
  pgrad_policy_destroy(read_bytes);
  pgrad_policy_destroy(read_floats);
}

static void a_frame_of_atari_is_a_part(void) {
  const pgrad_observation_part frame = {PGRAD_IMAGE, 0, 210, 160, 3, 0};
  pgrad_policy_config config = config_of(&frame, 1);
  pgrad_policy *policy = NULL;
  CHECK_OK(pgrad_policy_create(&policy, &config));
  float *observation = (float *)calloc(210 * 160 * 3, sizeof(float)), chosen = -1;
  if (observation == NULL) abort();
  CHECK_OK(pgrad_policy_sample(policy, observation, 1, &chosen, NULL));
  CHECK(chosen == 0 || chosen == 1 || chosen == 2);
  free(observation);
  pgrad_policy_destroy(policy);
}

static void numbers_that_do_not_belong_to_their_part_are_refused(void) {
  static float observations[ENVS * WIDTH], chosen[ENVS];
  pgrad_policy *policy = policy_of(PGRAD_ENCODER_AUTO);
  pgrad_agent_config config = small_ppo(1, 1);
  pgrad_agent *agent = agent_of(policy, &config);
  write_observations(observations);
  float *row = observations + WIDTH;
  row[2] = CHOICES;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_sample(policy, observations, ENVS, chosen, NULL),
                "observations[1, 2] is 3", "choice");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_begin(agent, observations), "observations[1, 2] is 3");
  row[2] = 1, row[WIDTH - 1] = 0.5f;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_value(policy, observations, ENVS, chosen),
                "observations[1, 74] is 0.5", "0 to 255", "image");
  row[WIDTH - 1] = 255;
  MUST(pgrad_agent_begin(agent, observations));
  MUST(pgrad_agent_act(agent, chosen));
  const float rewards[ENVS] = {0};
  const uint8_t none[ENVS] = {0}, cut[ENVS] = {0, 0, 1, 0};
  row[3] = 256;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, rewards, none, none, observations, NULL),
                "next_observations[1, 3] is 256", "image");
  row[3] = 0;
  static float finals[ENVS * WIDTH];
  memcpy(finals, observations, sizeof finals);
  finals[2 * WIDTH + 3] = -1;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_agent_observe(agent, rewards, none, cut, observations, finals),
                "final_observations[2, 3] is -1", "image");
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
}

static void every_algorithm_gives_the_same_bits_with_one_and_two_threads(void) {
  const pgrad_algorithm algorithms[] = {PGRAD_REINFORCE, PGRAD_A2C, PGRAD_PPO, PGRAD_NPG, PGRAD_TRPO, PGRAD_SPO};
  for (int i = 0; i < 6; i++) {
    pgrad_policy *policy = trained_with_one_and_two_threads(algorithms[i]), *fresh = policy_of(PGRAD_ENCODER_MINATAR);
    CHECK(!same_parameters(policy, fresh));
    pgrad_policy_destroy(policy);
    pgrad_policy_destroy(fresh);
  }
}

static void an_agent_learns_what_a_choice_means(void) {
  for (int32_t encoder = PGRAD_ENCODER_MINATAR; encoder <= PGRAD_ENCODER_IMPALA; encoder += 2 * CHECK_STRIDE) {
    double mean;
    pgrad_agent_config config = learning_config_of(PGRAD_PPO, 1, 32);
    pgrad_policy_destroy(trained(&config, encoder, 1600, &mean));
    // By chance it is 1/3.
    CHECK(mean > 0.8);
  }
}

static void a_saved_agent_continues_with_the_same_bits(void) {
  static float observations[ENVS * WIDTH], later[ENVS * WIDTH];
  const char *path = "observation_parts.safetensors";
  pgrad_policy *policy = policy_of(PGRAD_ENCODER_AUTO), *loaded_policy = NULL;
  pgrad_agent_config config = small_ppo(3, 1);
  pgrad_agent *agent = agent_of(policy, &config), *loaded = NULL;
  world_state = 9;
  write_observations(observations);
  MUST(pgrad_agent_begin(agent, observations));
  steps_of(agent, observations, 32);
  MUST(pgrad_agent_save(agent, path));
  uint32_t state = world_state;
  memcpy(later, observations, sizeof later);
  steps_of(agent, observations, 64);
  CHECK_OK(pgrad_agent_load(&loaded, path));
  MUST(pgrad_agent_policy(loaded, &loaded_policy));
  world_state = state;
  steps_of(loaded, later, 64);
  CHECK(same_parameters(policy, loaded_policy));
  pgrad_policy_destroy(loaded_policy);
  pgrad_agent_destroy(loaded);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  remove(path);
}

int main(void) {
  RUN(a_description_makes_the_same_policy_again);
  RUN(parts_that_nothing_can_hold_are_refused);
  RUN(convolutions_make_an_encoder);
  RUN(convolutions_that_read_no_image_are_refused);
  RUN(a_value_function_may_have_its_own_encoder);
  RUN(a_float_image_is_read_as_it_is);
  RUN(a_frame_of_atari_is_a_part);
  RUN(numbers_that_do_not_belong_to_their_part_are_refused);
  RUN(every_algorithm_gives_the_same_bits_with_one_and_two_threads);
  RUN(an_agent_learns_what_a_choice_means);
  RUN(a_saved_agent_continues_with_the_same_bits);
  return check_report();
}
