// Atomic operations on plain memory. Swift's own module for these would need another runtime library.
#ifndef KERNEL_ATOMICS_H
#define KERNEL_ATOMICS_H

#include <pthread.h>
#include <stdint.h>

static inline int64_t kernel_atomic_load(const int64_t *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
static inline void kernel_atomic_store(int64_t *place, int64_t value) {
  __atomic_store_n(place, value, __ATOMIC_SEQ_CST);
}
/// Loads in the order of all sequentially consistent operations, so that an earlier write of this thread comes first.
static inline int64_t kernel_atomic_load_ordered(const int64_t *place) {
  return __atomic_load_n(place, __ATOMIC_SEQ_CST);
}
/// Writes after all earlier writes of this thread. Faster than `kernel_atomic_store`, which also orders later reads.
static inline void kernel_atomic_publish(int64_t *place, int64_t value) {
  __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

/// Adds `value` and returns the old value.
static inline int64_t kernel_atomic_add(int64_t *place, int64_t value) {
  return __atomic_fetch_add(place, value, __ATOMIC_SEQ_CST);
}

/// Writes `value` if the current value is 0. Returns whether it did.
static inline int kernel_atomic_claim(int64_t *place, int64_t value) {
  int64_t nobody = 0;
  return __atomic_compare_exchange_n(place, &nobody, value, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/// Writes `value` if the current value is `old`. Returns whether it did.
static inline int kernel_atomic_replace(int64_t *place, int64_t old, int64_t value) {
  return __atomic_compare_exchange_n(place, &old, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/// Writes 0, after all earlier writes of this thread.
static inline void kernel_atomic_release(int64_t *place) { __atomic_store_n(place, 0, __ATOMIC_RELEASE); }

/// A number that identifies this thread; never 0.
static inline int64_t kernel_this_thread(void) { return (int64_t)(intptr_t)pthread_self(); }

/// A hint to the processor that this thread is waiting in a loop.
static inline void kernel_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

#endif
