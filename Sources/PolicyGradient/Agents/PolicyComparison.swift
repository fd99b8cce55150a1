/// How the policy of now does on a rollout that it gathered with other parameters, dealt to shards.
final class PolicyComparison {
  private let policy: Policy
  private let workers: WorkerPool
  private let shards: [ComparisonShard]

  init(_ policy: Policy, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    self.policy = policy
    self.workers = workers
    var shards: [ComparisonShard] = []
    while shards.count < Shards(rows: rows).count { shards.append(try ComparisonShard(policy)) }
    self.shards = shards
  }

  /// Means over the rows of `job`; `old` are the parameters that drew the actions.
  func callAsFunction(_ job: MinibatchJob, old: UnsafePointer<Float>) -> PolicyStanding {
    let (parts, shards) = (Shards(rows: job.count), shards)
    workers.run(parts.count) { shards[$0].run(job, places: parts.places($0), old: old) }
    var total = PolicyStanding()
    for shard in shards[..<parts.count] {
      total.surrogate += shard.sums.surrogate
      total.entropy += shard.sums.entropy
      total.divergence += shard.sums.divergence
    }
    let mean = 1 / Double(job.count)
    return PolicyStanding(
      surrogate: total.surrogate * mean, entropy: total.entropy * mean, divergence: total.divergence * mean)
  }
}

/// Where a policy stands on a rollout.
struct PolicyStanding {
  /// E[ r A ], r being the ratio of probabilities.
  var surrogate = 0.0
  var entropy = 0.0
  /// KL(π_old‖π), by the distributions' closed forms.
  var divergence = 0.0
}

/// One share of the rows.
private final class ComparisonShard {
  /// Over the rows of the last run.
  private(set) var sums = PolicyStanding()

  private let policy: Policy
  private let tape: Tape
  private let oldTape: Tape
  private let observations: Buffer<Float>
  private let actions: Buffer<Float>
  private let scalars: Buffer<Float>

  init(_ policy: Policy) throws(Refusal) {
    self.policy = policy
    tape = try Tape(policy.actor, policy.kernels)
    oldTape = try Tape(policy.actor, policy.kernels)
    observations = try Buffer(count: Tape.rows * policy.observationSize)
    actions = try Buffer(count: Tape.rows * policy.actionSize)
    scalars = try Buffer(count: Tape.rows * 5)
  }

  func run(_ job: MinibatchJob, places: Range<Int>, old: UnsafePointer<Float>) {
    sums = PolicyStanding()
    for first in stride(from: places.lowerBound, to: places.upperBound, by: Tape.rows) {
      block(job, job.rows + first, min(Tape.rows, places.upperBound - first), old)
    }
  }

  private func block(
    _ job: MinibatchJob, _ rows: UnsafePointer<Int32>, _ count: Int, _ old: UnsafePointer<Float>
  ) {
    let (kernels, space, rollout) = (policy.kernels, policy.space, job.rollout)
    let (width, columns) = (policy.observationSize, policy.actionSize)
    kernels.gatherRows(count, width, rollout.observations.pointer, width, rows, observations.pointer, width)
    kernels.gatherRows(count, columns, rollout.draws.pointer, columns, rows, actions.pointer, columns)
    let parameters = UnsafePointer(policy.parameters.pointer)
    let spaceParameters = policy.spaceParameters
    tape.forward(observations.pointer, rows: count, parameters: parameters)
    oldTape.forward(observations.pointer, rows: count, parameters: old)

    let logProbabilities = scalars.pointer
    let (weights, scratch) = (scalars.pointer + 3 * Tape.rows, scalars.pointer + 4 * Tape.rows)
    policy.drawSpace.logProbability(
      tape.outputs, parameters + spaceParameters, rows: count, actions: actions.pointer, into: logProbabilities)
    var tally = SurrogateTally()
    job.score.weigh(
      rollout, rows, count, logProbabilities: logProbabilities, gathered: scalars.pointer + Tape.rows, into: weights,
      scratch: scratch, tally: &tally, kernels)
    sums.surrogate -= tally.loss
    space.entropy(tape.outputs, parameters + spaceParameters, rows: count, into: scratch)
    sums.entropy += kernels.sum(scratch, count)
    space.divergence(
      oldTape.outputs, old + spaceParameters, from: space, tape.outputs, parameters + spaceParameters, rows: count,
      into: scratch)
    sums.divergence += kernels.sum(scratch, count)
  }
}
