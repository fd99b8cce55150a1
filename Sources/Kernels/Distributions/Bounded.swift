import KernelShims

/// The bounds of a continuous part. An action on a bound is treated as lying inside it by the margin, since it may have
/// been rounded to the bound from between the last two floats.
struct Bounds {
  let low: Double
  let high: Double
  let lowMargin: Double
  let highMargin: Double

  @inline(__always) init(_ low: Double, _ high: Double, _ lowMargin: Double, _ highMargin: Double) {
    (self.low, self.high, self.lowMargin, self.highMargin) = (low, high, lowMargin, highMargin)
  }

  @inline(__always) var range: Double { high - low }

  /// ln((a - low)/range) and ln((high - a)/range): both finite, since doubles hold such differences of floats exactly.
  @inline(__always) func logDistances(_ actions: Wide) -> (fromLow: Wide, fromHigh: Wide) {
    let inverse = 1 / range
    return (
      wideLogarithm(kernel_max_wide8(actions - low, broadcastWide(lowMargin)) * inverse),
      wideLogarithm(kernel_max_wide8(high - actions, broadcastWide(highMargin)) * inverse)
    )
  }

  /// The u whose tanh gives the action.
  @inline(__always) func unsquashed(_ actions: Wide) -> Wide {
    let (fromLow, fromHigh) = logDistances(actions)
    return 0.5 * (fromLow - fromHigh)
  }

  /// The action at a given share, 0 to 1, of the range.
  @inline(__always) func action(at share: Wide) -> Wide { low + share * range }
}
