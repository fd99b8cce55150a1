import KernelShims

/// The distribution of one part of an action, given by some of the network's outputs and parameters of its own.
///
/// Every function works on `rows` rows. Log-probabilities and entropies are added to the target, so that the parts of
/// an action space sum to its joint distribution.
protocol Distribution: AnyObject, Sendable {
  static var traits: PartTraits { get }

  init(_ part: ActionPart, _ setting: DistributionSetting)

  var part: ActionPart { get }
  /// Network outputs of one row.
  var outputs: Int { get }
  /// Parameters of its own, the same for every observation.
  var parameters: Int { get }
  /// Which of its outputs are log standard deviations; for most distributions none.
  var logStdOutputs: Range<Int> { get }
  /// Flags in a row of masks; none for continuous parts.
  var flags: Int { get }

  /// Draws actions and adds their log-probabilities.
  /// - Parameter scratch: Room for `rows` × ``ActionPart/size`` random numbers.
  func sample(
    _ head: Head, rows: Int, draws: DrawKey, scratch: UnsafeMutablePointer<Float>,
    actions: MutableRows, logProbabilities: UnsafeMutablePointer<Float>)

  /// Writes the deterministic action: the most probable one, where the distribution has one.
  func mode(_ head: Head, rows: Int, actions: MutableRows)

  /// Turns draws into actions, in place; they differ only in squashed columns.
  func squash(_ draws: MutableRows, rows: Int)

  /// Turns actions of the space into draws, in place; the inverse of ``squash(_:rows:)`` up to rounding.
  func unsquash(_ actions: MutableRows, rows: Int)

  /// Adds log π(a|s).
  func addLogProbability(
    _ head: Head, rows: Int, actions: Rows, to logProbabilities: UnsafeMutablePointer<Float>)

  /// Adds H(π(·|s)).
  func addEntropy(_ head: Head, rows: Int, to entropies: UnsafeMutablePointer<Float>)

  /// Adds KL(π ‖ other), where the other distribution is of the same part with another head.
  func addDivergence(_ head: Head, from other: Head, rows: Int, to divergences: UnsafeMutablePointer<Float>)

  /// Multiplies tangents by the Fisher matrix E[∇log π ∇log πᵀ] of each row's outputs and own parameters. Products of
  /// the outputs replace their tangents; products of the parameters are added to `parameterProducts`.
  func applyFisher(
    _ head: Head, rows: Int, outputTangents: MutableRows, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>)

  /// The gradient of Σ weights·log π(a|s) + entropyWeights·H: written for the outputs, added for the own parameters.
  func score(
    _ head: Head, rows: Int, actions: Rows, weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>,
    outputGradients: MutableRows, parameterGradients: UnsafeMutablePointer<Float>)

  /// Refuses actions outside the space. `firstColumn` is the part's first column in a whole action.
  func check(_ actions: Rows, rows: Int, firstColumn: Int) throws(Refusal)

  /// Sets the outputs so that choices that masks exclude have probability exactly 0.
  func mask(_ outputs: MutableRows, rows: Int, by masks: MaskRows)

  /// Refuses masks that exclude all choices. `part` is this part's index in the space.
  func check(masks: MaskRows, rows: Int, part: Int) throws(Refusal)

  /// Refuses an action of the space that masks exclude.
  func check(_ actions: Rows, rows: Int, firstColumn: Int, allowedBy masks: MaskRows) throws(Refusal)
}

/// The settings of a distribution that are not part of the action space.
struct DistributionSetting {
  let logStd: LogStdSource
  /// Whether squashed columns are pre-squash actions.
  let holdsDraws: Bool
  let kernels: KernelSet
}

extension Distribution {
  var logStdOutputs: Range<Int> { 0..<0 }
  var flags: Int { 0 }

  func squash(_ draws: MutableRows, rows: Int) {}
  func unsquash(_ actions: MutableRows, rows: Int) {}
  func mask(_ outputs: MutableRows, rows: Int, by masks: MaskRows) {}
  func check(masks: MaskRows, rows: Int, part: Int) throws(Refusal) {}
  func check(_ actions: Rows, rows: Int, firstColumn: Int, allowedBy masks: MaskRows) throws(Refusal) {}
}

/// The key of random draws: the same key gives the same draws, whatever else is drawn.
struct DrawKey {
  let seed: UInt64
  let stream: Int
  let step: UInt64
  let firstRow: Int
  /// Standard normal numbers that were drawn before, one row each; `nil` to draw them.
  var noise: Rows?
}

extension DrawKey {
  /// Writes standard normal numbers, rows × columns.
  func normals(rows: Int, columns: Int, into numbers: UnsafeMutablePointer<Float>, _ kernels: KernelSet) {
    guard let noise else { return kernels.normalDraws(seed, stream, step, firstRow, rows, columns, numbers) }
    for row in 0..<rows {
      (numbers + row * columns).update(from: noise.base + row * noise.stride, count: columns)
    }
  }
}

/// Rows of flags, 1 for each choice that is allowed.
struct MaskRows {
  let base: UnsafePointer<UInt8>
  let stride: Int
  /// The number of the first row in messages.
  var firstNumber = 0
}
