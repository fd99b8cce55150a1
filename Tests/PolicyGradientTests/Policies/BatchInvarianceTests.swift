import Testing

@testable import PolicyGradient

/// A row's numbers depend on nothing but the row: not on the batch around it, nor on its place.
struct BatchInvarianceTests {
  private static let parts = [ActionPart(.categorical, size: 5), ActionPart(.gaussian, size: 3)]
  private static let rows = 1_000

  @Test(arguments: [[], [1], [64, 64], [70, 33, 9]], [Activation.tanh, .relu])
  func aRowHasTheSameBitsInEveryBatch(hidden: [Int], activation: Activation) throws {
    let policy = try randomPolicy(7, BatchInvarianceTests.parts, hidden: hidden, activation: activation, seed: 1)
    var random = TestRandom(2)
    let rows = BatchInvarianceTests.rows
    let observations = random.normals(rows * 7)
    let actions = randomActions(BatchInvarianceTests.parts, rows: rows, &random)
    let whole = try bits(policy, observations, actions, 0..<rows)
    for size in [1, 2, 63, 64, 65] {
      for first in [0, 1, 500, rows - size] {
        #expect(try bits(policy, observations, actions, first..<first + size) == Array(whole[first..<first + size]))
      }
    }
  }

  @Test func aShuffledBatchHasTheShuffledBits() throws {
    let policy = try randomPolicy(7, BatchInvarianceTests.parts, hidden: [64, 64], seed: 3)
    var random = TestRandom(4)
    let rows = BatchInvarianceTests.rows
    let observations = random.normals(rows * 7)
    let actions = randomActions(BatchInvarianceTests.parts, rows: rows, &random)
    let whole = try bits(policy, observations, actions, 0..<rows)
    var order = Array(0..<rows)
    order.shuffle(using: &random)
    let shuffled = try bits(
      policy, order.flatMap { row(observations, $0, 7) }, order.flatMap { row(actions, $0, 4) }, 0..<rows)
    #expect(shuffled == order.map { whole[$0] })
  }

  /// The bits of log π, H and V of some rows, computed as one batch.
  private func bits(
    _ policy: Policy, _ observations: [Float], _ actions: [Float], _ rows: Range<Int>
  ) throws -> [[UInt32]] {
    let (width, columns, count) = (policy.observationSize, policy.actionSize, rows.count)
    let observations = Array(observations[rows.lowerBound * width..<rows.upperBound * width])
    let actions = Array(actions[rows.lowerBound * columns..<rows.upperBound * columns])
    let logProbabilities = try policy.logProbabilities(observations, actions, rows: count)
    let entropies = try policy.entropies(observations, rows: count)
    let values = try policy.values(observations, rows: count)
    return (0..<count).map {
      [logProbabilities[$0].bitPattern, entropies[$0].bitPattern, values[$0].bitPattern]
    }
  }
}
