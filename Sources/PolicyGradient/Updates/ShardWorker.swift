import KernelShims

/// A computation on every block of a minibatch: a gradient, a product with the Fisher matrix, or a comparison.
protocol RolloutJob {
  /// Whether the job adds to ``ShardWorker/sum``. The tally is always summed.
  var sumsParameters: Bool { get }

  /// Runs on a block. The worker has already gathered its observations.
  func run(_ block: GatheredBlock, on worker: ShardWorker)
}

/// Runs jobs over shards of a minibatch on one thread, a block of sequences at a time.
final class ShardWorker {
  let shape: PolicyShape
  let pass: PolicyPass
  /// Runs the policy with other parameters, for jobs that compare two sets of parameters.
  let otherPass: PolicyPass?
  /// The current shard's part of the sum over rows, one number per parameter.
  private(set) var sum: UnsafeMutablePointer<Float>
  var tally = UpdateTally()

  private let gathering: BlockGathering
  private let actions: Buffer<Float>
  private let columns: Buffer<Float>

  /// - Parameter capacity: The most rows in a block.
  init(_ shape: PolicyShape, capacity: Int, comparesPolicies: Bool) throws(Refusal) {
    self.shape = shape
    pass = try PolicyPass(shape, capacity: capacity)
    otherPass = comparesPolicies ? try PolicyPass(shape, capacity: capacity) : nil
    gathering = try BlockGathering(shape, capacity: capacity)
    actions = try Buffer(count: capacity * shape.space.columns)
    columns = try Buffer(count: capacity * Column.allCases.count)
    sum = columns.pointer
  }

  /// Scratch columns, with one number per row of a block.
  enum Column: Int, CaseIterable {
    case logProbabilities, oldLogProbabilities, advantages, weights, entropyWeights, oldValues, targets, scratch
  }

  func column(_ column: Column) -> UnsafeMutablePointer<Float> {
    columns.pointer + column.rawValue * pass.capacity
  }

  /// Runs a job over the sequences at some places of a minibatch, at least a block, and adds to their sum and to the
  /// tally.
  ///
  /// - Parameters:
  ///   - lanes: The most sequences in a block.
  ///   - isNew: Whether the sum starts at 0.
  /// - Returns: The first place that is left; the budget is then used up.
  func run(
    _ job: some RolloutJob, _ rollout: Rollout, _ sequences: Sequences, _ places: Range<Int>, lanes: Int,
    into sum: Buffer<Float>, isNew: Bool, _ budget: TimeBudget
  ) -> Int {
    self.sum = sum.pointer
    if isNew, job.sumsParameters { sum.pointer.update(repeating: 0, count: sum.count) }
    var first = places.lowerBound
    while first < places.upperBound {
      let end = min(first + lanes, places.upperBound)
      let gathered = gathering.gather(rollout, sequences, first..<end)
      tally.rows += Double(gathered.count)
      pass.setLanes(gathered.lanes)
      otherPass?.setLanes(gathered.lanes)
      job.run(gathered, on: self)
      first = end
      if budget.isUsedUp { break }
    }
    return first
  }

  /// The block's draws, rows × columns; valid until the next block.
  func actions(of gathered: GatheredBlock) -> UnsafePointer<Float> {
    let columns = shape.space.columns
    shape.kernels.gatherRows(
      gathered.block.rows, columns, Rows(base: gathered.rollout.draws.pointer, stride: columns), gathered.rows,
      MutableRows(base: actions.pointer, stride: columns))
    return UnsafePointer(actions.pointer)
  }

  /// Gathers one number per active row of the block from an array with one number per row of the rollout.
  @discardableResult
  func gather(
    _ source: UnsafePointer<Float>, _ gathered: GatheredBlock, into column: Column
  ) -> UnsafeMutablePointer<Float> {
    let target = self.column(column)
    shape.kernels.gatherRows(
      gathered.count, 1, Rows(base: source, stride: 1), gathered.numbers, MutableRows(base: target, stride: 1))
    return target
  }
}

/// Splits rows, or sequences, into shards of whole blocks. The split depends only on their number, so sums over shards
/// in their order have the same bits for any number of threads.
struct Shards {
  /// More shards would cost memory and time to sum.
  static let maximumCount = 8
  /// Fewer rows per shard are not worth another thread.
  private static let rowsPerShard = 128

  let rows: Int
  let count: Int
  /// Rows in a block.
  let blockRows: Int

  /// Splits sequences of `steps` steps; a row of the split is a sequence.
  init(sequences count: Int, steps: Int, of network: Network) {
    let most = network.mostSequences(steps: steps)
    // At least two blocks of whole vectors, so that two threads have something to do.
    let half = (count + 15) / 16 * 8
    self.init(
      rows: count, blockRows: steps > 1 ? min(most, max(8, half)) : most, count: Shards.most(rows: count * steps))
  }

  /// The most shards of so many rows.
  static func most(rows: Int) -> Int { min(maximumCount, max(1, rows / rowsPerShard)) }

  /// The same rows in at most so many shards.
  func atMost(_ most: Int) -> Shards { Shards(rows: rows, blockRows: blockRows, count: min(count, most)) }

  /// Splits rows into at most `count` shards of at least one block each: neighbouring shards run at the same time, so a
  /// thread with an empty one would wait for the others.
  init(rows: Int, blockRows: Int, count: Int) {
    self.rows = rows
    self.blockRows = blockRows
    self.count = max(1, min(count, Shards.blocks(of: rows, blockRows)))
  }

  /// The positions of a shard's rows.
  func places(_ index: Int) -> Range<Int> {
    let blocks = Shards.blocks(of: rows, blockRows)
    return index * blocks / count * blockRows..<min((index + 1) * blocks / count * blockRows, rows)
  }

  private static func blocks(of rows: Int, _ blockRows: Int) -> Int { (rows + blockRows - 1) / blockRows }
}
