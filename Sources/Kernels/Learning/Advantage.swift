import KernelShims

// Time-major: step t of environment e is at `t * envs + e`. Steps are visited from the last to the first. A step reads
// the results of the step after it from memory, so each array is read or written once, whatever its shape.

/// Discounted returns of `envs` neighbouring environments.
///
///     G_t = r_t + γ next_t,   next_t = 0 if terminated, finalValues_t if truncated, else G_{t+1}
///
/// After the last step, G is 0. `terminated` and `truncated` may be `nil` if no step was. `finalValues` is read only
/// where an episode was truncated and not terminated; `nil` counts as zeros. G is carried from step to step in double
/// precision, since long sums in single precision drift for γ near 1.
///
/// - Parameters:
///   - stride: Distance between two steps in all arrays.
///   - carry: Scratch for `envs` numbers, rounded up to a multiple of 8.
public func discountedReturns(
  _ steps: Int, _ envs: Int, _ stride: Int, _ rewards: UnsafePointer<Float>, _ terminated: UnsafePointer<UInt8>?,
  _ truncated: UnsafePointer<UInt8>?, _ finalValues: UnsafePointer<Float>?, _ gamma: Double,
  _ carry: UnsafeMutablePointer<Double>, _ returns: UnsafeMutablePointer<Float>
) {
  var env = 0
  while env < envs {
    kernel_store_wide8(broadcastWide(0), carry + env)
    env += 8
  }
  var row = steps * stride
  while row > 0 {
    row -= stride
    env = 0
    while env < envs {
      let (at, count) = (row + env, envs - env)
      var next = kernel_load_wide8(carry + env)
      if let truncated {
        let final = if let finalValues { loadWide(finalValues + at, count) } else { broadcastWide(0) }
        next = kernel_select_wide8(kernel_widen_mask8(kernel_load_flags8(truncated + at, count)), final, next)
      }
      if let terminated {
        next = kernel_select_wide8(
          kernel_widen_mask8(kernel_load_flags8(terminated + at, count)), broadcastWide(0), next)
      }
      let value = loadWide(rewards + at, count) + gamma * next
      kernel_store_wide8(value, carry + env)
      storeWide(value, returns + at, count)
      env += 8
    }
  }
}

/// Generalised advantage estimation.
///
///     δ_t = r_t + γ next_t - V_t,   next_t = 0 if terminated, finalValues_t if truncated, else V_{t+1}
///     A_t = δ_t + γλ (terminated or truncated ? 0 : A_{t+1})
///
/// `lastValues` (`envs`) is V after the last step. `finalValues` is read only where an episode was truncated and not
/// terminated; `nil` counts as zeros.
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
      let isTerminated = kernel_load_flags8(terminated + at, count)
      let isTruncated = kernel_load_flags8(truncated + at, count)
      let final = if let finalValues { loadPartial(finalValues + at, count) } else { zero }
      let next = kernel_select8(
        isTerminated, zero, kernel_select8(isTruncated, final, loadPartial(nextValues + env, count)))
      let delta = fused(loadPartial(rewards + at, count), gamma, next) - loadPartial(values + at, count)
      let carried =
        isLast ? zero : kernel_select8(isTerminated | isTruncated, zero, loadPartial(advantages + at + envs, count))
      storePartial(fused(delta, gamma * lambda, carried), advantages + at, count)
      env += 8
    }
    nextValues = values + row
    isLast = false
  }
}

/// ``generalizedAdvantages`` of `envs` neighbouring environments, carried from step to step in double precision. For γλ
/// near 1, rounding errors of one step would otherwise affect many earlier steps.
///
/// - Parameters:
///   - stride: Distance between two steps in all arrays.
///   - carry: Scratch for `envs` numbers, rounded up to a multiple of 8.
public func longAdvantages(
  _ steps: Int, _ envs: Int, _ stride: Int, _ rewards: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
  _ terminated: UnsafePointer<UInt8>, _ truncated: UnsafePointer<UInt8>, _ finalValues: UnsafePointer<Float>?,
  _ lastValues: UnsafePointer<Float>, _ gamma: Double, _ lambda: Double, _ carry: UnsafeMutablePointer<Double>,
  _ advantages: UnsafeMutablePointer<Float>
) {
  var env = 0
  while env < envs {
    kernel_store_wide8(broadcastWide(0), carry + env)
    env += 8
  }
  var nextValues = lastValues
  var row = steps * stride
  while row > 0 {
    row -= stride
    env = 0
    while env < envs {
      let (at, count) = (row + env, envs - env)
      let isTerminated = kernel_widen_mask8(kernel_load_flags8(terminated + at, count))
      let isTruncated = kernel_widen_mask8(kernel_load_flags8(truncated + at, count))
      let final = if let finalValues { loadWide(finalValues + at, count) } else { broadcastWide(0) }
      var next = kernel_select_wide8(isTruncated, final, loadWide(nextValues + env, count))
      next = kernel_select_wide8(isTerminated, broadcastWide(0), next)
      let carried = kernel_select_wide8(isTerminated | isTruncated, broadcastWide(0), kernel_load_wide8(carry + env))
      let delta = loadWide(rewards + at, count) + gamma * next - loadWide(values + at, count)
      let advantage = delta + (gamma * lambda) * carried
      kernel_store_wide8(advantage, carry + env)
      storeWide(advantage, advantages + at, count)
      env += 8
    }
    nextValues = values + row
  }
}
