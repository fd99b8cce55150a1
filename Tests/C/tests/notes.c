/* The note of a policy: one text of the host, kept in files. Writes in the current folder. */
#include "fixtures.h"

#define CAPACITY (PGRAD_MAX_NOTE + 1)

static char text[CAPACITY + 1], found[CAPACITY];

static void a_new_policy_has_no_note(void) {
  pgrad_policy *policy = cartpole_policy(1);
  int64_t length = -1;
  CHECK_OK(pgrad_policy_note(policy, found, CAPACITY, &length));
  CHECK(length == 0 && found[0] == 0);
  pgrad_policy_destroy(policy);
}

static void a_note_reads_back_as_it_was_set(void) {
  pgrad_policy *policy = cartpole_policy(1);
  const char *note = "{\"n\": 3}\n\\ \x01 π 😀";
  int64_t length = -1;
  CHECK_OK(pgrad_policy_set_note(policy, "the first"));
  CHECK_OK(pgrad_policy_set_note(policy, note));
  CHECK_OK(pgrad_policy_note(policy, NULL, 0, &length));
  CHECK(length == (int64_t)strlen(note));
  canary_set(found, CAPACITY);
  CHECK_OK(pgrad_policy_note(policy, found, length + 1, NULL));
  CHECK(strcmp(found, note) == 0 && canary_alive(found + length + 1, CAPACITY - (size_t)length - 1));
  CHECK_OK(pgrad_policy_set_note(policy, ""));
  CHECK_OK(pgrad_policy_note(policy, found, 1, &length));
  CHECK(length == 0 && found[0] == 0);
  pgrad_policy_destroy(policy);
}

static void a_note_that_does_not_fit_writes_nothing(void) {
  pgrad_policy *policy = cartpole_policy(1);
  int64_t length = 77;
  MUST(pgrad_policy_set_note(policy, "four"));
  canary_set(found, CAPACITY);
  for (int64_t capacity = -1; capacity < 5; capacity++)
    CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_note(policy, found, capacity, &length), "capacity",
                  "at least 5");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_note(policy, NULL, 5, &length), "capacity is 5");
  CHECK(canary_alive(found, CAPACITY) && length == 77);
  pgrad_policy_destroy(policy);
}

static void an_invalid_text_is_refused_and_the_note_stays(void) {
  pgrad_policy *policy = cartpole_policy(1);
  MUST(pgrad_policy_set_note(policy, "kept"));
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_set_note(policy, NULL), "note is NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_set_note(policy, "\xFF"), "note", "UTF-8");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_set_note(policy, "cut \xF0\x9F\x98"), "note", "UTF-8");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_set_note(policy, "a surrogate \xED\xA0\x80"), "note", "UTF-8");
  memset(text, 'x', CAPACITY);
  text[CAPACITY] = 0;
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_set_note(policy, text), "note", "at most 131072 bytes");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_set_note(NULL, "text"), "policy");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_note(NULL, found, CAPACITY, NULL), "policy");
  CHECK_OK(pgrad_policy_note(policy, found, CAPACITY, NULL));
  CHECK(strcmp(found, "kept") == 0);
  pgrad_policy_destroy(policy);
}

/** The longest note of characters that JSON writes with six bytes each, in the policy with the longest header. */
static void the_longest_note_is_kept_by_the_largest_policys_file(void) {
  pgrad_action_part parts[PGRAD_MAX_PARTS];
  int64_t hidden[PGRAD_MAX_LAYERS];
  for (int i = 0; i < PGRAD_MAX_PARTS; i++)
    parts[i] = (pgrad_action_part){PGRAD_GAUSSIAN, 1, -1.0000001e-33f, 1.0000001e-33f};
  for (int i = 0; i < PGRAD_MAX_LAYERS; i++) hidden[i] = 1;
  pgrad_policy_config config;
  MUST(pgrad_policy_config_init(&config, sizeof config));
  config.observation_size = 1;
  config.parts = parts;
  config.part_count = PGRAD_MAX_PARTS;
  config.hidden_sizes = hidden;
  config.hidden_count = PGRAD_MAX_LAYERS;
  config.layer_norm = 1;
  pgrad_policy *policy = NULL, *loaded = NULL;
  MUST(pgrad_policy_create(&policy, &config));
  memset(text, 1, PGRAD_MAX_NOTE);
  text[PGRAD_MAX_NOTE] = 0;
  CHECK_OK(pgrad_policy_set_note(policy, text));
  pgrad_agent_config options = small_ppo(0, 1);
  pgrad_agent *agent = agent_of(policy, &options);
  CHECK_OK(pgrad_agent_save(agent, "longest"));
  if (CHECK_OK(pgrad_policy_load(&loaded, "longest"))) {
    CHECK_OK(pgrad_policy_note(loaded, found, CAPACITY, NULL));
    CHECK(strcmp(found, text) == 0);
  }
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(loaded);
}

static void files_of_policies_and_agents_keep_the_note(void) {
  pgrad_policy *policy = cartpole_policy(1), *loaded = NULL, *of_agent = NULL;
  pgrad_agent_config config = small_ppo(0, 1);
  pgrad_agent *agent = agent_of(policy, &config), *loaded_agent = NULL;
  MUST(pgrad_policy_set_note(policy, "for both"));
  MUST(pgrad_policy_save(policy, "noted-policy"));
  MUST(pgrad_agent_save(agent, "noted-agent"));
  MUST(pgrad_policy_load(&loaded, "noted-policy"));
  CHECK_OK(pgrad_policy_note(loaded, found, CAPACITY, NULL));
  CHECK(strcmp(found, "for both") == 0);
  MUST(pgrad_agent_load(&loaded_agent, "noted-agent"));
  MUST(pgrad_agent_policy(loaded_agent, &of_agent));
  canary_set(found, CAPACITY);
  CHECK_OK(pgrad_policy_note(of_agent, found, CAPACITY, NULL));
  CHECK(strcmp(found, "for both") == 0);
  pgrad_agent_destroy(agent);
  pgrad_agent_destroy(loaded_agent);
  pgrad_policy_destroy(policy);
  pgrad_policy_destroy(loaded);
  pgrad_policy_destroy(of_agent);
}

int main(void) {
  RUN(a_new_policy_has_no_note);
  RUN(a_note_reads_back_as_it_was_set);
  RUN(a_note_that_does_not_fit_writes_nothing);
  RUN(an_invalid_text_is_refused_and_the_note_stays);
  RUN(the_longest_note_is_kept_by_the_largest_policys_file);
  RUN(files_of_policies_and_agents_keep_the_note);
  return check_report();
}
