/// What ``PPO`` and ``SPO`` share: several epochs of minibatch steps on one rollout, with a surrogate that keeps the
/// policy near the one that collected it.
///
/// With `target_kl`, an update ends before the first minibatch whose KL estimate exceeds 1.5 times it. The defaults
/// equal PPO's in Stable-Baselines3.
protocol ProximalAlgorithm: Algorithm {}

extension ProximalAlgorithm {
  func setDefaults(_ configuration: inout AgentConfiguration) {}

  var collection: RolloutCollection { .steps }
  var estimators: [EstimatorKind] { [.gae, .vtrace] }
  var step: PolicyStep { .gradient }
  var passes: RolloutPasses { .minibatches }

  func endsUpdate(atDivergence divergence: Double, _ configuration: AgentConfiguration) -> Bool {
    configuration.targetKL > 0 && divergence > 1.5 * configuration.targetKL
  }
}
