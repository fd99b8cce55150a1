/// What stays the same over all epochs of one update: every schedule's number of now.
struct UpdatePlan {
  let isPPO: Bool
  let epochs: Int
  /// Whether values are learned apart, after a step along the natural gradient.
  let isNatural: Bool
  let learningRate: Double
  let entropyCoefficient: Double
  let weighting: any ScoreWeighting
  /// The trajectories that the score is a mean over, where it is not one over rows.
  let trajectories: Int?
  /// The numbers of now, to be told.
  let statistics: UpdateStatistics

  init(_ configuration: AgentConfiguration, _ control: AdaptiveControl, trajectories: Int, remaining: Double) {
    isPPO = configuration.algorithm == .ppo
    isNatural = configuration.algorithm.isNatural
    epochs = isPPO || isNatural ? configuration.epochs : 1
    let schedule = configuration.learningRateSchedule
    learningRate =
      schedule == .klAdaptive
      ? configuration.learningRate * control.rateFactor : schedule.value(configuration.learningRate, remaining)
    entropyCoefficient = configuration.entropySchedule.value(configuration.entropyCoefficient, remaining)
    let clipRange = configuration.clipRangeSchedule.value(configuration.clipRange, remaining)
    let isPenalized = configuration.surrogate == .klPenalty
    if isPPO {
      weighting =
        isPenalized
        ? PenalizedSurrogate(coefficient: Float(control.penalty), clipRange: Float(clipRange))
        : ClippedSurrogate(clipRange: Float(clipRange))
    } else {
      weighting = isNatural ? RatioSurrogate() : PlainScore()
    }
    self.trajectories = configuration.algorithm == .reinforce ? trajectories : nil
    var statistics = UpdateStatistics()
    statistics.learningRate = learningRate
    statistics.entropyCoefficient = entropyCoefficient
    if isPPO { statistics.clipRange = clipRange }
    if isPPO, isPenalized { statistics.klCoefficient = control.penalty }
    self.statistics = statistics
  }
}
