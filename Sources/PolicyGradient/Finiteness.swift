/// Refuses NaN and infinity, naming the first: "observations[2, 0] is nan; it must be finite".
package func checkFinite(
  _ values: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ name: @autoclosure () -> String
) throws(Refusal) {
  guard !KernelSet.best.isFinite(values, rows * columns) else { return }
  for index in 0..<rows * columns where !values[index].isFinite {
    let place = columns == 1 ? "\(index)" : "\(index / columns), \(index % columns)"
    throw Refusal(.notFinite, "\(name())[\(place)] is \(values[index]); it must be finite")
  }
}
