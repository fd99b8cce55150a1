/// Normalises columns of observations to mean 0 and variance 1, by the moments of the observations so far.
///
///     x̂ = clip((x - μ) / √(σ² + 10⁻⁸), ±limit)
///
/// Only an agent that trains merges observations into the moments; for all other users of the policy they are fixed.
/// The agent stores observations as they were normalised when it acted on them, as Stable-Baselines3's VecNormalize and
/// CleanRL do (both with limit 10). So a stored observation does not change with the moments, and PPO's first ratio is
/// exactly 1.
package final class ObservationNormalizer {
  package let moments: RunningMoments
  /// The largest absolute value of a normalised number.
  package internal(set) var limit: Double
  /// Where readers on other threads see this normaliser; `nil` if it is not a policy's.
  var published: PublishedMoments?

  private let columns: Int
  /// The columns that are normalised; the others stay as they are.
  private let ranges: [Range<Int>]
  /// Each column's mean and scale in single precision, as they are applied.
  private let shifts: Buffer<Float>
  private let scales: Buffer<Float>

  /// - Parameter ranges: The columns to normalise; `nil` for all.
  init(columns: Int, ranges: [Range<Int>]? = nil, limit: Double) throws(Refusal) {
    self.columns = columns
    self.ranges = ranges ?? [0..<columns]
    self.limit = limit
    moments = try RunningMoments(columns: columns)
    shifts = try Buffer(count: columns)
    scales = try Buffer(count: columns)
    refresh()
  }

  /// A copy that does not change with this normaliser.
  func copy() throws(Refusal) -> ObservationNormalizer {
    let copy = try ObservationNormalizer(columns: columns, ranges: ranges, limit: limit)
    copy.restore(moments)
    return copy
  }

  /// Merges the observations for which `isIncluded` is true.
  func merge(_ observations: UnsafePointer<Float>, rows: Int, isIncluded: (Int) -> Bool) {
    moments.merge(rows: rows, columns: ranges, isIncluded: isIncluded) { row, column in
      Double(observations[row * columns + column])
    }
    refresh()
  }

  /// Returns to earlier moments.
  func restore(_ earlier: RunningMoments) {
    moments.set(to: earlier)
    refresh()
  }

  /// Calls `body`, which may merge and restore. Until it returns, readers see the normaliser as it was before.
  func publishingAtEnd(_ body: () throws(Refusal) -> Void) throws(Refusal) {
    let place = published
    published = nil
    defer {
      published = place
      place?.publish(moments, limit: limit)
    }
    try body()
  }

  /// Updates shifts and scales from the moments, and shows them to readers. Before the first merge, they leave
  /// observations unchanged.
  func refresh() {
    for column in ranges.joined() {
      shifts.pointer[column] = Float(moments.means.pointer[column])
      scales.pointer[column] = moments.count > 0 ? Float(moments.scale(column)) : 1
    }
    published?.publish(moments, limit: limit)
  }

  /// Writes normalised observations; in place is allowed.
  func normalize(_ observations: UnsafePointer<Float>, rows: Int, into normalized: UnsafeMutablePointer<Float>) {
    let limit = Float(limit)
    for row in 0..<rows {
      let (source, target) = (observations + row * columns, normalized + row * columns)
      var next = 0
      for range in ranges {
        (target + next).update(from: source + next, count: range.lowerBound - next)
        for column in range {
          let value = (source[column] - shifts.pointer[column]) * scales.pointer[column]
          target[column] = value < -limit ? -limit : value > limit ? limit : value
        }
        next = range.upperBound
      }
      (target + next).update(from: source + next, count: columns - next)
    }
  }
}
