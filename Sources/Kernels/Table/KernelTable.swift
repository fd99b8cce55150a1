import KernelShims

/// The kernels of this build. A C function pointer can only be made from a function's name, so each build has its own
/// table.
package let kernelTable = KernelSet(
  name: buildName,
  multiply: multiply,
  multiplyRelu: multiplyRelu,
  multiplyThroughRelu: multiplyThroughRelu,
  multiplyThroughTanh: multiplyThroughTanh,
  transpose: transpose,
  addColumnSums: addColumnSums,
  gatherRows: gatherRows,
  packPanels: packPanels,
  multiplyPatches: multiplyPatches,
  multiplyPatchesRelu: multiplyPatchesRelu,
  addTransposedPatches: addTransposedPatches,
  addToPatches: addToPatches,
  packBytes: packBytes,
  unpackBytes: unpackBytes,
  maxPoolForward: maxPoolForward,
  maxPoolBackward: maxPoolBackward,
  maxPoolTangent: maxPoolTangent,
  mapExponential: mapExponential,
  mapLogarithm: mapLogarithm,
  tanhForward: tanhForward,
  tanhBackward: tanhBackward,
  reluForward: reluForward,
  reluBackward: reluBackward,
  eluForward: eluForward,
  eluBackward: eluBackward,
  siluForward: siluForward,
  siluBackward: siluBackward,
  geluForward: geluForward,
  geluBackward: geluBackward,
  layerNormForward: layerNormForward,
  layerNormBackward: layerNormBackward,
  layerNormTangent: layerNormTangent,
  gruForward: gruForward,
  gruBackward: gruBackward,
  gruTangent: gruTangent,
  lstmForward: lstmForward,
  lstmBackward: lstmBackward,
  lstmTangent: lstmTangent,
  categorical: KernelSet.Logits(
    logProbability: categoricalLogProbability, entropy: categoricalEntropy, sample: categoricalSample,
    score: categoricalScore, divergence: categoricalDivergence, fisher: categoricalFisher),
  categoricalMode: categoricalMode,
  bernoulli: KernelSet.Logits(
    logProbability: bernoulliLogProbability, entropy: bernoulliEntropy, sample: bernoulliSample,
    score: bernoulliScore, divergence: bernoulliDivergence, fisher: bernoulliFisher),
  gaussian: KernelSet.Gaussian(
    logProbability: gaussianLogProbability, entropy: gaussianEntropy, sample: gaussianSample, score: gaussianScore,
    divergence: gaussianDivergence, fisher: gaussianFisher),
  squashed: KernelSet.Squashed(
    logProbability: squashedLogProbability, entropy: squashedEntropy,
    drawLogProbability: squashedDrawLogProbability, sample: squashedSample, mode: squashedMode,
    drawScore: squashedDrawScore, score: squashedScore),
  beta: KernelSet.Beta(
    logProbability: betaLogProbability, entropy: betaEntropy, sample: betaSample, mode: betaMode, score: betaScore,
    divergence: betaDivergence, fisher: betaFisher),
  sgdStep: sgdStep,
  adamStep: adamStep,
  rmspropStep: rmspropStep,
  sum: sum,
  sumOfSquares: sumOfSquares,
  sumOfSquaredDeviations: sumOfSquaredDeviations,
  isFinite: isFinite,
  largestMagnitude: largestMagnitude,
  areFlags: areFlags,
  areChoices: areChoices,
  largestFinalValue: largestFinalValue,
  scale: scale,
  writeScaled: writeScaled,
  addScaled: addScaled,
  shiftAndScale: shiftAndScale,
  randomWords: randomWords,
  uniformDraws: uniformDraws,
  normalDraws: normalDraws,
  discountedReturns: discountedReturns,
  generalizedAdvantages: generalizedAdvantages,
  longAdvantages: longAdvantages,
  episodeUniforms: episodeUniforms,
  advanceEpisodes: advanceEpisodes,
  cartPole: EnvironmentKernels(begin: cartPoleBegin, step: cartPoleStep, observe: cartPoleObserve),
  pendulum: EnvironmentKernels(begin: pendulumBegin, step: pendulumStep, observe: pendulumObserve),
  acrobot: EnvironmentKernels(begin: acrobotBegin, step: acrobotStep, observe: acrobotObserve),
  mountainCar: EnvironmentKernels(begin: mountainCarBegin, step: mountainCarStep, observe: mountainCarObserve),
  mountainCarContinuous: EnvironmentKernels(
    begin: mountainCarBegin, step: mountainCarContinuousStep, observe: mountainCarObserve))

#if SIXTEEN_LANES
  private let buildName = "avx512"
#elseif FUSED
  private let buildName = "avx2"
#else
  private let buildName = "baseline"
#endif

/// The kernels of one kind of environment: initial states, steps and observations.
package struct EnvironmentKernels: Sendable {
  package typealias States = UnsafeMutablePointer<Double>
  package typealias Begin = @Sendable @convention(c) (Int, States, Int) -> Void
  package typealias Step =
    @Sendable @convention(c) (
      Int, States, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<UInt8>
    ) -> Void
  package typealias Observe =
    @Sendable @convention(c) (Int, UnsafePointer<Double>, Int, UnsafeMutablePointer<Float>) -> Void

  package let begin: Begin
  package let step: Step
  package let observe: Observe
}

extension KernelSet {
  package typealias PackPanels = @Sendable @convention(c) (Int, Int, Rows, Output) -> Void
  package typealias MultiplyPatches = @Sendable @convention(c) (UnsafePointer<PatchProduct>) -> Void
  package typealias AddTransposedPatches =
    @Sendable @convention(c) (
      Int, Int, UnsafePointer<Patches>, Rows, MutableRows
    ) -> Void
  package typealias AddToPatches = @Sendable @convention(c) (Int, UnsafePointer<Patches>, Rows) -> Void

  package typealias PackBytes = @Sendable @convention(c) (Values, Int, UnsafeMutableRawPointer) -> Void
  package typealias UnpackBytes = @Sendable @convention(c) (UnsafeRawPointer, Int, Output) -> Void

  package typealias MaxPoolForward = @Sendable @convention(c) (Int, UnsafePointer<Windows>, Values, Output) -> Void
  package typealias MaxPoolBackward =
    @Sendable @convention(c) (
      Int, UnsafePointer<Windows>, Values, Values, Values, Output
    ) -> Void
  package typealias MaxPoolTangent =
    @Sendable @convention(c) (
      Int, UnsafePointer<Windows>, Values, Values, Values, Output
    ) -> Void
}
