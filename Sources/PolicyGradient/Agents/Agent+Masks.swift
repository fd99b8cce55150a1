extension Agent {
  /// Flags in the mask of one environment; 0 if all actions are continuous.
  package var maskSize: Int { space.flags }

  /// Restricts the choices of the next ``act(_:)``, which draws from the masked policy. Learning uses the same masks.
  ///
  /// Masks apply to one step. Without this call, the next ``act(_:)`` may choose anything.
  ///
  /// - Parameter masks: environments × ``maskSize`` flags, 1 for each choice that is allowed. Rows of environments that
  ///   are about to reset are ignored.
  /// - Throws: `.badState` unless the agent is about to act; `.unsupported` if all actions are continuous;
  ///   `.invalidArgument` for a mask that excludes all choices of a part. Then the masks have not changed.
  /// - Source: Huang & Ontañón, "A closer look at invalid action masking in policy gradient algorithms" (2022).
  package func setMasks(_ masks: UnsafePointer<UInt8>) throws(Refusal) {
    guard phase == .acting else {
      throw Refusal(
        .badState, "masks were set \(phase == .new ? "before begin" : "between act and observe"); set them before act")
    }
    guard maskSize > 0 else {
      throw Refusal(.unsupported, "masks were set, but all parts of the policy's actions are continuous")
    }
    try setCheckedMasks(masks)
  }

  /// Checks the masks of the current step and stores them in the rollout.
  func setCheckedMasks(_ masks: UnsafePointer<UInt8>) throws(Refusal) {
    for environment in 0..<configuration.environments where !progress.isResetting[environment] {
      do throws(Refusal) {
        try space.check(masks: masks + environment * maskSize, rows: 1, first: environment)
      } catch {
        throw Refusal(error.reason, "\(error.message) (environment \(environment), step \(progress.draws))")
      }
    }
    try rollout.masks.start(rows: rollout.capacity * configuration.environments)
    rollout.masks.set(masks, at: rollout.currentRow) { progress.isResetting[$0] }
  }
}
