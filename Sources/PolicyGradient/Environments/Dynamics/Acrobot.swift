/// Two links hanging from a bar, with a motor at the joint between them (torque -1, 0 or 1 for actions 0, 1 and 2); the
/// episode ends when the tip swings one link's length above the bar: -cos θ₁ - cos(θ₁ + θ₂) > 1.
///
/// The equations are those of the book, in one Runge-Kutta step of 0.2 s, angles then brought into [-π, π] and velocities
/// clipped to 4π and 9π.
///
/// - Source: Sutton and Barto, "Reinforcement learning: an introduction" (1998), figure 11.4; Gymnasium's Acrobot-v1.
enum Acrobot: Dynamics {
  static let name = "Acrobot-v1"
  static let observationSize = 6
  static let part = ActionPart(.categorical, size: 3)
  static let maxEpisodeSteps = 500

  @inline(__always)
  static func firstState(_ uniform: SIMD4<Double>) -> SIMD4<Double> {
    var state = SIMD4<Double>()
    // Gymnasium keeps the first state, and only that one, in single precision.
    for k in 0..<4 { state[k] = Double(Float(scale(uniform[k], low: -0.1, high: 0.1))) }
    return state
  }

  @inline(__always)
  static func step(_ state: inout SIMD4<Double>, action: Float) -> (reward: Double, terminated: Bool) {
    let torque = Double(action) - 1
    let duration = 0.2
    let half = duration / 2

    let k1 = rates(state, torque)
    let k2 = rates(state + half * k1, torque)
    let k3 = rates(state + half * k2, torque)
    let k4 = rates(state + duration * k3, torque)
    let moved = state + duration / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    state = SIMD4(
      wrap(moved[0]), wrap(moved[1]), clip(moved[2], -4 * Double.pi, 4 * Double.pi),
      clip(moved[3], -9 * Double.pi, 9 * Double.pi))
    let height = -sineCosine(state[0]).cosine - sineCosine(state[1] + state[0]).cosine
    let terminated = height > 1
    return (terminated ? 0 : -1, terminated)
  }

  @inline(__always)
  static func observe(_ state: SIMD4<Double>, into observation: UnsafeMutablePointer<Float>) {
    let (first, second) = (sineCosine(state[0]), sineCosine(state[1]))
    observation[0] = Float(first.cosine)
    observation[1] = Float(first.sine)
    observation[2] = Float(second.cosine)
    observation[3] = Float(second.sine)
    observation[4] = Float(state[2])
    observation[5] = Float(state[3])
  }

  /// Velocities and accelerations of both angles.
  ///
  ///     d₁ = m₁ lc₁² + m₂ (l₁² + lc₂² + 2 l₁ lc₂ cos θ₂) + I₁ + I₂,   d₂ = m₂ (lc₂² + l₁ lc₂ cos θ₂) + I₂
  ///     φ₂ = m₂ lc₂ g cos(θ₁ + θ₂ - π/2)
  ///     φ₁ = -m₂ l₁ lc₂ θ̇₂² sin θ₂ - 2 m₂ l₁ lc₂ θ̇₂ θ̇₁ sin θ₂ + (m₁ lc₁ + m₂ l₁) g cos(θ₁ - π/2) + φ₂
  ///     θ̈₂ = (τ + d₂/d₁ φ₁ - m₂ l₁ lc₂ θ̇₁² sin θ₂ - φ₂) / (m₂ lc₂² + I₂ - d₂²/d₁),   θ̈₁ = -(d₂ θ̈₂ + φ₁) / d₁
  ///
  /// with masses, lengths and moments of 1, centres of mass at 1/2, and g = 9.8.
  @inline(__always)
  private static func rates(_ state: SIMD4<Double>, _ torque: Double) -> SIMD4<Double> {
    let gravity = 9.8
    let center = 0.5

    let (velocity1, velocity2) = (state[2], state[3])
    let (sine, cosine) = sineCosine(state[1])
    let d1 = center * center + (1 + center * center + 2 * center * cosine) + 1 + 1
    let d2 = (center * center + center * cosine) + 1
    let phi2 = center * gravity * sineCosine(state[0] + state[1] - Double.pi / 2).cosine
    let phi1 =
      -center * (velocity2 * velocity2) * sine - 2 * center * velocity2 * velocity1 * sine
      + (center + 1) * gravity * sineCosine(state[0] - Double.pi / 2).cosine + phi2
    let acceleration2 =
      (torque + d2 / d1 * phi1 - center * (velocity1 * velocity1) * sine - phi2)
      / (center * center + 1 - d2 * d2 / d1)
    let acceleration1 = -(d2 * acceleration2 + phi1) / d1
    return SIMD4(velocity1, velocity2, acceleration1, acceleration2)
  }

  /// Brings an angle into [-π, π] by whole turns.
  @inline(__always)
  private static func wrap(_ angle: Double) -> Double {
    abs(angle) <= Double.pi ? angle : nearestTurn(angle)
  }
}
