/// Runs a policy over a block of rows on one thread: forward, log-probability, entropy, value, the accumulated score
/// and products with the Fisher matrix.
///
/// A pass holds no parameters. ``forward(_:_:masks:)`` takes them, for itself and for the calls that follow.
final class PolicyPass {
  let shape: PolicyShape
  private let activations: Activations
  private let space: ActionSpace
  private let drawSpace: ActionSpace
  /// The most rows in a block.
  let capacity: Int
  /// The inputs of the distributions, rows × ``ActionSpace/outputs``.
  let outputs: UnsafeMutablePointer<Float>
  private let outputGradients: UnsafeMutablePointer<Float>
  private let distributionOffset: Int
  /// Scratch for the random numbers of a block.
  private let scratch: Buffer<Float>
  /// With state-dependent exploration: the noise of a block, and the matrix that it is computed from; otherwise `nil`.
  private let noise: Buffer<Float>?
  /// The results of a block, until all of them are known to be finite.
  let results: Buffer<Float>
  /// Holds the results of several blocks until the call is complete; `nil` for passes of agents.
  let staging: Staging?
  /// What the pass sees of the policy; `nil` for the policy itself.
  let view: PolicyView?
  /// The observations of a block, if they had to be normalised or unpacked.
  private let observations: Buffer<Float>
  /// The states of the current sequences, from one block to the next. Empty without memory.
  private(set) var carry: Buffer<Float>
  private var firstCarried = 0

  /// The block of the last ``forward(_:_:masks:)``.
  private var block: Block
  private var parameters: UnsafePointer<Float>

  /// - Parameters:
  ///   - capacity: The most rows in a block; `nil` for as many as stay in cache.
  ///   - stages: Whether to make memory for the results of calls with several blocks.
  init(
    _ shape: PolicyShape, capacity: Int? = nil, view: PolicyView? = nil, stages: Bool = false
  ) throws(Refusal) {
    self.shape = shape
    activations = try Activations(shape.network, capacity: capacity ?? shape.network.blockRows)
    space = shape.space
    drawSpace = shape.drawSpace
    self.capacity = activations.capacity
    let capacity = activations.capacity
    outputs = activations.policyOutputs
    outputGradients = activations.policyGradients
    distributionOffset = shape.distributionOffset
    scratch = try Buffer(count: capacity * space.maximumPartSize)
    results = try Buffer(count: capacity * (space.columns + 1))
    if let exploration = shape.network.head.exploration {
      noise = try Buffer(count: capacity * space.noiseColumns + exploration.matrixSize)
    } else {
      noise = nil
    }
    staging = stages ? try Staging(columns: space.columns + 1) : nil
    self.view = view
    observations = try Buffer(count: capacity * shape.observationSize)
    carry = try Buffer(count: capacity * shape.network.stateSize)
    block = Block(rows: 0, observations: observations.pointer)
    parameters = UnsafePointer(scratch.pointer)
  }

  /// The normalised form of a block of raw observations; valid until the next call.
  func normalize(
    _ raw: UnsafePointer<Float>, rows: Int, by normalizer: ObservationNormalizer?
  ) -> UnsafePointer<Float> {
    guard let normalizer else { return raw }
    normalizer.normalize(raw, rows: rows, into: observations.pointer)
    return UnsafePointer(observations.pointer)
  }

  /// Some rows of a rollout's observations, unpacked; valid until the next call.
  func unpack(_ stored: UnsafePointer<Float>, _ rows: Range<Int>) -> UnsafePointer<Float> {
    let first = stored + rows.lowerBound * shape.packing.storedSize
    guard shape.packing.hasBytes else { return first }
    shape.packing.unpack(first, rows: rows.count, into: observations.pointer)
    return UnsafePointer(observations.pointer)
  }

  // MARK: Forward

  /// Makes room to carry the states of some sequences.
  func reserveStates(for sequences: Range<Int>) throws(Refusal) {
    firstCarried = sequences.lowerBound
    let count = sequences.count * shape.network.stateSize
    if count > carry.count { carry = try Buffer(count: count) }
  }

  func carriedStates(of lanes: Range<Int>) -> UnsafeMutablePointer<Float> {
    carry.pointer + (lanes.lowerBound - firstCarried) * shape.network.stateSize
  }

  /// Tells how the rows of the next blocks form sequences; needed for a network with a memory.
  func setLanes(_ lanes: LaneStates) { activations.lanes.pointee = lanes }

  /// Runs the policy's branch over a block.
  ///
  /// - Parameters:
  ///   - masks: Which choices are allowed, ``ActionSpace/flags`` for each row; `nil` for all.
  ///   - advancesAll: Whether to also compute the final states of the value's own memory.
  func forward(
    _ block: Block, _ parameters: UnsafePointer<Float>, masks: UnsafePointer<UInt8>? = nil, advancesAll: Bool = false
  ) {
    self.block = block
    self.parameters = parameters
    activations.forwardPolicy(block, parameters)
    if advancesAll { activations.advanceValueMemory(block, parameters) }
    if let masks { space.mask(outputs, rows: block.rows, by: masks) }
  }

  /// The distributions' own parameters.
  private var distributionParameters: UnsafePointer<Float> { parameters + distributionOffset }

  /// Writes to ``results`` the draws of each row, rows × columns with pre-squash actions in squashed columns, followed
  /// by their log-probabilities.
  ///
  /// - Parameters:
  ///   - firstRow: The number of the block's first row. Seed, step and row number are the key of a row's draws.
  ///   - explorationStep: The key of the matrices of state-dependent exploration.
  func sample(seed: UInt64, step: UInt64, explorationStep: UInt64, firstRow: Int) {
    let rows = block.rows
    var drawn: UnsafePointer<Float>?
    if let noise {
      shape.network.head.exploration?.drawNoise(
        activations.policyPass(block, parameters),
        DrawKey(seed: seed, stream: RandomStream.exploration.rawValue, step: explorationStep, firstRow: firstRow),
        matrix: noise.pointer + capacity * space.noiseColumns, into: noise.pointer)
      drawn = UnsafePointer(noise.pointer)
    }
    drawSpace.sample(
      outputs, distributionParameters, rows: rows, seed: seed, step: step, firstRow: firstRow, noise: drawn,
      scratch: scratch.pointer, actions: results.pointer, logProbabilities: results.pointer + rows * space.columns)
  }

  /// log π(a|s) of the block.
  ///
  /// - Parameter areDraws: Whether squashed columns hold pre-squash actions, as in a rollout.
  func logProbability(
    _ actions: UnsafePointer<Float>, areDraws: Bool = true, into logProbabilities: UnsafeMutablePointer<Float>
  ) {
    (areDraws ? drawSpace : space).logProbability(
      outputs, distributionParameters, rows: block.rows, actions: actions, into: logProbabilities)
  }

  /// H(π(·|s)) of the block.
  func entropy(into entropies: UnsafeMutablePointer<Float>) {
    space.entropy(outputs, distributionParameters, rows: block.rows, into: entropies)
  }

  /// KL(π ‖ other) of the block. The other pass has run over the same block.
  func divergence(from other: PolicyPass, into divergences: UnsafeMutablePointer<Float>) {
    space.divergence(
      outputs, distributionParameters, from: other.space, other.outputs, other.distributionParameters, rows: block.rows,
      into: divergences)
  }

  /// Writes the deterministic action of each row.
  func mode(into actions: UnsafeMutablePointer<Float>) {
    space.mode(outputs, distributionParameters, rows: block.rows, actions: actions)
  }

  /// Runs the value's branch over a block, without the policy's leaf.
  ///
  /// - Parameter advancesAll: Whether to also compute the final states of the policy's own memory.
  /// - Returns: V(s) of each row; `nil` without a value function.
  func value(
    _ block: Block, _ parameters: UnsafePointer<Float>, advancesAll: Bool = false
  ) -> UnsafeMutablePointer<Float>? {
    activations.forwardValue(block, parameters, afterPolicy: false)
    if advancesAll { activations.advancePolicyMemory(block, parameters) }
    return activations.valueOutputs
  }

  // MARK: Gradients

  /// Adds Σᵢ wᵢ ∇θ log π(aᵢ|sᵢ) + Σᵢ βᵢ ∇θ H(π(·|sᵢ)) over the block.
  ///
  /// - Parameter areDraws: As in ``logProbability(_:areDraws:into:)``.
  func accumulateScore(
    _ actions: UnsafePointer<Float>, areDraws: Bool = true, weights: UnsafePointer<Float>,
    entropyWeights: UnsafePointer<Float>,
    prepared: PreparedWeights, gradient: UnsafeMutablePointer<Float>
  ) {
    writeScore(actions, areDraws, weights, entropyWeights, gradient)
    activations.backward(shape.network.scoreRoute, block, parameters, prepared: prepared, gradient: gradient)
  }

  /// Adds Σᵢ F(sᵢ) v over the block, where F = E[∇θ log π ∇θ log πᵀ] is the Fisher matrix and v the `direction`. It is
  /// computed exactly as Jᵀ M J v, where J is the Jacobian of the outputs by the parameters and M the Fisher matrix of
  /// the distributions by the outputs.
  ///
  /// - Parameter isActive: Whether a row is in the sum; `nil` if all are.
  func accumulateFisher(
    along direction: UnsafePointer<Float>, isActive: ((_ row: Int) -> Bool)? = nil, prepared: PreparedWeights,
    product: UnsafeMutablePointer<Float>
  ) {
    activations.tangentPolicy(block, parameters, along: direction)
    var first = 0
    while first < block.rows {
      let end = isActive.map { isActive in (first..<block.rows).first { !isActive($0) } ?? block.rows } ?? block.rows
      if end > first {
        space.applyFisher(
          outputs + first * space.outputs, distributionParameters, rows: end - first,
          outputTangents: outputGradients + first * space.outputs,
          parameterTangents: direction + distributionOffset, parameterProducts: product + distributionOffset)
      }
      guard end < block.rows else { break }
      (outputGradients + end * space.outputs).update(repeating: 0, count: space.outputs)
      first = end + 1
    }
    activations.backward(shape.network.scoreRoute, block, parameters, prepared: prepared, gradient: product)
  }

  /// Turns values into the weights gᵢ of Σᵢ gᵢ ∇θ V(sᵢ).
  typealias ValueWeighing = (_ values: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>) -> Void

  /// Runs the value's branch over a block and adds Σᵢ gᵢ ∇θ V(sᵢ).
  ///
  /// - Parameters:
  ///   - ownOnly: Whether to omit the parameters that the policy shares.
  ///   - advancesAll: As in ``value(_:_:advancesAll:)``.
  func accumulateValue(
    _ block: Block, _ parameters: UnsafePointer<Float>, ownOnly: Bool = false, advancesAll: Bool = false,
    prepared: PreparedWeights, gradient: UnsafeMutablePointer<Float>, weigh: ValueWeighing
  ) {
    guard let values = value(block, parameters, advancesAll: advancesAll), let slopes = activations.valueGradients
    else { return }
    weigh(values, slopes)
    activations.backward(
      ownOnly ? shape.network.ownValueRoute : shape.network.valueRoute, block, parameters, prepared: prepared,
      gradient: gradient)
  }

  /// ``accumulateScore(_:areDraws:weights:entropyWeights:prepared:gradient:)`` and
  /// ``accumulateValue(_:_:ownOnly:prepared:gradient:weigh:)`` over the block together. Nodes that both leaves share
  /// run once.
  func accumulate(
    _ actions: UnsafePointer<Float>, areDraws: Bool = true, weights: UnsafePointer<Float>,
    entropyWeights: UnsafePointer<Float>,
    prepared: PreparedWeights, gradient: UnsafeMutablePointer<Float>, weigh: ValueWeighing
  ) {
    guard shape.network.fork != nil, let values = activations.valueOutputs, let slopes = activations.valueGradients
    else {
      // One network after the other, so that its numbers are still in cache for its backward pass.
      accumulateScore(
        actions, areDraws: areDraws, weights: weights, entropyWeights: entropyWeights, prepared: prepared,
        gradient: gradient)
      return accumulateValue(block, parameters, prepared: prepared, gradient: gradient, weigh: weigh)
    }
    activations.forwardValue(block, parameters, afterPolicy: true)
    weigh(values, slopes)
    writeScore(actions, areDraws, weights, entropyWeights, gradient)
    activations.backward(shape.network.jointRoute, block, parameters, prepared: prepared, gradient: gradient)
  }

  private func writeScore(
    _ actions: UnsafePointer<Float>, _ areDraws: Bool, _ weights: UnsafePointer<Float>,
    _ entropyWeights: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) {
    (areDraws ? drawSpace : space).score(
      outputs, distributionParameters, rows: block.rows, actions: actions, weights: weights,
      entropyWeights: entropyWeights,
      outputGradients: outputGradients, parameterGradients: gradient + distributionOffset)
  }
}
