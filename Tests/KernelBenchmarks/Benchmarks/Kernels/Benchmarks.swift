import Benchmark

/// What the driver runs: every kernel of the hot path, in the sizes of a policy 17-64-64-6 and in a few others.
let benchmarks: @Sendable () -> Void = {
  registerProducts()
  registerActivations()
  registerDistributions()
  registerRollouts()
  registerUpdates()
  registerRecurrentLayers()
}
