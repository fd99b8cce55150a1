/// The bounds of a squashed or beta part as its kernels take them.
struct ActionBounds {
  let low: Double
  let high: Double
  var range: Double { high - low }
  /// How far inside it an action on a bound counts: a quarter of the step to the next float, so that it lies within what
  /// rounds to the bound, and its log-probability is finite.
  let lowMargin: Double
  let highMargin: Double

  init(_ part: ActionPart) {
    low = Double(part.low)
    high = Double(part.high)
    lowMargin = (Double(part.low.nextUp) - low) / 4
    highMargin = (high - Double(part.high.nextDown)) / 4
  }
}
