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
  /// A number that the callback returned in place of a sum of counts.
  private var wrongCount: Double?

  var areSeveral: Bool { sum != nil }

  package func set(rank: Int, of count: Int, _ sum: @escaping Sum) {
    (self.rank, self.count, self.sum, hasFailed, wrongCount) = (rank, count, sum, false, nil)
  }

  /// Learns alone again.
  package func leave() { (rank, count, sum, hasFailed, wrongCount) = (0, 1, nil, false, nil) }

  func sum(_ numbers: UnsafeMutablePointer<Float>, count: Int) { sumBytes(numbers, count, areDoubles: false) }

  func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int) { sumBytes(numbers, count, areDoubles: true) }

  func sum(_ number: inout Double) { sum(&number, count: 1) }

  func sum(_ numbers: inout [Double]) {
    let count = numbers.count
    numbers.withUnsafeMutableBufferPointer { numbers in
      if let place = numbers.baseAddress { sum(place, count: count) }
    }
  }

  /// The sum of a count that is at most `limit` on every rank. This rank's own count, if the callback returns what
  /// cannot be one: then the next ``check()`` refuses.
  func total(_ count: Int, limit: Int) -> Int {
    var total = Double(count)
    sum(&total)
    return isCount(total, limit: Double(limit) * Double(self.count)) ? Int(total) : count
  }

  /// Whether a number may be the sum of counts. If not, the next ``check()`` refuses.
  func isCount(_ number: Double, limit: Double = 0x1p53) -> Bool {
    if number >= 0, number <= min(limit, 0x1p53), number == number.rounded() { return true }
    wrongCount = number
    return false
  }

  private func sumBytes(_ numbers: UnsafeMutableRawPointer, _ count: Int, areDoubles: Bool) {
    // After a failure the other ranks no longer wait for this one.
    guard let sum, !hasFailed, count > 0 else { return }
    hasFailed = !sum(numbers, count, areDoubles)
  }

  /// Refuses if a sum has failed since the last check. The numbers that came after it are not sums.
  package func check() throws(Refusal) {
    let wrong = wrongCount
    guard hasFailed || wrong != nil else { return }
    (hasFailed, wrongCount) = (false, nil)
    let what = wrong.map { "wrote \($0) as the sum of counts" } ?? "did not return 0"
    throw Refusal(.hostError, "the reduce callback \(what); the ranks no longer agree")
  }
}
