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
