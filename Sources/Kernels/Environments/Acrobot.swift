import KernelShims

// Two links hanging from a bar, with a motor at the joint between them (torque -1, 0 or 1 for actions 0, 1 and 2); the
// episode ends when the tip swings one link's length above the bar: -cos θ₁ - cos(θ₁ + θ₂) > 1.
//
// The equations of the book, in one Runge-Kutta step of 0.2 s. Then angles are wrapped to [-π, π], and velocities are
// clipped to ±4π and ±9π.
//
// Source: Sutton and Barto, "Reinforcement learning: an introduction" (1998), figure 11.4; Gymnasium's Acrobot-v1.

/// Turns four numbers drawn uniformly from [0, 1) into the first state.
func acrobotBegin(_ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int) {
  var i = 0
  while i < count {
    for k in 0..<4 {
      let place = states + k * stride + i
      // Gymnasium has only the first state in single precision.
      let first = kernel_narrow8(interpolate(kernel_load_wide8(place), low: -0.1, high: 0.1))
      kernel_store_wide8(kernel_widen8(first), place)
    }
    i += 8
  }
}

func acrobotStep(
  _ count: Int, _ states: UnsafeMutablePointer<Double>, _ stride: Int, _ actions: UnsafePointer<Float>,
  _ rewards: UnsafeMutablePointer<Float>, _ terminated: UnsafeMutablePointer<UInt8>
) {
  let duration = 0.2
  let half = duration / 2

  var i = 0
  while i < count {
    let left = count - i
    let torque = kernel_widen8(loadPartial(actions + i, left)) - 1
    let place = states + i
    let state = Links(
      kernel_load_wide8(place), kernel_load_wide8(place + stride), kernel_load_wide8(place + 2 * stride),
      kernel_load_wide8(place + 3 * stride))

    let k1 = state.rates(torque)
    let k2 = (state + half * k1).rates(torque)
    let k3 = (state + half * k2).rates(torque)
    let k4 = (state + duration * k3).rates(torque)
    let moved = state + duration / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    let (angle1, angle2) = (wrap(moved.angle1), wrap(moved.angle2))
    kernel_store_wide8(angle1, place)
    kernel_store_wide8(angle2, place + stride)
    kernel_store_wide8(clamp(moved.velocity1, -4 * Double.pi, 4 * Double.pi), place + 2 * stride)
    kernel_store_wide8(clamp(moved.velocity2, -9 * Double.pi, 9 * Double.pi), place + 3 * stride)
    let height = -sineCosine(angle1).cosine - sineCosine(angle2 + angle1).cosine
    let isOver = kernel_narrow_mask8(kernel_less_wide8(broadcastWide(1), height))
    storePartial(kernel_select8(isOver, broadcast(0), broadcast(-1)), rewards + i, left)
    storeFlags(isOver, terminated + i, left)
    i += 8
  }
}

func acrobotObserve(
  _ count: Int, _ states: UnsafePointer<Double>, _ stride: Int, _ observations: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i < count {
    let first = sineCosine(kernel_load_wide8(states + i))
    let second = sineCosine(kernel_load_wide8(states + stride + i))
    storeRows(
      kernel_narrow8(first.cosine), kernel_narrow8(first.sine), kernel_narrow8(second.cosine),
      kernel_narrow8(second.sine), observations + 6 * i, stride: 6, columns: 4, count - i)
    let velocity1 = kernel_narrow8(kernel_load_wide8(states + 2 * stride + i))
    let velocity2 = kernel_narrow8(kernel_load_wide8(states + 3 * stride + i))
    storeRows(
      velocity1, velocity2, velocity1, velocity2, observations + 6 * i + 4, stride: 6, columns: 2, count - i)
    i += 8
  }
}

/// Wraps angles to [-π, π] by whole turns.
@inline(__always) private func wrap(_ angle: Wide) -> Wide {
  kernel_select_wide8(kernel_less_wide8(broadcastWide(Double.pi), magnitude(angle)), nearestTurn(angle), angle)
}

/// A state, or the rates of its change.
private struct Links {
  let angle1: Wide
  let angle2: Wide
  let velocity1: Wide
  let velocity2: Wide

  @inline(__always) init(_ angle1: Wide, _ angle2: Wide, _ velocity1: Wide, _ velocity2: Wide) {
    self.angle1 = angle1
    self.angle2 = angle2
    self.velocity1 = velocity1
    self.velocity2 = velocity2
  }

  @inline(__always) static func + (a: Links, b: Links) -> Links {
    Links(a.angle1 + b.angle1, a.angle2 + b.angle2, a.velocity1 + b.velocity1, a.velocity2 + b.velocity2)
  }

  @inline(__always) static func * (factor: Double, a: Links) -> Links {
    Links(factor * a.angle1, factor * a.angle2, factor * a.velocity1, factor * a.velocity2)
  }

  /// Velocities and accelerations of both angles.
  ///
  ///     d₁ = m₁ lc₁² + m₂ (l₁² + lc₂² + 2 l₁ lc₂ cos θ₂) + I₁ + I₂,   d₂ = m₂ (lc₂² + l₁ lc₂ cos θ₂) + I₂
  ///     φ₂ = m₂ lc₂ g cos(θ₁ + θ₂ - π/2)
  ///     φ₁ = -m₂ l₁ lc₂ θ̇₂² sin θ₂ - 2 m₂ l₁ lc₂ θ̇₂ θ̇₁ sin θ₂ + (m₁ lc₁ + m₂ l₁) g cos(θ₁ - π/2) + φ₂
  ///     θ̈₂ = (τ + d₂/d₁ φ₁ - m₂ l₁ lc₂ θ̇₁² sin θ₂ - φ₂) / (m₂ lc₂² + I₂ - d₂²/d₁),   θ̈₁ = -(d₂ θ̈₂ + φ₁) / d₁
  ///
  /// with masses, lengths and moments of 1, centres of mass at 1/2, and g = 9.8.
  @inline(never) func rates(_ torque: Wide) -> Links {
    let gravity = 9.8
    let center = 0.5

    let (sine, cosine) = sineCosine(angle2)
    let d1 = center * center + (1 + center * center + 2 * center * cosine) + 1 + 1
    let d2 = (center * center + center * cosine) + 1
    let phi2 = center * gravity * sineCosine(angle1 + angle2 - Double.pi / 2).cosine
    let phi1 =
      -center * (velocity2 * velocity2) * sine - 2 * center * velocity2 * velocity1 * sine
      + (center + 1) * gravity * sineCosine(angle1 - Double.pi / 2).cosine + phi2
    let acceleration2 =
      (torque + d2 / d1 * phi1 - center * (velocity1 * velocity1) * sine - phi2)
      / (center * center + 1 - d2 * d2 / d1)
    let acceleration1 = -(d2 * acceleration2 + phi1) / d1
    return Links(velocity1, velocity2, acceleration1, acceleration2)
  }
}
