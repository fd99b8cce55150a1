// Lets several threads of a child of fork use Swift for the first time at once.
//
// Locks of Swift's runtime are futexes that hold the number of their owner's thread. Every thread keeps its number, and
// the thread that calls fork keeps its old one in the child. There the kernel refuses such a lock as soon as a second
// thread waits for it, and both try again for ever. The handler below forgets the number, so that it is read again.
#if defined(STATIC_RUNTIME) && defined(__linux__)

#include <pthread.h>
#include <stdint.h>

// The variable of swift::threading_impl::linux::ulock_get_tid(); 0 until it is first needed.
extern __thread uint32_t thread_number __asm__("_ZZN5swift14threading_impl5linux13ulock_get_tidEvE3tid");

static void forget_thread_number(void) { thread_number = 0; }

__attribute__((constructor)) static void forget_thread_number_in_children(void) {
  (void)pthread_atfork(0, 0, forget_thread_number);
}

#endif
