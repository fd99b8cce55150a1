import KernelShims

// Adding 1.5 · 2²³ rounds a float of magnitude below 2²² to a whole number, which is then in the low bits.
private let roundingShift: Float = 12_582_912

// ln 2 in two parts. Multiples of the first by whole numbers up to 2¹⁴ are exact.
private let ln2High: Float = 0.693359375
private let ln2Low: Float = -2.12194440e-4

/// Splits x into n ln 2 + r, where n is the nearest whole number to x / ln 2.
/// - Returns: e^r, by a minimax polynomial, and n.
@inline(__always) private func reducedExponential(_ x: Vector) -> (power: Vector, exponent: Mask) {
  let shifted = fused(broadcast(roundingShift), x, 1.442_695_04)
  let n = shifted - roundingShift
  let r = fused(fused(x, n, -ln2High), n, -ln2Low)
  var p = fused(broadcast(0.008_368_780_836_462_975), r, 0.001_381_446_374_580_264)
  p = fused(broadcast(0.041_668_392_717_838_29), r, p)
  p = fused(broadcast(0.166_665_196_418_762_2), r, p)
  p = fused(broadcast(0.499_999_940_395_355_2), r, p)
  return (1 + fused(r, r * r, p), bits(shifted) &- bits(broadcast(roundingShift)))
}

@inline(__always) private func powerOfTwo(_ exponent: Mask) -> Vector { float(bits: (exponent &+ 127) &<< 23) }

/// e^x to within 1 ULP: 2^n e^r.
///
/// Infinity above 88.73, denormal below -87.33, 0 below -103.98. NaN for NaN.
@inline(__always) func exponential(_ value: Vector) -> Vector {
  let x = kernel_min8(kernel_max8(value, broadcast(-105)), broadcast(89))
  let (power, exponent) = reducedExponential(x)
  // Two factors, since 2^n alone may overflow or underflow where the result does not.
  let half = exponent &>> 1
  return power * powerOfTwo(half) * powerOfTwo(exponent &- half)
}

/// e^x for x ≤ 0: the bits of ``exponential(_:)`` down to x = -87, and 0 below. So no slow denormals arise.
@inline(__always) func exponentialOfNonPositive(_ x: Vector) -> Vector {
  let (power, exponent) = reducedExponential(kernel_max8(x, broadcast(-87)))
  let vanishes = kernel_less8(x, broadcast(-87))
  return float(bits: bits(power * powerOfTwo(exponent)) & ~vanishes)
}

/// ln x to within 2 ULP: e ln 2 + ln(1 + f) with √½ ≤ 1 + f < √2, where ln(1 + f) is a minimax polynomial.
///
/// Also for denormals. ln 0 = -∞, ln ∞ = ∞; NaN for NaN and for negative x.
@inline(__always) func logarithm(_ value: Vector) -> Vector {
  let denormal = kernel_less8(value, broadcast(.leastNormalMagnitude))
  let x = kernel_select8(denormal, value * 8_388_608, value)
  let shift = denormal & 23
  let exponent = (bits(x) &- bits(broadcast(0.707_106_77))) &>> 23
  let f = float(bits: bits(x) &- (exponent &<< 23)) - 1
  let e = kernel_from_int8(exponent &- shift)
  var p = fused(broadcast(0.127_615_392_208_099_37), f, -0.076_344_035_565_853_12)
  p = fused(broadcast(-0.131_602_004_170_417_79), f, p)
  p = fused(broadcast(0.142_017_647_624_015_8), f, p)
  p = fused(broadcast(-0.166_233_554_482_460_02), f, p)
  p = fused(broadcast(0.200_012_266_635_894_78), f, p)
  p = fused(broadcast(-0.250_008_225_440_979), f, p)
  p = fused(broadcast(0.333_333_313_465_118_4), f, p)
  let square = f * f
  let tail = fused(fused(e * ln2Low, f * square, p), square, -0.5)
  let result = fused(tail + f, e, ln2High)
  let special = kernel_select8(
    kernel_equal8(value, broadcast(0)), broadcast(-.infinity), broadcast(.nan))
  let positive = kernel_select8(kernel_less8(value, broadcast(.infinity)), result, value)
  return kernel_select8(kernel_less8(broadcast(0), value), positive, special)
}

/// ln(1 + x) for x ≥ 0, with a small relative error also for small x.
@inline(__always) func logarithmOfOnePlus(_ x: Vector) -> Vector {
  let sum = 1 + x
  // Corrects for the rounding error of the sum; the slope of the logarithm there is 1 / sum.
  return logarithm(sum) + (x - (sum - 1)) / sum
}

/// tanh x to within 4 ULP: t/(t + 2) with t = e^2|x| - 1 = 2^n (2^f - 1) + (2^n - 1), where nothing cancels for small
/// x.
///
/// Odd, within [-1, 1], -0 for -0, NaN for NaN.
@inline(__always) func hyperbolicTangent(_ x: Lanes) -> Lanes {
  let sign = bits(x) & LanesMask(repeating: .min)
  // The exponent of e^2|x| as a power of 2, at most 28: there t + 2 equals t, and nothing overflows.
  let exponent = float(bits: bits(x) & LanesMask(repeating: .max)) * 2.885_390_08
  let y = select(isLess(broadcastLanes(28), exponent), broadcastLanes(28), exponent)
  let shifted = y + roundingShift
  let f = y - (shifted - roundingShift)
  var p = fused(broadcastLanes(0.001_339_096_46), f, 0.000_154_035_122)
  p = fused(broadcastLanes(0.009_618_238_55), f, p)
  p = fused(broadcastLanes(0.055_503_569_5), f, p)
  p = fused(broadcastLanes(0.240_226_492), f, p)
  p = fused(broadcastLanes(0.693_147_182), f, p)
  let power = float(bits: (bits(shifted) &<< 23) &+ bits(broadcastLanes(1)))
  let t = fused(power - 1, power, p * f)
  return float(bits: bits(t / (t + 2)) | sign)
}

// The loops over whole vectors are separate from the last, partial vector. Otherwise the compiler would split all
// vectors into halves for its stores.

/// `destination[i] = e^source[i]`; the two may be the same.
public func mapExponential(
  _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 8 <= count {
    store(exponential(load(source + i)), destination + i)
    i += 8
  }
  if i < count { storePartial(exponential(loadPartial(source + i, count - i)), destination + i, count - i) }
}

/// `destination[i] = ln source[i]`; the two may be the same.
public func mapLogarithm(
  _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 8 <= count {
    store(logarithm(load(source + i)), destination + i)
    i += 8
  }
  if i < count { storePartial(logarithm(loadPartial(source + i, count - i)), destination + i, count - i) }
}

#if SIXTEEN_LANES
  /// Sixteen lanes take no more time than eight.
  @inline(__always) func hyperbolicTangent(_ x: Vector) -> Vector {
    hyperbolicTangent(Lanes(lowHalf: x, highHalf: x)).lowHalf
  }
#endif
