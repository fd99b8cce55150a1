import KernelShims

// A pole on a cart that is pushed left (0) or right (1); the episode ends when it leans 12° or the cart leaves the
// track. With force F, angle θ and total mass m, and one Euler step of 0.02 s:
//
//     u = (F + m_p l θ̇² sin θ) / m
//     θ̈ = (g sin θ - u cos θ) / (l (4/3 - m_p cos²θ / m)),   ẍ = u - m_p l θ̈ cos θ / m
//
// Source: Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems"
// (1983); Gymnasium's CartPole-v1.

/// Turns four numbers drawn uniformly from [0, 1) into the first state.
func cartPoleBegin(_ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int) {
  var i = 0
  while i < count {
    for k in 0..<4 {
      let place = states + k * stride + i
      kernel_store_wide8(interpolate(kernel_load_wide8(place), low: -0.05, high: 0.05), place)
    }
    i += 8
  }
}

func cartPoleStep(
  _ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ rewards: UnsafeMutablePointer<Float>, _ terminated: UnsafeMutablePointer<UInt8>
) {
  let gravity = 9.8
  let poleMass = 0.1
  let totalMass = poleMass + 1.0
  let length = 0.5  // half the pole's
  let poleMassLength = poleMass * length
  let duration = 0.02
  let positionLimit = 2.4
  let angleLimit = 12 * 2 * Double.pi / 360

  var i = 0
  while i < count {
    let left = count - i
    let place = states + i
    let (position, velocity) = (kernel_load_wide8(place), kernel_load_wide8(place + stride))
    let (angle, angularVelocity) = (kernel_load_wide8(place + 2 * stride), kernel_load_wide8(place + 3 * stride))
    let isRight = kernel_equal8(loadPartial(actions + i, left), broadcast(1))
    let force = kernel_widen8(kernel_select8(isRight, broadcast(10), broadcast(-10)))

    let (sine, cosine) = sineCosine(angle)
    let push = (force + poleMassLength * (angularVelocity * angularVelocity) * sine) / totalMass
    let angularAcceleration =
      (gravity * sine - cosine * push) / (length * (4.0 / 3.0 - poleMass * (cosine * cosine) / totalMass))
    let acceleration = push - poleMassLength * angularAcceleration * cosine / totalMass

    let newPosition = position + duration * velocity
    let newAngle = angle + duration * angularVelocity
    kernel_store_wide8(newPosition, place)
    kernel_store_wide8(velocity + duration * acceleration, place + stride)
    kernel_store_wide8(newAngle, place + 2 * stride)
    kernel_store_wide8(angularVelocity + duration * angularAcceleration, place + 3 * stride)
    storePartial(broadcast(1), rewards + i, left)
    let isOver =
      kernel_less_wide8(broadcastWide(positionLimit), magnitude(newPosition))
      | kernel_less_wide8(broadcastWide(angleLimit), magnitude(newAngle))
    storeFlags(kernel_narrow_mask8(isOver), terminated + i, left)
    i += 8
  }
}

func cartPoleObserve(
  _ count: Int, _ states: UnsafePointer<Double>, _ stride: Int, _ observations: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i < count {
    func column(_ k: Int) -> Vector { kernel_narrow8(kernel_load_wide8(states + k * stride + i)) }
    storeRows(column(0), column(1), column(2), column(3), observations + 4 * i, stride: 4, columns: 4, count - i)
    i += 8
  }
}
