/// Moves a policy's parameters along gradients, by gradient ascent.
package final class Optimizer {
  package private(set) var configuration: OptimizerConfiguration
  let rule: any UpdateRule
  /// Steps taken.
  var steps: Int64 = 0

  private let policy: Policy
  private let undo: Snapshot

  package init(_ policy: Policy, _ configuration: OptimizerConfiguration) throws(Refusal) {
    try configuration.validate(for: ())
    self.configuration = configuration
    self.policy = policy
    rule = try configuration.makeRule(policy.parameters.count, policy.kernels)
    undo = try Snapshot(rule.state.map(\.values))
    try policy.published.prepare()
  }

  /// Sets α of the steps to come; what the optimizer remembers of earlier steps stays.
  package func setLearningRate(_ learningRate: Double) throws(Refusal) {
    var changed = configuration
    changed.learningRate = learningRate
    try changed.validate(for: ())
    configuration = changed
  }

  /// Takes one step of ascent. If the gradient or the result is not finite, leaves everything as it was and throws.
  package func step(_ gradient: UnsafePointer<Float>) throws(Refusal) {
    let count = policy.parameters.count
    let ascent = Gradient(sum: gradient, scale: 1)
    let norm: Double
    do throws(Refusal) { norm = try self.norm(of: ascent) } catch {
      try PolicyGradient.checkFinite(gradient, count, 1, "gradient")
      throw error
    }
    try beginUpdate()
    beginStep()
    var isFinite = true
    for first in stride(from: 0, to: count, by: Optimizer.pieceCount) {
      let piece = first..<min(first + Optimizer.pieceCount, count)
      undo.save(piece)
      apply(ascent, norm: norm, learningRate: configuration.learningRate, to: piece)
      isFinite = isFinite && self.isFinite(piece)
    }
    guard isFinite else {
      defer { rollBack() }
      return try checkFinite()
    }
    commit()
  }

  /// Parameters that ``step(_:)`` saves, moves and checks at a time: few enough that they and their state stay in the
  /// second-level cache. A large network is read from memory once instead of three times.
  private static let pieceCount = 1 << 13

  /// Takes one step without the checks of ``step(_:)``.
  /// - Returns: The norm of the gradient before clipping.
  @discardableResult
  func ascend(_ gradient: Gradient, learningRate: Double) throws(Refusal) -> Double {
    let norm = try norm(of: gradient)
    beginStep()
    apply(gradient, norm: norm, learningRate: learningRate, to: 0..<policy.parameters.count)
    return norm
  }

  private func beginStep() {
    steps += 1
    policy.published.waitForReaders()
  }

  /// Moves the parameters at `places`.
  private func apply(_ gradient: Gradient, norm: Double, learningRate: Double, to places: Range<Int>) {
    let limit = configuration.maxGradNorm
    // PyTorch's clip_grad_norm_ adds the same 1e-6.
    let clip = limit > 0 && norm > limit ? limit / (norm + 1e-6) : 1
    rule.apply(
      gradient.sum, scale: Float(clip * Double(gradient.scale)), to: policy.parameters.pointer, places,
      learningRate: learningRate, step: steps)
  }

  /// The norm of a gradient; throws if it is not finite.
  func norm(of gradient: Gradient) throws(Refusal) -> Double {
    let norm =
      policy.kernels.sumOfSquares(gradient.sum, policy.parameters.count).squareRoot() * Double(gradient.scale)
    guard norm.isFinite else { throw Refusal(.notFinite, "the gradient contains NaN or infinity; it must be finite") }
    return norm
  }

  // MARK: Transactions

  private var stepsBefore: Int64 = 0

  /// Saves parameters and state for ``rollBack()``. Until ``commit()`` or ``rollBack()``, readers of the policy see the
  /// saved parameters. Refused while another update of the policy is unfinished.
  func begin() throws(Refusal) {
    try beginUpdate()
    undo.save(0..<policy.parameters.count)
  }

  private func beginUpdate() throws(Refusal) {
    try policy.published.beginUpdate()
    stepsBefore = steps
  }

  /// Throws if parameters or state are not finite; then ``rollBack()`` must follow, otherwise ``commit()``.
  func checkFinite() throws(Refusal) {
    guard policy.kernels.isFinite(policy.parameters.pointer, policy.parameters.count) else {
      throw Refusal(.notFinite, "the step would make a parameter NaN or infinite; try a smaller learning_rate")
    }
    for (name, values) in rule.state where !policy.kernels.isFinite(values.pointer, values.count) {
      throw Refusal(
        .notFinite, "the step would make the optimizer's \(name) NaN or infinite; the gradient is too large")
    }
  }

  private func isFinite(_ places: Range<Int>) -> Bool {
    func isFinite(_ values: Buffer<Float>) -> Bool {
      policy.kernels.isFinite(values.pointer + places.lowerBound, places.count)
    }
    return isFinite(policy.parameters) && rule.state.allSatisfy { isFinite($0.values) }
  }

  /// Shows the new parameters to readers.
  func commit() { policy.published.endUpdate() }

  /// Restores what ``begin()`` saved.
  func rollBack() {
    undo.restore()
    policy.published.restore()
    steps = stepsBefore
  }
}

/// Copies of several buffers, saved and restored together.
private struct Snapshot {
  private let originals: [Buffer<Float>]
  private let copies: [Buffer<Float>]

  init(_ originals: [Buffer<Float>]) throws(Refusal) {
    self.originals = originals
    var copies: [Buffer<Float>] = []
    for original in originals { copies.append(try Buffer(count: original.count)) }
    self.copies = copies
  }

  func save(_ places: Range<Int>) {
    for (original, copy) in zip(originals, copies) {
      (copy.pointer + places.lowerBound).update(from: original.pointer + places.lowerBound, count: places.count)
    }
  }

  func restore() {
    for (original, copy) in zip(originals, copies) { original.pointer.update(from: copy.pointer, count: copy.count) }
  }
}

extension OptimizerConfiguration {
  fileprivate func makeRule(_ count: Int, _ kernels: KernelSet) throws(Refusal) -> any UpdateRule {
    switch kind {
    case .sgd: try SGD(self, count, kernels)
    case .adam, .adamw: try Adam(self, count, kernels)
    case .rmsprop, .tensorflowRMSProp: try RMSProp(self, count, kernels)
    }
  }
}

/// A gradient as a sum over rows and a factor: 1/rows for a mean.
///
/// The factor is applied last, after the sums of all shards are added.
struct Gradient {
  let sum: UnsafePointer<Float>
  let scale: Float
}
