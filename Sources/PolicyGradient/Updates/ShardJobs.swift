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

/// Computes products with the Fisher matrix, for natural gradients.
///
///     Σᵢ F(sᵢ) v,   F(s) = E[∇θ log π(a|s) ∇θ log π(a|s)ᵀ]
///
/// The product is 0 for parameters of the value function.
/// - Source: Pearlmutter, "Fast exact multiplication by the Hessian" (1994), for the pass along a direction; Amari,
///   "Natural gradient works efficiently in learning" (1998).
struct FisherJob: RolloutJob {
  let parameters: UnsafePointer<Float>
  let prepared: PreparedWeights
  /// v, one number per parameter; entries for the value function's parameters are ignored.
  let vector: UnsafePointer<Float>

  var sumsParameters: Bool { true }

  func run(_ gathered: GatheredBlock, on worker: ShardWorker) {
    worker.pass.forward(gathered.block, parameters, masks: gathered.masks)
    worker.pass.accumulateFisher(
      along: vector, isActive: gathered.isActive, prepared: prepared, product: worker.sum)
  }
}

/// Evaluates the policy on a rollout that it collected with other parameters: the surrogate, the entropy, and
/// KL(π_old‖π) or KL(π‖π_old).
struct ComparisonJob: RolloutJob {
  let parameters: UnsafePointer<Float>
  /// The parameters that drew the actions.
  let oldParameters: UnsafePointer<Float>
  let objective: PolicyObjective
  /// Whether the divergence is KL(π‖π_old).
  let reversesDivergence: Bool

  var sumsParameters: Bool { false }

  func run(_ gathered: GatheredBlock, on worker: ShardWorker) {
    guard let oldPass = worker.otherPass else { return }
    let (pass, kernels) = (worker.pass, worker.shape.kernels)
    pass.forward(gathered.block, parameters, masks: gathered.masks)
    oldPass.forward(gathered.block, oldParameters, masks: gathered.masks)
    pass.logProbability(worker.actions(of: gathered), into: worker.column(.logProbabilities))
    _ = objective.weigh(gathered, on: worker)
    let scratch = worker.column(.scratch)
    pass.entropy(into: scratch)
    gathered.select(scratch)
    worker.tally.entropy += kernels.sum(scratch, gathered.count)
    if reversesDivergence {
      pass.divergence(from: oldPass, into: scratch)
    } else {
      oldPass.divergence(from: pass, into: scratch)
    }
    gathered.select(scratch)
    worker.tally.divergence += kernels.sum(scratch, gathered.count)
  }
}
