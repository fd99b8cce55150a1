import KernelShims

// A car in a valley, whose motor is too weak for the slope. Both kinds have the same initial states and observations.

/// Turns two numbers drawn uniformly from [0, 1) into the first state. The second is not used.
func mountainCarBegin(_ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int) {
  var i = 0
  while i < count {
    kernel_store_wide8(interpolate(kernel_load_wide8(states + i), low: -0.6, high: -0.4), states + i)
    kernel_store_wide8(broadcastWide(0), states + stride + i)
    i += 8
  }
}

func mountainCarObserve(
  _ count: Int, _ states: UnsafePointer<Double>, _ stride: Int, _ observations: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i < count {
    let position = kernel_narrow8(kernel_load_wide8(states + i))
    let velocity = kernel_narrow8(kernel_load_wide8(states + stride + i))
    storeRows(position, velocity, position, velocity, observations + 2 * i, stride: 2, columns: 2, count - i)
    i += 8
  }
}

/// The motor runs backward, not at all or forward for actions 0, 1 and 2; the episode ends at position 0.5.
///
///     v ← v + 0.001 (a - 1) - 0.0025 cos 3x, |v| ≤ 0.07,   x ← x + v, -1.2 ≤ x ≤ 0.6,   v ← 0 at the left wall
///
/// - Source: Moore, "Efficient memory-based learning for robot control" (1990); Gymnasium's MountainCar-v0.
func mountainCarStep(
  _ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ rewards: UnsafeMutablePointer<Float>, _ terminated: UnsafeMutablePointer<UInt8>
) {
  var i = 0
  while i < count {
    let left = count - i
    let place = states + i
    let x = kernel_load_wide8(place)
    let motor = (kernel_widen8(loadPartial(actions + i, left)) - 1) * 0.001
    let slope = sineCosine(3 * x).cosine
    let free = clamp(kernel_load_wide8(place + stride) + (motor + slope * -0.0025), -0.07, 0.07)
    let position = clamp(x + free, -1.2, 0.6)
    let isStopped = kernel_equal_wide8(position, broadcastWide(-1.2)) & kernel_less_wide8(free, broadcastWide(0))
    let velocity = kernel_select_wide8(isStopped, broadcastWide(0), free)
    kernel_store_wide8(position, place)
    kernel_store_wide8(velocity, place + stride)
    storePartial(broadcast(-1), rewards + i, left)
    let continues = kernel_less_wide8(position, broadcastWide(0.5)) | kernel_less_wide8(velocity, broadcastWide(0))
    storeFlags(kernel_narrow_mask8(~continues), terminated + i, left)
    i += 8
  }
}

/// The motor has a force in [-1, 1]; the episode ends at position 0.45, with a reward of 100, and effort costs.
///
///     v ← v + 0.0015 a - 0.0025 cos 3x, |v| ≤ 0.07,   x ← x + v, -1.2 ≤ x ≤ 0.6,   v ← 0 at the left wall
///     reward = 100 [reached] - 0.1 a²
///
/// - Source: Gymnasium's MountainCarContinuous-v0, which keeps its state in single precision, except the first position
///   of an episode.
func mountainCarContinuousStep(
  _ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ rewards: UnsafeMutablePointer<Float>, _ terminated: UnsafeMutablePointer<UInt8>
) {
  var i = 0
  while i < count {
    let left = count - i
    let place = states + i
    let x = kernel_load_wide8(place)
    let single = kernel_narrow8(x)
    let isSingle = kernel_equal_wide8(kernel_widen8(single), x)
    let bend = kernel_select_wide8(isSingle, kernel_widen8(3 * single), 3 * x)
    let force = clamp(loadPartial(actions + i, left), -1, 1)
    let change = force * 0.0015 - kernel_narrow8(0.0025 * sineCosine(bend).cosine)
    let free = clamp(kernel_narrow8(kernel_load_wide8(place + stride) + kernel_widen8(change)), -0.07, 0.07)
    let position = clamp(kernel_narrow8(x + kernel_widen8(free)), -1.2, 0.6)
    let isStopped = kernel_equal8(position, broadcast(-1.2)) & kernel_less8(free, broadcast(0))
    let velocity = kernel_select8(isStopped, broadcast(0), free)
    kernel_store_wide8(kernel_widen8(position), place)
    kernel_store_wide8(kernel_widen8(velocity), place + stride)

    let reached = ~(kernel_less8(position, broadcast(0.45)) | kernel_less8(velocity, broadcast(0)))
    let prize = kernel_widen8(kernel_select8(reached, broadcast(100), broadcast(0)))
    let effort = kernel_widen8(force) * kernel_widen8(force)
    storePartial(kernel_narrow8(prize - effort * 0.1), rewards + i, left)
    storeFlags(reached, terminated + i, left)
    i += 8
  }
}
