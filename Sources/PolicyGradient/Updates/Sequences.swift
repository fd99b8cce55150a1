/// The sequences of a rollout that are learned from, in the order in which they are, and their minibatches.
///
/// A sequence is a number of consecutive steps of one environment; without memory it is one row. Sequence
/// `chunk × environments + environment` begins at row `chunk × steps × environments + environment`. So without memory,
/// sequence numbers are row numbers.
final class Sequences {
  /// Sequence numbers; the first ``count`` are valid.
  private(set) var numbers: Buffer<Int32>
  private(set) var count = 0
  /// Steps of each sequence.
  private(set) var steps = 1
  /// Steps of each sequence as configured, 0 for the whole rollout; `nil` without memory.
  private let length: Int?
  /// Memory for the random words of a shuffle, one for each sequence.
  private var words: Buffer<UInt32>
  /// With memory, room for the active rows of any sequences.
  private var active: Buffer<Int32>
  private let seed: UInt64
  private let kernels: KernelSet
  private let ranks: Ranks
  private var groups: SequenceGroups
  private var rollout: Rollout?
  /// Sequences of all ranks together.
  private(set) var totalCount = 0
  /// Minibatches of an epoch, as many on every rank.
  private(set) var minibatches = 1
  /// Sequences of a minibatch.
  private var batch = 1

  /// - Parameters:
  ///   - count: Rows of the largest rollout.
  ///   - length: Steps of a sequence, 0 for the whole rollout; `nil` for a policy without memory.
  ///   - groups: How many groups of neighbouring environments are shuffled independently.
  ///   - seed: The seed of the shuffle.
  init(
    rows count: Int, length: Int?, groups: Int, seed: UInt64, _ ranks: Ranks, _ kernels: KernelSet
  ) throws(Refusal) {
    numbers = try Buffer(count: count)
    words = try Buffer(count: count)
    active = try Buffer(count: length == nil ? 0 : count)
    self.length = length
    self.seed = seed
    self.ranks = ranks
    self.kernels = kernels
    self.groups = try SequenceGroups(count: groups, rows: count)
  }

  /// Prepares for rollouts of `count` rows. If it throws, nothing has changed.
  func reserve(rows count: Int) throws(Refusal) {
    guard count > numbers.count else { return }
    let numbers = try Buffer<Int32>(count: count)
    let words = try Buffer<UInt32>(count: count)
    let active = try Buffer<Int32>(count: length == nil ? 0 : count)
    try groups.reserve(rows: count)
    self.numbers = numbers
    self.words = words
    self.active = active
  }

  /// Starts with the sequences of a rollout that hold an active row, in their order.
  ///
  /// - Parameter batchSize: Rows of a minibatch, which has whole sequences, at least one of each group.
  func begin(_ rollout: Rollout, batchSize: Int) {
    self.rollout = rollout
    count = 0
    steps = length.map { $0 > 0 ? $0 : rollout.steps } ?? 1
    let environments = rollout.environments
    for number in 0..<rollout.rows / max(steps, 1) {
      let first = number / environments * steps * environments + number % environments
      guard (0..<steps).contains(where: { rollout.isActive(first + $0 * environments) }) else { continue }
      numbers.pointer[count] = Int32(number)
      count += 1
    }
    totalCount = ranks.total(count, limit: numbers.count)
    batch = max(groups.count, batchSize / steps)
    minibatches = (totalCount + ranks.count * batch - 1) / (ranks.count * batch)
    groups.begin(numbers.pointer, count, environments: environments)
  }

  /// Shuffles the sequences.
  /// - Parameter step: The key of the order; the same step gives the same order.
  func shuffle(step: UInt64) {
    groups.shuffle(into: numbers.pointer, minibatches: minibatches) { numbers, count, group in
      shuffleNumbers(
        numbers, count, seed: seed, step: step, group: ranks.rank * groups.count + group, words: words.pointer, kernels)
    }
  }

  /// The places of a minibatch in the order. A single group gives every minibatch but the last the same number of
  /// sequences. Several groups, of this or of all ranks, each give all minibatches the same share, to the nearest
  /// sequence.
  func places(ofMinibatch index: Int) -> Range<Int> {
    guard ranks.areSeveral || groups.count > 1 else { return index * batch..<min((index + 1) * batch, count) }
    let first = groups.sequences(beforePart: index, of: minibatches)
    return first..<groups.sequences(beforePart: index + 1, of: minibatches)
  }

  /// Whether a minibatch has as many sequences as the others.
  func isWhole(_ places: Range<Int>) -> Bool { ranks.areSeveral || groups.count > 1 || places.count == batch }

  /// The first row of the sequence at a place of the order.
  func firstRow(_ place: Int, environments: Int) -> Int {
    let number = Int(numbers.pointer[place])
    return steps == 1 ? number : number / environments * steps * environments + number % environments
  }

  /// The active rows of the sequences at some places; valid until the next call.
  func activeRows(in places: Range<Int>) -> (numbers: UnsafePointer<Int32>, count: Int) {
    guard length != nil, let rollout else {
      return (UnsafePointer(numbers.pointer + places.lowerBound), places.count)
    }
    var count = 0
    for place in places {
      var row = firstRow(place, environments: rollout.environments)
      for _ in 0..<steps {
        if rollout.isActive(row) {
          active.pointer[count] = Int32(row)
          count += 1
        }
        row += rollout.environments
      }
    }
    return (UnsafePointer(active.pointer), count)
  }
}

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
