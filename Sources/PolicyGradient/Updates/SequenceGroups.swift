/// The sequences of a rollout by group: neighbouring environments, equally many in each, whose sequences are shuffled
/// independently of other groups. Every minibatch has the same share of each group.
struct SequenceGroups {
  let count: Int
  /// Sequence numbers, group after group; empty for a single group.
  private var numbers: Buffer<Int32>
  /// Where each group begins in ``numbers``, and where the last one ends.
  private var bounds: [Int]

  /// - Parameter rows: Rows of the largest rollout.
  init(count: Int, rows: Int) throws(Refusal) {
    self.count = count
    numbers = try Buffer(count: count > 1 ? rows : 0)
    bounds = Array(repeating: 0, count: count + 1)
  }

  /// Prepares for rollouts of `rows` rows.
  mutating func reserve(rows: Int) throws(Refusal) {
    if count > 1, rows > numbers.count { numbers = try Buffer(count: rows) }
  }

  /// Divides sequences among the groups.
  mutating func begin(_ sequences: UnsafePointer<Int32>, _ sequenceCount: Int, environments: Int) {
    bounds[count] = sequenceCount
    guard count > 1 else { return }
    var next = 0
    for group in 0..<count {
      bounds[group] = next
      for place in 0..<sequenceCount where Int(sequences[place]) % environments * count / environments == group {
        numbers.pointer[next] = sequences[place]
        next += 1
      }
    }
  }

  /// How many sequences the first `part` of `parts` minibatches have.
  func sequences(beforePart part: Int, of parts: Int) -> Int {
    (0..<count).reduce(0) { $0 + part * size($1) / parts }
  }

  /// Shuffles each group, and writes the sequences of one minibatch after the other.
  func shuffle(
    into order: UnsafeMutablePointer<Int32>, minibatches: Int,
    by shuffle: (_ numbers: UnsafeMutablePointer<Int32>, _ count: Int, _ group: Int) -> Void
  ) {
    guard count > 1 else { return shuffle(order, bounds[1], 0) }
    for group in 0..<count { shuffle(numbers.pointer + bounds[group], size(group), group) }
    var next = order
    for part in 0..<minibatches {
      for group in 0..<count {
        let (first, end) = (part * size(group) / minibatches, (part + 1) * size(group) / minibatches)
        next.update(from: numbers.pointer + bounds[group] + first, count: end - first)
        next += end - first
      }
    }
  }

  private func size(_ group: Int) -> Int { bounds[group + 1] - bounds[group] }
}
