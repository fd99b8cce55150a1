/// Advantages under π of steps that a slightly older policy μ drew. Ratios π/μ are clipped at ρ̄ and c̄, which bounds
/// the variance; in return, V becomes the value of a policy between μ and π.
///
///     ρ_t = min(ρ̄, π/μ),   c_t = λ min(c̄, π/μ),   δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))
///     v_t = V(s_t) + δ_t + γ c_t (v_{t+1} - V(s_{t+1})),   A_t = r_t + γ v_{t+1} - V(s_t),   target of V: v_t
///
/// The weight on a plain score is ρ_t A_t. PPO's own weighting contains the ratio, so there the weight is A_t. If π = μ
/// and λ = 1, both are the return minus V.
/// - Source: Espeholt et al., "IMPALA: scalable distributed deep-RL with importance weighted actor-learner
///   architectures" (2018), whose ρ̄ and c̄ are 1.
package struct VTrace: AdvantageEstimator {
  let lambda: Double
  let rhoClip: Double
  let cClip: Double
  /// Whether weights include the factor ρ_t.
  let weighsRatios: Bool

  package init(lambda: Double, rhoClip: Double, cClip: Double, weighsRatios: Bool = false) {
    self.lambda = lambda
    self.rhoClip = rhoClip
    self.cClip = cClip
    self.weighsRatios = weighsRatios
  }

  package var needsValues: Bool { true }
  package var needsRatios: Bool { true }

  package func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    guard let values = batch.values, let logRatios = batch.logRatios else { return }
    correctedAdvantages(
      of: batch.table, values: values.current, lastValues: values.last, logRatios: logRatios, gamma: batch.gamma,
      advantages: weights, targets: targets)
    if weighsRatios {
      for row in 0..<batch.rows { weights[row] *= Float(min(rhoClip, exp(Double(logRatios[row])))) }
    }
  }

  /// Writes A_t and v_t. All arrays are steps × environments, except `lastValues`: V after the last step, one per
  /// environment.
  ///
  /// v_t - V(s_t) is kept in double precision between steps, so that long sums do not drift.
  package func correctedAdvantages(
    of table: StepTable, values: UnsafePointer<Float>, lastValues: UnsafePointer<Float>,
    logRatios: UnsafePointer<Float>, gamma: Double, advantages: UnsafeMutablePointer<Float>,
    targets: UnsafeMutablePointer<Float>
  ) {
    let environments = table.environments
    table.forEachBlock { block, corrections in
      corrections.update(repeating: 0, count: block.count)
      for step in (0..<table.steps).reversed() {
        for environment in block {
          let row = step * environments + environment
          // V(s_{t+1}) and v_{t+1} - V(s_{t+1}), which do not cross the end of an episode.
          var (next, correction) = (0.0, 0.0)
          if table.terminated?[row] == 1 {
          } else if table.truncated?[row] == 1 {
            next = Double(table.finalValues?[row] ?? 0)
          } else {
            next = Double(step + 1 == table.steps ? lastValues[environment] : values[row + environments])
            correction = corrections[environment - block.lowerBound]
          }
          let (reward, value, ratio) = (Double(table.rewards[row]), Double(values[row]), exp(Double(logRatios[row])))
          advantages[row] = Float(reward + gamma * (next + correction) - value)
          correction =
            min(rhoClip, ratio) * (reward + gamma * next - value) + gamma * lambda * min(cClip, ratio) * correction
          targets[row] = Float(value + correction)
          corrections[environment - block.lowerBound] = correction
        }
      }
    }
  }
}
