/// The steps that an estimator reads. All arrays are steps × environments, row-major.
package struct TrajectoryBatch {
  let steps: Int
  let environments: Int
  let rewards: UnsafePointer<Float>
  let terminated: UnsafePointer<UInt8>
  let truncated: UnsafePointer<UInt8>
  /// Steps since the trajectory began; negative for rows that are in no trajectory.
  let episodeSteps: UnsafePointer<Int32>
  let gamma: Double
  /// V(s_t), V of truncated episodes' last observations, and V of the observations after the last step (environments).
  let values: Values?
  /// log π(a_t|s_t) - log μ(a_t|s_t), where μ drew the actions; `nil` if the estimator does not need it.
  var logRatios: UnsafePointer<Float>?

  package struct Values {
    let current: UnsafePointer<Float>
    let final: UnsafePointer<Float>
    let last: UnsafePointer<Float>

    package init(current: UnsafePointer<Float>, final: UnsafePointer<Float>, last: UnsafePointer<Float>) {
      self.current = current
      self.final = final
      self.last = last
    }
  }

  package init(
    steps: Int, environments: Int, rewards: UnsafePointer<Float>, terminated: UnsafePointer<UInt8>,
    truncated: UnsafePointer<UInt8>, episodeSteps: UnsafePointer<Int32>, gamma: Double, values: Values?,
    logRatios: UnsafePointer<Float>? = nil
  ) {
    self.steps = steps
    self.environments = environments
    self.rewards = rewards
    self.terminated = terminated
    self.truncated = truncated
    self.episodeSteps = episodeSteps
    self.gamma = gamma
    self.values = values
    self.logRatios = logRatios
  }

  var rows: Int { steps * environments }
}

extension TrajectoryBatch {
  /// Writes Σ_{k≥t} γ^{k-t} r_k up to the end of each trajectory. If values are known, a truncated trajectory adds
  /// γ V(last observation) after its last reward.
  package func rewardsToGo(into returns: UnsafeMutablePointer<Float>, _ kernels: KernelSet) {
    kernels.returns(of: table, gamma: gamma, into: returns)
  }

  var table: StepTable {
    StepTable(
      steps: steps, environments: environments, rewards: rewards, terminated: terminated, truncated: truncated,
      finalValues: values?.final)
  }
}

extension TrajectoryBatch {
  /// Multiplies each weight by γ^t, where t counts from 0 at the start of its trajectory.
  func discount(_ weights: UnsafeMutablePointer<Float>) {
    var (step, factor): (Int32, Float) = (0, 1)
    func updateFactor(for row: Int) {
      guard episodeSteps[row] != step else { return }
      step = episodeSteps[row]
      factor = Float(integerPower(gamma, Int(step)))
    }
    for first in stride(from: 0, to: rows, by: environments) {
      // Trajectories that began together are at the same step, so one factor serves the whole row of environments.
      var differences: Int32 = 0
      for row in first..<first + environments { differences |= episodeSteps[row] ^ episodeSteps[first] }
      if differences == 0 && episodeSteps[first] > 0 {
        updateFactor(for: first)
        for row in first..<first + environments { weights[row] *= factor }
      } else if differences != 0 {
        for row in first..<first + environments where episodeSteps[row] > 0 {
          updateFactor(for: row)
          weights[row] *= factor
        }
      }
    }
  }
}

/// x^n by repeated squaring.
private func integerPower(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
