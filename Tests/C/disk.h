/* A disk that fails, or loses power. A program that includes this file replaces the calls by which files are written:
 * the library's calls reach the functions below. While recording, they keep a log from which disk_after_cut derives
 * what a disk may hold after a power cut. Files lie in the current folder and are only appended to. */
#ifndef DISK_H
#define DISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* unistd.h hides it from programs of strict POSIX. */
extern long syscall(long number, ...);

enum { DISK_CALLS = 256, DISK_NAME = 64, DISK_BYTES = 1 << 20, DISK_DESCRIPTORS = 64 };

enum disk_kind { DISK_CREATE = 1, DISK_WRITE, DISK_SYNC, DISK_RENAME, DISK_UNLINK, DISK_SYNC_FOLDER };

/** One successful call. A file is named by the index of the call that created it. */
typedef struct disk_call {
  enum disk_kind kind;
  int file;
  size_t count;
  char name[DISK_NAME], renamed[DISK_NAME];
} disk_call;

static struct {
  int recording;
  int calls;
  disk_call call[DISK_CALLS];
  char bytes[DISK_BYTES]; /* of all writes, in order */
  size_t written;
  int file_of[DISK_DESCRIPTORS]; /* 1 + the index of the file; -1 for a folder */
  /* failures */
  int countdown; /* the call after so many fails; -1: none */
  int error;     /* its errno */
  long room;     /* bytes that can still be written; -1: any number */
} disk = {.countdown = -1, .room = -1};

/** Whether this call is the one that fails; sets errno. */
static int disk_fails(void) {
  if (disk.countdown < 0 || disk.countdown-- > 0) return 0;
  errno = disk.error;
  return 1;
}

static void disk_log(enum disk_kind kind, int file, size_t count, const char *name, const char *renamed) {
  if (!disk.recording) return;
  if (disk.calls == DISK_CALLS || strlen(name) >= DISK_NAME || strlen(renamed) >= DISK_NAME) abort();
  disk_call *call = &disk.call[disk.calls++];
  call->kind = kind;
  call->file = file;
  call->count = count;
  (void)snprintf(call->name, DISK_NAME, "%s", name);
  (void)snprintf(call->renamed, DISK_NAME, "%s", renamed);
}

/* -------------------------------------------------------------------------------------------------- the calls */

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (flags & O_CREAT && disk_fails()) return -1;
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  if (descriptor < 0 || descriptor >= DISK_DESCRIPTORS) return descriptor;
  disk.file_of[descriptor] = flags & O_CREAT ? disk.calls + 1 : flags & O_DIRECTORY ? -1 : 0;
  if (flags & O_CREAT) disk_log(DISK_CREATE, disk.calls, 0, path, "");
  return descriptor;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  int file = descriptor >= 0 && descriptor < DISK_DESCRIPTORS ? disk.file_of[descriptor] : 0;
  if (file > 0) {
    if (disk_fails()) return -1;
    if (disk.room == 0 && count > 0) return errno = ENOSPC, -1;
    if (disk.room > 0 && count > (size_t)disk.room) count = (size_t)disk.room;
  }
  ssize_t done = (ssize_t)syscall(SYS_write, descriptor, bytes, count);
  if (done > 0 && file > 0) {
    if (disk.room > 0) disk.room -= done;
    if (disk.recording) {
      if (disk.written + (size_t)done > DISK_BYTES) abort();
      memcpy(disk.bytes + disk.written, bytes, (size_t)done);
      disk.written += (size_t)done;
    }
    disk_log(DISK_WRITE, file - 1, (size_t)done, "", "");
  }
  return done;
}

int fsync(int descriptor) {
  if (disk_fails()) return -1;
  int status = (int)syscall(SYS_fsync, descriptor);
  int file = descriptor >= 0 && descriptor < DISK_DESCRIPTORS ? disk.file_of[descriptor] : 0;
  if (status == 0 && file != 0) disk_log(file > 0 ? DISK_SYNC : DISK_SYNC_FOLDER, file - 1, 0, "", "");
  return status;
}

int rename(const char *from, const char *to) {
  if (disk_fails()) return -1;
  int status = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (status == 0) disk_log(DISK_RENAME, 0, 0, from, to);
  return status;
}

int unlink(const char *path) {
  int status = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (status == 0) disk_log(DISK_UNLINK, 0, 0, path, "");
  return status;
}

int close(int descriptor) {
  if (descriptor >= 0 && descriptor < DISK_DESCRIPTORS) disk.file_of[descriptor] = 0;
  return (int)syscall(SYS_close, descriptor);
}

/* ------------------------------------------------------------------------------------------------- power cuts */

/** What the disk may not have kept: data whose file was not synced, and names whose folder was not. */
typedef struct disk_cut {
  int calls;       /* made before the cut */
  int names;       /* of these, the calls up to here have changed the folder on disk */
  int quarters;    /* of the data that was not synced, so many quarters are on disk */
  int sync_claims; /* 0: syncing a file does nothing, as in a save that forgets it */
} disk_cut;

/** The file called `name` after the cut.
 *  @return Its length; -1 if it does not exist; -2 if it is older than the log. */
static long disk_after_cut(const char *name, disk_cut cut, char *bytes) {
  int file = -2;
  for (int i = 0; i < cut.names; i++) {
    const disk_call *call = &disk.call[i];
    if (call->kind == DISK_CREATE && strcmp(call->name, name) == 0) file = i;
    if (call->kind == DISK_UNLINK && strcmp(call->name, name) == 0) file = -1;
    if (call->kind != DISK_RENAME || strcmp(call->renamed, name) != 0) continue;
    for (int k = 0; k < i; k++)
      if (disk.call[k].kind == DISK_CREATE && strcmp(disk.call[k].name, call->name) == 0) file = k;
  }
  if (file < 0) return file;
  size_t length = 0, synced = 0, position = 0;
  for (int i = 0; i < cut.calls; i++) {
    const disk_call *call = &disk.call[i];
    if (call->kind == DISK_WRITE && call->file == file) {
      memcpy(bytes + length, disk.bytes + position, call->count);
      length += call->count;
    }
    if (call->kind == DISK_WRITE) position += call->count;
    if (call->kind == DISK_SYNC && call->file == file && cut.sync_claims) synced = length;
  }
  return (long)(synced + (length - synced) * (size_t)cut.quarters / 4);
}

/** The calls before the last one that synced the folder: their names are certainly on disk. */
static int disk_synced_names(int calls) {
  while (calls > 0 && disk.call[calls - 1].kind != DISK_SYNC_FOLDER) calls--;
  return calls;
}

#endif
