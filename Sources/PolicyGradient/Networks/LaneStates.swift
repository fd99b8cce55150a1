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

// How recurrent layers follow the sequences of a block.

extension LaneStates {
  /// Writes the states before the first step: `size` floats of each lane from `offset` on, or zeros.
  func readStates(_ offset: Int, size: Int, into target: UnsafeMutablePointer<Float>) {
    guard let states else { return target.update(repeating: 0, count: count * size) }
    for lane in 0..<count { (target + lane * size).update(from: states + lane * stride + offset, count: size) }
  }

  /// Stores the states after the last step, if they are needed.
  /// - Parameter rows: count × size.
  func writeFinalStates(_ rows: UnsafePointer<Float>, _ offset: Int, size: Int) {
    guard let finalStates else { return }
    for lane in 0..<count { (finalStates + lane * stride + offset).update(from: rows + lane * size, count: size) }
  }

  /// Sets rows to 0 where an episode begins.
  /// - Parameters:
  ///   - target: `rows` rows of `size` floats.
  ///   - first: The row of the block that `target` begins with.
  func clearStarts(_ target: UnsafeMutablePointer<Float>, first: Int, rows: Int, size: Int) {
    guard let starts else { return }
    for row in 0..<rows where starts[first + row] != 0 { (target + row * size).update(repeating: 0, count: size) }
  }

  /// Whether each lane's row in the step that begins at row `first` begins an episode; `nil` if none does.
  func starts(from first: Int) -> UnsafePointer<UInt8>? { starts.map { $0 + first } }

  /// Visits the rows of all steps in pieces of at most `limit` rows: whole steps, or some lanes of one step. Each lane
  /// is visited step by step.
  /// - Parameter body: Receives the first row of the piece, its lanes and its steps.
  func forEachPiece(of rows: Int, limit: Int, _ body: (_ first: Int, _ lanes: Int, _ steps: Int) -> Void) {
    let whole = max(1, limit / count)
    for lane in Swift.stride(from: 0, to: count, by: limit) {
      for first in Swift.stride(from: 0, to: rows, by: whole * count) {
        body(first + lane, min(limit, count - lane), min(whole, (rows - first) / count))
      }
    }
  }
}
