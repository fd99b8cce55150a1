/// The statistics that an agent reports.
extension Agent {
  package var statistics: Statistics {
    Statistics(
      updates: progress.updates, timesteps: progress.timesteps, episodes: progress.record.episodes,
      meanReturn: progress.record.meanReturn, meanLength: progress.record.meanLength, update: lastUpdate,
      timestepsPerSecond: clock.rate(at: progress.timesteps))
  }

  package var timesteps: Int64 { progress.timesteps }
}
