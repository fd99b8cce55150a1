/// Numbers that the host sets between updates, in place of the configuration's and their schedules.
struct HostNumbers {
  var learningRate: Double?
  var clipRange: Double?
  var clipRangeValue: Double?
}

/// The numbers of one update that schedules, control loops and the host set.
struct ScheduledNumbers {
  let learningRate: Double
  let clipRange: Double
  let clipRangeValue: Double
  let entropyCoefficient: Double
  /// β of the KL penalty.
  let penalty: Double

  /// - Parameter remaining: The share of the training that remains, 1 to 0.
  init(_ configuration: AgentConfiguration, _ control: AdaptiveControl, _ host: HostNumbers, remaining: Double) {
    let schedule = configuration.learningRateSchedule
    let scheduledRate =
      schedule == .klAdaptive
      ? configuration.learningRate * control.rateFactor : schedule.value(configuration.learningRate, remaining)
    learningRate = host.learningRate ?? scheduledRate
    clipRange = host.clipRange ?? configuration.clipRangeSchedule.value(configuration.clipRange, remaining)
    clipRangeValue = host.clipRangeValue ?? configuration.clipRangeValue
    entropyCoefficient = configuration.entropySchedule.value(configuration.entropyCoefficient, remaining)
    penalty = control.penalty
  }
}
