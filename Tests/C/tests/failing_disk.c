/* Saves on a disk that fails at any call, is full after any byte, or loses power at any moment. Runs without a
 * sanitizer, which replaces the same calls. */
#include "disk.h"

#include <dirent.h>

#include "fixtures.h"

enum { OLD, NEW };

static pgrad_policy *policies[2];
static pgrad_agent *agents[2];
static char contents[2][DISK_BYTES];
static long lengths[2];

static pgrad_status save_policy(int which) { return pgrad_policy_save(policies[which], "kept"); }
static pgrad_status save_agent(int which) { return pgrad_agent_save(agents[which], "kept"); }
static pgrad_status (*const savers[])(int which) = {save_policy, save_agent};

static long read_all(const char *path, char *bytes) {
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) return -1;
  size_t count = fread(bytes, 1, DISK_BYTES, stream);
  fclose(stream);
  return (long)count;
}

/** Whether these bytes are the whole old file, or the whole new one. */
static int is(int which, const char *bytes, long length) {
  return length == lengths[which] && memcmp(bytes, contents[which], (size_t)length) == 0;
}

static int no_partial_file_is_left(void) {
  DIR *entries = opendir(".");
  if (entries == NULL) abort();
  int others = 0;
  for (struct dirent *entry; (entry = readdir(entries)) != NULL;) others += strncmp(entry->d_name, "kept.", 5) == 0;
  closedir(entries);
  return others == 0;
}

/** Puts the old file in place and keeps the bytes of both. */
static void prepare(pgrad_status (*save)(int which)) {
  for (int which = NEW; which >= OLD; which--) {
    MUST(save(which));
    lengths[which] = read_all("kept", contents[which]);
  }
  if (lengths[OLD] < 0 || (lengths[OLD] == lengths[NEW] && is(OLD, contents[NEW], lengths[NEW]))) abort();
}

/** After a save that was refused: the old file is whole, nothing else is left, and the next save succeeds. */
static int old_file_is_whole(void) {
  static char bytes[DISK_BYTES];
  long length = read_all("kept", bytes);
  return CHECK(is(OLD, bytes, length)) && CHECK(no_partial_file_is_left());
}

static void a_disk_that_fails_at_any_call_leaves_the_old_file_or_the_new_one(void) {
  const int errors[] = {ENOSPC, EDQUOT, EIO, EROFS, EACCES};
  static char bytes[DISK_BYTES];
  for (int kind = 0; kind < 2; kind++) {
    prepare(savers[kind]);
    for (int e = 0; e < 5; e++) {
      int refused = 0;
      for (int call = 0;; call++) {
        disk.countdown = call;
        disk.error = errors[e];
        pgrad_status status = savers[kind](NEW);
        int happened = disk.countdown < 0;
        disk.countdown = -1;
        if (status != PGRAD_OK) {
          CHECK(status == PGRAD_IO_ERROR && strstr(pgrad_last_error(), "\"kept\"") != NULL);
          CHECK(strstr(pgrad_last_error(), strerror(errors[e])) != NULL);
          if (!old_file_is_whole()) return;
          refused++;
          continue;
        }
        long length = read_all("kept", bytes);
        CHECK(is(NEW, bytes, length) && no_partial_file_is_left());
        MUST(savers[kind](OLD));
        if (!happened) break;
      }
      CHECK(refused >= 4); /* create, write, sync, rename */
    }
  }
}

static void a_disk_that_is_full_after_any_byte_leaves_the_old_file(void) {
  for (int kind = 0; kind < 2; kind++) {
    prepare(savers[kind]);
    for (long room = 0; room < lengths[NEW]; room += room < 64 ? 1 : 61) {
      disk.room = room;
      CHECK_REFUSED(PGRAD_IO_ERROR, savers[kind](NEW), "\"kept\"", strerror(ENOSPC));
      disk.room = -1;
      if (!old_file_is_whole()) return;
    }
    MUST(savers[kind](NEW)); /* the refused objects are as before */
    static char bytes[DISK_BYTES];
    CHECK(is(NEW, bytes, read_all("kept", bytes)));
  }
}

/** Cuts the power after every call of a save, with every share of the unsynced data and names on disk.
 *  @return How often the file was neither the old one nor the new one; after the save, how often it was not the new. */
static int torn_files(pgrad_status (*save)(int which), int sync_claims, int *cuts) {
  static char bytes[DISK_BYTES];
  int torn = 0;
  prepare(save);
  disk.calls = 0, disk.written = 0, disk.recording = 1;
  MUST(save(NEW));
  disk.recording = 0;
  for (int calls = 0; calls <= disk.calls; calls++)
    for (int names = disk_synced_names(calls); names <= calls; names++)
      for (int quarters = 0; quarters <= 4; quarters++) {
        disk_cut cut = {calls, names, quarters, sync_claims};
        long length = disk_after_cut("kept", cut, bytes);
        int is_old = length == -2, is_new = length >= 0 && is(NEW, bytes, length);
        torn += !(is_new || (is_old && calls < disk.calls));
        ++*cuts;
      }
  return torn;
}

static void a_power_cut_at_any_moment_leaves_a_whole_file_and_after_the_save_the_new_one(void) {
  int cuts = 0;
  for (int kind = 0; kind < 2; kind++) CHECK(torn_files(savers[kind], 1, &cuts) == 0);
  CHECK(cuts > 100);
}

static void cutting_the_power_shows_a_save_that_does_not_sync(void) {
  int cuts = 0;
  for (int kind = 0; kind < 2; kind++) CHECK(torn_files(savers[kind], 0, &cuts) > 0);
}

int main(void) {
  for (int which = OLD; which <= NEW; which++) {
    policies[which] = cartpole_policy((uint64_t)which);
    pgrad_agent_config config = small_ppo((uint64_t)which, 1);
    agents[which] = agent_of(policies[which], &config);
  }
  RUN(a_disk_that_fails_at_any_call_leaves_the_old_file_or_the_new_one);
  RUN(a_disk_that_is_full_after_any_byte_leaves_the_old_file);
  RUN(a_power_cut_at_any_moment_leaves_a_whole_file_and_after_the_save_the_new_one);
  RUN(cutting_the_power_shows_a_save_that_does_not_sync);
  for (int which = OLD; which <= NEW; which++) {
    pgrad_agent_destroy(agents[which]);
    pgrad_policy_destroy(policies[which]);
  }
  return check_report();
}
