/// Outputs that a network gives in units of half a range around its middle, y = middle + half · x, so that weights of
/// the usual size reach bounds of any.
final class OutputScaling: Sendable {
  private let columns: [Int]
  private let middles: [Float]
  private let halves: [Float]

  /// The means of bounded Gaussian parts; `nil` where there are none.
  init?(_ space: ActionSpace) {
    var (columns, middles, halves): ([Int], [Float], [Float]) = ([], [], [])
    for (part, first) in zip(space.parts, space.firstOutputs) {
      guard let half = part.halfRange else { continue }
      columns += first..<first + part.size
      middles += [Float](repeating: part.low + half, count: part.size)
      halves += [Float](repeating: half, count: part.size)
    }
    guard !columns.isEmpty else { return nil }
    self.columns = columns
    self.middles = middles
    self.halves = halves
  }

  /// From units of half the range.
  func apply(_ outputs: UnsafeMutablePointer<Float>, rows: Int, stride: Int) {
    for row in 0..<rows {
      for (place, column) in columns.enumerated() {
        outputs[row * stride + column] = middles[place] + halves[place] * outputs[row * stride + column]
      }
    }
  }

  /// Slopes by what came out become slopes by what went in; of tangents, the other way.
  func applySlope(_ slopes: UnsafeMutablePointer<Float>, rows: Int, stride: Int) {
    for row in 0..<rows {
      for (place, column) in columns.enumerated() { slopes[row * stride + column] *= halves[place] }
    }
  }
}

extension ActionPart {
  /// Half of the range of a part whose draws are clipped to bounds; `nil` of others.
  var halfRange: Float? {
    guard kind.distribution.traits.isClipped, low > -.infinity, high < .infinity else { return nil }
    return high / 2 - low / 2
  }

  /// By how much log standard deviations begin higher where means are in units of half the range.
  var logStdShift: Float { halfRange.map { log($0) } ?? 0 }
}
