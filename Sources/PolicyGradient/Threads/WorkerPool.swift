import KernelShims

/// Threads that share out numbered pieces of work. They start when first needed, wait briefly in a loop and then park.
///
/// In a child of `fork` the threads do not exist; the pool detects this and starts new ones.
package final class WorkerPool {
  let threads: Int
  private var team: Team?

  /// - Parameter threads: Including the one that calls; 1 to ``Limits/threads``.
  package init(threads: Int) {
    self.threads = threads
  }

  /// Calls `body` once with each number below `count`, on any of the threads; returns when all calls have.
  package func run(_ count: Int, _ body: (Int) -> Void) {
    guard threads > 1, count > 1, let team = startedTeam() else {
      for index in 0..<count { body(index) }
      return
    }
    withoutActuallyEscaping(body) { team.run(count, $0) }
  }

  private func startedTeam() -> Team? {
    if let team, team.isAlive { return team }
    team = Team(helpers: threads - 1)
    return team
  }
}

/// The helpers of one process.
private final class Team {
  private let board: UnsafeMutablePointer<Board>
  private let process = getpid()
  private var helpers: [pthread_t] = []

  var isAlive: Bool { process == getpid() }

  init(helpers wanted: Int) {
    board = .allocate(capacity: 1)
    board.initialize(to: Board())
    pthread_mutex_init(&board.pointee.mutex, nil)
    pthread_cond_init(&board.pointee.wake, nil)
    for _ in 0..<wanted {
      var thread = pthread_t()
      let started = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Board.help(argument.assumingMemoryBound(to: Board.self))
          return nil
        }, board)
      // Fewer helpers than wanted do the same work in more time.
      guard started == 0 else { break }
      helpers.append(thread)
    }
  }

  deinit {
    // In a child of fork nobody is left to wait for, and the mutex may be held by a thread that is no more.
    guard isAlive else { return }
    pthread_mutex_lock(&board.pointee.mutex)
    kernel_atomic_store(&board.pointee.isOver, 1)
    pthread_cond_broadcast(&board.pointee.wake)
    pthread_mutex_unlock(&board.pointee.mutex)
    for helper in helpers { pthread_join(helper, nil) }
    pthread_cond_destroy(&board.pointee.wake)
    pthread_mutex_destroy(&board.pointee.mutex)
    board.deallocate()
  }

  func run(_ count: Int, _ body: @escaping (Int) -> Void) {
    withUnsafePointer(to: body) { body in
      board.pointee.body = body
      kernel_atomic_store(&board.pointee.finished, 0)
      kernel_atomic_store(&board.pointee.ticket, Int64(count) << 32)
      if kernel_atomic_load(&board.pointee.parked) > 0 {
        pthread_mutex_lock(&board.pointee.mutex)
        pthread_cond_broadcast(&board.pointee.wake)
        pthread_mutex_unlock(&board.pointee.mutex)
      }
      Board.work(board)
      while kernel_atomic_load(&board.pointee.finished) < Int64(count) { kernel_spin_hint() }
    }
  }
}

/// What the threads of a team share. Every field is either atomic or written while no ticket is out.
private struct Board {
  var mutex = pthread_mutex_t()
  var wake = pthread_cond_t()
  var parked: Int64 = 0
  var isOver: Int64 = 0
  /// How many pieces there are (upper half) and how many were taken (lower half), so that both are read at once.
  var ticket: Int64 = 0
  var finished: Int64 = 0
  var body: UnsafePointer<(Int) -> Void>?

  static func hasWork(_ board: UnsafeMutablePointer<Board>) -> Bool {
    let ticket = kernel_atomic_load(&board.pointee.ticket)
    return ticket & 0xFFFF_FFFF < ticket >> 32
  }

  /// Takes and does pieces until none is left.
  static func work(_ board: UnsafeMutablePointer<Board>) {
    while hasWork(board) {
      let ticket = kernel_atomic_add(&board.pointee.ticket, 1)
      let index = ticket & 0xFFFF_FFFF
      guard index < ticket >> 32, let body = board.pointee.body else { return }
      body.pointee(Int(index))
      _ = kernel_atomic_add(&board.pointee.finished, 1)
    }
  }

  /// Seconds that a helper looks for more work before it parks: longer than the gap between two minibatches, which
  /// would otherwise pay for its waking each time.
  private static let patience = 0.000_5

  /// The life of a helper.
  static func help(_ board: UnsafeMutablePointer<Board>) {
    while kernel_atomic_load(&board.pointee.isOver) == 0 {
      work(board)
      let giveUp = MonotonicClock.now + patience
      while !hasWork(board), MonotonicClock.now < giveUp {
        for _ in 0..<32 where !hasWork(board) { kernel_spin_hint() }
      }
      guard !hasWork(board) else { continue }
      pthread_mutex_lock(&board.pointee.mutex)
      _ = kernel_atomic_add(&board.pointee.parked, 1)
      while !hasWork(board), kernel_atomic_load(&board.pointee.isOver) == 0 {
        pthread_cond_wait(&board.pointee.wake, &board.pointee.mutex)
      }
      _ = kernel_atomic_add(&board.pointee.parked, -1)
      pthread_mutex_unlock(&board.pointee.mutex)
    }
  }
}
