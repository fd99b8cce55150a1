import CPGrad
import Foundation
import Testing

@testable import CABI

/// Threads that read a policy which another thread trains, for the thread sanitizer to watch.
@Suite struct ReadersTests {
  /// A small agent that normalises observations, and its policy.
  private func agent() throws -> (policy: OpaquePointer, agent: OpaquePointer, env: OpaquePointer) {
    var part = pgrad_action_part(kind: Int32(PGRAD_CATEGORICAL.rawValue), size: 2, low: 0, high: 0)
    var (policy, agent, env): (OpaquePointer?, OpaquePointer?, OpaquePointer?)
    withUnsafePointer(to: &part) { part in
      var shape = pgrad_policy_config()
      _ = pgrad_policy_config_init(&shape, MemoryLayout<pgrad_policy_config>.size)
      shape.observation_size = 4
      shape.parts = part
      shape.part_count = 1
      shape.hidden_count = 0
      _ = pgrad_policy_create(&policy, &shape)
    }
    var config = pgrad_agent_config()
    _ = pgrad_agent_config_init(&config, MemoryLayout<pgrad_agent_config>.size)
    config.n_envs = 2
    config.n_steps = 16
    config.batch_size = 16
    config.n_epochs = 2
    config.normalize_observations = 1
    _ = pgrad_agent_create(&agent, policy, &config)
    _ = pgrad_env_create(&env, "CartPole-v1", 2)
    return (try #require(policy), try #require(agent), try #require(env))
  }

  @Test func everyFunctionThatReadsIsFreeWhileAnAgentTrains() throws {
    nonisolated(unsafe) let (policy, agent, env) = try agent()
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for round in 0..<40 {
        if thread == 0 {
          check(pgrad_train(agent, env, 64, nil, nil))
          check(pgrad_policy_set_note(policy, "round \(round)"))
        } else {
          read(policy)
        }
      }
    }
    pgrad_env_destroy(env)
    pgrad_agent_destroy(agent)
    pgrad_policy_destroy(policy)
  }

  private func read(_ policy: OpaquePointer) {
    let observations: [Float] = [0.1, -0.2, 0.3, 0.4, 1, 0, -1, 0.5]
    var (actions, numbers) = ([Float](repeating: 0, count: 2), [Float](repeating: 0, count: 2))
    var (gradient, product) = ([Float](repeating: 0, count: 15), [Float](repeating: 0, count: 15))
    check(pgrad_policy_sample(policy, observations, 2, &actions, &numbers))
    check(pgrad_policy_score_gradient(policy, observations, actions, numbers, 2, &gradient))
    check(pgrad_policy_fisher_vector(policy, observations, 2, gradient, &product))
    check(pgrad_policy_log_prob(policy, observations, actions, 2, &numbers))
    check(pgrad_policy_mode(policy, observations, 2, &actions))
    check(pgrad_policy_entropy(policy, observations, 2, &numbers))
    check(pgrad_policy_kl(policy, policy, observations, 2, &numbers))
    check(pgrad_policy_value(policy, observations, 2, &numbers))
    var (means, variances) = ([Double](repeating: 0, count: 4), [Double](repeating: 0, count: 4))
    var (count, length): (Int64, Int64) = (0, 0)
    check(pgrad_policy_observation_moments(policy, &means, &variances, &count))
    var note = [CChar](repeating: 0, count: 64)
    check(pgrad_policy_note(policy, &note, 64, &length))
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    check(pgrad_policy_save_memory(policy, &bytes, Int64(bytes.count), &length))
  }

  private func check(_ status: pgrad_status) {
    if status != PGRAD_OK { Issue.record("\(String(cString: pgrad_last_error()))") }
  }
}
