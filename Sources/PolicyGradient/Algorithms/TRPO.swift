/// TRPO: the step of ``NPG``, shortened until the surrogate has risen and the mean KL divergence is at most
/// `target_kl`.
///
/// The defaults are the same as in Stable-Baselines3 Contrib.
/// - Source: Schulman, Levine, Moritz, Jordan & Abbeel, "Trust region policy optimization" (2015).
struct TRPO: NaturalAlgorithm {
  var step: PolicyStep { .naturalGradient(isSearched: true) }
}
