// Lets the shared library run with a C library that is older than the one it was linked with.
//
// From time to time glibc gives a function a new version, or makes one of a macro. A library that is linked today asks
// for the newest version, although it would work with the first one. The definitions below have the same names, are
// visible only inside libpgrad.so, and call the first version. For `exp` and the like, it differs only in `errno`.
#if defined(OLDER_GLIBC) && defined(__linux__) && defined(__x86_64__)

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>

// Declares `first_name`, the version of `name` that glibc had on x86-64 from the start.
#define FIRST_VERSION(result, name, parameters) \
  extern result first_##name parameters;        \
  __asm__(".symver first_" #name ", " #name "@GLIBC_2.2.5")

#define USE_FIRST_VERSION(result, name, parameters, arguments) \
  FIRST_VERSION(result, name, parameters);                     \
  result name parameters { return first_##name arguments; }

// Since 2.29 and 2.35 these leave `errno` alone.
USE_FIRST_VERSION(double, exp, (double x), (x))
USE_FIRST_VERSION(double, exp2, (double x), (x))
USE_FIRST_VERSION(double, log, (double x), (x))
USE_FIRST_VERSION(double, log2, (double x), (x))
USE_FIRST_VERSION(double, pow, (double x, double y), (x, y))
USE_FIRST_VERSION(float, hypotf, (float x, float y), (x, y))

// Since 2.34, or 2.32, these are part of libc.so.6; before, of libpthread.so.0 and libdl.so.2.
USE_FIRST_VERSION(int, pthread_create,
                  (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
                  (thread, attributes, start, argument))
USE_FIRST_VERSION(int, pthread_join, (pthread_t thread, void **result), (thread, result))
USE_FIRST_VERSION(int, pthread_sigmask, (int how, const sigset_t *signals, sigset_t *before), (how, signals, before))
USE_FIRST_VERSION(int, pthread_key_create, (pthread_key_t * key, void (*destroy)(void *)), (key, destroy))
USE_FIRST_VERSION(void *, pthread_getspecific, (pthread_key_t key), (key))
USE_FIRST_VERSION(int, pthread_setspecific, (pthread_key_t key, const void *value), (key, value))
USE_FIRST_VERSION(void *, dlopen, (const char *path, int mode), (path, mode))
USE_FIRST_VERSION(void *, dlsym, (void *handle, const char *name), (handle, name))
USE_FIRST_VERSION(char *, dlerror, (void), ())
USE_FIRST_VERSION(int, dladdr, (const void *address, void *information), (address, information))

FIRST_VERSION(sem_t *, sem_open, (const char *name, int flags, ...));
sem_t *sem_open(const char *name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  unsigned value = va_arg(rest, unsigned);
  va_end(rest);
  return first_sem_open(name, flags, mode, value);
}

// Before 2.33 these were macros for functions that take the version of `struct stat`.
enum { STAT_VERSION = 1 };

FIRST_VERSION(int, __xstat, (int version, const char *path, struct stat *status));
FIRST_VERSION(int, __lxstat, (int version, const char *path, struct stat *status));
FIRST_VERSION(int, __fxstat, (int version, int descriptor, struct stat *status));
extern int __fxstatat(int version, int folder, const char *path, struct stat *status, int flags);

int stat(const char *path, struct stat *status) { return first___xstat(STAT_VERSION, path, status); }
int lstat(const char *path, struct stat *status) { return first___lxstat(STAT_VERSION, path, status); }
int fstat(int descriptor, struct stat *status) { return first___fxstat(STAT_VERSION, descriptor, status); }
int fstatat(int folder, const char *path, struct stat *status, int flags) {
  return __fxstatat(STAT_VERSION, folder, path, status, flags);
}

// GCC 11 added this to libstdc++; before, programs threw std::bad_alloc, which std::bad_array_new_length extends.
extern void _ZSt17__throw_bad_allocv(void);
void _ZSt28__throw_bad_array_new_lengthv(void) { _ZSt17__throw_bad_allocv(); }

#endif
