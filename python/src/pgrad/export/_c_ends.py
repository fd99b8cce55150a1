"""The functions of an exported C file that read observations and choose actions."""

from __future__ import annotations

from pgrad.export._c_kernels import Kernel

_COPY = """\
static void copy(const float *restrict x, int count, float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] = x[j];
}
"""

_NORMALIZE = """\
static void normalize(const float *restrict x, const float *restrict shift, const float *restrict scale, float limit,
                      int count, float *restrict y)
{
  for (int j = 0; j < count; j++) {
    const float value = (x[j] - shift[j]) * scale[j];
    y[j] = value < -limit ? -limit : value > limit ? limit : value;
  }
}
"""

_CHOICE = """\
/* The choice in a column; 0 if it holds another number. */
static int choice_of(float value, int size) { return value >= 0.0f && value < (float)size ? (int)value : 0; }
"""

_ONE_HOT = """\
static void one_hot(float value, int size, float *y)
{
  for (int j = 0; j < size; j++) y[j] = 0.0f;
  y[choice_of(value, size)] = 1.0f;
}
"""

_EMBED = """\
static void embed(float value, int size, const WEIGHT *restrict table,
SCALED            const float *restrict scale,
                  int count, float *restrict y)
{
  table += choice_of(value, size) * count;
  for (int j = 0; j < count; j++) y[j] = (float)table[j];
SCALED  for (int j = 0; j < count; j++) y[j] *= scale[j];
}
"""

_SCALE_PIXELS = """\
static void scale_pixels(const float *restrict x, float scale, int count, float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] = x[j] * scale;
}
"""

_RECTIFIED = """\
static void copy_rectified(const float *restrict x, int count, float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] = x[j] > 0.0f ? x[j] : 0.0f;
}
"""

_ADD = """\
static void add(const float *restrict x, int count, float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] += x[j];
}
"""

_CATEGORICAL = """\
/* The allowed choice with the largest logit; the first one of equals. */
static float most_probable(const float *logits, const uint8_t *mask, int size)
{
  int best = -1;
  for (int j = 0; j < size; j++)
    if ((!mask || mask[j]) && (best < 0 || logits[j] > logits[best])) best = j;
  return best < 0 ? 0.0f : (float)best;
}
"""

_BITS = """\
/* The more probable value of each bit; flags 2j and 2j + 1 allow 0 and 1. */
static void most_probable_bits(const float *logits, const uint8_t *mask, int size, float *bits)
{
  for (int j = 0; j < size; j++) {
    bits[j] = logits[j] > 0.0f ? 1.0f : 0.0f;
    if (mask && !mask[2 * j]) bits[j] = 1.0f;
    if (mask && !mask[2 * j + 1]) bits[j] = 0.0f;
  }
}
"""

_RESCALE = """\
static void rescale(const float *restrict middle, const float *restrict half, int count, float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] = middle[j] + half[j] * y[j];
}
"""

_CLIP = """\
static void clip(const float *restrict low, const float *restrict high, int count, float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] = y[j] < low[j] ? low[j] : y[j] > high[j] ? high[j] : y[j];
}
"""

_SQUASH = """\
/* low + range (1 + tanh u) / 2 */
static void squash(const float *restrict u, const float *restrict low, const float *restrict range, int count,
                   float *restrict y)
{
  for (int j = 0; j < count; j++) y[j] = u[j];
  apply_tanh(y, count);
  for (int j = 0; j < count; j++) y[j] = low[j] + range[j] * (0.5f + 0.5f * y[j]);
}
"""

_BETA = """\
/* log(1 + e^x) */
static float softplus(float x)
{
  const float bounded = x < 1e6f ? x : 1e6f;
  return (bounded > 0.0f ? bounded : 0.0f) + log1pf(expf(-fabsf(bounded)));
}

/* The mode of Beta distributions, (alpha - 1) / (alpha + beta - 2); alpha - 1 and beta - 1 are softplus of x. */
static void beta_mode(const float *restrict x, const float *restrict low, const float *restrict range, int count,
                      float *restrict y)
{
  for (int j = 0; j < count; j++) {
    const float alpha = softplus(x[j]) + 1e-30f, beta = softplus(x[count + j]) + 1e-30f;
    y[j] = low[j] + range[j] * (alpha / (alpha + beta));
  }
}
"""

ENDS: dict[str, Kernel] = {
    "copy": Kernel(_COPY),
    "normalize": Kernel(_NORMALIZE),
    "choice_of": Kernel(_CHOICE),
    "one_hot": Kernel(_ONE_HOT, ("choice_of",)),
    "embed": Kernel(_EMBED, ("choice_of",)),
    "scale_pixels": Kernel(_SCALE_PIXELS),
    "copy_rectified": Kernel(_RECTIFIED),
    "add": Kernel(_ADD),
    "most_probable": Kernel(_CATEGORICAL),
    "most_probable_bits": Kernel(_BITS),
    "rescale": Kernel(_RESCALE),
    "clip": Kernel(_CLIP),
    "squash": Kernel(_SQUASH, ("apply_tanh",)),
    "beta_mode": Kernel(_BETA),
}
"""In the order of the file."""
