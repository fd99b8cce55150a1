/// Mean and variance of each column over all merged rows, in double precision.
///
/// A batch of n rows with moments (μ_B, σ²_B) joins N rows with (μ, σ²) at once:
///
///     δ = μ_B - μ,   μ ← μ + δ n / (N + n),   σ² ← (N σ² + n σ²_B + δ² N n / (N + n)) / (N + n)
///
/// - Source: Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
package final class RunningMoments {
  /// Rows merged so far.
  package var count: Int64 = 0
  package let means: Buffer<Double>
  package let variances: Buffer<Double>
  /// Rows are merged over all ranks, if there are several.
  private var ranks: Ranks?
  /// Room for the sums over ranks: a count and one number for each column.
  private var sums: Buffer<Double>?

  package init(columns: Int) throws(Refusal) {
    means = try Buffer(count: columns)
    variances = try Buffer(count: columns)
  }

  /// A copy that does not change with these moments.
  func copy() throws(Refusal) -> RunningMoments {
    let copy = try RunningMoments(columns: means.count)
    copy.set(to: self)
    return copy
  }

  /// Takes the values of other moments of as many columns.
  func set(to other: RunningMoments) {
    count = other.count
    means.pointer.update(from: other.means.pointer, count: means.count)
    variances.pointer.update(from: other.variances.pointer, count: means.count)
  }

  /// From now on, merges the rows of all ranks together, in the same calls on each.
  func share(over ranks: Ranks) throws(Refusal) {
    sums = try Buffer(count: means.count + 1)
    self.ranks = ranks
  }

  /// Merges the rows below `rows` for which `isIncluded` is true. `value` returns the number in a row and column.
  ///
  /// - Parameter ranges: The columns to merge; `nil` for all.
  @inline(__always)
  func merge(
    rows: Int, columns ranges: [Range<Int>]? = nil, isIncluded: (Int) -> Bool,
    value: (_ row: Int, _ column: Int) -> Double
  ) {
    if let ranks, ranks.areSeveral, let sums {
      return merge(rows: rows, columns: ranges ?? [0..<means.count], over: ranks, sums, isIncluded, value)
    }
    var included = 0
    for row in 0..<rows where isIncluded(row) { included += 1 }
    guard included > 0 else { return }
    let (old, new) = (Double(count), Double(included))
    let total = old + new
    for column in (ranges ?? [0..<means.count]).joined() {
      var sum = 0.0
      for row in 0..<rows where isIncluded(row) { sum += value(row, column) }
      let mean = sum / new
      var squares = 0.0
      for row in 0..<rows where isIncluded(row) {
        let deviation = value(row, column) - mean
        squares += deviation * deviation
      }
      let delta = mean - means.pointer[column]
      means.pointer[column] += delta * new / total
      let deviations = old * variances.pointer[column] + squares + delta * delta * old * new / total
      variances.pointer[column] = deviations / total
    }
    count += Int64(included)
  }

  /// The same with the rows of all ranks: sums the columns first, then the squared deviations from the common means.
  private func merge(
    rows: Int, columns ranges: [Range<Int>], over ranks: Ranks, _ sums: Buffer<Double>, _ isIncluded: (Int) -> Bool,
    _ value: (_ row: Int, _ column: Int) -> Double
  ) {
    let (included, columns) = (sums.pointer + means.count, sums.pointer)
    sums.elements.update(repeating: 0)
    for row in 0..<rows where isIncluded(row) {
      included.pointee += 1
      for column in ranges.joined() { columns[column] += value(row, column) }
    }
    ranks.sum(columns, count: sums.count)
    let (old, new) = (Double(count), included.pointee)
    guard new > 0 else { return }
    for column in ranges.joined() {
      let mean = columns[column] / new
      columns[column] = 0
      for row in 0..<rows where isIncluded(row) {
        let deviation = value(row, column) - mean
        columns[column] += deviation * deviation
      }
      let delta = mean - means.pointer[column]
      means.pointer[column] += delta * new / (old + new)
      variances.pointer[column] = old * variances.pointer[column] + delta * delta * old * new / (old + new)
    }
    ranks.sum(columns, count: means.count)
    for column in ranges.joined() {
      variances.pointer[column] = (variances.pointer[column] + columns[column]) / (old + new)
    }
    count += Int64(new)
  }

  /// 1 / √(σ² + 10⁻⁸): scales a column to standard deviation 1, and stays finite for a constant column.
  func scale(_ column: Int) -> Double { 1 / (variances.pointer[column] + 1e-8).squareRoot() }
}
