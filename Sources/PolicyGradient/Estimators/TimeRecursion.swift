// Recursions backwards in time over tables of steps × environments. Sums are kept in double precision.

/// Steps of several environments, steps × environments, row-major, and how their episodes end.
package struct StepTable {
  package let steps: Int
  package let environments: Int
  let rewards: UnsafePointer<Float>
  let terminated: UnsafePointer<UInt8>?
  let truncated: UnsafePointer<UInt8>?
  /// V of the last observations of truncated episodes; other rows are not read. `nil` counts as zeros.
  let finalValues: UnsafePointer<Float>?

  package init(
    steps: Int, environments: Int, rewards: UnsafePointer<Float>, terminated: UnsafePointer<UInt8>?,
    truncated: UnsafePointer<UInt8>?, finalValues: UnsafePointer<Float>?
  ) {
    self.steps = steps
    self.environments = environments
    self.rewards = rewards
    self.terminated = terminated
    self.truncated = truncated
    self.finalValues = finalValues
  }

  /// Environments in a block. Their carries fit into stack memory.
  private static let blockSize = 128

  /// Visits blocks of neighbouring environments. `carry` holds one number per environment between steps.
  func forEachBlock(_ body: (_ block: Range<Int>, _ carry: UnsafeMutablePointer<Double>) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: StepTable.blockSize) { carry in
      guard let place = carry.baseAddress else { return }
      for first in stride(from: 0, to: environments, by: StepTable.blockSize) {
        body(first..<min(first + StepTable.blockSize, environments), place)
      }
    }
  }
}

extension KernelSet {
  /// Writes G_t = r_t + γ G_{t+1}, where G_{t+1} is 0 after a terminated step, and the final value after a truncated
  /// step.
  package func returns(of table: StepTable, gamma: Double, into returns: UnsafeMutablePointer<Float>) {
    table.forEachBlock { block, carry in
      let first = block.lowerBound
      discountedReturns(
        table.steps, block.count, table.environments, table.rewards + first, table.terminated.map { $0 + first },
        table.truncated.map { $0 + first }, table.finalValues.map { $0 + first }, gamma, carry, returns + first)
    }
  }

  /// Up to this γλ, single precision is enough: rounding errors shrink from step to step and stay below
  /// 2⁻²⁴ / (1 - γλ), twenty units in the last place of the largest advantage.
  private static let longestFloatMemory = 0.95

  /// Writes generalised advantages: see ``GeneralizedAdvantage``.
  ///
  /// - Parameters:
  ///   - table: A table with both kinds of flags.
  ///   - values: V(s_t).
  ///   - lastValues: V after the last step, one per environment.
  package func advantages(
    of table: StepTable, values: UnsafePointer<Float>, lastValues: UnsafePointer<Float>, gamma: Double, lambda: Double,
    into advantages: UnsafeMutablePointer<Float>
  ) {
    guard let terminated = table.terminated, let truncated = table.truncated else { return }
    guard gamma * lambda > KernelSet.longestFloatMemory else {
      return generalizedAdvantages(
        table.steps, table.environments, table.rewards, values, terminated, truncated, table.finalValues, lastValues,
        Float(gamma), Float(lambda), advantages)
    }
    table.forEachBlock { block, carry in
      let first = block.lowerBound
      longAdvantages(
        table.steps, block.count, table.environments, table.rewards + first, values + first, terminated + first,
        truncated + first, table.finalValues.map { $0 + first }, lastValues + first, gamma, lambda, carry,
        advantages + first)
    }
  }
}
