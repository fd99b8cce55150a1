/// Products with the Fisher matrix of many rows of a rollout, dealt to shards: what natural gradients ask for over and over.
///
///     F v = 1/n Σᵢ E[∇θ log π(a|sᵢ) ∇θ log π(a|sᵢ)ᵀ] v
///
/// - Source: Pearlmutter, "Fast exact multiplication by the Hessian" (1994), for the pass along a direction; Amari, "Natural
///   gradient works efficiently in learning" (1998).
final class FisherProduct {
  private let policy: Policy
  private let workers: WorkerPool
  private let transposes: Transposes
  private var shards: [FisherShard] = []

  init(_ policy: Policy, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    self.policy = policy
    self.workers = workers
    transposes = try Transposes(policy)
    try reserve(rows: rows)
  }

  /// Makes ready for so many rows.
  func reserve(rows: Int) throws(Refusal) {
    while shards.count < Shards(rows: rows).count { shards.append(try FisherShard(policy)) }
  }

  /// Writes the mean of F(sᵢ) v over `count` observations, in the form in which the networks see them.
  ///
  /// - Parameters:
  ///   - rows: Which of the observations to take.
  ///   - vector: v, one number for each parameter; those of the value function do not matter.
  ///   - product: Receives as many numbers, 0 for those of the value function. May be where `vector` is.
  func callAsFunction(
    _ observations: UnsafePointer<Float>, rows: UnsafePointer<Int32>, count: Int, vector: UnsafePointer<Float>,
    into product: UnsafeMutablePointer<Float>
  ) {
    transposes.refresh()
    let (parts, shards, transposes) = (Shards(rows: count), shards, transposes)
    workers.run(parts.count) { index in
      shards[index].run(observations, rows, places: parts.places(index), along: vector, transposes)
    }
    let total = shards[0].product
    parts.sum(columns: total.count, workers, policy.kernels) { shards[$0].product.pointer }
    policy.kernels.scale(total.pointer, total.count, 1 / Float(count))
    product.update(from: total.pointer, count: total.count)
  }
}

/// One share of the rows.
private final class FisherShard {
  let product: Buffer<Float>
  private let policy: Policy
  private let pass: ScorePass
  private let observations: Buffer<Float>

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    product = try Buffer(count: policy.parameters.count)
    pass = try ScorePass(policy)
    observations = try Buffer(count: Tape.rows * policy.observationSize)
  }

  func run(
    _ source: UnsafePointer<Float>, _ rows: UnsafePointer<Int32>, places: Range<Int>,
    along vector: UnsafePointer<Float>, _ transposes: Transposes
  ) {
    product.pointer.update(repeating: 0, count: product.count)
    let width = policy.observationSize
    for first in stride(from: places.lowerBound, to: places.upperBound, by: Tape.rows) {
      let count = min(Tape.rows, places.upperBound - first)
      policy.kernels.gatherRows(count, width, source, width, rows + first, observations.pointer, width)
      pass.forward(observations.pointer, rows: count)
      pass.accumulateFisher(
        observations.pointer, rows: count, along: vector, transposes: transposes, product: product.pointer)
    }
  }
}
