/// Acts and values for many rows at once, dealt to workers. What a row is given depends on no other, and so not on how the
/// rows are dealt.
final class Crew {
  private let policy: Policy
  private let workers: WorkerPool
  private let passes: [ForwardPass]

  /// - Parameter rows: The most that are dealt at once.
  init(_ policy: Policy, _ workers: WorkerPool, rows: Int) throws(Refusal) {
    self.policy = policy
    self.workers = workers
    var passes = [policy.pass]
    while passes.count < min(workers.threads, Work.shares(ofForward: rows, policy)) {
      passes.append(try ForwardPass(policy))
    }
    self.passes = passes
  }

  /// Draws an action for each observation, as the networks see it.
  func sample(
    _ observations: UnsafePointer<Float>, rows: Int, seed: UInt64, step: UInt64,
    actions: UnsafeMutablePointer<Float>, logProbabilities: UnsafeMutablePointer<Float>
  ) {
    deal(rows) { places, pass in
      policy.sample(
        observations, as: .normalized, rows: places, on: pass, seed: seed, step: step, actions: actions,
        logProbabilities: logProbabilities)
    }
  }

  /// Values each observation, as the networks see it; the policy has a value function.
  func value(_ observations: UnsafePointer<Float>, rows: Int, into values: UnsafeMutablePointer<Float>) {
    deal(rows) { places, pass in
      policy.value(observations, as: .normalized, rows: places, on: pass, into: values)
    }
  }

  private func deal(_ rows: Int, _ body: (_ places: Range<Int>, _ pass: ForwardPass) -> Void) {
    let parts = Shards(rows: rows, count: min(passes.count, Work.shares(ofForward: rows, policy)))
    workers.run(parts.count) { body(parts.places($0), passes[$0]) }
  }
}
