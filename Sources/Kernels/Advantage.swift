import KernelShims

// Time-major: step t of environment e is at `t * envs + e`. Rows follow each other from the last step back, and what a row
// hands to the one before it is read from where it was written: so memory is gone through once, whatever the shape.

/// `G_t = r_t + γ (ended_t ? 0 : G_{t+1})`, where nothing follows the last step. `ended` may be `nil`.
public func discountedReturns(
  _ steps: Int, _ envs: Int, _ rewards: UnsafePointer<Float>, _ ended: UnsafePointer<UInt8>?, _ gamma: Float,
  _ returns: UnsafeMutablePointer<Float>
) {
  var row = steps * envs
  var isLast = true
  while row > 0 {
    row -= envs
    var at = row
    while at < row + envs {
      let count = row + envs - at
      var next = isLast ? broadcast(0) : load(returns + at + envs, count)
      if let ended { next = kernel_select8(kernel_load_flags8(ended + at, count), broadcast(0), next) }
      store(fused(load(rewards + at, count), gamma, next), returns + at, count)
      at += 8
    }
    isLast = false
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
  var nextValues = lastValues
  var row = steps * envs
  var isLast = true
  while row > 0 {
    row -= envs
    var env = 0
    while env < envs {
      let at = row + env
      let count = envs - env
      let stops = kernel_load_flags8(terminated + at, count)
      let cuts = kernel_load_flags8(truncated + at, count)
      let final = if let finalValues { load(finalValues + at, count) } else { zero }
      let next = kernel_select8(stops, zero, kernel_select8(cuts, final, load(nextValues + env, count)))
      let delta = fused(load(rewards + at, count), gamma, next) - load(values + at, count)
      let carried = isLast ? zero : kernel_select8(stops | cuts, zero, load(advantages + at + envs, count))
      store(fused(delta, gamma * lambda, carried), advantages + at, count)
      env += 8
    }
    nextValues = values + row
    isLast = false
  }
}
