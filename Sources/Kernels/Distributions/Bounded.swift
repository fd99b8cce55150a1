import KernelShims

/// The bounds of a continuous part, and how far inside them an action on a bound counts: a float holds no action
/// nearer, so one that was rounded to the bound lies somewhere in the last step.
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

  /// The u of which tanh gives the action.
  @inline(__always) func unsquashed(_ actions: Wide) -> Wide {
    let (fromLow, fromHigh) = logDistances(actions)
    return 0.5 * (fromLow - fromHigh)
  }

  /// The action at a share of the range, 0 to 1.
  @inline(__always) func action(at share: Wide) -> Wide { low + share * range }
}
