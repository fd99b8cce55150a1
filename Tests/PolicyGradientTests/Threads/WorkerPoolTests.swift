import Foundation
import Testing

@testable import PolicyGradient

struct WorkerPoolTests {
  private struct Pieces: PoolJob {
    let body: (Int) -> Void

    init(_ body: @escaping (Int) -> Void) { self.body = body }

    func run(_ index: Int) { body(index) }
  }

  /// Whether `pool` calls with each number below `count` once. Each number has a place of its own, so no two threads
  /// write to the same.
  private static func callsEachOnce(_ pool: WorkerPool, _ count: Int) -> Bool {
    let calls = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
    calls.initialize(repeating: 0, count: max(count, 1))
    defer { calls.deallocate() }
    pool.run(count, Pieces { calls[$0] += 1 })
    return (0..<count).allSatisfy { calls[$0] == 1 }
  }

  /// How many threads do the work, where each piece takes long enough for others to take the next.
  private static func threadsAtWork(_ pool: WorkerPool) -> Int {
    let threads = UnsafeMutablePointer<pthread_t>.allocate(capacity: 12)
    defer { threads.deallocate() }
    pool.run(
      12,
      Pieces {
        threads[$0] = pthread_self()
        // On a busy machine a helper may start late.
        usleep(10_000)
      })
    return Set((0..<12).map { threads[$0] }).count
  }

  @Test func helpersTakePartUpToTheirNumber() {
    #expect(WorkerPoolTests.threadsAtWork(WorkerPool(threads: 1)) == 1)
    #expect((2...3).contains(WorkerPoolTests.threadsAtWork(WorkerPool(threads: 3))))
  }

  @Test(arguments: [1, 2, 3, 8])
  func everyNumberIsCalledOnce(threads: Int) {
    let pool = WorkerPool(threads: threads)
    for round in 0..<2_000 {
      guard WorkerPoolTests.callsEachOnce(pool, round % 19) else {
        Issue.record("round \(round)")
        return
      }
    }
  }

  @Test func workWaitsForHelpersThatHaveParked() {
    let pool = WorkerPool(threads: 4)
    for _ in 0..<5 {
      #expect(WorkerPoolTests.callsEachOnce(pool, 16))
      // Far longer than helpers wait in a loop.
      usleep(20_000)
    }
  }

  @Test func poolsDoNotDisturbEachOther() {
    let results = UnsafeMutablePointer<Bool>.allocate(capacity: 6)
    defer { results.deallocate() }
    nonisolated(unsafe) let places = results
    DispatchQueue.concurrentPerform(iterations: 6) { index in
      let pool = WorkerPool(threads: 1 + index % 4)
      places[index] = (0..<300).allSatisfy { WorkerPoolTests.callsEachOnce(pool, 1 + $0 % 11) }
    }
    #expect((0..<6).allSatisfy { results[$0] })
  }

  @Test func poolsComeAndGo() {
    for round in 0..<200 { #expect(WorkerPoolTests.callsEachOnce(WorkerPool(threads: 3), 1 + round % 8)) }
  }

  @Test(arguments: [false, true])
  func aChildOfForkStartsHelpersOfItsOwn(isStartedBefore: Bool) throws {
    // Swift hides fork, whose child may do little; here it may, since it does nothing but what is tested.
    let symbol = try #require(dlsym(nil, "fork"))
    let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
    var pool: WorkerPool? = WorkerPool(threads: 3)
    if isStartedBefore, let pool { #expect(WorkerPoolTests.callsEachOnce(pool, 8)) }
    let child = fork()
    if child == 0 {
      guard let started = pool else { _exit(2) }
      let isWhole = (0..<100).allSatisfy { WorkerPoolTests.callsEachOnce(started, $0 % 9) }
      let isHelped = WorkerPoolTests.threadsAtWork(started) > 1
      // Letting go waits for the child's helpers and not for the parent's, which are no more.
      pool = nil
      _exit(isWhole && isHelped ? 0 : 1)
    }
    #expect(child > 0)
    // A child that hangs is ended after 20 seconds, and fails by its status.
    var (status, waited): (Int32, Int) = (-1, 0)
    while waitpid(child, &status, WNOHANG) == 0 {
      usleep(10_000)
      waited += 1
      if waited == 2_000 { kill(child, SIGKILL) }
    }
    #expect(status == 0)
    if let pool { #expect(WorkerPoolTests.callsEachOnce(pool, 8)) }
  }
}
