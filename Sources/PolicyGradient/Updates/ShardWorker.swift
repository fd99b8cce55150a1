import KernelShims

/// A computation on every block of a minibatch: a gradient, a product with the Fisher matrix, or a comparison.
protocol RolloutJob {
  /// Whether the job adds to ``ShardWorker/sum``. The tally is always summed.
  var sumsParameters: Bool { get }

  /// Runs on a block. The worker has already gathered its observations.
  func run(_ block: GatheredBlock, on worker: ShardWorker)
}

/// Runs jobs over a share of a minibatch on one thread, a block of rows at a time.
final class ShardWorker {
  let shape: PolicyShape
  let pass: PolicyPass
  /// Runs the policy with other parameters, for jobs that compare two sets of parameters.
  let otherPass: PolicyPass?
  /// The share's part of the sum over rows, one number per parameter.
  let sum: Buffer<Float>
  var tally = UpdateTally()

  private let observations: Buffer<Float>
  private let actions: Buffer<Float>
  private let columns: Buffer<Float>
  private let masks: Buffer<UInt8>

  init(_ shape: PolicyShape, comparesPolicies: Bool) throws(Refusal) {
    self.shape = shape
    pass = try PolicyPass(shape)
    otherPass = comparesPolicies ? try PolicyPass(shape) : nil
    sum = try Buffer(count: shape.parameterCount)
    observations = try Buffer(count: pass.capacity * shape.observationSize)
    actions = try Buffer(count: pass.capacity * shape.space.columns)
    columns = try Buffer(count: pass.capacity * Column.allCases.count)
    masks = try Buffer(count: pass.capacity * shape.space.flags)
  }

  /// Scratch columns, with one number per row of a block.
  enum Column: Int, CaseIterable {
    case logProbabilities, oldLogProbabilities, advantages, weights, entropyWeights, oldValues, targets, scratch
  }

  func column(_ column: Column) -> UnsafeMutablePointer<Float> {
    columns.pointer + column.rawValue * pass.capacity
  }

  /// Runs a job over the given places of a minibatch.
  func run(_ job: some RolloutJob, _ rollout: Rollout, _ rows: UnsafePointer<Int32>, places: Range<Int>) {
    if job.sumsParameters { sum.pointer.update(repeating: 0, count: sum.count) }
    tally = UpdateTally()
    tally.rows = Double(places.count)
    var first = places.lowerBound
    while first < places.upperBound {
      let count = min(pass.capacity, places.upperBound - first)
      let numbers = rows + first
      gather(rollout.observations.pointer, shape.observationSize, numbers, count, into: observations.pointer)
      job.run(
        GatheredBlock(
          block: Block(rows: count, observations: observations.pointer), numbers: numbers, rollout: rollout,
          masks: gatherMasks(rollout, numbers, count)), on: self)
      first += count
    }
  }

  /// The block's draws, rows × columns; valid until the next block.
  func actions(of gathered: GatheredBlock) -> UnsafePointer<Float> {
    gather(
      gathered.rollout.draws.pointer, shape.space.columns, gathered.numbers, gathered.block.rows,
      into: actions.pointer)
    return UnsafePointer(actions.pointer)
  }

  /// Gathers one number per row of the block from an array with one number per row of the rollout.
  @discardableResult
  func gather(
    _ source: UnsafePointer<Float>, _ gathered: GatheredBlock, into column: Column
  ) -> UnsafeMutablePointer<Float> {
    let target = self.column(column)
    gather(source, 1, gathered.numbers, gathered.block.rows, into: target)
    return target
  }

  /// The masks of some rows; `nil` if the rollout has none.
  private func gatherMasks(
    _ rollout: Rollout, _ numbers: UnsafePointer<Int32>, _ count: Int
  ) -> UnsafePointer<UInt8>? {
    guard let source = rollout.masks.all else { return nil }
    let flags = rollout.masks.flags
    for place in 0..<count {
      (masks.pointer + place * flags).update(from: source + Int(numbers[place]) * flags, count: flags)
    }
    return UnsafePointer(masks.pointer)
  }

  private func gather(
    _ source: UnsafePointer<Float>, _ width: Int, _ numbers: UnsafePointer<Int32>, _ count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    shape.kernels.gatherRows(
      count, width, Rows(base: source, stride: width), numbers, MutableRows(base: target, stride: width))
  }
}

/// A block of rows gathered from a rollout.
struct GatheredBlock {
  let block: Block
  /// The row numbers in the rollout.
  let numbers: UnsafePointer<Int32>
  let rollout: Rollout
  /// The rows' action masks; `nil` if every choice is allowed.
  let masks: UnsafePointer<UInt8>?
}
