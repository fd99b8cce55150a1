/* Edits of a file in the safetensors format that keep most of its structure. */
#ifndef EDITS_H
#define EDITS_H

#include "input.h"

enum { LARGEST_HEADER = 1 << 15, LARGEST_DATA = 1 << 16 };

/** A file in parts: the header's length is written when the parts are joined. */
typedef struct parted_file {
  char header[LARGEST_HEADER], data[LARGEST_DATA];
  size_t header_size, data_size;
} parted_file;

static inline void part_file(parted_file *file, const char *bytes, size_t size) {
  uint64_t length;
  memcpy(&length, bytes, sizeof length);
  if (length > LARGEST_HEADER || size - 8 - length > LARGEST_DATA) abort();
  file->header_size = (size_t)length;
  file->data_size = size - 8 - (size_t)length;
  memcpy(file->header, bytes + 8, file->header_size);
  memcpy(file->data, bytes + 8 + length, file->data_size);
}

static inline char *join_file(const parted_file *file, uint64_t length, size_t *size) {
  *size = 8 + file->header_size + file->data_size;
  char *bytes = (char *)memory_of(*size);
  memcpy(bytes, &length, 8);
  memcpy(bytes + 8, file->header, file->header_size);
  memcpy(bytes + 8 + file->header_size, file->data, file->data_size);
  return bytes;
}

/** Copies the bytes in use, which are few of all. */
static inline void copy_file(parted_file *copy, const parted_file *file) {
  memcpy(copy->header, file->header, file->header_size);
  memcpy(copy->data, file->data, file->data_size);
  copy->header_size = file->header_size, copy->data_size = file->data_size;
}

/** Replaces header bytes from..to; does nothing if the result is too long. */
static inline void replace(parted_file *file, size_t from, size_t to, const char *text, size_t count) {
  if (from > to || to > file->header_size || file->header_size - (to - from) + count > LARGEST_HEADER) return;
  memmove(file->header + from + count, file->header + to, file->header_size - to);
  memcpy(file->header + from, text, count);
  file->header_size += count - (to - from);
}

/** The position after the n-th place, counted around, where a character of `set` stands in the header. */
static inline size_t nth_of(const parted_file *file, const char *set, size_t n) {
  uint8_t is_wanted[256] = {0};
  size_t count = 0;
  while (*set != 0) is_wanted[(uint8_t)*set++] = 1;
  for (size_t i = 0; i < file->header_size; i++) count += is_wanted[(uint8_t)file->header[i]];
  if (count == 0) return 0;
  n %= count;
  for (size_t i = 0;; i++)
    if (is_wanted[(uint8_t)file->header[i]] && n-- == 0) return i + 1;
}

/** A value in the header, text or number, becomes another. */
static inline void edit_value(input *in, parted_file *file) {
  static const char *const values[] = {"0",
                                       "-1",
                                       "1",
                                       "2",
                                       "3",
                                       "2147483648",
                                       "9223372036854775807",
                                       "nan",
                                       "inf",
                                       "x",
                                       "1e308",
                                       "1e-320",
                                       "18446744073709551615",
                                       "",
                                       "null",
                                       "[]",
                                       "{}",
                                       "true",
                                       "0.5",
                                       "\\u0000",
                                       "\\ud800",
                                       "\xff",
                                       "PGRAD",
                                       "4294967297",
                                       "-0",
                                       "1e999"};
  int is_number = take_rare(in, 2);
  size_t from = nth_of(file, is_number ? "[," : ":", take_word(in) % 1024), to = from;
  if (from < file->header_size && file->header[from] == '"') from++, to = from;
  while (to < file->header_size && strchr("\",]}", file->header[to]) == NULL) to++;
  const char *value = values[take_below(in, (int)(sizeof values / sizeof values[0]))];
  replace(file, from, to, value, strlen(value));
}

/** A member of an object disappears, or comes twice. */
static inline void edit_member(input *in, parted_file *file) {
  size_t from = nth_of(file, ",", take_word(in) % 1024), to = from;
  int depth = 0;
  while (to < file->header_size && (depth > 0 || file->header[to] != ',')) {
    depth += strchr("[{", file->header[to]) != NULL ? 1 : strchr("]}", file->header[to]) != NULL ? -1 : 0;
    if (depth < 0) break;
    to++;
  }
  if (to < file->header_size && file->header[to] == ',') to++;
  if (take_rare(in, 2)) {
    replace(file, from, to, "", 0);
  } else if (to - from < 4096) {
    char copy[4096];
    memcpy(copy, file->header + from, to - from);
    replace(file, from, from, copy, to - from);
  }
}

/** A number in a tensor becomes extreme. */
static inline void edit_number(input *in, parted_file *file) {
  size_t width = take_rare(in, 2) ? 8 : 4;
  if (file->data_size < width) return;
  size_t at = take_word(in) % (file->data_size / width) * width;
  double extreme = take_extreme(in);
  float narrow = (float)extreme;
  int64_t whole = take_absurd(in);
  const void *sources[] = {width == 8 ? (void *)&extreme : (void *)&narrow, &whole};
  memcpy(file->data + at, sources[take_below(in, 2)], width);
}

/** Changes the file by the next bytes of the input. @return The length that the file states for its header. */
static inline uint64_t edit_file(input *in, parted_file *file) {
  uint64_t claimed = 0;
  for (int edits = 0; edits < 6 && input_left(in); edits++) {
    switch (take_below(in, 8)) {
      case 0:
      case 1: edit_value(in, file); break;
      case 2: edit_member(in, file); break;
      case 3: edit_number(in, file); break;
      case 4: {
        char byte = (char)take_byte(in);
        size_t at = take_word(in) % (file->header_size + 1);
        replace(file, at, at + take_below(in, 2) > file->header_size ? at : at + 1, &byte, 1);
        break;
      }
      case 5: file->data_size -= take_word(in) % (file->data_size + 1); break;
      case 6:
        for (int i = take_below(in, 16); i > 0 && file->data_size < LARGEST_DATA; i--)
          file->data[file->data_size++] = (char)take_byte(in);
        break;
      default: claimed = take_rare(in, 8) ? (uint64_t)take_absurd(in) : 0; break;
    }
  }
  return claimed == 0 ? file->header_size : claimed;
}

#endif
