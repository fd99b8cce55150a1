/* One file on disk, for functions that take a path. */
#ifndef DISK_H
#define DISK_H

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "input.h"

static char file_path[64];

static inline void remove_file(void) { (void)unlink(file_path); }

/** Where memory serves as a disk, no time is lost by waiting for one. */
static inline void name_file(void) {
  const char *const folders[] = {"/dev/shm", "/tmp"};
  for (int i = 0; i < 2; i++) {
    (void)snprintf(file_path, sizeof file_path, "%s/pgrad-fuzz-XXXXXX", folders[i]);
    int file = mkstemp(file_path);
    if (file < 0) continue;
    (void)close(file);
    (void)atexit(remove_file);
    return;
  }
  abort();
}

/** The path of a file that belongs to this process, for all its threads. */
static inline const char *path_of_file(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, name_file);
  return file_path;
}

static inline void write_file(const void *bytes, size_t size) {
  int file = open(path_of_file(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || write(file, bytes, size) != (ssize_t)size || close(file) != 0) abort();
}

static inline char *read_file(size_t *size) {
  int file = open(path_of_file(), O_RDONLY);
  off_t end = file < 0 ? -1 : lseek(file, 0, SEEK_END);
  if (end < 0 || lseek(file, 0, SEEK_SET) != 0) abort();
  char *bytes = (char *)memory_of((size_t)end);
  *size = (size_t)end;
  if (read(file, bytes, *size) != (ssize_t)*size || close(file) != 0) abort();
  return bytes;
}

#endif
