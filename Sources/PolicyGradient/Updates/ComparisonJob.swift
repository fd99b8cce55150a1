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
    let (pass, rows, kernels) = (worker.pass, gathered.block.rows, worker.shape.kernels)
    pass.forward(gathered.block, parameters, masks: gathered.masks)
    oldPass.forward(gathered.block, oldParameters, masks: gathered.masks)
    pass.logProbability(worker.actions(of: gathered), into: worker.column(.logProbabilities))
    _ = objective.weigh(gathered, on: worker)
    let scratch = worker.column(.scratch)
    pass.entropy(into: scratch)
    worker.tally.entropy += kernels.sum(scratch, rows)
    oldPass.divergence(from: pass, into: scratch)
    worker.tally.divergence += kernels.sum(scratch, rows)
  }
}
