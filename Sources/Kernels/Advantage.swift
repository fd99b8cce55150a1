import KernelShims

// Time-major: step t of environment e is at `t * envs + e`. Eight environments run side by side, from the last step back.

/// `G_t = r_t + γ (ended_t ? 0 : G_{t+1})`, where nothing follows the last step. `ended` may be `nil`.
public func discountedReturns(
  _ steps: Int, _ envs: Int, _ rewards: UnsafePointer<Float>, _ ended: UnsafePointer<UInt8>?, _ gamma: Float,
  _ returns: UnsafeMutablePointer<Float>
) {
  var env = 0
  while env < envs {
    let count = envs - env
    var next = broadcast(0)
    var at = steps * envs + env
    for _ in 0..<steps {
      at -= envs
      if let ended { next = kernel_select8(kernel_load_flags8(ended + at, count), broadcast(0), next) }
      next = fused(load(rewards + at, count), gamma, next)
      store(next, returns + at, count)
    }
    env += 8
  }
}

/// Generalised advantage estimation.
///
///     δ_t = r_t + γ next_t - V_t,   next_t = 0 if terminated, finalValues_t if truncated, else V_{t+1}
///     A_t = δ_t + γλ (terminated or truncated ? 0 : A_{t+1})
///
/// `lastValues` (`envs`) is V after the last step. `finalValues` is read only where an episode was truncated and not
/// terminated; `nil` counts as zeros there.
/// - Source: Schulman et al., "High-dimensional continuous control using generalized advantage estimation" (2016).
public func generalizedAdvantages(
  _ steps: Int, _ envs: Int, _ rewards: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
  _ terminated: UnsafePointer<UInt8>, _ truncated: UnsafePointer<UInt8>, _ finalValues: UnsafePointer<Float>?,
  _ lastValues: UnsafePointer<Float>, _ gamma: Float, _ lambda: Float, _ advantages: UnsafeMutablePointer<Float>
) {
  let zero = broadcast(0)
  var env = 0
  while env < envs {
    let count = envs - env
    var advantage = zero
    var nextValue = load(lastValues + env, count)
    var at = steps * envs + env
    for _ in 0..<steps {
      at -= envs
      let stops = kernel_load_flags8(terminated + at, count)
      let cuts = kernel_load_flags8(truncated + at, count)
      let value = load(values + at, count)
      let final = if let finalValues { load(finalValues + at, count) } else { zero }
      let next = kernel_select8(stops, zero, kernel_select8(cuts, final, nextValue))
      let delta = fused(load(rewards + at, count), gamma, next) - value
      let carried = kernel_select8(stops | cuts, zero, advantage)
      advantage = fused(delta, gamma * lambda, carried)
      store(advantage, advantages + at, count)
      nextValue = value
    }
    env += 8
  }
}
