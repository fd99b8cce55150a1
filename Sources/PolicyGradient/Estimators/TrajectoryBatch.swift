/// Lived steps as an estimator sees them; all arrays are steps × environments, row-major.
struct TrajectoryBatch {
  let steps: Int
  let environments: Int
  let rewards: UnsafePointer<Float>
  let terminated: UnsafePointer<UInt8>
  let truncated: UnsafePointer<UInt8>
  /// Steps since the trajectory began; below 0 where a row is in none.
  let ages: UnsafePointer<Int32>
  let gamma: Double
  /// V(s_t), V of truncated episodes' last observations, and V of the observations after the last step (environments).
  let values: Values?
  /// log π(a_t|s_t) - log μ(a_t|s_t), where μ drew the actions; `nil` where no estimator asks.
  var logRatios: UnsafePointer<Float>?

  struct Values {
    let current: UnsafePointer<Float>
    let final: UnsafePointer<Float>
    let last: UnsafePointer<Float>
  }

  var rows: Int { steps * environments }
}

/// Turns lived steps into the weight Ψ_t on each step's score.
protocol AdvantageEstimator: Sendable {
  /// Whether V(s) has to be known.
  var needsValues: Bool { get }
  /// Whether log π/μ has to be known.
  var needsRatios: Bool { get }

  /// Writes the weights, and what V(s_t) should have been; both steps × environments. `scratch` is as long.
  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet)
}

extension AdvantageEstimator {
  var needsRatios: Bool { false }
}

extension TrajectoryBatch {
  /// Writes Σ_{k≥t} γ^{k-t} r_k up to the end of each trajectory; a truncated one continues with γ V(last observation) where values
  /// are known.
  func rewardsToGo(into returns: UnsafeMutablePointer<Float>, _ kernels: KernelSet) {
    kernels.returns(of: table, gamma: gamma, into: returns)
  }

  var table: StepTable {
    StepTable(
      steps: steps, environments: environments, rewards: rewards, terminated: terminated, truncated: truncated,
      finalValues: values?.final)
  }

  /// Multiplies each weight by γ^t, t counting from 0 at the start of its trajectory.
  func discount(_ weights: UnsafeMutablePointer<Float>) {
    var (age, factor): (Int32, Float) = (0, 1)
    func know(_ row: Int) {
      guard ages[row] != age else { return }
      age = ages[row]
      factor = Float(power(gamma, Int(age)))
    }
    for first in stride(from: 0, to: rows, by: environments) {
      // Trajectories that began together are of one age in each step: then one factor serves the whole step.
      var differences: Int32 = 0
      for row in first..<first + environments { differences |= ages[row] ^ ages[first] }
      if differences == 0 && ages[first] > 0 {
        know(first)
        for row in first..<first + environments { weights[row] *= factor }
      } else if differences != 0 {
        for row in first..<first + environments where ages[row] > 0 {
          know(row)
          weights[row] *= factor
        }
      }
    }
  }
}

/// x^n by repeated squaring.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
