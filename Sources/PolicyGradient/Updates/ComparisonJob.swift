/// Evaluates the policy on a rollout that it collected with other parameters: the surrogate, the entropy, and
/// KL(π_old‖π).
struct ComparisonJob: RolloutJob {
  let parameters: UnsafePointer<Float>
  /// The parameters that drew the actions.
  let oldParameters: UnsafePointer<Float>
  let objective: PolicyObjective

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
    oldPass.divergence(from: pass, into: scratch)
    gathered.select(scratch)
    worker.tally.divergence += kernels.sum(scratch, gathered.count)
  }
}
