/// The gradient of a minibatch: of the policy's objective, of the value function's, or of both.
struct GradientJob: RolloutJob {
  let parameters: UnsafePointer<Float>
  let prepared: PreparedWeights
  /// `nil` to move only the parameters that belong to the value function alone.
  let policy: PolicyObjective?
  let value: ValueObjective?

  var sumsParameters: Bool { true }

  func run(_ gathered: GatheredBlock, on worker: ShardWorker) {
    let (block, gradient) = (gathered.block, worker.sum.pointer)
    value?.gather(gathered, on: worker)
    guard let policy else {
      guard let value else { return }
      return worker.pass.accumulateValue(
        block, parameters, ownOnly: true, prepared: prepared, gradient: gradient
      ) { value.weigh($0, rows: block.rows, on: worker, into: $1) }
    }

    let pass = worker.pass
    let actions = worker.actions(of: gathered)
    pass.forward(block, parameters)
    let entropies = worker.column(.scratch)
    pass.entropy(into: entropies)
    worker.tally.entropy += worker.shape.kernels.sum(entropies, block.rows)
    pass.logProbability(actions, into: worker.column(.logProbabilities))
    let weights = policy.weigh(gathered, on: worker)
    let entropyWeights = worker.column(.entropyWeights)
    entropyWeights.update(repeating: Float(policy.entropyCoefficient), count: block.rows)
    guard let value else {
      return pass.accumulateScore(
        actions, weights: weights, entropyWeights: entropyWeights, prepared: prepared, gradient: gradient)
    }
    pass.accumulate(
      actions, weights: weights, entropyWeights: entropyWeights, prepared: prepared, gradient: gradient
    ) { value.weigh($0, rows: block.rows, on: worker, into: $1) }
  }
}
