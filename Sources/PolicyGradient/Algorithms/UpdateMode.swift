/// When an agent makes the update that a full rollout calls for.
package enum UpdateMode: Int32, Sendable {
  /// Within the call that fills the rollout.
  case atOnce = 1
  /// In pieces that the host asks for, while the next rollout fills.
  case deferred
  /// On a thread of the library, while the next rollout fills.
  case inBackground
}
