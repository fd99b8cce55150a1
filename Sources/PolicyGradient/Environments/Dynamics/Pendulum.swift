/// A pendulum on a motor too weak to lift it at once; it has no goal that ends the episode.
///
/// With torque u, angle θ (0 upright), g = 10, m = l = 1 and a semi-implicit Euler step of 0.05 s:
///
///     reward = -(θ² + 0.1 θ̇² + 0.001 u²), θ brought into [-π, π),   θ̈ = 3g/(2l) sin θ + 3/(m l²) u,   |θ̇| ≤ 8
///
/// - Source: Gymnasium's Pendulum-v1.
enum Pendulum: Dynamics {
  static let name = "Pendulum-v1"
  static let observationSize = 3
  static let part = ActionPart(.gaussian, size: 1, low: -2, high: 2)
  static let maxEpisodeSteps = 200

  @inline(__always)
  static func firstState(_ uniform: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(scale(uniform[0], low: -Double.pi, high: Double.pi), scale(uniform[1], low: -1, high: 1))
  }

  @inline(__always)
  static func step(_ state: inout SIMD2<Double>, action: Float) -> (reward: Double, terminated: Bool) {
    let gravity = 10.0
    let duration = 0.05
    let maxSpeed = 8.0

    let (angle, velocity) = (state[0], state[1])
    // Gymnasium's terms in the torque alone are in single precision.
    let torque = clip(action, -2, 2)
    let effort = Double(0.001 * (torque * torque))
    let lean = nearestTurn(angle)
    let cost = lean * lean + 0.1 * (velocity * velocity) + effort

    let acceleration = 3 * gravity / 2 * sineCosine(angle).sine + Double(3 * torque)
    let newVelocity = clip(velocity + acceleration * duration, -maxSpeed, maxSpeed)
    state = SIMD2(angle + newVelocity * duration, newVelocity)
    return (-cost, false)
  }

  @inline(__always)
  static func observe(_ state: SIMD2<Double>, into observation: UnsafeMutablePointer<Float>) {
    let (sine, cosine) = sineCosine(state[0])
    observation[0] = Float(cosine)
    observation[1] = Float(sine)
    observation[2] = Float(state[1])
  }
}
