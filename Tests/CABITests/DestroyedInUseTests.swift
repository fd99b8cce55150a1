import CPGrad
import Foundation
import Testing

@testable import CABI

/// The C functions from several threads, for the thread sanitizer to watch.
@Suite struct DestroyedInUseTests {
  private static let statuses: Set<UInt32> = [
    PGRAD_OK.rawValue, PGRAD_INVALID_HANDLE.rawValue, PGRAD_BAD_STATE.rawValue,
  ]

  private func makePolicy() -> OpaquePointer? {
    var part = pgrad_action_part(kind: Int32(PGRAD_CATEGORICAL.rawValue), size: 2, low: 0, high: 0)
    var policy: OpaquePointer?
    withUnsafePointer(to: &part) { part in
      var config = pgrad_policy_config()
      _ = pgrad_policy_config_init(&config, MemoryLayout<pgrad_policy_config>.size)
      config.observation_size = 1
      config.parts = part
      config.part_count = 1
      config.hidden_count = 0
      _ = pgrad_policy_create(&policy, &config)
    }
    return policy
  }

  /// Thread 0 makes and destroys; the others use what it last made.
  @Test func usersOfADestroyedPolicyAreAnsweredWithAStatus() {
    nonisolated(unsafe) let published = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    published.initialize(to: 0)
    defer { published.deallocate() }
    let lock = NSLock()
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      for _ in 0..<1_000 {
        if thread == 0 {
          let policy = makePolicy()
          lock.withLock { published.pointee = Int(bitPattern: policy) }
          pgrad_policy_destroy(policy)
        } else {
          let policy = OpaquePointer(bitPattern: lock.withLock { published.pointee })
          var (observation, action): (Float, Float) = (0.5, 0)
          let status = pgrad_policy_sample(policy, &observation, 1, &action, nil)
          if !DestroyedInUseTests.statuses.contains(status.rawValue) { Issue.record("status \(status.rawValue)") }
        }
      }
    }
  }

  @Test func severalThreadsThatDestroyOnePolicyDestroyItOnce() {
    for _ in 0..<200 {
      nonisolated(unsafe) let policy = makePolicy()
      DispatchQueue.concurrentPerform(iterations: 3) { _ in pgrad_policy_destroy(policy) }
      var (observation, action): (Float, Float) = (0.5, 0)
      #expect(pgrad_policy_sample(policy, &observation, 1, &action, nil) == PGRAD_INVALID_HANDLE)
    }
  }
}
