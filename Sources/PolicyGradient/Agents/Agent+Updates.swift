// Updates that are made while the agent acts, in pieces or in the background. The agent acts with the parameters before
// the update until a call of the host ends it, so the moment of the change does not depend on the speed of a thread.

extension Agent {
  /// Gives the unfinished update some time. When it is complete, the agent acts with the new parameters.
  ///
  /// - Parameter seconds: For anything above 0, at least one block of rows is computed.
  /// - Returns: Whether no update is unfinished.
  package func continueUpdate(seconds: Double) throws(Refusal) -> Bool {
    seconds > 0 ? try continueUpdate(.seconds(seconds)) : !learner.hasUpdate
  }

  /// Completes the unfinished update, if there is one.
  package func completeUpdate() throws(Refusal) { _ = try continueUpdate(.unlimited) }

  private func continueUpdate(_ budget: TimeBudget) throws(Refusal) -> Bool {
    guard learner.hasUpdate else { return true }
    guard background?.wait(budget) ?? true else { return false }
    let failure = endBackground()
    guard !learner.isAdvancing else { throw Learner.isUpdating }
    do throws(Refusal) {
      if let failure { throw failure }
      guard try learner.advance(budget) else { return false }
    } catch {
      learner.rollBack(error)
      throw error
    }
    lastUpdate = learner.commit()
    progress.updates += 1
    try exchangeProgress()
    return true
  }

  /// Starts the update on a thread. If the system refuses one, the update is left to the calls that complete it.
  func beginInBackground() throws(Refusal) {
    do throws(Refusal) {
      try learner.open()
    } catch {
      learner.rollBack(error)
      throw error
    }
    // Here, because the thread must not wait: this thread may write what readers read, such as the policy's note.
    policy.published.waitForReaders()
    background = BackgroundUpdate(of: learner)
    if background == nil { Log.report(.warning, "an update waits for its end: the system refused a thread for it") }
  }

  /// Called when the thread has ended.
  /// - Returns: Why the update failed, if it did.
  private func endBackground() -> Refusal? {
    defer { background = nil }
    guard let background, !background.isLost else {
      if background != nil { learner.restart() }
      return nil
    }
    return background.refusal
  }

  /// Stops the thread, and undoes the unfinished update.
  func abandonUpdate() {
    background = nil
    learner.rollBack(nil)
  }
}
