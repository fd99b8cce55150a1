// Matrices as arguments of kernels: structs of a pointer and strides in floats.
#ifndef KERNEL_MATRICES_H
#define KERNEL_MATRICES_H

/// Rows of floats to read: row i begins at `base + i * stride`. A stride of 0 repeats one row.
typedef struct Rows {
  const float *_Nonnull base;
  long stride;
} Rows;

/// Rows of floats to write; with a stride of 0 all rows are one.
typedef struct MutableRows {
  float *_Nonnull base;
  long stride;
} MutableRows;

/// The rows to which a product is added; all zeros if `base` is NULL.
typedef struct InitialRows {
  const float *_Nullable base;
  long stride;
} InitialRows;

/// A matrix to read: element (i, j) is `base[i * rowStride + j * columnStride]`, so swapped strides transpose it.
typedef struct Matrix {
  const float *_Nonnull base;
  long rowStride, columnStride;
} Matrix;

/// c = initial + a · b, where a is rows × depth, b is depth × columns, and c is rows × columns.
typedef struct MatrixProduct {
  long rows, columns, depth;
  Matrix a;
  Rows b;
  InitialRows initial;
  MutableRows c;
} MatrixProduct;

#endif
