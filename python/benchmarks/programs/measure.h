/* What the programs share: a clock, and an end for what fails. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pgrad.h"

static inline double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline void must(pgrad_status status) {
  if (status != PGRAD_OK) {
    fprintf(stderr, "%s: %s\n", pgrad_status_name(status), pgrad_last_error());
    exit(1);
  }
}

/* The n-th argument, a whole number. */
static inline int64_t argument(int count, char **values, int n) {
  if (n >= count) {
    fprintf(stderr, "argument %d is missing\n", n);
    exit(1);
  }
  return strtoll(values[n], NULL, 10);
}

#endif
