/// How one environment moves: its equations and limits, and nothing of episodes, memory or counting.
///
/// The arithmetic is Gymnasium's, in its order and its precision, so that both go the same way from the same state.
protocol Dynamics {
  /// The state's numbers, in the order of Gymnasium's own state.
  associatedtype State: SIMD where State.Scalar == Double

  /// As Gymnasium names it.
  static var name: String { get }
  static var observationSize: Int { get }
  /// The action space, which has one column.
  static var part: ActionPart { get }
  static var maxEpisodeSteps: Int { get }

  /// The first state of an episode, made from numbers drawn uniformly from [0, 1).
  static func firstState(_ uniform: State) -> State

  /// Moves the state by one step, and tells the reward and whether the world ended the episode. A continuous action outside
  /// its bounds counts as the bound.
  static func step(_ state: inout State, action: Float) -> (reward: Double, terminated: Bool)

  /// Writes what is seen of a state: ``observationSize`` numbers.
  static func observe(_ state: State, into observation: UnsafeMutablePointer<Float>)
}

/// The number that lies as far between low and high as `uniform` between 0 and 1.
@inline(__always)
func scale(_ uniform: Double, low: Double, high: Double) -> Double {
  low + (high - low) * uniform
}

@inline(__always)
func clip<Number: BinaryFloatingPoint>(_ x: Number, _ low: Number, _ high: Number) -> Number {
  x < low ? low : x > high ? high : x
}
