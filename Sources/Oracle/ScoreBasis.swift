import PolicyGradient

/// Orthonormal directions that span all gradients that an estimator can give in an MDP, and all scores in their
/// coordinates.
///
/// A trajectory's gradient is Σ w(s, a) ∇log π(a|s). There is one score for each pair (s, a), so each is computed once,
/// and trajectories need no backward pass. The span of the scores has at most states × (actions - 1) dimensions, far
/// fewer than the parameters; lengths and angles are the same in it. The first direction is the exact gradient's. The
/// others are found by modified Gram–Schmidt, with the most important score as the next pivot.
struct ScoreBasis {
  /// The number of directions.
  let rank: Int
  /// pairs × ``rank``.
  let coordinates: Buffer<Double>
  /// ``rank`` × parameters.
  private let directions: Buffer<Double>
  private let parameters: Int

  /// A score is omitted when its part outside the span, relative to the largest score, is smaller than this. Both are
  /// multiplied by the square root of their frequencies.
  private static let tolerance = 1e-6

  /// - Parameters:
  ///   - scores: pairs × parameters; overwritten.
  ///   - frequencies: How often each pair is visited.
  ///   - gradient: The exact gradient.
  init(
    _ scores: Buffer<Double>, frequencies: [Double], gradient: [Double]
  ) throws(Refusal) {
    let (pairs, parameters) = (frequencies.count, gradient.count)
    self.parameters = parameters
    let limit = min(pairs + 1, parameters)
    let visited = frequencies.indices.filter { frequencies[$0] > 0 }
    coordinates = try Buffer(count: pairs * limit)
    directions = try Buffer(count: limit * parameters)
    func row(_ pair: Int) -> UnsafeMutablePointer<Double> { scores.pointer + pair * parameters }
    func importance(_ pair: Int) -> Double { frequencies[pair] * innerProduct(row(pair), row(pair), parameters) }
    let largest = visited.map(importance).max() ?? 0
    var rank = 0
    while rank < limit {
      let direction = directions.pointer + rank * parameters
      if rank == 0 && gradient.contains(where: { $0 != 0 }) {
        for k in 0..<parameters { direction[k] = gradient[k] }
      } else {
        let candidates = visited.map { (pair: $0, importance: importance($0)) }
        guard let pivot = candidates.max(by: { $0.importance < $1.importance }),
          pivot.importance > ScoreBasis.tolerance * ScoreBasis.tolerance * largest
        else { break }
        direction.update(from: row(pivot.pair), count: parameters)
        for other in 0..<rank {
          subtract(directions.pointer + other * parameters, from: direction, parameters)
        }
      }
      let scale = 1 / innerProduct(direction, direction, parameters).squareRoot()
      for k in 0..<parameters { direction[k] *= scale }
      for pair in visited {
        coordinates.pointer[pair * limit + rank] = subtract(direction, from: row(pair), parameters)
      }
      rank += 1
    }
    self.rank = rank
    // Removes the gaps between rows, now that their length is known.
    for pair in 0..<pairs {
      for k in 0..<rank { coordinates.pointer[pair * rank + k] = coordinates.pointer[pair * limit + k] }
    }
  }

  /// Converts a vector of ``rank`` coordinates to one number per parameter.
  func parameters(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: parameters)
    for (k, value) in vector.enumerated() {
      for index in 0..<parameters { result[index] += value * directions.pointer[k * parameters + index] }
    }
    return result
  }
}

/// Subtracts the projection on a direction of length 1.
/// - Returns: The length of the projection.
@discardableResult
private func subtract(
  _ direction: UnsafeMutablePointer<Double>, from vector: UnsafeMutablePointer<Double>, _ count: Int
) -> Double {
  let length = innerProduct(direction, vector, count)
  for k in 0..<count { vector[k] -= length * direction[k] }
  return length
}
