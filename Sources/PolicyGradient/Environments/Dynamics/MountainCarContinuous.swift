/// The car in the valley, with a force in [-1, 1]; the episode ends at position 0.45, with a reward of 100, and effort costs.
///
///     v ← v + 0.0015 a - 0.0025 cos 3x, |v| ≤ 0.07,   x ← x + v, -1.2 ≤ x ≤ 0.6,   v ← 0 at the left wall
///     reward = 100 [reached] - 0.1 a²
///
/// - Source: Gymnasium's MountainCarContinuous-v0, which keeps this one state in single precision, and so does this. Only
///   the first position of an episode has more digits.
enum MountainCarContinuous: Dynamics {
  static let name = "MountainCarContinuous-v0"
  static let observationSize = 2
  static let part = ActionPart(.gaussian, size: 1, low: -1, high: 1)
  static let maxEpisodeSteps = 999

  @inline(__always)
  static func firstState(_ uniform: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(scale(uniform[0], low: -0.6, high: -0.4), 0)
  }

  @inline(__always)
  static func step(_ state: inout SIMD2<Double>, action: Float) -> (reward: Double, terminated: Bool) {
    let isSingle = Double(Float(state[0])) == state[0]
    let bend = isSingle ? Double(3 * Float(state[0])) : 3 * state[0]
    let force = clip(action, -1, 1)
    let change = force * 0.0015 - Float(0.0025 * sineCosine(bend).cosine)
    var velocity = clip(Float(state[1] + Double(change)), -0.07, 0.07)
    let position = clip(Float(state[0] + Double(velocity)), -1.2, 0.6)
    if position == -1.2 && velocity < 0 { velocity = 0 }
    state = SIMD2(Double(position), Double(velocity))

    let reached = position >= 0.45 && velocity >= 0
    let effort = Double(force) * Double(force)
    return ((reached ? 100 : 0) - effort * 0.1, reached)
  }

  @inline(__always)
  static func observe(_ state: SIMD2<Double>, into observation: UnsafeMutablePointer<Float>) {
    observation[0] = Float(state[0])
    observation[1] = Float(state[1])
  }
}
