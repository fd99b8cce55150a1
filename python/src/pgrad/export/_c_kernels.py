"""The functions of an exported C file."""

from __future__ import annotations

from typing import NamedTuple


class Kernel(NamedTuple):
    """A C function.

    Attributes:
        text: Its definition; WEIGHT is the type of weights, and lines that start with SCALED belong to 8-bit weights.
        needs: Functions that it calls.
    """

    text: str
    needs: tuple[str, ...] = ()


_PRODUCT = """\
/* y += x W, where W is inputs x outputs, row by row. Four rows at a time save loads and stores of y. */
static void add_product(const float *restrict x, int inputs, const WEIGHT *restrict w, int outputs, float *restrict y)
{
  int i = 0;
  for (; i + 4 <= inputs; i += 4, w += 4 * outputs) {
    const float x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
    const WEIGHT *restrict w1 = w + outputs, *restrict w2 = w1 + outputs, *restrict w3 = w2 + outputs;
    for (int j = 0; j < outputs; j++)
      y[j] += (x0 * (float)w[j] + x1 * (float)w1[j]) + (x2 * (float)w2[j] + x3 * (float)w3[j]);
  }
  for (; i < inputs; i++, w += outputs)
    for (int j = 0; j < outputs; j++) y[j] += x[i] * (float)w[j];
}
"""

_DENSE = """\
/* y = x W + bias; bias may be NULL. */
static void dense(const float *restrict x, int inputs, const WEIGHT *restrict w,
SCALED            const float *restrict scale,
                  const float *restrict bias, int outputs, float *restrict y)
{
  for (int j = 0; j < outputs; j++) y[j] = 0.0f;
  add_product(x, inputs, w, outputs, y);
SCALED  for (int j = 0; j < outputs; j++) y[j] *= scale[j];
  if (bias)
    for (int j = 0; j < outputs; j++) y[j] += bias[j];
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
      for (int j = 0; j < outputs; j++) y[j] = 0.0f;
      for (int line = 0; line < kernel; line++) {
        if (top + line < 0 || top + line >= height) continue;
        add_product(image + ((top + line) * width + left + first) * channels, (end - first) * channels,
                    w + (line * kernel + first) * channels * outputs, outputs, y);
      }
SCALED      for (int j = 0; j < outputs; j++) y[j] *= scale[j];
      if (bias)
        for (int j = 0; j < outputs; j++) y[j] += bias[j];
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

_HYPERBOLIC_TANGENT = """\
/* tanh x = t / (t + 2), where t = e^2|x| - 1 = 2^n (2^f - 1) + (2^n - 1), so nothing cancels for small x. The error is
   at most 4 units in the last place. There are no branches, so compilers use vector instructions in loops. */
static inline float hyperbolic_tangent(float x)
{
  union { float number; uint32_t bits; } power;
  const float size = fabsf(x) * 2.885390082f;
  const float exponent = size < 28.0f ? size : 28.0f;
  const int32_t n = (int32_t)(exponent + 0.5f);
  const float f = exponent - (float)n;
  float p = 0.000154035122f * f + 0.00133909646f;
  p = p * f + 0.00961823855f;
  p = p * f + 0.0555035695f;
  p = p * f + 0.240226492f;
  p = p * f + 0.693147182f;
  power.bits = (uint32_t)(n + 127) << 23;
  const float t = (power.number - 1.0f) + power.number * (p * f);
  const float y = t / (t + 2.0f);
  return x < 0.0f ? -y : x > 0.0f ? y : x;
}
"""

_LOGISTIC = """\
/* 1 / (1 + e^-x) */
static inline float logistic(float x) { return 0.5f + 0.5f * hyperbolic_tangent(0.5f * x); }
"""

_ACTIVATION = """\
static void apply_{name}(float *y, int count)
{{
  for (int j = 0; j < count; j++) y[j] = {formula};
}}
"""


def _activation(name: str, formula: str, *needs: str) -> Kernel:
    return Kernel(_ACTIVATION.format(name=name, formula=formula), needs)


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
/* One step of a GRU with a = W_in x + b_in and p = W_h h + b_h; the gates are r, z and n. */
static void gru(const float *restrict a, const float *restrict p, int size, float *restrict h)
{
  for (int j = 0; j < size; j++) {
    const float r = logistic(a[j] + p[j]), z = logistic(a[size + j] + p[size + j]);
    const float n = hyperbolic_tangent(a[2 * size + j] + r * p[2 * size + j]);
    h[j] = n + z * (h[j] - n);
  }
}
"""

_LSTM = """\
/* One step of an LSTM with a = W_in x + b_in and p = W_h h + b_h; the gates are i, f, g and o. */
static void lstm(const float *restrict a, const float *restrict p, int size, float *restrict h, float *restrict c)
{
  for (int j = 0; j < size; j++) {
    const float i = logistic(a[j] + p[j]), f = logistic(a[size + j] + p[size + j]);
    const float g = hyperbolic_tangent(a[2 * size + j] + p[2 * size + j]);
    const float o = logistic(a[3 * size + j] + p[3 * size + j]);
    c[j] = f * c[j] + i * g;
    h[j] = o * hyperbolic_tangent(c[j]);
  }
}
"""

KERNELS: dict[str, Kernel] = {
    "add_product": Kernel(_PRODUCT),
    "dense": Kernel(_DENSE, ("add_product",)),
    "convolve": Kernel(_CONVOLVE, ("add_product",)),
    "max_pool": Kernel(_MAX_POOL),
    "hyperbolic_tangent": Kernel(_HYPERBOLIC_TANGENT),
    "logistic": Kernel(_LOGISTIC, ("hyperbolic_tangent",)),
    "apply_tanh": _activation("tanh", "hyperbolic_tangent(y[j])", "hyperbolic_tangent"),
    "apply_relu": _activation("relu", "y[j] > 0.0f ? y[j] : 0.0f"),
    "apply_elu": _activation("elu", "y[j] > 0.0f ? y[j] : expm1f(y[j])"),
    "apply_silu": _activation("silu", "y[j] * logistic(y[j])", "logistic"),
    "apply_gelu": _activation("gelu", "0.5f * y[j] * erfcf(-0.707106781f * y[j])"),
    "normalize_layer": Kernel(_LAYER_NORM),
    "gru": Kernel(_GRU, ("logistic",)),
    "lstm": Kernel(_LSTM, ("logistic",)),
}
"""In the order of the file, where a function precedes those that call it."""
