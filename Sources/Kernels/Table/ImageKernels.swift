import KernelShims

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
