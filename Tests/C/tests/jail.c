/* System calls of the library, in jails that answer any other call by ending the process. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "guest.h"

enum { MOST_CALLS = 64, FILTER_HEAD = 1, FILTER_TAIL = 2 };

/** Names the first system call that the jail does not allow, and ends the process. */
static void report_call(int number, siginfo_t *information, void *context) {
  char text[] = "system call 0000\n";
  (void)number;
  (void)context;
  int call = information->si_syscall;
  for (char *digit = text + 15; digit >= text + 12; digit--, call /= 10) *digit = (char)('0' + call % 10);
  if (write(2, text, sizeof text - 1) < 0) _exit(3);
  _exit(2);
}

/** From here on this process may make only the given system calls, and write, _exit and the end of a signal handler. */
static int enter_jail(const int *allowed, int count) {
  const int always[] = {SYS_write, SYS_exit, SYS_exit_group, SYS_rt_sigreturn};
  const int always_count = sizeof always / sizeof *always, total = count + always_count;
  struct sock_filter filter[FILTER_HEAD + MOST_CALLS + FILTER_TAIL];
  if (total > MOST_CALLS) return -1;
  filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < total; i++) {
    unsigned call = (unsigned)(i < count ? allowed[i] : always[i - count]);
    filter[FILTER_HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, (uint8_t)(total - i), 0);
  }
  filter[FILTER_HEAD + total] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
  filter[FILTER_HEAD + total + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {(unsigned short)(FILTER_HEAD + total + FILTER_TAIL), filter};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = report_call;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, NULL);
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static void enter_empty_jail(void) {
  /* Reading the clock is a system call only on machines whose clock cannot be read from user space. */
  const int allowed[] = {SYS_clock_gettime};
  if (enter_jail(allowed, 1) != 0) _exit(77);
}

/** A host's loop; nothing but the library is called in it. */
static void drive(struct training *training, int steps) {
  static float observations[16], rewards[4], final[16], actions[4];
  static uint8_t terminated[4], truncated[4];
  for (int step = 0; step < steps; step++) {
    MUST(pgrad_agent_act(training->agent, actions));
    MUST(pgrad_env_step(training->env, actions, rewards, terminated, truncated, observations, final));
    MUST(pgrad_agent_observe(training->agent, rewards, terminated, truncated, observations, final));
  }
}

static int act_and_learn(void *context) {
  struct training training = new_training(*(const int32_t *)context, 1);
  static float observations[16], values[4];
  MUST(pgrad_env_reset(training.env, 1, observations));
  MUST(pgrad_agent_begin(training.agent, observations));
  drive(&training, 200);
  enter_empty_jail();
  drive(&training, 200);
  MUST(pgrad_policy_value(training.policy, observations, 4, values));
  return 0;
}

static void acting_and_learning_make_no_system_call(void) {
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++)
    CHECK(holds_in_child(act_and_learn, &algorithm));
}

static int step_by_hand(void *context) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_optimizer *optimizer = adam(policy);
  int64_t count = 0;
  float *gradient = parameters_of(policy, &count);
  const float observations[8] = {0.1f, 0.2f, 0.3f, 0.4f}, weights[2] = {1, -1};
  float actions[2], log_probs[2];
  (void)context;
  for (int i = 0; i < 2; i++) {
    if (i == 1) enter_empty_jail();
    MUST(pgrad_policy_sample(policy, observations, 2, actions, log_probs));
    MUST(pgrad_policy_score_gradient(policy, observations, actions, weights, 2, gradient));
    MUST(pgrad_optimizer_step(optimizer, gradient));
  }
  return 0;
}

static void a_gradient_step_makes_no_system_call(void) { CHECK(holds_in_child(step_by_hand, NULL)); }

/** All that the README lists: memory, threads and files. */
static int live_a_whole_life(void *context) {
  const int memory[] = {SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise};
  const int threads[] = {SYS_futex,  SYS_clone3,         SYS_clone,          SYS_set_robust_list,
                         SYS_rseq,   SYS_rt_sigprocmask, SYS_rt_sigaction,   SYS_gettid,
                         SYS_getpid, SYS_sched_yield,    SYS_clock_nanosleep};
  const int files[] = {SYS_openat,     SYS_read,       SYS_pread64, SYS_lseek,  SYS_close,     SYS_fsync,
                       SYS_newfstatat, SYS_fstat,      SYS_rename,  SYS_unlink, SYS_getrandom, SYS_clock_gettime,
                       SYS_fcntl,      SYS_getdents64, SYS_flock,   SYS_fchmod, SYS_fchown,    SYS_readlink};
#if defined(SYS_stat) && defined(SYS_lstat)
  const int older[] = {SYS_stat, SYS_lstat}; /* of C libraries before 2.33, and programs that run with them */
#else
  const int older[] = {SYS_fstat};
#endif
  int allowed[MOST_CALLS], count = 0;
  for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) allowed[count++] = memory[i];
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) allowed[count++] = threads[i];
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) allowed[count++] = files[i];
  for (size_t i = 0; i < sizeof older / sizeof *older; i++) allowed[count++] = older[i];
  (void)context;
  if (enter_jail(allowed, count) != 0) return 77;
  for (int32_t algorithm = PGRAD_REINFORCE; algorithm <= PGRAD_SPO; algorithm++)
    (void)train_and_store(algorithm, 2, "jailed.safetensors");
  return 0;
}

static void training_with_threads_and_files_makes_only_documented_calls(void) {
  CHECK(holds_in_child(live_a_whole_life, NULL));
}

static int open_a_file(void *context) {
  (void)context;
  enter_empty_jail();
  return open("anything", O_RDONLY) < 0 ? 0 : 1;
}

static void the_jail_holds(void) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    if (dup2(open("/dev/null", O_WRONLY), 2) < 0) _exit(1);
    _exit(open_a_file(NULL));
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

static int try_a_jail(void *context) {
  (void)context;
  enter_empty_jail();
  return 0;
}

int main(void) {
  if (!holds_in_child(try_a_jail, NULL)) {
    printf("this system has no jails\n");
    return check_report();
  }
  RUN(the_jail_holds);
  RUN(acting_and_learning_make_no_system_call);
  RUN(a_gradient_step_makes_no_system_call);
  RUN(training_with_threads_and_files_makes_only_documented_calls);
  return check_report();
}
