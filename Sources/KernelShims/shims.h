// The few vector operations that Swift's SIMD types reach only through calls, and what differs between processors.
// Each is a static inline function over Clang's portable vector types, imported as SIMD8<Float>.
#ifndef KERNEL_SHIMS_H
#define KERNEL_SHIMS_H

typedef float kernel_float8 __attribute__((ext_vector_type(8)));

static inline kernel_float8 kernel_sqrt8(kernel_float8 x) { return __builtin_elementwise_sqrt(x); }

// Written so that a NaN in x stays NaN, which __builtin_elementwise_min does not promise.
static inline kernel_float8 kernel_min8(kernel_float8 x, kernel_float8 limit) { return limit < x ? limit : x; }
static inline kernel_float8 kernel_max8(kernel_float8 x, kernel_float8 limit) { return limit > x ? limit : x; }

/// Whether this processor, and the system on it, runs the AVX2 build of the kernels.
static inline _Bool kernel_cpu_has_avx2(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return 0;
#endif
}

#endif
