/// The rows that a function of a policy reads: `count / steps` sequences, time-major.
///
/// A policy without memory ignores which rows form a sequence.
package struct PolicyRows {
  /// count × observation size; rows of ``ObservationPacking/storedSize`` if they are packed.
  package let observations: UnsafePointer<Float>
  package let form: ObservationForm
  /// count × ``ActionSpace/flags``; `nil` if every choice is allowed.
  package let masks: UnsafePointer<UInt8>?
  package let count: Int
  /// Steps of each sequence.
  let steps: Int
  /// The states before the first step, sequences × state size; `nil` for zeros.
  let states: UnsafePointer<Float>?
  /// Receives the states after the last step; may be ``states``. `nil` if they are not wanted.
  let finalStates: UnsafeMutablePointer<Float>?
  /// count flags, 1 where the state is zero before the step; `nil` for none.
  let starts: UnsafePointer<UInt8>?
  /// The key of the draws when actions are sampled; `nil` for the policy's next key.
  let drawKey: UInt64?

  package init(
    _ observations: UnsafePointer<Float>, as form: ObservationForm = .raw, count: Int,
    masks: UnsafePointer<UInt8>? = nil,
    steps: Int = 1, states: UnsafePointer<Float>? = nil, finalStates: UnsafeMutablePointer<Float>? = nil,
    starts: UnsafePointer<UInt8>? = nil, drawKey: UInt64? = nil
  ) {
    self.observations = observations
    self.form = form
    self.count = count
    self.masks = masks
    self.steps = steps
    self.states = states
    self.finalStates = finalStates
    self.starts = starts
    self.drawKey = drawKey
  }

  var sequences: Int { steps == 1 ? count : count / steps }

  /// The same rows, with another place for the final states.
  func with(finalStates: UnsafeMutablePointer<Float>) -> PolicyRows {
    PolicyRows(
      observations, as: form, count: count, masks: masks, steps: steps, states: states, finalStates: finalStates,
      starts: starts, drawKey: drawKey)
  }
}

/// Whether observations are raw, as the environment gave them, normalised, or normalised and packed, as a rollout
/// stores them.
package enum ObservationForm { case raw, normalized, packed }

/// What one call sees of a policy: parameters and normaliser as they were at one moment, whatever other threads do. See
/// ``Policy/refresh(_:)``.
final class PolicyView {
  var parameters: UnsafePointer<Float>
  /// A copy of the policy's normaliser; `nil` if it has none.
  private(set) var normalizer: ObservationNormalizer?
  /// Whether ``normalizer`` is not `nil`; without a reference that would be counted.
  private(set) var isNormalizing = false
  /// Of the policy's ``PublishedMoments``.
  private(set) var version: Int64 = 0

  init(_ parameters: Buffer<Float>) { self.parameters = UnsafePointer(parameters.pointer) }

  func setNormalizer(_ normalizer: ObservationNormalizer?, version: Int64) {
    (self.normalizer, self.version) = (normalizer, version)
    isNormalizing = normalizer != nil
  }
}
