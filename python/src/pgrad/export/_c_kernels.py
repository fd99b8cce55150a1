"""The functions of an exported C file."""

from __future__ import annotations

from typing import NamedTuple


class Kernel(NamedTuple):
    """A C function.

    Attributes:
        text: Its definition; WEIGHT is the type of weights, and lines that start with SCALED are for 8-bit
            weights only, with PLAIN for floats only.
        needs: Functions that it calls.
    """

    text: str
    needs: tuple[str, ...] = ()


_PRODUCT = """\
/* y += x W, where W is inputs x outputs, row by row. Four rows at a time save loads and stores of y; the inner loop has
   a fixed length, so that compilers use vector instructions. */
static void add_product(const float *restrict x, int inputs, const WEIGHT *restrict w, int outputs, float *restrict y)
{
  const int eights = outputs - outputs % 8;
  for (int left = inputs / 4; left > 0; left--, x += 4, w += 4 * outputs) {
    const WEIGHT *restrict w1 = w + outputs, *restrict w2 = w1 + outputs, *restrict w3 = w2 + outputs;
    const float x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
    for (int j = 0; j < eights; j += 8)
      for (int k = 0; k < 8; k++)
        y[j + k] += (x0 * (float)w[j + k] + x1 * (float)w1[j + k]) + (x2 * (float)w2[j + k] + x3 * (float)w3[j + k]);
    for (int j = eights; j < outputs; j++)
      y[j] += (x0 * (float)w[j] + x1 * (float)w1[j]) + (x2 * (float)w2[j] + x3 * (float)w3[j]);
  }
  for (int left = inputs % 4; left > 0; left--, x++, w += outputs)
    for (int j = 0; j < outputs; j++) y[j] += x[0] * (float)w[j];
}
"""

_DENSE = """\
/* y = x W + bias; bias may be NULL. */
static void dense(const float *restrict x, int inputs, const WEIGHT *restrict w,
SCALED            const float *restrict scale,
                  const float *restrict bias, int outputs, float *restrict y)
{
PLAIN  for (int j = 0; j < outputs; j++) y[j] = bias ? bias[j] : 0.0f;
SCALED  for (int j = 0; j < outputs; j++) y[j] = 0.0f;
  add_product(x, inputs, w, outputs, y);
SCALED  for (int j = 0; j < outputs; j++) y[j] = y[j] * scale[j] + (bias ? bias[j] : 0.0f);
}
"""

_CONVOLVE = """\
/* A convolution of an image, channels last, with zeros as padding. W is kernel x kernel x channels x outputs. */
static void convolve(const float *restrict image, int height, int width, int channels, const WEIGHT *restrict w,
SCALED               const float *restrict scale,
                     const float *restrict bias, int kernel, int stride, int padding, int outputs, float *restrict y)
{
  for (int top = -padding; top + kernel <= height + padding; top += stride) {
    for (int left = -padding; left + kernel <= width + padding; left += stride, y += outputs) {
      const int first = left < 0 ? -left : 0;
      const int end = left + kernel > width ? width - left : kernel;
PLAIN      for (int j = 0; j < outputs; j++) y[j] = bias ? bias[j] : 0.0f;
SCALED      for (int j = 0; j < outputs; j++) y[j] = 0.0f;
      for (int line = 0; line < kernel; line++) {
        if (top + line < 0 || top + line >= height) continue;
        add_product(image + ((top + line) * width + left + first) * channels, (end - first) * channels,
                    w + (line * kernel + first) * channels * outputs, outputs, y);
      }
SCALED      for (int j = 0; j < outputs; j++) y[j] = y[j] * scale[j] + (bias ? bias[j] : 0.0f);
    }
  }
}
"""

_MAX_POOL = """\
/* The maxima of windows of an image, for each channel. */
static void max_pool(const float *restrict image, int height, int width, int channels, int size, int stride,
                     int padding, float *restrict y)
{
  for (int top = -padding; top + size <= height + padding; top += stride) {
    for (int left = -padding; left + size <= width + padding; left += stride, y += channels) {
      for (int c = 0; c < channels; c++) y[c] = -HUGE_VALF;
      for (int i = top < 0 ? 0 : top; i < top + size && i < height; i++) {
        for (int j = left < 0 ? 0 : left; j < left + size && j < width; j++) {
          const float *pixel = image + (i * width + j) * channels;
          for (int c = 0; c < channels; c++) y[c] = pixel[c] > y[c] ? pixel[c] : y[c];
        }
      }
    }
  }
}
"""

_TANGENT = """\
/* tanh x = t / (t + 2), where t = e^2|x| - 1 = 2^n (2^f - 1) + (2^n - 1), so nothing cancels for small x. The error is
   at most 4 units in the last place. */
static inline float tangent(float x)
{
  union { float number; uint32_t bits; } given, size, power, result;
  given.number = x;
  /* |x|, or 9.7, above which tanh x rounds to -1 or 1. Integers are compared, since compilers use vector instructions
     for them. */
  const int32_t bits = (int32_t)(given.bits & 0x7FFFFFFFu), largest = 0x411B3333;
  size.bits = (uint32_t)(bits < largest ? bits : largest);
  const float exponent = size.number * 2.885390082f;
  const int32_t n = (int32_t)(exponent + 0.5f);
  const float f = exponent - (float)n;
  float p = 0.000154035122f * f + 0.00133909646f;
  p = p * f + 0.00961823855f;
  p = p * f + 0.0555035695f;
  p = p * f + 0.240226492f;
  p = p * f + 0.693147182f;
  power.bits = (uint32_t)(n + 127) << 23;
  const float t = (power.number - 1.0f) + power.number * (p * f);
  result.number = t / (t + 2.0f);
  result.bits |= given.bits & 0x80000000u;
  return result.number;
}

/* The inner loop has a fixed length, so that compilers use vector instructions. */
static void apply_tanh(float *y, int count)
{
  const int eights = count - count % 8;
  for (int j = 0; j < eights; j += 8)
    for (int k = 0; k < 8; k++) y[j + k] = tangent(y[j + k]);
  for (int j = eights; j < count; j++) y[j] = tangent(y[j]);
}
"""

_LOGISTIC = """\
/* y = 1 / (1 + e^-y) = (1 + tanh y/2) / 2 */
static void apply_logistic(float *y, int count)
{
  for (int j = 0; j < count; j++) y[j] *= 0.5f;
  apply_tanh(y, count);
  for (int j = 0; j < count; j++) y[j] = 0.5f + 0.5f * y[j];
}
"""

_ACTIVATION = """\
static void apply_{name}(float *y, int count)
{{
  for (int j = 0; j < count; j++) y[j] = {formula};
}}
"""


def _activation(name: str, formula: str) -> Kernel:
    return Kernel(_ACTIVATION.format(name=name, formula=formula))


_LAYER_NORM = """\
/* y = scale (y - mean) / sqrt(variance + 1e-5) + shift */
static void normalize_layer(const float *restrict scale, const float *restrict shift, int count, float *restrict y)
{
  float mean = 0.0f, variance = 0.0f;
  for (int j = 0; j < count; j++) mean += y[j];
  mean /= (float)count;
  for (int j = 0; j < count; j++) variance += (y[j] - mean) * (y[j] - mean);
  const float inverse = 1.0f / sqrtf(variance / (float)count + 1e-5f);
  for (int j = 0; j < count; j++) y[j] = scale[j] * ((y[j] - mean) * inverse) + shift[j];
}
"""

_GRU = """\
/* One step of a GRU with a = W_in x + b_in and p = W_h h + b_h; the gates are r, z and n. Overwrites a. */
static void gru(float *restrict a, const float *restrict p, int size, float *restrict h)
{
  float *r = a, *z = a + size, *n = a + 2 * size;
  for (int j = 0; j < 2 * size; j++) a[j] += p[j];
  apply_logistic(a, 2 * size);
  for (int j = 0; j < size; j++) n[j] += r[j] * p[2 * size + j];
  apply_tanh(n, size);
  for (int j = 0; j < size; j++) h[j] = n[j] + z[j] * (h[j] - n[j]);
}
"""

_LSTM = """\
/* One step of an LSTM with a = W_in x + b_in and p = W_h h + b_h; the gates are i, f, g and o. Overwrites a and p. */
static void lstm(float *restrict a, float *restrict p, int size, float *restrict h, float *restrict c)
{
  float *i = a, *f = a + size, *g = a + 2 * size, *o = a + 3 * size;
  for (int j = 0; j < 4 * size; j++) a[j] += p[j];
  apply_logistic(i, 2 * size);
  apply_tanh(g, size);
  apply_logistic(o, size);
  for (int j = 0; j < size; j++) p[j] = c[j] = f[j] * c[j] + i[j] * g[j];
  apply_tanh(p, size);
  for (int j = 0; j < size; j++) h[j] = o[j] * p[j];
}
"""

KERNELS: dict[str, Kernel] = {
    "add_product": Kernel(_PRODUCT),
    "dense": Kernel(_DENSE, ("add_product",)),
    "convolve": Kernel(_CONVOLVE, ("add_product",)),
    "max_pool": Kernel(_MAX_POOL),
    "apply_tanh": Kernel(_TANGENT),
    "apply_logistic": Kernel(_LOGISTIC, ("apply_tanh",)),
    "apply_relu": _activation("relu", "y[j] > 0.0f ? y[j] : 0.0f"),
    "apply_elu": _activation("elu", "y[j] > 0.0f ? y[j] : expm1f(y[j])"),
    "apply_silu": _activation("silu", "y[j] / (1.0f + expf(-y[j]))"),
    "apply_gelu": _activation("gelu", "0.5f * y[j] * erfcf(-0.707106781f * y[j])"),
    "normalize_layer": Kernel(_LAYER_NORM),
    "gru": Kernel(_GRU, ("apply_logistic",)),
    "lstm": Kernel(_LSTM, ("apply_logistic",)),
}
"""In the order of the file, where a function precedes those that call it."""
