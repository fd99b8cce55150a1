/// Why a request was refused, with a message for the user.
package struct Refusal: Error, Equatable {
  package enum Reason: Sendable {
    case invalidArgument, invalidHandle, notFinite, badState, outOfMemory, unsupported, inputOutput, badFile, hostError
  }

  package let reason: Reason
  package let message: String
  /// The row of what was refused, for ``inStep(_:_:)``; `nil` if the whole call was.
  let row: Int?

  package init(_ reason: Reason, _ message: String, row: Int? = nil) {
    self.reason = reason
    self.message = message
    self.row = row
  }
}

/// Adds the environment and the step to refusals of `body`, whose rows are environments:
/// "masks[1, 2] is 3; it must be 0 or 1 (environment 1, step 7)".
func inStep(_ step: @autoclosure () -> String, _ body: () throws(Refusal) -> Void) throws(Refusal) {
  do throws(Refusal) {
    try body()
  } catch {
    let environment = error.row.map { "environment \($0), " } ?? ""
    throw Refusal(error.reason, "\(error.message) (\(environment)step \(step()))")
  }
}

/// The same for a step of a rollout: "… (environment 1, step 7 of the rollout)".
func inStep(ofRollout step: Int, _ body: () throws(Refusal) -> Void) throws(Refusal) {
  try inStep("\(step) of the rollout", body)
}

/// Refuses a number outside its range: "gamma is 1.5; it must lie in [0, 1]".
package func require<Number: Comparable>(
  _ value: Number, in range: ClosedRange<Number>, _ name: @autoclosure () -> String
) throws(Refusal) {
  guard range.contains(value) else {
    throw Refusal(.invalidArgument, "\(name()) is \(value); it must lie in [\(range.lowerBound), \(range.upperBound)]")
  }
}

/// Refuses unless `holds`: "`name` is `value`; it must `expectation`".
package func require(
  _ holds: Bool, _ name: @autoclosure () -> String, _ value: @autoclosure () -> String,
  _ expectation: @autoclosure () -> String, row: Int? = nil
) throws(Refusal) {
  guard holds else {
    throw Refusal(.invalidArgument, "\(name()) is \(value()); it must \(expectation())", row: row)
  }
}

package func requirePositive(_ value: Double, _ name: @autoclosure () -> String) throws(Refusal) {
  try require(value > 0 && value.isFinite, name(), "\(value)", "be above 0 and finite")
}

package func requireNonNegative(_ value: Double, _ name: @autoclosure () -> String) throws(Refusal) {
  try require(value >= 0 && value.isFinite, name(), "\(value)", "be at least 0 and finite")
}

/// Refuses NaN and infinity, naming the first: "observations[2, 0] is nan; it must be finite".
///
/// - Parameter first: The number of the first row in messages.
package func checkFinite(
  _ values: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ name: @autoclosure () -> String, first: Int = 0
) throws(Refusal) {
  guard !KernelSet.best.isFinite(values, rows * columns) else { return }
  for index in 0..<rows * columns where !values[index].isFinite {
    throw Refusal(
      .notFinite, "\(name())[\(place(index, columns, first))] is \(values[index]); it must be finite",
      row: first + index / columns)
  }
}

/// The same for flags other than 0 and 1: "masks[2, 0] is 3; it must be 0 or 1".
package func checkFlags(
  _ flags: UnsafePointer<UInt8>, _ rows: Int, _ columns: Int, _ name: @autoclosure () -> String, first: Int = 0
) throws(Refusal) {
  guard !KernelSet.best.areFlags(flags, rows * columns) else { return }
  for index in 0..<rows * columns where flags[index] > 1 {
    throw Refusal(
      .invalidArgument, "\(name())[\(place(index, columns, first))] is \(flags[index]); it must be 0 or 1",
      row: first + index / columns)
  }
}

/// The row and the column of a number, or only the row if there is one column.
private func place(_ index: Int, _ columns: Int, _ first: Int) -> String {
  columns == 1 ? "\(first + index)" : "\(first + index / columns), \(index % columns)"
}
