// Operations that Swift's SIMD types lack, or have only as calls, scalar code or generics, and code that differs
// between processors: static inline functions over Clang's portable vector types, which Swift imports as SIMD8<Float>
// and the like. All are always inlined: calls would be slower, and two builds of the kernels could share one function.
#ifndef KERNEL_SHIMS_H
#define KERNEL_SHIMS_H

#define KERNEL_INLINE static inline __attribute__((always_inline))

typedef float kernel_float8 __attribute__((ext_vector_type(8)));
typedef float kernel_float16 __attribute__((ext_vector_type(16)));
typedef int kernel_int16 __attribute__((ext_vector_type(16)));
typedef float kernel_float4 __attribute__((ext_vector_type(4)));
typedef float kernel_float2 __attribute__((ext_vector_type(2)));
typedef int kernel_int8 __attribute__((ext_vector_type(8)));
typedef unsigned kernel_uint8 __attribute__((ext_vector_type(8)));
typedef unsigned long long kernel_ulong4 __attribute__((ext_vector_type(4)));
typedef double kernel_double8 __attribute__((ext_vector_type(8)));
typedef long long kernel_long8 __attribute__((ext_vector_type(8)));
typedef signed char kernel_char8 __attribute__((ext_vector_type(8)));
typedef unsigned char kernel_uchar8 __attribute__((ext_vector_type(8)));

// ------------------------------------------------------------------------------------------------------------- memory

// Loads and stores copy bytes, so memory may have any type and any alignment.

KERNEL_INLINE kernel_float8 kernel_load8(const void *p) {
  kernel_float8 x;
  __builtin_memcpy(&x, p, sizeof x);
  return x;
}

KERNEL_INLINE void kernel_store8(kernel_float8 x, void *p) { __builtin_memcpy(p, &x, sizeof x); }

KERNEL_INLINE kernel_float16 kernel_load16(const void *p) {
  kernel_float16 x;
  __builtin_memcpy(&x, p, sizeof x);
  return x;
}

KERNEL_INLINE void kernel_store16(kernel_float16 x, void *p) { __builtin_memcpy(p, &x, sizeof x); }

/// The first `count` (0 to 7) floats at `p`, and `fill` in the lanes after them; no byte after them is read.
KERNEL_INLINE kernel_float8 kernel_load_partial8(const float *p, long count, float fill) {
  kernel_float8 x = fill;
  kernel_float4 four;
  kernel_float2 two;
  if (count & 4) {
    __builtin_memcpy(&four, p, sizeof four);
    x.lo = four;
    if (count & 2) {
      __builtin_memcpy(&two, p + 4, sizeof two);
      x.hi.lo = two;
      if (count & 1) x.s6 = p[6];
    } else if (count & 1) {
      x.s4 = p[4];
    }
  } else if (count & 2) {
    __builtin_memcpy(&two, p, sizeof two);
    x.lo.lo = two;
    if (count & 1) x.s2 = p[2];
  } else if (count & 1) {
    x.s0 = p[0];
  }
  return x;
}

/// Writes the first `count` (0 to 7) lanes and no byte after them.
KERNEL_INLINE void kernel_store_partial8(kernel_float8 x, void *p, long count) {
  char *next = (char *)p;
  kernel_float4 four = x.lo;
  if (count & 4) {
    __builtin_memcpy(next, &four, sizeof four);
    four = x.hi;
    next += sizeof four;
  }
  kernel_float2 two = four.lo;
  if (count & 2) {
    __builtin_memcpy(next, &two, sizeof two);
    two = four.hi;
    next += sizeof two;
  }
  float one = two.x;
  if (count & 1) __builtin_memcpy(next, &one, sizeof one);
}

/// Eight integers, or the first `count` and zeros.
KERNEL_INLINE kernel_int8 kernel_load_int8(const int *p, long count) {
  kernel_int8 x = 0;
  if (count >= 8) {
    __builtin_memcpy(&x, p, sizeof x);
    return x;
  }
  int lanes[8] = {0};
  for (long i = 0; i < count; i++) lanes[i] = p[i];
  __builtin_memcpy(&x, lanes, sizeof x);
  return x;
}

/// Writes eight integers, or the first `count`.
KERNEL_INLINE void kernel_store_int8(kernel_int8 x, int *p, long count) {
  __builtin_memcpy(p, &x, (unsigned long)(count < 8 ? count : 8) * sizeof(int));
}

/// The first `count` (1 to 8) floats, `stride` apart; the lanes after them repeat the last.
KERNEL_INLINE kernel_float8 kernel_load_strided8(const float *p, long stride, long count) {
  long s1 = (count > 1 ? 1 : count - 1) * stride, s2 = (count > 2 ? 2 : count - 1) * stride;
  long s3 = (count > 3 ? 3 : count - 1) * stride, s4 = (count > 4 ? 4 : count - 1) * stride;
  long s5 = (count > 5 ? 5 : count - 1) * stride, s6 = (count > 6 ? 6 : count - 1) * stride;
  long s7 = (count > 7 ? 7 : count - 1) * stride;
  return (kernel_float8){p[0], p[s1], p[s2], p[s3], p[s4], p[s5], p[s6], p[s7]};
}

/// Writes the first `count` (1 to 8) lanes, `stride` apart.
///
/// Volatile, so that the compiler does not also split the computation of the lanes.
KERNEL_INLINE void kernel_store_strided8(kernel_float8 x, float *p, long stride, long count) {
  volatile kernel_float8 whole = x;
  const volatile float *lanes = (const volatile float *)&whole;
  p[0] = lanes[0];
  if (count > 1) p[stride] = lanes[1];
  if (count > 2) p[2 * stride] = lanes[2];
  if (count > 3) p[3 * stride] = lanes[3];
  if (count > 4) p[4 * stride] = lanes[4];
  if (count > 5) p[5 * stride] = lanes[5];
  if (count > 6) p[6 * stride] = lanes[6];
  if (count > 7) p[7 * stride] = lanes[7];
}

/// Eight doubles from an address that need not be aligned.
KERNEL_INLINE kernel_double8 kernel_load_wide8(const double *p) {
  kernel_double8 x;
  __builtin_memcpy(&x, p, sizeof x);
  return x;
}

KERNEL_INLINE void kernel_store_wide8(kernel_double8 x, double *p) { __builtin_memcpy(p, &x, sizeof x); }

/// All ones in each lane whose flag is not 0; lanes from `count` on are 0 and not read.
KERNEL_INLINE kernel_int8 kernel_load_flags8(const unsigned char *p, long count) {
  kernel_char8 flags = 0;
  if (count >= 8) {
    __builtin_memcpy(&flags, p, sizeof flags);
  } else {
    unsigned long long packed = 0;
    for (long i = 0; i < count; i++) packed |= (unsigned long long)p[i] << (8 * i);
    __builtin_memcpy(&flags, &packed, sizeof flags);
  }
  return __builtin_convertvector(flags, kernel_int8) != 0;
}

/// A mask as eight bytes of 0 and 1, the first lane lowest.
KERNEL_INLINE unsigned long long kernel_pack_flags8(kernel_int8 mask) {
  kernel_char8 flags = __builtin_convertvector(mask, kernel_char8) & 1;
  unsigned long long packed;
  __builtin_memcpy(&packed, &flags, sizeof packed);
  return packed;
}

/// Writes the first `count` of packed flags, eight at most.
KERNEL_INLINE void kernel_store_flags8(unsigned long long packed, unsigned char *p, long count) {
  if (count >= 8) {
    __builtin_memcpy(p, &packed, sizeof packed);
  } else {
    for (long i = 0; i < count; i++) p[i] = (unsigned char)(packed >> (8 * i));
  }
}

// --------------------------------------------------------------------------------------------------------- arithmetic

/// accumulator + a * b, rounded once; eight library calls on a processor without the instruction.
KERNEL_INLINE kernel_float8 kernel_fused8(kernel_float8 accumulator, kernel_float8 a, kernel_float8 b) {
  return __builtin_elementwise_fma(a, b, accumulator);
}

KERNEL_INLINE kernel_float16 kernel_fused16(kernel_float16 accumulator, kernel_float16 a, kernel_float16 b) {
  return __builtin_elementwise_fma(a, b, accumulator);
}

KERNEL_INLINE kernel_float8 kernel_sqrt8(kernel_float8 x) { return __builtin_elementwise_sqrt(x); }
KERNEL_INLINE kernel_float16 kernel_sqrt16(kernel_float16 x) { return __builtin_elementwise_sqrt(x); }

// Written so that a NaN in x stays NaN, which __builtin_elementwise_min does not promise.
KERNEL_INLINE kernel_float8 kernel_min8(kernel_float8 x, kernel_float8 limit) { return limit < x ? limit : x; }
KERNEL_INLINE kernel_float8 kernel_max8(kernel_float8 x, kernel_float8 limit) { return limit > x ? limit : x; }
KERNEL_INLINE kernel_float16 kernel_max16(kernel_float16 x, kernel_float16 limit) { return limit > x ? limit : x; }

// SIMD8<Int32>.pointwiseMax is not inlined.
KERNEL_INLINE kernel_int8 kernel_max_int8(kernel_int8 x, kernel_int8 y) { return __builtin_elementwise_max(x, y); }

/// Masks are all ones where the comparison holds.
KERNEL_INLINE kernel_int8 kernel_less8(kernel_float8 a, kernel_float8 b) { return a < b; }
KERNEL_INLINE kernel_int8 kernel_equal8(kernel_float8 a, kernel_float8 b) { return a == b; }
KERNEL_INLINE kernel_float8 kernel_select8(kernel_int8 mask, kernel_float8 yes, kernel_float8 no) {
  return mask ? yes : no;
}

KERNEL_INLINE kernel_int16 kernel_less16(kernel_float16 a, kernel_float16 b) { return a < b; }
KERNEL_INLINE kernel_float16 kernel_select16(kernel_int16 mask, kernel_float16 yes, kernel_float16 no) {
  return mask ? yes : no;
}

/// The sum of the lanes, in pairs: ((0+4)+(2+6)) + ((1+5)+(3+7)).
KERNEL_INLINE float kernel_sum8(kernel_float8 x) {
  kernel_float4 four = x.lo + x.hi;
  kernel_float2 two = four.lo + four.hi;
  return two.x + two.y;
}

KERNEL_INLINE float kernel_maximum8(kernel_float8 x) {
  kernel_float4 four = x.lo > x.hi ? x.lo : x.hi;
  kernel_float2 two = four.lo > four.hi ? four.lo : four.hi;
  return two.x > two.y ? two.x : two.y;
}

KERNEL_INLINE double kernel_sum_wide8(kernel_double8 x) {
  __attribute__((ext_vector_type(4))) double four = x.lo + x.hi;
  __attribute__((ext_vector_type(2))) double two = four.lo + four.hi;
  return two.x + two.y;
}

/// (a0, b0, a1, b1, a2, b2, a3, b3) and (a4, b4, …).
KERNEL_INLINE kernel_float8 kernel_interleave_low8(kernel_float8 a, kernel_float8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
KERNEL_INLINE kernel_float8 kernel_interleave_high8(kernel_float8 a, kernel_float8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// The same of each half.
KERNEL_INLINE kernel_float16 kernel_interleave_low16(kernel_float16 a, kernel_float16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27);
}
KERNEL_INLINE kernel_float16 kernel_interleave_high16(kernel_float16 a, kernel_float16 b) {
  return __builtin_shufflevector(a, b, 4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31);
}

KERNEL_INLINE kernel_float8 kernel_swap_halves8(kernel_float8 x) {
  return __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
}

/// `yes` where the mask is all ones, else `no`. Masks of doubles have lanes of 64 bits.
KERNEL_INLINE kernel_double8 kernel_select_wide8(kernel_long8 mask, kernel_double8 yes, kernel_double8 no) {
  return mask ? yes : no;
}
KERNEL_INLINE kernel_long8 kernel_less_wide8(kernel_double8 a, kernel_double8 b) { return (kernel_long8)(a < b); }
KERNEL_INLINE kernel_long8 kernel_equal_wide8(kernel_double8 a, kernel_double8 b) { return (kernel_long8)(a == b); }
KERNEL_INLINE kernel_double8 kernel_min_wide8(kernel_double8 x, kernel_double8 limit) { return limit < x ? limit : x; }
KERNEL_INLINE kernel_double8 kernel_max_wide8(kernel_double8 x, kernel_double8 limit) { return limit > x ? limit : x; }

/// Whether any lane of a mask is set.
KERNEL_INLINE _Bool kernel_any_wide8(kernel_long8 mask) { return __builtin_reduce_or(mask) != 0; }

/// The C library's functions.
KERNEL_INLINE double kernel_erf(double x) { return __builtin_erf(x); }
KERNEL_INLINE double kernel_sin(double x) { return __builtin_sin(x); }
KERNEL_INLINE double kernel_cos(double x) { return __builtin_cos(x); }

// -------------------------------------------------------------------------------------------------------- conversions

KERNEL_INLINE kernel_long8 kernel_widen_mask8(kernel_int8 mask) { return __builtin_convertvector(mask, kernel_long8); }
KERNEL_INLINE kernel_double8 kernel_widen8(kernel_float8 x) { return __builtin_convertvector(x, kernel_double8); }
KERNEL_INLINE kernel_float8 kernel_narrow8(kernel_double8 x) { return __builtin_convertvector(x, kernel_float8); }
/// A mask of doubles as one of floats.
KERNEL_INLINE kernel_int8 kernel_narrow_mask8(kernel_long8 x) { return __builtin_convertvector(x, kernel_int8); }
KERNEL_INLINE kernel_double8 kernel_wide_from_int8(kernel_int8 x) { return __builtin_convertvector(x, kernel_double8); }
KERNEL_INLINE kernel_float8 kernel_from_int8(kernel_int8 x) { return __builtin_convertvector(x, kernel_float8); }

/// Eight bytes as floats.
KERNEL_INLINE kernel_float8 kernel_load_bytes8(const void *p) {
  kernel_uchar8 x;
  __builtin_memcpy(&x, p, sizeof x);
  return __builtin_convertvector(x, kernel_float8);
}

/// Whole numbers from 0 to 255 as eight bytes.
KERNEL_INLINE void kernel_store_bytes8(kernel_float8 x, void *p) {
  kernel_uchar8 bytes = __builtin_convertvector(__builtin_convertvector(x, kernel_int8), kernel_uchar8);
  __builtin_memcpy(p, &bytes, sizeof bytes);
}

/// The high 32 bits of each product, from products of even and of odd lanes, which processors multiply to 64 bits.
KERNEL_INLINE kernel_uint8 kernel_high_product8(kernel_uint8 a, unsigned b) {
  const unsigned long long low = 0xFFFFFFFFu;
  kernel_ulong4 pairs = (kernel_ulong4)a;
  kernel_ulong4 even = (pairs & low) * b;
  kernel_ulong4 odd = (pairs >> 32) * b;
  return (kernel_uint8)((even >> 32) | (odd & ~low));
}

// ---------------------------------------------------------------------------------------------------------- processor

/// Whether this processor, and the system on it, runs the AVX2 build of the kernels.
static inline _Bool kernel_cpu_has_avx2(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return 0;
#endif
}

/// Whether it runs the AVX-512 build, which uses the instructions of all processors with 512-bit registers since 2017.
static inline _Bool kernel_cpu_has_avx512(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && kernel_cpu_has_avx2();
#else
  return 0;
#endif
}

#endif
