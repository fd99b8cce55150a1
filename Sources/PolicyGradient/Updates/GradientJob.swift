/// Computes the gradient of a minibatch: of the policy's objective and, if it is fitted in the same step, of the value
/// function's.
struct GradientJob: RolloutJob {
  let parameters: UnsafePointer<Float>
  let prepared: PreparedWeights
  let policy: PolicyObjective
  let value: ValueObjective?

  var sumsParameters: Bool { true }

  func run(_ gathered: GatheredBlock, on worker: ShardWorker) {
    let (pass, block, gradient) = (worker.pass, gathered.block, worker.sum)
    value?.gather(gathered, on: worker)
    let actions = worker.actions(of: gathered)
    pass.forward(block, parameters, masks: gathered.masks)
    let entropies = worker.column(.scratch)
    pass.entropy(into: entropies)
    gathered.select(entropies)
    worker.tally.entropy += worker.shape.kernels.sum(entropies, gathered.count)
    pass.logProbability(actions, into: worker.column(.logProbabilities))
    let weights = policy.weigh(gathered, on: worker)
    let entropyWeights = worker.column(.entropyWeights)
    entropyWeights.update(repeating: Float(policy.entropyCoefficient), count: gathered.count)
    gathered.spread(entropyWeights)
    guard let value else {
      return pass.accumulateScore(
        actions, weights: weights, entropyWeights: entropyWeights, prepared: prepared, gradient: gradient)
    }
    pass.accumulate(
      actions, weights: weights, entropyWeights: entropyWeights, prepared: prepared, gradient: gradient
    ) { value.weigh($0, gathered, on: worker, into: $1) }
  }
}

/// Computes the gradient of the value function alone, by the parameters that the policy does not share.
struct ValueGradientJob: RolloutJob {
  let parameters: UnsafePointer<Float>
  let prepared: PreparedWeights
  let value: ValueObjective

  var sumsParameters: Bool { true }

  func run(_ gathered: GatheredBlock, on worker: ShardWorker) {
    value.gather(gathered, on: worker)
    worker.pass.accumulateValue(
      gathered.block, parameters, ownOnly: true, prepared: prepared, gradient: worker.sum
    ) { value.weigh($0, gathered, on: worker, into: $1) }
  }
}
