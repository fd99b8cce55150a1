/// What all ranks together had counted at their last exchange.
struct RankProgress {
  private(set) var episodes: Int64 = 0
  /// Means over the last episodes of every rank.
  private(set) var meanReturn = Double.nan
  private(set) var meanLength = Double.nan
  /// This rank's own counters at that time.
  private var timestepsBefore: Int64 = 0
  private var episodesBefore: Int64 = 0

  /// Starts from the counters that are equal on all ranks.
  init(timesteps: Int64, _ record: EpisodeRecord) {
    (timestepsBefore, episodesBefore, episodes) = (timesteps, record.episodes, record.episodes)
    (meanReturn, meanLength) = (record.meanReturn, record.meanLength)
  }

  /// What this rank adds to the sums: timesteps and episodes since the last exchange, and the last episodes.
  func increments(timesteps: Int64, _ record: EpisodeRecord) -> [Double] {
    [
      Double(timesteps - timestepsBefore), Double(record.episodes - episodesBefore),
      Double(record.returns.count), record.returns.reduce(0, +), record.totalLength,
    ]
  }

  /// Takes the sums of the increments of all ranks.
  /// - Returns: The timesteps of all ranks.
  mutating func exchange(_ sums: [Double], ownEpisodes: Int64) -> Int64 {
    timestepsBefore += Int64(sums[0])
    episodes += Int64(sums[1])
    episodesBefore = ownEpisodes
    if sums[2] > 0 { (meanReturn, meanLength) = (sums[3] / sums[2], sums[4] / sums[2]) }
    return timestepsBefore
  }
}
