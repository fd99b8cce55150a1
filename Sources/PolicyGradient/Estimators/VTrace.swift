#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Advantages under π of steps that were drawn from a slightly older μ: each correction is cut at 1 ratio or so, which bounds
/// its variance; what is cut off is the bias towards a policy between the two.
///
///     ρ_t = min(ρ̄, π/μ),   c_t = λ min(c̄, π/μ),   δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))
///     v_t = V(s_t) + δ_t + γ c_t (v_{t+1} - V(s_{t+1})),   A_t = r_t + γ v_{t+1} - V(s_t),   target of V: v_t
///
/// The weight on a plain score is ρ_t A_t; PPO brings the ratio itself, and takes A_t. Where π is μ, and λ is 1, both are the
/// whole return minus V.
/// - Source: Espeholt et al., "IMPALA: scalable distributed deep-RL with importance weighted actor-learner architectures"
///   (2018), whose ρ̄ and c̄ are 1.
package struct VTrace: AdvantageEstimator {
  let lambda: Double
  let rhoClip: Double
  let cClip: Double
  /// Whether weights carry ρ_t.
  let weighsRatios: Bool

  package init(lambda: Double, rhoClip: Double, cClip: Double, weighsRatios: Bool = false) {
    self.lambda = lambda
    self.rhoClip = rhoClip
    self.cClip = cClip
    self.weighsRatios = weighsRatios
  }

  var needsValues: Bool { true }
  var needsRatios: Bool { true }

  func estimate(
    _ batch: TrajectoryBatch, weights: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    guard let values = batch.values, let logRatios = batch.logRatios else { return }
    correctedAdvantages(
      batch.steps, batch.environments, rewards: batch.rewards, values: values.current, logRatios: logRatios,
      terminated: batch.terminated, truncated: batch.truncated, final: values.final, last: values.last,
      gamma: batch.gamma, advantages: weights, targets: targets)
    if weighsRatios {
      for row in 0..<batch.rows { weights[row] *= min(Float(rhoClip), exp(logRatios[row])) }
    }
  }

  /// Writes A_t and v_t. All arrays are steps × environments, but for `last`: V of the observations after the last step;
  /// `final` is read only in truncated rows.
  package func correctedAdvantages(
    _ steps: Int, _ environments: Int, rewards: UnsafePointer<Float>, values: UnsafePointer<Float>,
    logRatios: UnsafePointer<Float>, terminated: UnsafePointer<UInt8>, truncated: UnsafePointer<UInt8>,
    final: UnsafePointer<Float>?, last: UnsafePointer<Float>, gamma: Double, advantages: UnsafeMutablePointer<Float>,
    targets: UnsafeMutablePointer<Float>
  ) {
    let (gamma, lambda) = (Float(gamma), Float(lambda))
    for row in (0..<steps * environments).reversed() {
      let isLast = row + environments >= steps * environments
      // V(s_{t+1}) and v_{t+1}; nothing is carried over an episode's end.
      var (value, corrected): (Float, Float) = (0, 0)
      if terminated[row] == 0, truncated[row] != 0 {
        value = final?[row] ?? 0
        corrected = value
      } else if terminated[row] == 0 {
        value = isLast ? last[row % environments] : values[row + environments]
        corrected = isLast ? value : targets[row + environments]
      }
      let ratio = exp(logRatios[row])
      let delta = min(Float(rhoClip), ratio) * (rewards[row] + gamma * value - values[row])
      targets[row] = values[row] + delta + gamma * lambda * min(Float(cClip), ratio) * (corrected - value)
      advantages[row] = rewards[row] + gamma * corrected - values[row]
    }
  }
}
