/* Processes that are killed while they train and save, and disks that refuse to write. PGRAD_KILLS is the number of
 * kills [200], PGRAD_SEED chooses their moments [1]. */
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixtures.h"

static pgrad_agent_config short_rollouts(int32_t threads) {
  pgrad_agent_config config = small_ppo(5, threads);
  config.n_envs = 8;
  config.n_steps = 32;
  config.batch_size = 256; /* two threads divide it */
  return config;
}

static int number(const char *name, int otherwise) {
  const char *text = getenv(name);
  return text == NULL ? otherwise : atoi(text);
}

static int64_t updates_of(pgrad_agent *agent) {
  pgrad_statistics now;
  MUST(pgrad_agent_statistics(agent, &now, sizeof now));
  return now.updates;
}

typedef struct saver {
  pgrad_agent *agent;
  pgrad_env *env;
  int report;
} saver;

static int32_t save(void *context, const pgrad_statistics *statistics) {
  const saver *s = (const saver *)context;
  MUST(pgrad_checkpoint_save(s->agent, s->env, "agent"));
  if (write(s->report, &statistics->updates, sizeof statistics->updates) != sizeof statistics->updates) _exit(1);
  return 0;
}

/** Loads "agent" and its environment and trains on, saving after each update, until it is killed. Each finished save
 *  writes its number of updates to `report`. */
static void train_and_save(int report) {
  saver s = {NULL, NULL, report};
  MUST(pgrad_checkpoint_load(&s.agent, &s.env, "agent"));
  MUST(pgrad_train(s.agent, s.env, INT64_C(1) << 40, save, &s));
}

/** Trains the reference to as many updates as were loaded. @return Whether parameters and the states of the
 *  environments are equal. */
static int equals_undisturbed(pgrad_agent *loaded, pgrad_env *loaded_env, pgrad_agent *reference, pgrad_env *env) {
  double states[2][8 * 4];
  while (updates_of(reference) < updates_of(loaded)) MUST(pgrad_train(reference, env, 1, pgrad_progress_stop, NULL));
  pgrad_policy *one = NULL, *other = NULL;
  MUST(pgrad_agent_policy(loaded, &one));
  MUST(pgrad_agent_policy(reference, &other));
  int same = same_parameters(one, other);
  pgrad_policy_destroy(one);
  pgrad_policy_destroy(other);
  MUST(pgrad_env_state(loaded_env, states[0]));
  MUST(pgrad_env_state(env, states[1]));
  return same && memcmp(states[0], states[1], sizeof states[0]) == 0;
}

static void a_killed_training_resumes_from_its_last_save_with_the_same_bits(void) {
  int kills = number("PGRAD_KILLS", 200 / CHECK_STRIDE);
  uint64_t state = 88172645463325252u + (uint64_t)number("PGRAD_SEED", 1);
  int64_t last = 0;
  pgrad_policy *policy = cartpole_policy(3);
  pgrad_agent_config with_workers = short_rollouts(2), alone = short_rollouts(1);
  pgrad_agent *agent = agent_of(policy, &with_workers);
  pgrad_env *env = native_env("CartPole-v1", 8);
  MUST(pgrad_checkpoint_save(agent, env, "agent"));
  pgrad_agent_destroy(agent);
  pgrad_agent *reference = agent_of(policy, &alone);

  for (int kill_number = 0; kill_number < kills; kill_number++) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
      close(ends[0]);
      train_and_save(ends[1]);
      _exit(1);
    }
    close(ends[1]);
    int64_t saved = last;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    /* the first save may be awaited, so that the instants fall on loading, training and saving */
    if (kill_number % 4 != 0 && read(ends[0], &saved, sizeof saved) != sizeof saved) saved = -1;
    struct timespec pause = {0, (long)(state % 20000000)};
    (void)nanosleep(&pause, NULL);
    (void)kill(child, SIGKILL);
    int status = 0;
    if (waitpid(child, &status, 0) != child) abort();
    for (int64_t next; read(ends[0], &next, sizeof next) == sizeof next;) saved = next;
    close(ends[0]);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    pgrad_agent *loaded = NULL;
    pgrad_env *loaded_env = NULL;
    if (!CHECK_OK(pgrad_checkpoint_load(&loaded, &loaded_env, "agent"))) break;
    last = updates_of(loaded);
    CHECK(saved >= 0 && last >= saved); /* a save that has returned is not lost */
    if (!CHECK(last == 0 || equals_undisturbed(loaded, loaded_env, reference, env))) kill_number = kills;
    pgrad_env_destroy(loaded_env);
    pgrad_agent_destroy(loaded);
  }
  CHECK(last >= kills / 2);
  pgrad_env_destroy(env);
  pgrad_agent_destroy(reference);
  pgrad_policy_destroy(policy);
}

/** Runs a test in a child, which may change its rights and mounts. @return Its exit status: 0, or 77 if skipped. */
static int in_child(int (*test)(void)) {
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) _exit(test());
  int status = 0;
  if (waitpid(child, &status, 0) != child) abort();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/** Saves to `path`, where a policy of seed 1 lies, are refused and leave it whole. */
static int refuses_and_keeps(const char *path, const char *reason) {
  pgrad_policy *large = cartpole_policy_of_width(2, 8192), *old = cartpole_policy(1), *loaded = NULL;
  CHECK_REFUSED(PGRAD_IO_ERROR, pgrad_policy_save(large, path), path, reason);
  CHECK_OK(pgrad_policy_load(&loaded, path));
  CHECK(same_parameters(old, loaded));
  return check_failures != 0;
}

static int save_to_a_small_tmpfs(void) {
  if (mkdir("small", 0777) != 0) return 1;
  if (mount("tmpfs", "small", "tmpfs", 0, "size=64k") != 0) return 77;
  pgrad_policy *old = cartpole_policy(1);
  int failed = pgrad_policy_save(old, "small/kept") != PGRAD_OK || refuses_and_keeps("small/kept", "No space left") ||
               pgrad_policy_save(old, "small/kept") != PGRAD_OK; /* no partial file takes the room */
  return umount("small") != 0 || failed;
}

static int save_to_a_folder_without_rights(void) {
  pgrad_policy *old = cartpole_policy(1);
  if (mkdir("locked", 0777) != 0 || chdir("locked") != 0 || pgrad_policy_save(old, "kept") != PGRAD_OK) return 1;
  if (chmod(".", 0555) != 0 || chmod("kept", 0644) != 0) return 1;
  if (geteuid() == 0 && setuid(65534) != 0) return 77; /* no right binds root */
  return refuses_and_keeps("kept", "Permission denied");
}

static void a_full_file_system_keeps_the_old_file(void) {
  int status = in_child(save_to_a_small_tmpfs);
  if (status == 77) printf("  skipped: mounting is not allowed here; failing_disk.c simulates it\n");
  CHECK(status == 0 || status == 77);
}

static void a_folder_that_may_not_be_written_keeps_the_old_file(void) {
  CHECK(in_child(save_to_a_folder_without_rights) == 0);
}

int main(void) {
  RUN(a_killed_training_resumes_from_its_last_save_with_the_same_bits);
  RUN(a_full_file_system_keeps_the_old_file);
  RUN(a_folder_that_may_not_be_written_keeps_the_old_file);
  return check_report();
}
