/// The bounds of a squashed or beta part as its kernels take them.
struct ActionBounds {
  let low: Double
  let high: Double
  var range: Double { high - low }
  /// An action on a bound is treated as this far inside it: a quarter of the distance to the next float. Such an action
  /// still rounds to the bound, and its log-probability is finite.
  let lowMargin: Double
  let highMargin: Double

  init(_ part: ActionPart) {
    low = Double(part.low)
    high = Double(part.high)
    lowMargin = (Double(part.low.nextUp) - low) / 4
    highMargin = (high - Double(part.high.nextDown)) / 4
  }
}
