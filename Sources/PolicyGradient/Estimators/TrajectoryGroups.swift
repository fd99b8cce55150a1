/// The returns of a group of trajectories, as sums.
struct GroupTally {
  var count = 0
  var sum = 0.0
  var sumOfSquares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    sum += value
    sumOfSquares += value * value
  }

  var mean: Double { sum / Double(count) }

  /// The sample standard deviation, with n - 1; 0 for a single return.
  var standardDeviation: Double {
    count > 1 ? (max(sumOfSquares - sum * mean, 0) / Double(count - 1)).squareRoot() : 0
  }
}

extension TrajectoryBatch {
  /// Gives all steps of a trajectory one weight, computed from the returns of its group. Group k consists of the k-th
  /// trajectories of `size` neighbouring environments, as far as they have that many. `targets` receives the
  /// rewards-to-go. Rows that are in no trajectory have weight 0.
  func weighByGroup(
    size: Int, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet,
    _ weigh: (_ value: Double, _ group: GroupTally) -> Double
  ) {
    rewardsToGo(into: targets, kernels)
    weights.update(repeating: 0, count: rows)
    // The row from which each environment's next trajectory is searched, stored as the bits of a float.
    func cursor(_ environment: Int) -> Int { Int(scratch[environment].bitPattern) }
    func moveCursor(_ environment: Int, to row: Int) { scratch[environment] = Float(bitPattern: UInt32(row)) }
    for environment in 0..<environments { moveCursor(environment, to: environment) }
    for first in stride(from: 0, to: environments, by: max(size, 1)) {
      let group = first..<min(first + max(size, 1), environments)
      while true {
        var tally = GroupTally()
        for environment in group {
          moveCursor(environment, to: start(from: cursor(environment)))
          if cursor(environment) < rows { tally.add(Double(targets[cursor(environment)])) }
        }
        guard tally.count > 0 else { break }
        for environment in group where cursor(environment) < rows {
          var row = cursor(environment)
          let weight = Float(weigh(Double(targets[row]), tally))
          repeat {
            weights[row] = weight
            row += environments
          } while row < rows && episodeSteps[row] > 0
          moveCursor(environment, to: row)
        }
      }
    }
  }

  /// The first row of the same environment, from the given one on, at which a trajectory begins.
  private func start(from row: Int) -> Int {
    var row = row
    while row < rows && episodeSteps[row] != 0 { row += environments }
    return row
  }
}
