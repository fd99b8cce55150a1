import KernelShims

/// Work in numbered pieces, which may run at the same time on several threads. A value rather than a closure: a closure
/// that other threads call takes memory each time.
package protocol PoolJob {
  /// Runs one piece.
  func run(_ index: Int)
}

/// Threads that run the numbered pieces of a job. They start when first needed. Between jobs they spin briefly, then
/// sleep.
///
/// In a child of `fork` the threads do not exist; the pool detects this and starts new ones.
package final class WorkerPool {
  let threads: Int
  private var workers: WorkerThreads?

  /// - Parameter threads: How many threads, including the caller's; 1 to ``Limits/threads``.
  package init(threads: Int) {
    self.threads = threads
  }

  /// Runs each piece below `count` once, on any of the threads. Returns when all are done.
  package func run(_ count: Int, _ job: some PoolJob) {
    guard threads > 1, count > 1, let workers = startedWorkers() else {
      for index in 0..<count { job.run(index) }
      return
    }
    workers.run(count, job)
  }

  private func startedWorkers() -> WorkerThreads? {
    if let workers, workers.isAlive { return workers }
    workers = WorkerThreads(count: threads - 1)
    return workers
  }
}

/// The threads of a pool in one process, without the caller's.
private final class WorkerThreads {
  private let job: UnsafeMutablePointer<SharedJob>
  private let forks = kernel_atomic_load(Forks.count)
  private var threads: [pthread_t] = []

  var isAlive: Bool { forks == kernel_atomic_load(Forks.count) }

  init(count: Int) {
    job = .allocate(capacity: 1)
    job.initialize(to: SharedJob())
    pthread_mutex_init(&job.pointee.mutex, nil)
    pthread_cond_init(&job.pointee.workAvailable, nil)
    for _ in 0..<count {
      var thread = pthread_t()
      let started = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          SharedJob.runWorker(argument.assumingMemoryBound(to: SharedJob.self))
          return nil
        }, job)
      // Fewer threads than wanted do the same work in more time.
      guard started == 0 else {
        Log.report(
          .warning,
          "only \(threads.count + 1) of \(count + 1) threads work: the system refused another: \(String(cString: strerror(started)))"
        )
        break
      }
      threads.append(thread)
    }
  }

  deinit {
    // In a child of fork there are no threads to wait for, and a thread that no longer exists may hold the mutex.
    guard isAlive else { return }
    pthread_mutex_lock(&job.pointee.mutex)
    kernel_atomic_store(&job.pointee.isStopping, 1)
    pthread_cond_broadcast(&job.pointee.workAvailable)
    pthread_mutex_unlock(&job.pointee.mutex)
    for thread in threads { pthread_join(thread, nil) }
    pthread_cond_destroy(&job.pointee.workAvailable)
    pthread_mutex_destroy(&job.pointee.mutex)
    job.deinitialize(count: 1)
    job.deallocate()
  }

  func run<Work: PoolJob>(_ count: Int, _ work: Work) {
    withUnsafePointer(to: work) { work in
      job.pointee.type = Work.self
      job.pointee.work = UnsafeRawPointer(work)
      job.pointee.runPiece = { work, index in work.assumingMemoryBound(to: Work.self).pointee.run(index) }
      kernel_atomic_store(&job.pointee.finished, 0)
      kernel_atomic_store(&job.pointee.claims, Int64(count) << 32)
      if kernel_atomic_load(&job.pointee.sleeping) > 0 {
        pthread_mutex_lock(&job.pointee.mutex)
        pthread_cond_broadcast(&job.pointee.workAvailable)
        pthread_mutex_unlock(&job.pointee.mutex)
      }
      SharedJob.runPieces(job)
      while kernel_atomic_load(&job.pointee.finished) < Int64(count) { kernel_spin_hint() }
    }
  }
}

/// A job that the threads share. Every field is either atomic, or written only while no piece is left to claim.
private struct SharedJob {
  var mutex = pthread_mutex_t()
  var workAvailable = pthread_cond_t()
  var sleeping: Int64 = 0
  var isStopping: Int64 = 0
  /// The number of pieces (upper half) and of those that threads have claimed (lower half), read in one operation.
  var claims: Int64 = 0
  var finished: Int64 = 0
  /// A value of some type, and what runs a piece of it.
  var work: UnsafeRawPointer?
  /// The type. Swift's runtime makes the metadata of a generic type when it is first needed, which is here, before
  /// several threads need it: in a child of `fork`, a lock of the runtime that two threads want at once never opens.
  var type: (any PoolJob.Type)?
  var runPiece: ((_ work: UnsafeRawPointer, _ index: Int) -> Void)?

  static func hasUnclaimedPieces(_ job: UnsafeMutablePointer<SharedJob>) -> Bool {
    let claims = kernel_atomic_load(&job.pointee.claims)
    return claims & 0xFFFF_FFFF < claims >> 32
  }

  /// Claims and runs pieces until none is left.
  static func runPieces(_ job: UnsafeMutablePointer<SharedJob>) {
    while hasUnclaimedPieces(job) {
      let claims = kernel_atomic_add(&job.pointee.claims, 1)
      let index = claims & 0xFFFF_FFFF
      guard index < claims >> 32, let work = job.pointee.work, let runPiece = job.pointee.runPiece else { return }
      runPiece(work, Int(index))
      _ = kernel_atomic_add(&job.pointee.finished, 1)
    }
  }

  /// Seconds that a thread spins before it sleeps: longer than the gap between two minibatches, since waking a thread
  /// is slow.
  private static let spinSeconds = 0.000_5

  /// The main function of a thread.
  static func runWorker(_ job: UnsafeMutablePointer<SharedJob>) {
    while kernel_atomic_load(&job.pointee.isStopping) == 0 {
      runPieces(job)
      let deadline = MonotonicClock.now + spinSeconds
      while !hasUnclaimedPieces(job), MonotonicClock.now < deadline {
        for _ in 0..<32 where !hasUnclaimedPieces(job) { kernel_spin_hint() }
      }
      guard !hasUnclaimedPieces(job) else { continue }
      pthread_mutex_lock(&job.pointee.mutex)
      _ = kernel_atomic_add(&job.pointee.sleeping, 1)
      while !hasUnclaimedPieces(job), kernel_atomic_load(&job.pointee.isStopping) == 0 {
        pthread_cond_wait(&job.pointee.workAvailable, &job.pointee.mutex)
      }
      _ = kernel_atomic_add(&job.pointee.sleeping, -1)
      pthread_mutex_unlock(&job.pointee.mutex)
    }
  }
}
