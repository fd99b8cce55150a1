import KernelsAVX2

/// Returns and advantages of rollouts, steps × environments, in which no episode ends.
func registerRollouts() {
  for (steps, envs) in [(2048, 8), (128, 1024), (1024, 4)] {
    let count = steps * envs
    // Rewards, values, advantages and the flags, which are bytes, then the last values.
    kernel("GAE \(steps)×\(envs)", floats: 4 * count + envs) { rewards in
      (rewards + 3 * count).update(repeating: 0, count: count)
    } call: { rewards in
      let values = rewards + count
      let advantages = values + count
      let terminated = UnsafeRawPointer(advantages + count).assumingMemoryBound(to: UInt8.self)
      generalizedAdvantages(
        steps, envs, rewards, values, terminated, terminated + count, nil, rewards + 4 * count, 0.99, 0.95, advantages)
    }
    // Rewards and returns, then a double for each environment, for 8 at least.
    kernel("returns \(steps)×\(envs)", floats: 2 * (count + max(envs, 8))) { rewards in
      let carry = UnsafeMutableRawPointer(rewards + 2 * count).assumingMemoryBound(to: Double.self)
      discountedReturns(steps, envs, envs, rewards, nil, nil, nil, 0.99, carry, rewards + count)
    }
  }
}
