/* Reads arguments from the bytes that libFuzzer varies. An input that is used up gives zeros, which are sane values. */
#ifndef INPUT_H
#define INPUT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrad.h"

/** Of the address sanitizer: memory that cannot be had gives NULL. Short stacks make it fast, and so does freed memory
 *  that is used again while it is still in the processor's cache. */
const char *__asan_default_options(void) {
  return "allocator_may_return_null=1:malloc_context_size=2:quarantine_size_mb=8:thread_local_quarantine_size_kb=64";
}

typedef struct input {
  const uint8_t *at, *end;
} input;

static inline int input_left(const input *in) { return in->at < in->end; }

static inline uint8_t take_byte(input *in) { return in->at < in->end ? *in->at++ : 0; }

/** 0 to limit - 1. */
static inline int take_below(input *in, int limit) { return take_byte(in) % limit; }

/** Whether an event of probability 1/rarity happens; never at the end of the input. */
static inline int take_rare(input *in, int rarity) { return take_byte(in) % rarity == rarity - 1; }

static inline uint32_t take_word(input *in) {
  uint32_t word = 0;
  for (int i = 0; i < 4; i++) word = word << 8 | take_byte(in);
  return word;
}

/** A number that no size may have. */
static inline int64_t take_absurd(input *in) {
  static const int64_t absurd[] = {0,
                                   -1,
                                   INT64_MIN,
                                   INT64_MAX,
                                   INT32_MIN,
                                   INT32_MAX,
                                   1LL << 32,
                                   (1LL << 32) + 1,
                                   -(1LL << 32),
                                   1LL << 61,
                                   PGRAD_MAX_ROWS + 1LL,
                                   1LL << 40,
                                   1LL << 62,
                                   INT64_MAX / 4 + 1,
                                   -2,
                                   INT64_MAX - 7};
  return absurd[take_below(in, (int)(sizeof absurd / sizeof absurd[0]))];
}

/** A size from 1 to limit, and seldom one that is refused. */
static inline int64_t take_size(input *in, int limit) {
  return take_rare(in, 48) ? take_absurd(in) : 1 + take_below(in, limit);
}

/** A value of an enumeration or a switch with `count` values from `first`, and seldom another number. */
static inline int32_t take_choice(input *in, int32_t first, int count) {
  return take_rare(in, 48) ? (int32_t)take_absurd(in) : first + take_below(in, count);
}

/** A number that arithmetic may stumble over. */
static inline double take_extreme(input *in) {
  const double extreme[] = {(double)NAN,
                            (double)INFINITY,
                            -(double)INFINITY,
                            1e308,
                            -1e308,
                            3.4e38,
                            -3.4e38,
                            1e-320,
                            1e-45,
                            -0.0,
                            0,
                            1,
                            -1,
                            2,
                            1e9,
                            -1e9,
                            1e-9,
                            0.5,
                            16777217,
                            255};
  return extreme[take_below(in, (int)(sizeof extreme / sizeof extreme[0]))];
}

/** A number from -2 to 2, and seldom an extreme one. */
static inline double take_number(input *in) {
  return take_rare(in, 64) ? take_extreme(in) : (take_byte(in) - 128) / 64.0;
}

/** A positive number up to 1 as options have, and seldom an extreme one. */
static inline double take_share(input *in) {
  return take_rare(in, 32) ? take_extreme(in) : (take_byte(in) + 1) / 256.0;
}

/** A quick generator, for contents of arrays: the input alone would be used up by them. */
static inline uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

/** Ends the run with a crash, which libFuzzer keeps. */
static inline void violated(const char *what) {
  fprintf(stderr, "violated: %s; the last error is \"%s\"\n", what, pgrad_last_error());
  abort();
}

/** A status is one that the header lists, and a refusal has a message. */
static inline pgrad_status checked(pgrad_status status, const char *call) {
  if ((int)status < PGRAD_OK || (int)status > PGRAD_HOST_ERROR) violated(call);
  if (status != PGRAD_OK && pgrad_last_error()[0] == 0) violated(call);
  return status;
}

#define CALL(call) checked((call), #call)

static inline void *memory_of(size_t size) {
  void *memory = malloc(size == 0 ? 1 : size); /* exact, so that the sanitizer sees what lies beyond */
  if (memory == NULL) abort();
  return memory;
}

/** Memory in which a refused call must write nothing. */
static inline void *output_of(size_t size) {
  void *memory = memory_of(size);
  memset(memory, 0xA5, size);
  return memory;
}

/** Frees outputs. If the call was refused, they must be as they were. */
static inline void release_output(pgrad_status status, void *memory, size_t size) {
  if (memory == NULL) return;
  if (status != PGRAD_OK)
    for (size_t i = 0; i < size; i++)
      if (((unsigned char *)memory)[i] != 0xA5) violated("a refused call wrote into an output");
  free(memory);
}

#endif
