import Testing

@testable import PolicyGradient

struct StatisticsTests {
  @Test func meansAreOverTheLastHundredEpisodes() {
    var record = EpisodeRecord(environments: 2, window: 100)
    #expect(record.meanReturn.isNaN && record.meanLength.isNaN)
    record.step(0, reward: 1.5, ended: false)
    record.step(1, reward: 10, ended: true)
    record.step(0, reward: 2, ended: true)
    // Returns 10 and 3.5 of lengths 1 and 2.
    #expect(record.meanReturn == 6.75 && record.meanLength == 1.5 && record.episodes == 2)
    for number in 0..<150 { record.step(0, reward: Float(number), ended: true) }
    // The last hundred are 50, …, 149, of mean 99.5 and length 1.
    #expect(record.meanReturn == 99.5 && record.meanLength == 1 && record.episodes == 152)
  }

  @Test func whatIsUnderWayIsForgottenByARestart() {
    var record = EpisodeRecord(environments: 1, window: 100)
    record.step(0, reward: 100, ended: false)
    record.restart()
    record.step(0, reward: 1, ended: true)
    #expect(record.meanReturn == 1 && record.meanLength == 1)
  }

  @Test func theStepCounterOfAnEndlessEpisodeStaysAtItsMaximum() {
    let record = EpisodeRecord(environments: 1, window: 100)
    var progress = AgentProgress(
      updates: 0, timesteps: 0, draws: 0, episodeSteps: [.max - 1], isResetting: [false], record: record)
    for _ in 0..<3 { progress.step(0, reward: 0, ended: false) }
    #expect(progress.episodeSteps == [.max])
    progress.step(0, reward: 0, ended: true)
    #expect(progress.episodeSteps == [0])
  }

  @Test func statisticsWithoutDataAreNaN() throws {
    let policy = try randomPolicy(1, [ActionPart(.categorical, size: 2)], hidden: [], seed: 1)
    let statistics = try Agent(policy, AgentConfiguration(.ppo)).statistics
    #expect(statistics.updates == 0 && statistics.timesteps == 0 && statistics.episodes == 0)
    let update = statistics.update
    for number in [
      statistics.meanReturn, statistics.meanLength, statistics.timestepsPerSecond, update.policyLoss, update.valueLoss,
      update.entropy, update.approximateKL, update.clipFraction, update.explainedVariance, update.gradientNorm,
      update.learningRate, update.clipRange, update.seconds,
    ] {
      #expect(number.isNaN)
    }
  }
}
