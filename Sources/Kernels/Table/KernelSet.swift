import KernelShims

/// One build of the kernels, as function pointers. All builds give the same results up to rounding.
///
/// The functions are documented at their definitions, which have the names of the fields: `gaussian.score` is
/// `gaussianScore`.
package struct KernelSet: Sendable {
  package typealias Values = UnsafePointer<Float>
  package typealias Output = UnsafeMutablePointer<Float>
  package typealias Flags = UnsafePointer<UInt8>

  package typealias Multiply = @Sendable @convention(c) (UnsafePointer<MatrixProduct>) -> Void
  package typealias MultiplyThroughSlope = @Sendable @convention(c) (UnsafePointer<MatrixProduct>, Values) -> Void
  package typealias Transpose = @Sendable @convention(c) (Int, Int, Rows, MutableRows) -> Void
  package typealias AddColumnSums = @Sendable @convention(c) (Int, Int, Rows, Output) -> Void
  package typealias GatherRows =
    @Sendable @convention(c) (
      Int, Int, Rows, UnsafePointer<Int32>, MutableRows
    ) -> Void

  package typealias Map = @Sendable @convention(c) (Values, Output, Int) -> Void
  package typealias MapInPlace = @Sendable @convention(c) (Output, Int) -> Void

  package typealias LayerNormForward =
    @Sendable @convention(c) (
      Int, Int, Output, Output, Values, Values, Output
    ) -> Void
  package typealias LayerNormBackward =
    @Sendable @convention(c) (
      Int, Int, Values, Values, Values, Output, Output, Output
    ) -> Void
  package typealias LayerNormTangent =
    @Sendable @convention(c) (
      Int, Int, Values, Values, Values, Values, Values, Output
    ) -> Void

  package typealias GRUForward = @Sendable @convention(c) (Int, Int, Output, Values, Values, Output) -> Void
  package typealias GRUBackward =
    @Sendable @convention(c) (
      Int, Int, Output, Output, Values, Values?, Flags?, Output
    ) -> Void
  package typealias GRUTangent =
    @Sendable @convention(c) (
      Int, Int, Values, Values, Values, Values, Values, Values, Output
    ) -> Void
  package typealias LSTMForward =
    @Sendable @convention(c) (
      Int, Int, Output, Values, MutableRows, Output, Output
    ) -> Void
  package typealias LSTMBackward =
    @Sendable @convention(c) (
      Int, Int, Output, Output, Values, Values?, Values?, Flags?, Values
    ) -> Void
  package typealias LSTMTangent =
    @Sendable @convention(c) (
      Int, Int, Values, Values, Values, Values, Output, Output
    ) -> Void

  package typealias CategoricalMode = @Sendable @convention(c) (Int, Int, Rows, MutableRows) -> Void

  package typealias SGDStep = @Sendable @convention(c) (Output, Output, Values, Int, Float, Float, Float) -> Void
  package typealias AdamStep =
    @Sendable @convention(c) (
      Output, Output, Output, Values, Int, Float, Float, Float, Float, Float, Float, Float
    ) -> Void
  package typealias RMSPropStep =
    @Sendable @convention(c) (
      Output, Output, Values, Int, Float, Float, Float, Float, Float
    ) -> Void

  package typealias Sum = @Sendable @convention(c) (Values, Int) -> Double
  package typealias SumOfDeviations = @Sendable @convention(c) (Values, Int, Double) -> Double
  package typealias IsFinite = @Sendable @convention(c) (Values, Int) -> Bool
  package typealias AreFlags = @Sendable @convention(c) (Flags, Int) -> Bool
  package typealias AreChoices = @Sendable @convention(c) (Int, Rows, Float) -> Bool
  package typealias LargestFinalValue = @Sendable @convention(c) (Values, Flags, Flags, Int) -> Float
  package typealias Scale = @Sendable @convention(c) (Output, Int, Float) -> Void
  package typealias AddScaled = @Sendable @convention(c) (Output, Values, Float, Int) -> Void
  package typealias ShiftAndScale = @Sendable @convention(c) (Output, Int, Float, Float) -> Void

  package typealias RandomWords =
    @Sendable @convention(c) (
      UInt64, Int, UInt64, Int, Int, Int, UnsafeMutablePointer<UInt32>
    ) -> Void
  package typealias Draws = @Sendable @convention(c) (UInt64, Int, UInt64, Int, Int, Int, Output) -> Void

  package typealias DiscountedReturns =
    @Sendable @convention(c) (
      Int, Int, Int, Values, Flags?, Flags?, Values?, Double, UnsafeMutablePointer<Double>, Output
    ) -> Void
  package typealias LongAdvantages =
    @Sendable @convention(c) (
      Int, Int, Int, Values, Values, Flags, Flags, Values?, Values, Double, Double, UnsafeMutablePointer<Double>, Output
    ) -> Void
  package typealias GeneralizedAdvantages =
    @Sendable @convention(c) (
      Int, Int, Values, Values, Flags, Flags, Values?, Values, Float, Float, Output
    ) -> Void

  package typealias EpisodeUniforms =
    @Sendable @convention(c) (
      UInt64, Int, Int, Int, Int, Int, UnsafePointer<Int32>, UnsafePointer<UInt64>, UnsafeMutablePointer<Double>, Int
    ) -> Void
  package typealias AdvanceEpisodes =
    @Sendable @convention(c) (
      Int, Int, Int32, UnsafeMutablePointer<Int32>, Flags, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int32>
    ) -> Int

  /// "avx512", "avx2" or "baseline".
  package let name: String

  package let multiply: Multiply
  package let multiplyRelu: Multiply
  package let multiplyThroughRelu: MultiplyThroughSlope
  package let multiplyThroughTanh: MultiplyThroughSlope
  package let transpose: Transpose
  package let addColumnSums: AddColumnSums
  package let gatherRows: GatherRows
  package let packPanels: PackPanels
  package let multiplyPatches: MultiplyPatches
  package let multiplyPatchesRelu: MultiplyPatches
  package let addTransposedPatches: AddTransposedPatches
  package let addToPatches: AddToPatches
  package let packBytes: PackBytes
  package let unpackBytes: UnpackBytes
  package let maxPoolForward: MaxPoolForward
  package let maxPoolBackward: MaxPoolBackward
  package let maxPoolTangent: MaxPoolTangent
  package let mapExponential: Map
  package let mapLogarithm: Map
  package let tanhForward: MapInPlace
  package let tanhBackward: Map
  package let reluForward: MapInPlace
  package let reluBackward: Map
  package let eluForward: MapInPlace
  package let eluBackward: Map
  package let siluForward: Map
  package let siluBackward: Map
  package let geluForward: Map
  package let geluBackward: Map
  package let layerNormForward: LayerNormForward
  package let layerNormBackward: LayerNormBackward
  package let layerNormTangent: LayerNormTangent
  package let gruForward: GRUForward
  package let gruBackward: GRUBackward
  package let gruTangent: GRUTangent
  package let lstmForward: LSTMForward
  package let lstmBackward: LSTMBackward
  package let lstmTangent: LSTMTangent
  package let categorical: Logits
  package let categoricalMode: CategoricalMode
  package let bernoulli: Logits
  package let gaussian: Gaussian
  package let squashed: Squashed
  package let beta: Beta
  package let sgdStep: SGDStep
  package let adamStep: AdamStep
  package let rmspropStep: RMSPropStep
  package let sum: Sum
  package let sumOfSquares: Sum
  package let sumOfSquaredDeviations: SumOfDeviations
  package let isFinite: IsFinite
  package let largestMagnitude: @Sendable @convention(c) (Values, Int) -> Float
  package let areFlags: AreFlags
  package let areChoices: AreChoices
  package let largestFinalValue: LargestFinalValue
  package let scale: Scale
  package let writeScaled: AddScaled
  package let addScaled: AddScaled
  package let shiftAndScale: ShiftAndScale
  package let randomWords: RandomWords
  package let uniformDraws: Draws
  package let normalDraws: Draws
  package let discountedReturns: DiscountedReturns
  package let generalizedAdvantages: GeneralizedAdvantages
  package let longAdvantages: LongAdvantages
  package let episodeUniforms: EpisodeUniforms
  package let advanceEpisodes: AdvanceEpisodes
  package let cartPole: EnvironmentKernels
  package let pendulum: EnvironmentKernels
  package let acrobot: EnvironmentKernels
  package let mountainCar: EnvironmentKernels
  package let mountainCarContinuous: EnvironmentKernels
}
