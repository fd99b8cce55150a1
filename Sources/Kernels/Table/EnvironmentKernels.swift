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
