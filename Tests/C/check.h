/* Shared by the C tests. A test is a function whose name is the sentence that it proves. */
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrad.h"

/** How far loops over similar cases advance. Sanitized programs take every case only under `make asan`, which also
 *  instruments the library. */
#ifdef FEWER_CASES
enum { CHECK_STRIDE = 8 };
#else
enum { CHECK_STRIDE = 1 };
#endif

static int check_failures;
static int check_failed_tests;
static int check_tests;

static inline int check_that(int holds, const char *file, int line, const char *text) {
  if (!holds) {
    check_failures++;
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
  }
  return holds;
}

/** Proves nothing else if this does not hold. */
#define CHECK(condition) check_that((condition) ? 1 : 0, __FILE__, __LINE__, #condition)

static inline int check_status(pgrad_status status, const char *file, int line, const char *text) {
  if (status != PGRAD_OK) {
    check_failures++;
    fprintf(stderr, "%s:%d: %s gave %s: %s\n", file, line, text, pgrad_status_name(status), pgrad_last_error());
  }
  return status == PGRAD_OK;
}

#define CHECK_OK(call) check_status((call), __FILE__, __LINE__, #call)

/** Leaves a message that no refusal under test repeats, so that a stale one is found out. */
static inline void check_leave_stale_message(void) { (void)pgrad_optimizer_config_init(NULL, 12345); }

static inline int check_refused(pgrad_status status, pgrad_status expected, const char *file, int line,
                                const char *text, ...) {
  const char *message = pgrad_last_error();
  int good = status == expected && strstr(message, "12345") == NULL;
  va_list words;
  va_start(words, text);
  for (const char *word = va_arg(words, const char *); word != NULL; word = va_arg(words, const char *))
    good = good && strstr(message, word) != NULL;
  va_end(words);
  if (!good) {
    check_failures++;
    fprintf(stderr, "%s:%d: %s\n  gave %s (%s expected): %s\n  expected in the message:", file, line, text,
            pgrad_status_name(status), pgrad_status_name(expected), message);
    va_start(words, text);
    for (const char *word = va_arg(words, const char *); word != NULL; word = va_arg(words, const char *))
      fprintf(stderr, " \"%s\"", word);
    va_end(words);
    fputc('\n', stderr);
  }
  return good;
}

/** The call is refused with this status, and its message contains all words that follow. */
#define CHECK_REFUSED(expected, call, ...)                                                                 \
  check_refused((check_leave_stale_message(), (call)), (expected), __FILE__, __LINE__, #call, __VA_ARGS__, \
                (const char *)NULL)

/** Memory that a refused call must leave alone. */
static inline void canary_set(void *memory, size_t size) { memset(memory, 0xA5, size); }
static inline int canary_alive(const void *memory, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (((const unsigned char *)memory)[i] != 0xA5) return 0;
  return 1;
}

static inline void check_run(void (*test)(void), const char *name) {
  int before = check_failures;
  test();
  check_tests++;
  if (check_failures != before) {
    check_failed_tests++;
    printf("  FAILED %s\n", name);
  }
}

#define RUN(test) check_run(test, #test)

/** Ends main: "N passed, N failed", and a status that is 0 if none failed. */
static inline int check_report(void) {
  printf("%d passed, %d failed\n", check_tests - check_failed_tests, check_failed_tests);
  return check_failed_tests == 0 ? 0 : 1;
}

/** For calls that a test needs but does not examine: a failure ends the program. */
static inline void must_at(pgrad_status status, const char *file, int line, const char *text) {
  if (status == PGRAD_OK) return;
  fprintf(stderr, "%s:%d: %s gave %s: %s\n", file, line, text, pgrad_status_name(status), pgrad_last_error());
  exit(1);
}

#define MUST(call) must_at((call), __FILE__, __LINE__, #call)

#endif
