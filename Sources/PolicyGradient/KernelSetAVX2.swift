import KernelsAVX2

extension KernelSet {
  /// For x86-64 processors with AVX2 and FMA alone; elsewhere the same as ``baseline``.
  package static let avx2 = avx2Kernels
}

// Outside the type, where the bare names are the functions and not the members; a C function pointer is formed from
// nothing else, and so each build's table has a file that imports that build alone.
private let avx2Kernels = KernelSet(
  name: "avx2",
  multiply: multiply,
  transpose: transpose,
  addColumnSums: addColumnSums,
  gatherRows: gatherRows,
  exponential: exponential,
  logarithm: logarithm,
  tanhForward: tanhForward,
  tanhBackward: tanhBackward,
  reluForward: reluForward,
  reluBackward: reluBackward,
  categoricalLogProbability: categoricalLogProbability,
  categoricalEntropy: categoricalEntropy,
  categoricalSample: categoricalSample,
  categoricalMode: categoricalMode,
  categoricalScore: categoricalScore,
  gaussianLogProbability: gaussianLogProbability,
  gaussianEntropy: gaussianEntropy,
  gaussianSample: gaussianSample,
  gaussianScore: gaussianScore,
  bernoulliLogProbability: bernoulliLogProbability,
  bernoulliEntropy: bernoulliEntropy,
  bernoulliSample: bernoulliSample,
  bernoulliScore: bernoulliScore,
  squashedLogProbability: squashedLogProbability,
  squashedEntropy: squashedEntropy,
  squashedSample: squashedSample,
  squashedMode: squashedMode,
  squashedScore: squashedScore,
  betaLogProbability: betaLogProbability,
  betaEntropy: betaEntropy,
  betaSample: betaSample,
  betaMode: betaMode,
  betaScore: betaScore,
  sgdStep: sgdStep,
  adamStep: adamStep,
  rmspropStep: rmspropStep,
  sum: sum,
  sumOfSquares: sumOfSquares,
  sumOfSquaredDeviations: sumOfSquaredDeviations,
  isFinite: isFinite,
  scale: scale,
  addScaled: addScaled,
  shiftAndScale: shiftAndScale,
  randomWords: randomWords,
  uniformDraws: uniformDraws,
  normalDraws: normalDraws,
  discountedReturns: discountedReturns,
  generalizedAdvantages: generalizedAdvantages)
