import KernelShims

/// Eight doubles, for densities whose terms cancel: those with logarithms of gamma functions or an inverse of tanh.
typealias Wide = SIMD8<Double>
typealias WideMask = SIMD8<Int64>

@inline(__always) func broadcastWide(_ value: Double) -> Wide { Wide(repeating: value) }

/// The next eight floats as doubles, or the `count` that are left; the lanes after them hold `fill`.
@inline(__always) func loadWide(_ source: UnsafePointer<Float>, _ count: Int, fill: Float = 0) -> Wide {
  kernel_widen8(loadPartial(source, count, fill: fill))
}

/// Writes eight lanes as floats, or the first `count`.
@inline(__always) func storeWide(_ value: Wide, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
  storePartial(kernel_narrow8(value), destination, count)
}

/// Sets the lanes from `count` on to 0, so that a sum over columns does not include them.
@inline(__always) func leading(_ count: Int, of value: Wide) -> Wide {
  guard count < 8 else { return value }
  let lane = Wide(0, 1, 2, 3, 4, 5, 6, 7)
  return kernel_select_wide8(kernel_less_wide8(lane, broadcastWide(Double(count))), value, broadcastWide(0))
}

@inline(__always) func bits(_ value: Wide) -> WideMask { unsafeBitCast(value, to: WideMask.self) }
@inline(__always) func wideFloat(bits: WideMask) -> Wide { unsafeBitCast(bits, to: Wide.self) }

// Adding 1.5 · 2⁵² rounds a double of magnitude below 2⁵¹ to a whole number, which is then in the low bits.
private let roundingShift = 6_755_399_441_055_744.0
private let ln2High = 0x1.62e42fefa38p-1
private let ln2Low = 0x1.ef35793c7673p-45

/// e^x to within 4 ULP, with x clamped to ±700: 2^n e^r with n = round(x / ln 2), and e^r by its series.
@inline(__always) func wideExponential(_ value: Wide) -> Wide {
  let x = kernel_min_wide8(kernel_max_wide8(value, broadcastWide(-700)), broadcastWide(700))
  let shifted = x * 1.442_695_040_888_963_4 + roundingShift
  let n = shifted - roundingShift
  let r = x - n * ln2High - n * ln2Low
  var p = broadcastWide(1.0 / 6_227_020_800)
  p = p * r + 1.0 / 479_001_600
  p = p * r + 1.0 / 39_916_800
  p = p * r + 1.0 / 3_628_800
  p = p * r + 1.0 / 362_880
  p = p * r + 1.0 / 40_320
  p = p * r + 1.0 / 5_040
  p = p * r + 1.0 / 720
  p = p * r + 1.0 / 120
  p = p * r + 1.0 / 24
  p = p * r + 1.0 / 6
  p = p * r + 0.5
  p = p * r + 1
  p = p * r + 1
  return p * wideFloat(bits: (bits(shifted) &- bits(broadcastWide(roundingShift)) &+ 1_023) &<< 52)
}

/// ln x to within 4 ULP for normal x > 0: e ln 2 + ln m with √½ ≤ m < √2, and ln m = 2 artanh((m - 1)/(m + 1)) by its
/// series.
@inline(__always) func wideLogarithm(_ x: Wide) -> Wide {
  // Only logical shifts, since an arithmetic shift of 64 bits takes many instructions; so e + 1,024 is kept above 0.
  let offset = bits(x) &- bits(broadcastWide(0.5.squareRoot())) &+ (1_024 &<< 52)
  let biased = unsafeBitCast(unsafeBitCast(offset, to: SIMD8<UInt64>.self) &>> 52, to: WideMask.self)
  let m = wideFloat(bits: bits(x) &- ((biased &- 1_024) &<< 52))
  let e = wideFloat(bits: biased | bits(broadcastWide(0x1p52))) - (0x1p52 + 1_024)
  let f = (m - 1) / (m + 1)
  let s = f * f
  var p = broadcastWide(1.0 / 21)
  p = p * s + 1.0 / 19
  p = p * s + 1.0 / 17
  p = p * s + 1.0 / 15
  p = p * s + 1.0 / 13
  p = p * s + 1.0 / 11
  p = p * s + 1.0 / 9
  p = p * s + 1.0 / 7
  p = p * s + 1.0 / 5
  p = p * s + 1.0 / 3
  return e * ln2High + (2 * f + (2 * f * s * p + e * ln2Low))
}

/// ln(1 + x) for x ≥ 0. The factor x / ((1 + x) - 1) corrects for the rounding of 1 + x.
@inline(__always) func wideLogarithmOfOnePlus(_ x: Wide) -> Wide {
  let sum = 1 + x
  let left = sum - 1
  return kernel_select_wide8(kernel_less_wide8(broadcastWide(0), left), wideLogarithm(sum) * x / left, x)
}

/// ln(1 + e^x), without overflow.
@inline(__always) func softplus(_ x: Wide) -> Wide {
  kernel_max_wide8(x, broadcastWide(0)) + wideLogarithmOfOnePlus(wideExponential(-magnitude(x)))
}

/// 1/(1 + e^-x)
@inline(__always) func logistic(_ x: Wide) -> Wide { 1 / (1 + wideExponential(-x)) }

@inline(__always) func magnitude(_ x: Wide) -> Wide { wideFloat(bits: bits(x) & WideMask(repeating: .max)) }
