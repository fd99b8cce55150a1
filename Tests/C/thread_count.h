/* How many threads the process has: tests of several threads check that the library has divided its work. */
#ifndef THREAD_COUNT_H
#define THREAD_COUNT_H

#include <dirent.h>

/** 0 if the system does not tell. */
static inline int thread_count(void) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  if (tasks == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

#endif
