/// The processes that learn together, each with its own environments: this one's place, and sums over all of them.
///
/// An update makes all decisions from sums, so that all ranks decide the same. Alone, a sum is the number itself.
package final class Ranks {
  /// Replaces numbers, floats or doubles, by their sums over all ranks; `false` if it failed.
  package typealias Sum = (_ numbers: UnsafeMutableRawPointer, _ count: Int, _ areDoubles: Bool) -> Bool

  package private(set) var rank = 0
  package private(set) var count = 1
  private var sum: Sum?
  private var hasFailed = false

  var areSeveral: Bool { sum != nil }

  package func set(rank: Int, of count: Int, _ sum: @escaping Sum) {
    (self.rank, self.count, self.sum, hasFailed) = (rank, count, sum, false)
  }

  /// Learns alone again.
  package func leave() { (rank, count, sum, hasFailed) = (0, 1, nil, false) }

  func sum(_ numbers: UnsafeMutablePointer<Float>, count: Int) { sumBytes(numbers, count, areDoubles: false) }

  func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int) { sumBytes(numbers, count, areDoubles: true) }

  func sum(_ number: inout Double) { sum(&number, count: 1) }

  func sum(_ numbers: inout [Double]) {
    let count = numbers.count
    numbers.withUnsafeMutableBufferPointer { numbers in
      if let place = numbers.baseAddress { sum(place, count: count) }
    }
  }

  private func sumBytes(_ numbers: UnsafeMutableRawPointer, _ count: Int, areDoubles: Bool) {
    // After a failure the other ranks no longer wait for this one.
    guard let sum, !hasFailed, count > 0 else { return }
    hasFailed = !sum(numbers, count, areDoubles)
  }

  /// Refuses if a sum has failed since the last check. The numbers that came after it are not sums.
  package func check() throws(Refusal) {
    guard hasFailed else { return }
    hasFailed = false
    throw Refusal(.hostError, "the reduce callback did not return 0; the ranks no longer agree")
  }
}
