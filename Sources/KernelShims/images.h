// Images as arguments of kernels. An image is height × width × channels floats, channels last.
#ifndef KERNEL_IMAGES_H
#define KERNEL_IMAGES_H

#include "matrices.h"

/// Patches of images as the rows of a matrix. Row i consists of `lines` lines of `lineLength` contiguous floats; line l
/// begins at `base + offsets[i] + l * lineStride`.
typedef struct Patches {
  const float *_Nonnull base;
  const long *_Nonnull offsets;
  long lines, lineLength, lineStride;
} Patches;

/// c = initial + a · b, where a is rows × depth with depth = lines × lineLength, b is depth × columns in panels, and c
/// is rows × columns.
typedef struct PatchProduct {
  long rows, columns;
  Patches a;
  const float *_Nonnull b;
  InitialRows initial;
  MutableRows c;
} PatchProduct;

/// Square windows over an image. Window (i, j) begins `padding` pixels above and left of pixel (stride i, stride j).
/// It must contain at least one pixel.
typedef struct Windows {
  long height, width, channels;
  long outputHeight, outputWidth;
  long size, stride, padding;
} Windows;

#endif
