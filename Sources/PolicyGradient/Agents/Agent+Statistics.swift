/// The statistics that an agent reports.
extension Agent {
  package var statistics: Statistics {
    let (record, ranks) = (progress.record, progress.ranks)
    return Statistics(
      updates: progress.updates, timesteps: progress.timesteps, episodes: ranks?.episodes ?? record.episodes,
      meanReturn: ranks?.meanReturn ?? record.meanReturn, meanLength: ranks?.meanLength ?? record.meanLength,
      update: lastUpdate,
      timestepsPerSecond: clock.rate(at: progress.timesteps))
  }

  package var timesteps: Int64 { progress.timesteps }
}
