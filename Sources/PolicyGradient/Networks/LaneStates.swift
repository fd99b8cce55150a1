/// How the rows of a block form sequences, for layers with a memory.
///
/// A lane is one sequence of the block. Rows are time-major: row `step × count + lane`.
struct LaneStates {
  /// The number of lanes. The block has rows / count steps.
  var count = 0
  /// The states before the first step, one row per lane; `nil` for zeros.
  var states: UnsafePointer<Float>?
  /// Receives the states after the last step; may be ``states``. `nil` if they are not needed.
  var finalStates: UnsafeMutablePointer<Float>?
  /// Floats between the states of neighbouring lanes: the network's state size.
  var stride = 0
  /// One flag per row: 1 where an episode begins, so the state is zero before this step. `nil` if none does.
  var starts: UnsafePointer<UInt8>?
}
