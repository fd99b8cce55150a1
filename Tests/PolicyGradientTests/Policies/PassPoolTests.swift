import Foundation
import Testing

@testable import PolicyGradient

/// Any number of threads read a policy at a time.
@Suite struct PassPoolTests {
  private func policy() throws -> Policy {
    try randomPolicy(4, [ActionPart(.categorical, size: 3)], hidden: [16], seed: 3)
  }

  @Test func threadsThatReadAtATimeGetWhatOneAloneGets() throws {
    nonisolated(unsafe) let policy = try policy()
    var random = TestRandom(4)
    let observations = random.normals(100 * 4)
    let alone = try policy.values(observations, rows: 100)
    // More threads than the pool keeps passes for.
    DispatchQueue.concurrentPerform(iterations: 40) { _ in
      for _ in 0..<20 {
        if (try? policy.values(observations, rows: 100)) != alone { Issue.record("another value") }
      }
    }
  }

  @Test func everyDrawHasAKeyOfItsOwn() throws {
    nonisolated(unsafe) let policy = try policy()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<100 { _ = try? policy.samples([1, 2, 3, 4], rows: 1) }
    }
    #expect(policy.draws == 800)
  }

  @Test func aRefusedDrawTakesNoKey() throws {
    let policy = try policy()
    policy.parameters.pointer[policy.distributionOffset - 1] = .nan
    #expect(throws: Refusal.self) { try policy.samples([1, 2, 3, 4], rows: 1) }
    #expect(policy.draws == 0)
  }

  @Test func passesAreBorrowedOneByOneAndGivenBack() throws {
    let pool = try PassPool(try policy().shape)
    var passes: [PolicyPass] = []
    func nest(_ depth: Int) throws(Refusal) {
      try pool.withPass { (pass) throws(Refusal) in
        passes.append(pass)
        if depth > 1 { try nest(depth - 1) }
      }
    }
    try nest(20)
    #expect(Set(passes.map(ObjectIdentifier.init)).count == 20)
    let first = passes[0]
    try pool.withPass { pass in #expect(pass === first) }
  }
}
