// The kernels of each kind of distribution.

extension KernelSet {
  /// Of choices, or of bits, given by logits.
  package struct Logits: Sendable {
    package let logProbability: @Sendable @convention(c) (Int, Int, Values, Int, Values, Int, Output) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Values, Int, Output) -> Void
    package let sample: @Sendable @convention(c) (Int, Int, Values, Int, Values, Output, Int, Output) -> Void
    package let score:
      @Sendable @convention(c) (Int, Int, Values, Int, Values, Int, Values, Values, Output, Int) -> Void
    package let divergence: @Sendable @convention(c) (Int, Int, Values, Int, Values, Int, Output) -> Void
    package let fisher: @Sendable @convention(c) (Int, Int, Values, Int, Output, Int) -> Void
  }

  /// Of normal columns.
  package struct Gaussian: Sendable {
    package let logProbability:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Values, Int, Output
      ) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Values, Int, Output) -> Void
    package let sample:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Values, Output, Int, Output
      ) -> Void
    package let score:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Values, Int, Values, Values, Output, Int, Output, Int
      ) -> Void
    package let divergence:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Values, Int, Values, Int, Output
      ) -> Void
    package let fisher: @Sendable @convention(c) (Int, Int, Values, Int, Output, Int, Values, Int, Output, Int) -> Void
  }

  /// Of normal columns brought between bounds by tanh.
  package struct Squashed: Sendable {
    package let logProbability:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Double, Double, Double, Double, Values, Int, Output
      ) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Values, Int, Values, Int, Double, Double, Output) -> Void
    package let drawLogProbability:
      @Sendable @convention(c) (Int, Int, Values, Int, Values, Int, Double, Values, Int, Output) -> Void
    package let sample:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Double, Values, Output, Int, Output
      ) -> Void
    package let mode: @Sendable @convention(c) (Int, Int, Values, Int, Double, Double, Output, Int) -> Void
    package let drawScore:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Values, Int, Values, Values, Output, Int, Output, Int
      ) -> Void
    package let score:
      @Sendable @convention(c) (
        Int, Int, Values, Int, Values, Int, Double, Double, Double, Double, Values, Int, Values, Values, Output, Int,
        Output, Int
      ) -> Void
  }

  /// Of columns between bounds.
  package struct Beta: Sendable {
    package let logProbability:
      @Sendable @convention(c) (
        Int, Int, Values, Values, Int, Double, Double, Double, Double, Values, Int, Output
      ) -> Void
    package let entropy: @Sendable @convention(c) (Int, Int, Values, Values, Int, Double, Double, Output) -> Void
    package let sample:
      @Sendable @convention(c) (
        UInt64, Int, UInt64, Int, Int, Int, Values, Values, Int, Double, Double, Double, Double, Output, Int, Output
      ) -> Void
    package let mode: @Sendable @convention(c) (Int, Int, Values, Values, Int, Double, Double, Output, Int) -> Void
    package let score:
      @Sendable @convention(c) (
        Int, Int, Values, Values, Int, Double, Double, Double, Double, Values, Int, Values, Values, Output, Output, Int
      ) -> Void
    package let divergence:
      @Sendable @convention(c) (
        Int, Int, Values, Values, Int, Values, Values, Int, Output
      ) -> Void
    package let fisher: @Sendable @convention(c) (Int, Int, Values, Values, Int, Output, Output, Int) -> Void
  }
}
