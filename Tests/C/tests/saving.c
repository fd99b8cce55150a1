/* Saving over existing paths: links, modes, and files that are not regular. Writes in the current folder. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixtures.h"

static pgrad_policy *policy;
static pgrad_agent *agent;

static pgrad_status save_policy(const char *path) { return pgrad_policy_save(policy, path); }
static pgrad_status save_agent(const char *path) { return pgrad_agent_save(agent, path); }

static pgrad_status (*const savers[])(const char *path) = {save_policy, save_agent};

static mode_t mode_of(const char *path) {
  struct stat facts;
  return lstat(path, &facts) == 0 ? facts.st_mode : 0;
}
static int is_readable_policy(const char *path) {
  pgrad_policy *loaded = NULL;
  int good = pgrad_policy_load(&loaded, path) == PGRAD_OK && same_parameters(policy, loaded);
  pgrad_policy_destroy(loaded);
  return good;
}
static void make_file(const char *path, mode_t mode) {
  (void)remove(path);
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0 || write(file, "old", 3) != 3 || fchmod(file, mode) != 0 || close(file) != 0) abort();
}

/** Files in the folder that end in ".partial". */
static int partial_files(const char *folder) {
  DIR *entries = opendir(folder);
  if (entries == NULL) abort();
  int count = 0;
  for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
    size_t length = strlen(entry->d_name);
    count += length > 8 && strcmp(entry->d_name + length - 8, ".partial") == 0;
  }
  closedir(entries);
  return count;
}

static void a_links_target_is_written_and_the_link_stays(void) {
  for (int kind = 0; kind < 2; kind++) {
    make_file("run1", 0644);
    CHECK(symlink("run1", "latest") == 0 && symlink("latest", "alias") == 0);
    CHECK(mkdir("runs", 0777) == 0 && symlink("../alias", "runs/far") == 0);
    CHECK_OK(savers[kind]("runs/far"));
    CHECK(S_ISLNK(mode_of("latest")) && S_ISLNK(mode_of("alias")) && S_ISLNK(mode_of("runs/far")));
    CHECK(S_ISREG(mode_of("run1")) && is_readable_policy("run1"));
    CHECK(partial_files(".") == 0 && partial_files("runs") == 0);
    CHECK(unlink("latest") == 0 && unlink("alias") == 0 && unlink("runs/far") == 0 && rmdir("runs") == 0);
  }
}

static void a_link_to_nothing_creates_its_target(void) {
  char folder[4096], absolute[5000];
  if (getcwd(folder, sizeof folder) == NULL) abort();
  (void)snprintf(absolute, sizeof absolute, "%s/created", folder);
  const char *targets[] = {"created", absolute};
  for (int i = 0; i < 2; i++) {
    CHECK(symlink(targets[i], "dangling") == 0);
    CHECK_OK(save_policy("dangling"));
    CHECK(S_ISLNK(mode_of("dangling")) && S_ISREG(mode_of("created")) && is_readable_policy("created"));
    CHECK(unlink("dangling") == 0 && unlink("created") == 0);
  }
  CHECK(symlink("no such folder/file", "dangling") == 0);
  CHECK_REFUSED(PGRAD_IO_ERROR, save_policy("dangling"), "dangling");
  CHECK(S_ISLNK(mode_of("dangling")) && unlink("dangling") == 0);
}

static void links_in_a_circle_are_refused(void) {
  CHECK(symlink("there", "here") == 0 && symlink("here", "there") == 0);
  CHECK_REFUSED(PGRAD_IO_ERROR, save_policy("here"), "here");
  CHECK(S_ISLNK(mode_of("here")) && S_ISLNK(mode_of("there")));
  CHECK(unlink("here") == 0 && unlink("there") == 0);
}

static void a_path_that_is_not_a_regular_file_is_refused_and_not_changed(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(mkfifo("pipe", 0600) == 0 && mkdir("folder", 0777) == 0);
  CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
  struct {
    const char *path, *word;
    mode_t type;
  } things[] = {{"pipe", "FIFO", S_IFIFO},
                {"folder", "folder", S_IFDIR},
                {"socket", "socket", S_IFSOCK},
                {"device", "device", S_IFCHR}};
  /* only root may make a device; it is the null device, so that a broken save harms nothing else */
  int count = mknod("device", S_IFCHR | 0600, makedev(1, 3)) == 0 ? 4 : 3;
  for (int i = 0; i < count; i++) {
    CHECK(symlink(things[i].path, "link") == 0);
    for (int kind = 0; kind < 2; kind++) {
      CHECK_REFUSED(PGRAD_IO_ERROR, savers[kind](things[i].path), things[i].path, things[i].word, "regular file");
      CHECK_REFUSED(PGRAD_IO_ERROR, savers[kind]("link"), "link", things[i].word);
      CHECK((mode_of(things[i].path) & S_IFMT) == things[i].type && S_ISLNK(mode_of("link")));
    }
    CHECK(unlink("link") == 0 && remove(things[i].path) == 0);
  }
  CHECK(partial_files(".") == 0);
  if (listener >= 0) close(listener);
}

static void a_file_keeps_its_mode_and_a_new_one_follows_umask(void) {
  const mode_t modes[] = {0600, 0640, 0444, 0755, 0666};
  const mode_t masks[] = {022, 077, 0};
  mode_t before = umask(022);
  for (int m = 0; m < 3; m++) {
    (void)umask(masks[m]);
    for (int i = 0; i < 5; i++) {
      make_file("moded", modes[i]);
      CHECK_OK(save_policy("moded"));
      CHECK((mode_of("moded") & 07777) == modes[i]);
      CHECK(is_readable_policy("moded"));
    }
    CHECK(unlink("moded") == 0);
    CHECK_OK(save_agent("moded"));
    CHECK((mode_of("moded") & 07777) == (0666 & ~masks[m]));
    CHECK(unlink("moded") == 0);
  }
  (void)umask(before);
}

static void a_file_keeps_its_owner_where_the_system_allows_it(void) {
  make_file("owned", 0640);
  if (chown("owned", 12, 34) == 0) {
    struct stat facts;
    CHECK_OK(save_policy("owned"));
    CHECK(stat("owned", &facts) == 0 && facts.st_uid == 12 && facts.st_gid == 34 && (facts.st_mode & 07777) == 0640);
  }
  CHECK(unlink("owned") == 0);
}

/** Saves in a child that the system kills while it writes: its files may not grow beyond `size`. */
static void save_killed_at(const char *path, rlim_t size) {
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    struct rlimit none = {0, 0}, limit = {size, size};
    (void)signal(SIGXFSZ, SIG_DFL);
    if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    _exit(pgrad_policy_save(policy, path) == PGRAD_OK ? 0 : 1);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) abort();
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
}

static void a_save_that_is_killed_leaves_the_old_file_whole_and_the_next_one_cleans_up(void) {
  CHECK(symlink("kept", "link to kept") == 0);
  CHECK_OK(save_policy("kept"));
  CHECK_OK(save_policy("kept too"));
  for (int i = 1; i <= 5; i++) {
    save_killed_at(i % 2 ? "kept" : "link to kept", (rlim_t)(100 * i));
    CHECK(is_readable_policy("kept"));
    CHECK(partial_files(".") == 1); /* the one before is gone */
  }
  CHECK_OK(save_agent("kept too")); /* leaves what belongs to another file */
  CHECK(partial_files(".") == 1);
  CHECK_OK(save_policy("link to kept"));
  CHECK(partial_files(".") == 0 && is_readable_policy("kept"));
  CHECK(unlink("kept") == 0 && unlink("kept too") == 0 && unlink("link to kept") == 0);
}

static void saves_killed_at_any_moment_leave_a_whole_file_and_nothing_else(void) {
  MUST(save_policy("kept"));
  for (int i = 0; i < 30; i++) {
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0)
      for (;;) (void)save_policy("kept");
    struct timespec pause = {0, 500000 + 137000 * i};
    (void)nanosleep(&pause, NULL);
    (void)kill(child, SIGKILL);
    int status = 0;
    if (waitpid(child, &status, 0) != child) abort();
    CHECK(is_readable_policy("kept"));
  }
  CHECK_OK(save_policy("kept"));
  CHECK(partial_files(".") == 0);
  CHECK(unlink("kept") == 0);
}

static void a_partial_file_that_is_being_written_is_left_alone(void) {
  const char *others[] = {"kept.0123456.partial", "kept.0123456g.partial", "kept.01234567.partial.x",
                          "kep.01234567.partial"};
  make_file("kept.01234567.partial", 0600);
  for (int i = 0; i < 4; i++) make_file(others[i], 0600);
  CHECK(mkfifo("kept.89abcdef.partial", 0600) == 0 && symlink("kept", "kept.00000000.partial") == 0);
  int writer = open("kept.01234567.partial", O_RDWR);
  CHECK(writer >= 0 && flock(writer, LOCK_EX) == 0);
  CHECK_OK(save_policy("kept"));
  CHECK(S_ISREG(mode_of("kept.01234567.partial")));
  close(writer);
  CHECK_OK(save_policy("kept"));
  CHECK(mode_of("kept.01234567.partial") == 0);
  for (int i = 0; i < 4; i++) CHECK(S_ISREG(mode_of(others[i])) && unlink(others[i]) == 0);
  CHECK(unlink("kept.89abcdef.partial") == 0 && unlink("kept.00000000.partial") == 0 && unlink("kept") == 0);
}

static void a_refused_save_leaves_no_partial_file(void) {
  struct rlimit old, limit;
  MUST(save_policy("kept"));
  CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
  limit = old;
  limit.rlim_cur = 100;
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  CHECK_REFUSED(PGRAD_IO_ERROR, save_policy("kept"), "kept");
  CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
  (void)signal(SIGXFSZ, handler);
  CHECK(partial_files(".") == 0 && is_readable_policy("kept") && unlink("kept") == 0);
}

static void parameters_that_are_not_finite_are_not_written(void) {
  float *parameters = NULL;
  int64_t size = -1;
  MUST(pgrad_policy_parameters(policy, &parameters, NULL));
  float old = parameters[3];
  const float wrong[] = {NAN, INFINITY};
  for (int i = 0; i < 2; i++) {
    MUST(save_policy("kept"));
    parameters[3] = wrong[i];
    for (int kind = 0; kind < 2; kind++) CHECK_REFUSED(PGRAD_NOT_FINITE, savers[kind]("kept"), "parameters[3]");
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_checkpoint_save(agent, NULL, "kept"), "parameters[3]");
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_policy_save_memory(policy, NULL, 0, &size), "parameters[3]");
    CHECK_REFUSED(PGRAD_NOT_FINITE, pgrad_agent_save_memory(agent, NULL, 0, &size), "parameters[3]");
    CHECK(size == -1 && partial_files(".") == 0);
    parameters[3] = old;
    CHECK(is_readable_policy("kept") && unlink("kept") == 0);
  }
}

/** Replaces "kept" by one of two files again and again, until it is killed. */
static void replace_without_end(void) {
  const struct timespec pause = {0, 50000};
  for (int i = 0;; i++) {
    if (link(i % 2 ? "one" : "two", "next") != 0 || rename("next", "kept") != 0) _exit(1);
    (void)nanosleep(&pause, NULL);
  }
}

static void a_file_that_others_replace_meanwhile_can_be_written(void) {
  make_file("one", 0644), make_file("two", 0644), make_file("kept", 0644);
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) replace_without_end();
  for (int i = 0; i < 300; i += CHECK_STRIDE)
    if (!CHECK_OK(save_policy("kept"))) break;
  (void)kill(child, SIGKILL);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
  CHECK_OK(save_policy("kept"));
  CHECK(is_readable_policy("kept") && partial_files(".") == 0);
  CHECK(unlink("one") == 0 && unlink("two") == 0 && unlink("kept") == 0);
  (void)unlink("next");
}

int main(void) {
  policy = cartpole_policy(1);
  pgrad_agent_config config = small_ppo(1, 1);
  agent = agent_of(policy, &config);
  RUN(a_links_target_is_written_and_the_link_stays);
  RUN(a_link_to_nothing_creates_its_target);
  RUN(links_in_a_circle_are_refused);
  RUN(a_path_that_is_not_a_regular_file_is_refused_and_not_changed);
  RUN(a_file_keeps_its_mode_and_a_new_one_follows_umask);
  RUN(a_file_keeps_its_owner_where_the_system_allows_it);
  RUN(a_save_that_is_killed_leaves_the_old_file_whole_and_the_next_one_cleans_up);
  RUN(saves_killed_at_any_moment_leave_a_whole_file_and_nothing_else);
  RUN(a_partial_file_that_is_being_written_is_left_alone);
  RUN(a_file_that_others_replace_meanwhile_can_be_written);
  RUN(a_refused_save_leaves_no_partial_file);
  RUN(parameters_that_are_not_finite_are_not_written);
  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  return check_report();
}
