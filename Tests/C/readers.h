/* Threads that read one policy at the same time, for tests of readers. */
#ifndef READERS_H
#define READERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "fixtures.h"

enum { READERS = 8, ROWS = 3 };

static const float some_observations[ROWS * 4] = {0.1f, 0.2f, -0.3f, 0.4f, -1, 0.5f, 2, 0, 0.3f, 0.3f, -0.1f, -2};

/** What the threads of one test share. */
struct meeting {
  pgrad_policy *policy;
  void (*read)(struct meeting *meeting, int thread);
  atomic_long refusals, mistakes;
  atomic_int is_over;
};

struct reader {
  pthread_t thread;
  struct meeting *meeting;
  int number;
};

static inline void *run_reader(void *context) {
  struct reader *reader = (struct reader *)context;
  reader->meeting->read(reader->meeting, reader->number);
  return NULL;
}

static inline void start_readers(struct meeting *meeting, struct reader *readers) {
  for (int i = 0; i < READERS; i++) {
    readers[i].meeting = meeting;
    readers[i].number = i;
    if (pthread_create(&readers[i].thread, NULL, run_reader, &readers[i]) != 0) abort();
  }
}

static inline void join_readers(struct reader *readers) {
  for (int i = 0; i < READERS; i++) pthread_join(readers[i].thread, NULL);
}

/** Counts a call that is refused. */
static inline int accepted(struct meeting *meeting, pgrad_status status) {
  if (status != PGRAD_OK) atomic_fetch_add(&meeting->refusals, 1);
  return status == PGRAD_OK;
}

static inline void expect(struct meeting *meeting, int holds) {
  if (!holds) atomic_fetch_add(&meeting->mistakes, 1);
}

#endif
