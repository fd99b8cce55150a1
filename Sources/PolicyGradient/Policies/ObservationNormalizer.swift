/// Brings observations to mean 0 and variance 1, column by column, by what an agent has seen of them.
///
///     x̂ = clip((x - μ) / √(σ² + 10⁻⁸), ±limit)
///
/// Only an agent that trains merges observations into the moments; for all other users of the policy they are fixed. The
/// agent keeps observations as they were normalised when it acted on them, as Stable-Baselines3's VecNormalize and
/// CleanRL do (both with limit 10): so what an update sees of a step does not move with the moments, and PPO's first
/// ratio is exactly 1.
package final class ObservationNormalizer {
  package let moments: RunningMoments
  /// The largest absolute value of a normalised number.
  package internal(set) var limit: Double

  private let columns: Int
  /// What the networks see: each column's mean and scale, in single precision.
  private let shifts: Buffer<Float>
  private let scales: Buffer<Float>

  init(columns: Int, limit: Double) throws(Refusal) {
    self.columns = columns
    self.limit = limit
    moments = try RunningMoments(columns: columns)
    shifts = try Buffer(count: columns)
    scales = try Buffer(count: columns)
    refresh()
  }

  /// Merges the included ones of `rows` observations.
  func merge(_ observations: UnsafePointer<Float>, rows: Int, isIncluded: (Int) -> Bool) {
    moments.merge(rows: rows, isIncluded: isIncluded) { row, column in Double(observations[row * columns + column]) }
    refresh()
  }

  /// Takes up the moments as they are now. Until something was seen, observations stay as they are.
  func refresh() {
    for column in 0..<columns {
      shifts.pointer[column] = Float(moments.means.pointer[column])
      scales.pointer[column] = moments.count > 0 ? Float(moments.scale(column)) : 1
    }
  }

  /// Writes normalised observations; in place is allowed.
  func normalize(_ observations: UnsafePointer<Float>, rows: Int, into normalized: UnsafeMutablePointer<Float>) {
    let limit = Float(limit)
    for row in 0..<rows {
      let (source, target) = (observations + row * columns, normalized + row * columns)
      for column in 0..<columns {
        let value = (source[column] - shifts.pointer[column]) * scales.pointer[column]
        target[column] = value < -limit ? -limit : value > limit ? limit : value
      }
    }
  }
}
