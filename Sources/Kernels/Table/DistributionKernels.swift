import KernelShims

// The kernels of each kind of distribution.

extension KernelSet {
  /// Kernels of choices, or of bits, given by logits.
  package struct Logits: Sendable {
    package let logProbability: @Sendable @convention(c) (Int, Int, Rows, Rows, Output) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Rows, Output) -> Void
    package let sample: @Sendable @convention(c) (Int, Int, Rows, Values, MutableRows, Output) -> Void
    package let score: @Sendable @convention(c) (Int, Int, Rows, Rows, Values, Values, MutableRows) -> Void
    package let divergence: @Sendable @convention(c) (Int, Int, Rows, Rows, Output) -> Void
    package let fisher: @Sendable @convention(c) (Int, Int, Rows, MutableRows) -> Void
  }

  /// Kernels of normal columns.
  package struct Gaussian: Sendable {
    package let logProbability:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Rows, Output
      ) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Rows, Output) -> Void
    package let sample:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Values, MutableRows, Output
      ) -> Void
    package let score:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Rows, Values, Values, MutableRows, MutableRows
      ) -> Void
    package let divergence:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Rows, Rows, Output
      ) -> Void
    package let fisher: @Sendable @convention(c) (Int, Int, Rows, MutableRows, Rows, MutableRows) -> Void
  }

  /// Kernels of normal columns that tanh squashes into bounds.
  package struct Squashed: Sendable {
    package let logProbability:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Double, Double, Double, Double, Rows, Output
      ) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Rows, Rows, Double, Double, Output) -> Void
    package let drawLogProbability: @Sendable @convention(c) (Int, Int, Rows, Rows, Double, Rows, Output) -> Void
    package let sample:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Double, Values, MutableRows, Output
      ) -> Void
    package let mode: @Sendable @convention(c) (Int, Int, Rows, Double, Double, MutableRows) -> Void
    package let drawScore:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Rows, Values, Values, MutableRows, MutableRows
      ) -> Void
    package let score:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Double, Double, Double, Double, Rows, Values, Values, MutableRows,
        MutableRows
      ) -> Void
  }

  /// Kernels of beta columns between bounds.
  package struct Beta: Sendable {
    package let logProbability:
      @Sendable @convention(c) (
        Int, Int, Rows, Double, Double, Double, Double, Rows, Output
      ) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Rows, Double, Double, Output) -> Void
    package let sample:
      @Sendable @convention(c) (
        UInt64, Int, UInt64, Int, Int, Int, Rows, Double, Double, Double, Double, MutableRows, Output
      ) -> Void
    package let mode: @Sendable @convention(c) (Int, Int, Rows, Double, Double, MutableRows) -> Void
    package let score:
      @Sendable @convention(c) (
        Int, Int, Rows, Double, Double, Double, Double, Rows, Values, Values, MutableRows
      ) -> Void
    package let divergence:
      @Sendable @convention(c) (
        Int, Int, Rows, Rows, Output
      ) -> Void
    package let fisher: @Sendable @convention(c) (Int, Int, Rows, MutableRows) -> Void
  }
}
