// Processor queries that the system declares only with its extensions enabled.
#ifndef KERNEL_PROCESSORS_H
#define KERNEL_PROCESSORS_H

#include <unistd.h>

#if defined(__linux__)
extern int kernel_sched_getaffinity(int process, unsigned long size, unsigned long *set) __asm__("sched_getaffinity");
#endif

/// The number of processors that this process may run on. All processors of the machine if it has more than 4,096, or
/// if the system does not say.
static inline long kernel_processor_count(void) {
#if defined(__linux__)
  unsigned long set[4096 / (8 * sizeof(unsigned long))] = {0};
  if (kernel_sched_getaffinity(0, sizeof set, set) == 0) {
    long count = 0;
    for (unsigned i = 0; i < sizeof set / sizeof *set; i++) count += __builtin_popcountl(set[i]);
    return count;
  }
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? count : 1;
}

#endif
