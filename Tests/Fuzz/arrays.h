/* Arrays of the sizes that the header states, with valid contents and seldom others. */
#ifndef ARRAYS_H
#define ARRAYS_H

#include "shapes.h"

/** What an input says of the contents of arrays: a seed, and how seldom a number is spoilt; 0 for never. */
typedef struct content {
  uint64_t random;
  uint32_t rarity;
} content;

static inline content take_content(input *in) {
  content made = {take_byte(in), 0};
  if (take_rare(in, 8)) made.rarity = 1 + take_byte(in);
  return made;
}

static inline int is_spoilt(content *in) { return in->rarity != 0 && next_random(&in->random) % in->rarity == 0; }

static inline float spoilt_number(content *in) {
  const float numbers[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-44f, -1, 0.5f, 1e9f, 257};
  return numbers[next_random(&in->random) % (sizeof numbers / sizeof numbers[0])];
}

/** From -1 to 1. */
static inline float plain_number(content *in) { return (float)((int)(next_random(&in->random) % 2001) - 1000) / 1000; }

static inline float *numbers_of(content *in, int64_t count) {
  float *numbers = (float *)memory_of((size_t)count * sizeof(float));
  for (int64_t i = 0; i < count; i++) numbers[i] = is_spoilt(in) ? spoilt_number(in) : plain_number(in);
  return numbers;
}

/** Flags, of which one in `rarity` is 1. */
static inline uint8_t *flags_of(content *in, int64_t count, uint32_t rarity) {
  uint8_t *flags = (uint8_t *)memory_of((size_t)count);
  for (int64_t i = 0; i < count; i++)
    flags[i] = is_spoilt(in) ? (uint8_t)next_random(&in->random) : next_random(&in->random) % rarity == 0;
  return flags;
}

static inline float *observations_of(content *in, const policy_view *view, int64_t rows) {
  float *numbers = numbers_of(in, rows * view->observation);
  for (int64_t row = 0; row < rows; row++) {
    float *column = numbers + row * view->observation;
    for (int64_t i = 0; i < view->observation_part_count; i++) {
      const pgrad_observation_part *part = &view->observation_parts[i];
      int64_t columns = part->kind == PGRAD_IMAGE ? (int64_t)part->height * part->width * part->channels : part->size;
      if (part->kind == PGRAD_CHOICE) columns = 1;
      for (int64_t k = 0; k < columns && part->kind != PGRAD_VECTOR; k++)
        if (!is_spoilt(in))
          column[k] = (float)(next_random(&in->random) % (uint32_t)(part->kind == PGRAD_IMAGE ? 256 : part->size));
      column += columns;
    }
  }
  return numbers;
}

static inline float *actions_of(content *in, const policy_view *view, int64_t rows) {
  float *numbers = numbers_of(in, rows * view->action), *column = numbers;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < view->part_count; i++) {
      const pgrad_action_part *part = &view->parts[i];
      for (int64_t k = 0; k < columns_of(part); k++, column++) {
        if (is_spoilt(in)) continue;
        if (part->kind == PGRAD_CATEGORICAL) *column = (float)(next_random(&in->random) % (uint32_t)part->size);
        if (part->kind == PGRAD_BERNOULLI) *column = (float)(next_random(&in->random) % 2);
        if (part->kind >= PGRAD_SQUASHED_GAUSSIAN) *column = part->low + (part->high - part->low) * (*column + 1) / 2;
      }
    }
  return numbers;
}

/** Masks that allow most choices. */
static inline uint8_t *masks_of(content *in, int64_t count) {
  uint8_t *masks = (uint8_t *)memory_of((size_t)count);
  for (int64_t i = 0; i < count; i++)
    masks[i] = is_spoilt(in) ? (uint8_t)next_random(&in->random) : next_random(&in->random) % 8 != 0;
  return masks;
}

#endif
