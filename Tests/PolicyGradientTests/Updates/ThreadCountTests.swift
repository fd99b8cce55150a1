import KernelShims
import Testing

@testable import PolicyGradient

struct ThreadCountTests {
  private static func workers(
    _ algorithm: AlgorithmKind = .ppo, hidden: Int = 64, rows: Int = 4_096,
    _ change: (inout AgentConfiguration) -> Void
  ) throws -> Int {
    var shape = PolicyConfiguration(observationSize: 4, parts: [ActionPart(.categorical, size: 2)])
    shape.hiddenSizes = [hidden, hidden]
    var configuration = AgentConfiguration(algorithm)
    configuration.threads = 0
    change(&configuration)
    return configuration.workers(for: try Policy(shape), rows: rows)
  }

  private static var processors: Int { kernel_processor_count() }

  @Test func whatIsGivenIsTaken() throws {
    #expect(try ThreadCountTests.workers { $0.threads = 5 } == 5)
  }

  @Test func smallWorkIsDoneByOne() throws {
    // 64 rows are less than two shards, and so few environments less than two blocks.
    #expect(try ThreadCountTests.workers { $0.batchSize = 64 } == 1)
    // 6 · 20 parameters · 1,024 rows are a quarter of a share.
    #expect(try ThreadCountTests.workers(hidden: 1) { $0.batchSize = 1_024 } == 1)
  }

  @Test func largeWorkIsDoneByAsManyAsThereAreProcessors() throws {
    // 256 rows are two shards of 6 · 9,155 · 128 operations.
    #expect(try ThreadCountTests.workers { $0.batchSize = 256 } == min(2, ThreadCountTests.processors))
    #expect(try ThreadCountTests.workers { $0.batchSize = 4_096 } == min(8, ThreadCountTests.processors))
    // Acting alone: 2 · 9,155 · 128 operations are four shares, of two blocks.
    #expect(
      try ThreadCountTests.workers {
        $0.batchSize = 64
        $0.environments = 128
      } == min(2, ThreadCountTests.processors))
    // Without minibatches the whole rollout counts.
    #expect(try ThreadCountTests.workers(.a2c, rows: 512) { _ in } == min(4, ThreadCountTests.processors))
    #expect(try ThreadCountTests.workers(.a2c, rows: 40) { _ in } == 1)
  }
}
