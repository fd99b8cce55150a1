/// The numbers of one update that schedules and control loops set.
struct ScheduledNumbers {
  let learningRate: Double
  let clipRange: Double
  let entropyCoefficient: Double
  /// β of the KL penalty.
  let penalty: Double

  /// - Parameter remaining: The share of the training that remains, 1 to 0.
  init(_ configuration: AgentConfiguration, _ control: AdaptiveControl, remaining: Double) {
    let schedule = configuration.learningRateSchedule
    learningRate =
      schedule == .klAdaptive
      ? configuration.learningRate * control.rateFactor : schedule.value(configuration.learningRate, remaining)
    clipRange = configuration.clipRangeSchedule.value(configuration.clipRange, remaining)
    entropyCoefficient = configuration.entropySchedule.value(configuration.entropyCoefficient, remaining)
    penalty = control.penalty
  }
}
