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
  /// The processes whose rows are merged together; `nil` for this one alone.
  private var ranks: Ranks?
  /// A batch's sum of each column, its number of rows, and its squared deviations of each column.
  private let scratch: Buffer<Double>

  package init(columns: Int) throws(Refusal) {
    means = try Buffer(count: columns)
    variances = try Buffer(count: columns)
    scratch = try Buffer(count: 2 * columns + 1)
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
  func share(over ranks: Ranks) { self.ranks = ranks }

  /// Merges the rows below `rows` for which `isIncluded` is true. `value` returns the number in a row and column.
  ///
  /// - Parameter ranges: The columns to merge; `nil` for all.
  @inline(__always)
  func merge(
    rows: Int, columns ranges: [Range<Int>]? = nil, isIncluded: (Int) -> Bool,
    value: (_ row: Int, _ column: Int) -> Double
  ) {
    let columns = (ranges ?? [0..<means.count]).joined()
    let (batchMeans, included) = (scratch.pointer, scratch.pointer + means.count)
    let squares = included + 1
    included.pointee = 0
    for row in 0..<rows where isIncluded(row) { included.pointee += 1 }
    for column in columns {
      var sum = 0.0
      for row in 0..<rows where isIncluded(row) { sum += value(row, column) }
      batchMeans[column] = sum
    }
    ranks?.sum(batchMeans, count: means.count + 1)
    let (old, new) = (Double(count), included.pointee)
    guard new > 0, ranks?.isCount(old + new) ?? true else { return }
    for column in columns {
      batchMeans[column] /= new
      var sum = 0.0
      for row in 0..<rows where isIncluded(row) {
        let deviation = value(row, column) - batchMeans[column]
        sum += deviation * deviation
      }
      squares[column] = sum
    }
    ranks?.sum(squares, count: means.count)
    let total = old + new
    for column in columns {
      let delta = batchMeans[column] - means.pointer[column]
      means.pointer[column] += delta * new / total
      let deviations = old * variances.pointer[column] + squares[column] + delta * delta * old * new / total
      variances.pointer[column] = deviations / total
    }
    count += Int64(new)
  }

  /// 1 / √(σ² + 10⁻⁸): scales a column to standard deviation 1, and stays finite for a constant column.
  func scale(_ column: Int) -> Double { 1 / (variances.pointer[column] + 1e-8).squareRoot() }
}

extension RunningMoments {
  /// Adds the moments as tensors "`name`.mean" and "`name`.variance", and their count to the fields.
  func store(_ name: String, in file: inout TensorFile) {
    file.set("\(name).count", count.description)
    file.add("\(name).mean", means, shape: [means.count])
    file.add("\(name).variance", variances, shape: [variances.count])
  }

  /// Reads what ``store(_:in:)`` wrote.
  func restore(_ name: String, from file: TensorFile) throws(Refusal) {
    let known = try Fields(name, in: file).count("count")
    try file.read("\(name).mean", into: means, shape: [means.count])
    try file.read("\(name).variance", into: variances, shape: [variances.count])
    guard
      means.elements.allSatisfy({ abs($0) <= RunningMoments.largest }),
      variances.elements.allSatisfy({ $0 >= 0 && $0 <= RunningMoments.largest * RunningMoments.largest })
    else { throw Refusal(.badFile, "its \(name) holds a mean or variance outside its range") }
    count = known
  }

  /// No mean of floats, or of discounted sums of them, is larger; and its square is finite.
  private static let largest = 1e120
}
