/// NPG: one step along the natural gradient. Its length makes the KL divergence, to second order, equal to `target_kl`.
/// Then the value function is fitted in minibatches.
///
///     θ ← θ + √(2δ / gᵀF⁻¹g) F⁻¹ g,   F = E[ ∇θ log π ∇θ log πᵀ ]
///
/// - Source: Kakade, "A natural policy gradient" (2001); Rajeswaran, Lowrey, Todorov & Kakade, "Towards generalization
///   and simplicity in continuous control" (2017), for the length.
struct NPG: NaturalAlgorithm {
  var step: PolicyStep { .naturalGradient(isSearched: false) }
}
