// Atomic operations on plain memory, which Swift's own module offers only with a runtime library more to carry.
#ifndef KERNEL_ATOMICS_H
#define KERNEL_ATOMICS_H

#include <stdint.h>

static inline int64_t kernel_atomic_load(const int64_t *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
static inline void kernel_atomic_store(int64_t *place, int64_t value) {
  __atomic_store_n(place, value, __ATOMIC_SEQ_CST);
}

/// Adds and returns what was there before.
static inline int64_t kernel_atomic_add(int64_t *place, int64_t value) {
  return __atomic_fetch_add(place, value, __ATOMIC_SEQ_CST);
}

/// Tells the processor that this thread is waiting in a loop.
static inline void kernel_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

#endif
