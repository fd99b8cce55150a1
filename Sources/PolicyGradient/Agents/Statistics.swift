/// The progress of an agent; NaN where there is no value. The C header states what each number means.
package struct Statistics: Sendable {
  package var updates: Int64 = 0
  package var timesteps: Int64 = 0
  package var episodes: Int64 = 0
  package var meanReturn = Double.nan
  package var meanLength = Double.nan
  package var update = UpdateStatistics()
  package var timestepsPerSecond = Double.nan
}

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
