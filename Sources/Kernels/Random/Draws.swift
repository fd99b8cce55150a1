import KernelShims

/// The high 24 bits of each word, as a fraction in [0, 1).
@inline(__always) func uniform(_ word: Philox.Words) -> Vector {
  kernel_from_int8(unsafeBitCast(word &>> 8, to: Mask.self)) * 0x1p-24
}

/// The standard normal quantile of each word. The highest bit is the sign. The other 31 bits, m, give the tail
/// probability p = (m + ½)/2³².
///
/// As in Wichura's AS241, a rational function of q = ½ - p is used in the centre (q ≤ 0.425), and one of √(-ln p) in
/// the tail. Both are minimax fits for floats. q and p are computed from whole numbers, so both are precise when small.
/// - Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988).
@inline(__always) func normal(_ word: Philox.Words) -> Vector {
  let bitPattern = unsafeBitCast(word, to: Mask.self)
  let sign = bitPattern & Mask(repeating: .min)
  let m = bitPattern & Mask(repeating: .max)
  let p = (kernel_from_int8(m) + 0.5) * 0x1p-32
  let q = (kernel_from_int8(Mask(repeating: .max) &- m) + 0.5) * 0x1p-32
  let z = kernel_select8(kernel_less8(q, broadcast(0.425)), centralQuantile(q), tailQuantile(p))
  return float(bits: bits(z) ^ sign)
}

@inline(__always) private func centralQuantile(_ q: Vector) -> Vector {
  let u = q * q
  var top = fused(broadcast(26.580_574_035_644_53), u, -8.212_138_175_964_355)
  top = fused(broadcast(-15.805_413_246_154_785), u, top)
  top = fused(broadcast(2.506_628_274_917_602_5), u, top)
  var bottom = fused(broadcast(16.000_091_552_734_375), u, -9.334_468_841_552_734)
  bottom = fused(broadcast(-7.352_630_615_234_375), u, bottom)
  bottom = fused(broadcast(1), u, bottom)
  return q * top / bottom
}

@inline(__always) private func tailQuantile(_ p: Vector) -> Vector {
  let r = kernel_sqrt8(-logarithm(p))
  var top = fused(broadcast(4.748_266_220_092_773), r, 2.336_429_119_110_107_4)
  top = fused(broadcast(-2.249_657_630_920_41), r, top)
  top = fused(broadcast(-2.765_002_965_927_124), r, top)
  var bottom = fused(broadcast(1.645_020_604_133_606), r, 0.000_235_027_808_230_370_28)
  bottom = fused(broadcast(3.487_095_832_824_707), r, bottom)
  bottom = fused(broadcast(1), r, bottom)
  return top / bottom
}
