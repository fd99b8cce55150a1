import KernelShims

// 1.5 × 2⁵². After it is added to a number below 2⁵¹, the low bits hold the nearest integer.
private let integerShift = 6_755_399_441_055_744.0

/// Sine and cosine of angles, with an error below 2.3e-16 for angles up to a million. For larger ones the C library is
/// used.
///
/// The nearest multiple of π/2 is subtracted in three pieces, whose products with small integers are exact (Cody and
/// Waite 1980). Then Taylor series are used on [-π/4, π/4], where the first omitted term is below 5e-17.
@inline(__always) func sineCosine(_ angle: Wide) -> (sine: Wide, cosine: Wide) {
  let shifted = angle * 0.6366197723675814 + integerShift
  let quarters = shifted - integerShift
  let r = ((angle - quarters * 0x1.921fb544p+0) - quarters * 0x1.0b4611a6p-34) - quarters * 0x1.3198a2e037073p-69
  let z = r * r

  var s = broadcastWide(-1 / 1_307_674_368_000.0)
  s = 1 / 6_227_020_800.0 + z * s
  s = -1 / 39_916_800.0 + z * s
  s = 1 / 362_880.0 + z * s
  s = -1 / 5_040.0 + z * s
  s = 1 / 120.0 + z * s
  s = -1 / 6.0 + z * s
  let sine = r + r * (z * s)

  var c = broadcastWide(1 / 20_922_789_888_000.0)
  c = -1 / 87_178_291_200.0 + z * c
  c = 1 / 479_001_600.0 + z * c
  c = -1 / 3_628_800.0 + z * c
  c = 1 / 40_320.0 + z * c
  c = -1 / 720.0 + z * c
  c = 1 / 24.0 + z * c
  let cosine = 1 - (0.5 * z - z * (z * c))

  // Quadrants 1 and 3 exchange sine and cosine. Quadrants 2 and 3 negate the sine, 1 and 2 the cosine.
  let quadrant = bits(shifted)
  let isOdd = 0 &- (quadrant & 1)
  let near = (
    sine: changeSign(kernel_select_wide8(isOdd, cosine, sine), where: quadrant & 2),
    cosine: changeSign(kernel_select_wide8(isOdd, sine, cosine), where: (quadrant &+ 1) & 2)
  )
  guard kernel_any_wide8(kernel_less_wide8(broadcastWide(1_000_000), magnitude(angle))) else { return near }
  return farSineCosine(angle, near.sine, near.cosine)
}

@inline(__always) private func changeSign(_ x: Wide, where bit1: WideMask) -> Wide {
  wideFloat(bits: bits(x) ^ (bit1 &<< 62))
}

/// Replaces the results for angles beyond a million.
@inline(never) private func farSineCosine(_ angle: Wide, _ sine: Wide, _ cosine: Wide) -> (sine: Wide, cosine: Wide) {
  var result = (sine: sine, cosine: cosine)
  for lane in 0..<8 where !(angle[lane] >= -1_000_000 && angle[lane] <= 1_000_000) {
    result.sine[lane] = kernel_sin(angle[lane])
    result.cosine[lane] = kernel_cos(angle[lane])
  }
  return result
}

/// The angles minus their nearest multiples of 2π: in [-π, π] for angles up to 10¹⁵.
@inline(__always) func nearestTurn(_ angle: Wide) -> Wide {
  let turns = (angle * (1 / (2 * Double.pi)) + integerShift) - integerShift
  return angle - turns * (2 * Double.pi)
}
