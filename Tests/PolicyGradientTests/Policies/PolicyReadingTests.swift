import Foundation
import Testing

@testable import PolicyGradient

/// Any number of threads read a policy at a time.
@Suite struct PolicyReadingTests {
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

  @Test func overlappingDrawsLeaveTheKeysThatFollow() throws {
    nonisolated(unsafe) let policy = try policy()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<100 { _ = try? policy.samples([1, 2, 3, 4], rows: 1) }
    }
    #expect(policy.draws >= 800)
  }

  @Test func aRefusedDrawTakesNoKey() throws {
    let policy = try policy()
    policy.parameters.pointer[policy.distributionOffset - 1] = .nan
    #expect(throws: Refusal.self) { try policy.samples([1, 2, 3, 4], rows: 1) }
    #expect(policy.draws == 0)
  }

  @Test func aNamedKeyTakesNoneFromTheSequence() throws {
    let policy = try policy()
    let observation = try Buffer<Float>(count: 4)
    let action = try Buffer<Float>(count: 1)
    let rows = PolicyRows(UnsafePointer(observation.pointer), count: 1, drawKey: 7)
    try policy.sample(rows, actions: action.pointer, logProbabilities: nil)
    #expect(policy.draws == 0)
  }

  @Test func readersSeeTheParametersBeforeAnUpdateUntilItEnds() throws {
    let policy = try policy()
    let optimizer = try Optimizer(policy, OptimizerConfiguration())
    func seen() throws -> Float {
      var first: Float = 0
      try policy.withParameters { parameters in first = parameters[0] }
      return first
    }
    policy.parameters.pointer[0] = 1
    try optimizer.begin()
    policy.published.waitForReaders()
    policy.parameters.pointer[0] = 2
    #expect(try seen() == 1)
    optimizer.commit()
    #expect(try seen() == 2)
    try optimizer.begin()
    policy.published.waitForReaders()
    policy.parameters.pointer[0] = 3
    #expect(try seen() == 2)
    optimizer.rollBack()
    #expect(try seen() == 2 && policy.parameters.pointer[0] == 2)
  }

  /// All parameters are equal at every moment that readers may see.
  @Test func readersSeeNoUpdateInPart() throws {
    nonisolated(unsafe) let policy = try policy()
    let count = policy.parameters.count
    policy.parameters.pointer.update(repeating: 0, count: count)
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    configuration.learningRate = 1
    nonisolated(unsafe) let optimizer = try Optimizer(policy, configuration)
    nonisolated(unsafe) let ones = try Buffer<Float>(count: count)
    ones.pointer.update(repeating: 1, count: count)
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      for _ in 0..<500 {
        do {
          if thread == 0 {
            try optimizer.step(ones.pointer)
          } else {
            try policy.withParameters { parameters in
              if (1..<count).contains(where: { parameters[$0] != parameters[0] }) { Issue.record("part of an update") }
            }
          }
        } catch {
          Issue.record(error)
        }
      }
    }
    #expect(policy.parameters.pointer[0] == 500)
  }

  @Test func readersSeeTheMomentsOfOneMoment() throws {
    nonisolated(unsafe) let policy = try policy()
    try policy.normalizeObservations(limit: 10)
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      for round in 0..<500 {
        if thread == 0 {
          let number = Float(round)
          policy.normalizer?.merge([number, number, number, number], rows: 1) { _ in true }
        } else {
          try? policy.withMoments { moments in
            guard let means = moments?.means.elements, let variances = moments?.variances.elements else { return }
            if means.contains(where: { $0 != means[0] }) || variances.contains(where: { $0 != variances[0] }) {
              Issue.record("moments of two moments in time")
            }
          }
        }
      }
    }
    var count: Int64 = 0
    try policy.withMoments { count = $0?.count ?? 0 }
    #expect(count == 500)
  }

  @Test func passesAreBorrowedOneByOneAndGivenBack() throws {
    let pool = try policy().passes
    var passes: [PolicyPass] = []
    func nest(_ depth: Int) throws(Refusal) {
      try pool.withScratch { (pass, _) throws(Refusal) in
        passes.append(pass)
        if depth > 1 { try nest(depth - 1) }
      }
    }
    try nest(10)
    #expect(Set(passes.map(ObjectIdentifier.init)).count == 10)
    // A thread tries the slot first that it held last, so this need not be the first pass.
    try pool.withScratch { pass, _ in #expect(passes.contains { $0 === pass }) }
  }
}
