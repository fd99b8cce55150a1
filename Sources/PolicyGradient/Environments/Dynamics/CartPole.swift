/// A pole on a cart that is pushed left (0) or right (1); the episode ends when it leans 12° or the cart leaves the track.
///
/// With force F, angle θ and total mass m, and one Euler step of 0.02 s:
///
///     u = (F + m_p l θ̇² sin θ) / m
///     θ̈ = (g sin θ - u cos θ) / (l (4/3 - m_p cos²θ / m)),   ẍ = u - m_p l θ̈ cos θ / m
///
/// - Source: Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems"
///   (1983); Gymnasium's CartPole-v1.
enum CartPole: Dynamics {
  static let name = "CartPole-v1"
  static let observationSize = 4
  static let part = ActionPart(.categorical, size: 2)
  static let maxEpisodeSteps = 500

  @inline(__always)
  static func firstState(_ uniform: SIMD4<Double>) -> SIMD4<Double> {
    SIMD4(
      scale(uniform[0], low: -0.05, high: 0.05), scale(uniform[1], low: -0.05, high: 0.05),
      scale(uniform[2], low: -0.05, high: 0.05), scale(uniform[3], low: -0.05, high: 0.05))
  }

  @inline(__always)
  static func step(_ state: inout SIMD4<Double>, action: Float) -> (reward: Double, terminated: Bool) {
    let gravity = 9.8
    let poleMass = 0.1
    let totalMass = poleMass + 1.0
    let length = 0.5  // half the pole's
    let poleMassLength = poleMass * length
    let duration = 0.02
    let positionLimit = 2.4
    let angleLimit = 12 * 2 * Double.pi / 360

    let (position, velocity, angle, angularVelocity) = (state[0], state[1], state[2], state[3])
    let force = action == 1 ? 10.0 : -10.0
    let (sine, cosine) = sineCosine(angle)
    let push = (force + poleMassLength * (angularVelocity * angularVelocity) * sine) / totalMass
    let angularAcceleration =
      (gravity * sine - cosine * push) / (length * (4.0 / 3.0 - poleMass * (cosine * cosine) / totalMass))
    let acceleration = push - poleMassLength * angularAcceleration * cosine / totalMass

    state = SIMD4(
      position + duration * velocity, velocity + duration * acceleration,
      angle + duration * angularVelocity, angularVelocity + duration * angularAcceleration)
    return (1, abs(state[0]) > positionLimit || abs(state[2]) > angleLimit)
  }

  @inline(__always)
  static func observe(_ state: SIMD4<Double>, into observation: UnsafeMutablePointer<Float>) {
    for k in 0..<4 { observation[k] = Float(state[k]) }
  }
}
