import KernelShims

// A pendulum, whose motor is too weak to lift it at once. Episodes never terminate. With torque u, angle θ (0 upright),
// g = 10, m = l = 1 and a semi-implicit Euler step of 0.05 s:
//
//     reward = -(θ² + 0.1 θ̇² + 0.001 u²), θ wrapped to [-π, π),   θ̈ = 3g/(2l) sin θ + 3/(m l²) u,   |θ̇| ≤ 8
//
// Source: Gymnasium's Pendulum-v1.

/// Turns two numbers drawn uniformly from [0, 1) into the first state.
func pendulumBegin(_ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int) {
  var i = 0
  while i < count {
    let place = states + i
    kernel_store_wide8(interpolate(kernel_load_wide8(place), low: -Double.pi, high: Double.pi), place)
    kernel_store_wide8(interpolate(kernel_load_wide8(place + stride), low: -1, high: 1), place + stride)
    i += 8
  }
}

func pendulumStep(
  _ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ rewards: UnsafeMutablePointer<Float>, _ terminated: UnsafeMutablePointer<UInt8>
) {
  let gravity = 10.0
  let duration = 0.05
  let maxSpeed = 8.0

  var i = 0
  while i < count {
    let left = count - i
    let place = states + i
    let (angle, velocity) = (kernel_load_wide8(place), kernel_load_wide8(place + stride))
    // Gymnasium computes the terms with only the torque in single precision.
    let torque = clamp(loadPartial(actions + i, left), -2, 2)
    let effort = kernel_widen8(0.001 * (torque * torque))
    let lean = nearestTurn(angle)
    let cost = lean * lean + 0.1 * (velocity * velocity) + effort

    let acceleration = 3 * gravity / 2 * sineCosine(angle).sine + kernel_widen8(3 * torque)
    let newVelocity = clamp(velocity + acceleration * duration, -maxSpeed, maxSpeed)
    kernel_store_wide8(angle + newVelocity * duration, place)
    kernel_store_wide8(newVelocity, place + stride)
    storePartial(kernel_narrow8(-cost), rewards + i, left)
    storeFlags(Mask(repeating: 0), terminated + i, left)
    i += 8
  }
}

func pendulumObserve(
  _ count: Int, _ states: UnsafePointer<Double>, _ stride: Int, _ observations: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i < count {
    let (sine, cosine) = sineCosine(kernel_load_wide8(states + i))
    let velocity = kernel_narrow8(kernel_load_wide8(states + stride + i))
    storeRows(
      kernel_narrow8(cosine), kernel_narrow8(sine), velocity, velocity, observations + 3 * i, stride: 3, columns: 3,
      count - i)
    i += 8
  }
}
