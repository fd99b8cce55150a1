import PolicyGradient

/// The gradients of a block of trajectories, computed from the weights of the engine's estimators.
final class BlockGradients {
  private let block: TrajectoryBlock
  private let basis: ScoreBasis
  private let pairs: Int
  private let groupSize: Int
  private let weights: Buffer<Float>
  private let targets: Buffer<Float>
  private let scratch: Buffer<Float>
  private let values: Buffer<Float>
  /// The index in ``sums`` to which each row's weight is added: a pair of a group, or the last one for rows that are in
  /// no trajectory.
  private let slots: Buffer<Int32>
  private let sums: Buffer<Double>
  private let estimate: Buffer<Double>
  /// The source of `values`.
  private var valueSource: Critics.Source?

  init(_ block: TrajectoryBlock, _ basis: ScoreBasis, pairs: Int, groupSize: Int) throws(Refusal) {
    self.block = block
    self.basis = basis
    self.pairs = pairs
    self.groupSize = groupSize
    weights = try Buffer(count: block.capacity)
    targets = try Buffer(count: block.capacity)
    scratch = try Buffer(count: block.capacity)
    values = try Buffer(count: block.capacity)
    slots = try Buffer(count: block.capacity)
    sums = try Buffer(count: block.trajectories * pairs + 1)
    estimate = try Buffer(count: basis.rank)
  }

  /// Prepares for the trajectories that the block has just sampled.
  func refresh() {
    assignSlots(groupSize: groupSize)
    valueSource = nil
  }

  private func assignSlots(groupSize size: Int) {
    let unusedSlot = Int32(block.trajectories * pairs)
    for column in 0..<block.trajectories {
      let first = Int32(column / size * pairs)
      for row in stride(from: column, to: block.steps * block.trajectories, by: block.trajectories) {
        let pair = block.pairs.pointer[row]
        slots.pointer[row] = pair >= 0 ? first + pair : unusedSlot
      }
    }
  }

  /// The constant baseline with the least variance, from the block's trajectories.
  func optimalBaseline() -> Double {
    assignSlots(groupSize: 1)
    let batch = block.batch(values: nil)
    batch.rewardsToGo(into: targets.pointer, .best)
    weights.elements.update(repeating: 1)
    addWeights()
    let columns = 0..<block.trajectories
    let squaredScores = columns.map { column in
      gather(column, scale: 1)
      return innerProduct(estimate.pointer, estimate.pointer, basis.rank)
    }
    return ConstantBaseline.varianceOptimal(
      returns: columns.map { Double(targets.pointer[$0]) }, squaredScores: squaredScores)
  }

  /// Adds the mean gradients of the block's first groups to an estimator's run.
  func run(_ run: EstimatorRun, _ critics: Critics, groups: Int) {
    let source = run.estimator.valueSource
    if let source, source != valueSource {
      block.lookUp(critics.table(of: source), into: values.pointer)
      valueSource = source
    }
    run.rule.estimate(
      block.batch(values: source == nil ? nil : UnsafePointer(values.pointer)), weights: weights.pointer,
      targets: targets.pointer, scratch: scratch.pointer, .best)
    addWeights()
    for group in 0..<groups {
      gather(group, scale: 1 / Double(groupSize))
      run.add(estimate.pointer)
    }
  }

  /// Sums the weights of each pair in each group.
  private func addWeights() {
    sums.elements.update(repeating: 0)
    let (sums, slots, weights) = (sums.pointer, slots.pointer, weights.pointer)
    for row in 0..<block.steps * block.trajectories { sums[Int(slots[row])] += Double(weights[row]) }
  }

  /// Writes `scale` × Σ w(s, a) ∇log π(a|s) of one group, in the basis's coordinates.
  private func gather(_ group: Int, scale: Double) {
    let (estimate, rank) = (estimate.pointer, basis.rank)
    estimate.update(repeating: 0, count: rank)
    for pair in 0..<pairs {
      let weight = scale * sums.pointer[group * pairs + pair]
      guard weight != 0 else { continue }
      let score = basis.coordinates.pointer + pair * rank
      for k in 0..<rank { estimate[k] += weight * score[k] }
    }
  }
}
