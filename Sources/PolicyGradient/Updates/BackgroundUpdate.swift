/// A thread that carries out the update of a learner. Nothing else may use the learner meanwhile.
final class BackgroundUpdate {
  private final class Outcome { var refusal: Refusal? }

  private let outcome: Outcome
  private let task: BackgroundTask

  /// Starts the thread.
  /// - Returns: `nil` if the system refuses one.
  init?(of learner: Learner) {
    let outcome = Outcome()
    let task = BackgroundTask { stop in
      do throws(Refusal) {
        _ = try learner.advance(.whileZero(stop))
      } catch {
        outcome.refusal = error
      }
    }
    guard let task else { return nil }
    self.outcome = outcome
    self.task = task
  }

  /// Waits for the thread.
  /// - Returns: Whether it has ended; otherwise the budget is used up.
  func wait(_ budget: TimeBudget) -> Bool { task.wait(budget) }

  /// Whether the thread did not survive a fork.
  var isLost: Bool { task.isLost }

  /// Why the update failed. Valid once the thread has ended.
  var refusal: Refusal? { outcome.refusal }
}
