/// A car in a valley whose motor (backward, none or forward for actions 0, 1 and 2) is too weak for the slope; the episode
/// ends at position 0.5.
///
///     v ← v + 0.001 (a - 1) - 0.0025 cos 3x, |v| ≤ 0.07,   x ← x + v, -1.2 ≤ x ≤ 0.6,   v ← 0 at the left wall
///
/// - Source: Moore, "Efficient memory-based learning for robot control" (1990); Gymnasium's MountainCar-v0.
enum MountainCar: Dynamics {
  static let name = "MountainCar-v0"
  static let observationSize = 2
  static let part = ActionPart(.categorical, size: 3)
  static let maxEpisodeSteps = 200

  @inline(__always)
  static func firstState(_ uniform: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(scale(uniform[0], low: -0.6, high: -0.4), 0)
  }

  @inline(__always)
  static func step(_ state: inout SIMD2<Double>, action: Float) -> (reward: Double, terminated: Bool) {
    let slope = sineCosine(3 * state[0]).cosine
    var velocity = clip(state[1] + ((Double(action) - 1) * 0.001 + slope * -0.0025), -0.07, 0.07)
    let position = clip(state[0] + velocity, -1.2, 0.6)
    if position == -1.2 && velocity < 0 { velocity = 0 }
    state = SIMD2(position, velocity)
    return (-1, position >= 0.5 && velocity >= 0)
  }

  @inline(__always)
  static func observe(_ state: SIMD2<Double>, into observation: UnsafeMutablePointer<Float>) {
    observation[0] = Float(state[0])
    observation[1] = Float(state[1])
  }
}
