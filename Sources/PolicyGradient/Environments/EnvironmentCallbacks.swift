/// A world of the host's own: what it is, and the C functions that run it. Each function receives `context`, and
/// answers 0 for success.
package struct EnvironmentCallbacks {
  package typealias Reset =
    @convention(c) (
      _ context: UnsafeMutableRawPointer?, _ seed: UInt64, _ observations: UnsafeMutablePointer<Float>?
    ) -> Int32
  package typealias Step =
    @convention(c) (
      _ context: UnsafeMutableRawPointer?, _ actions: UnsafePointer<Float>?, _ rewards: UnsafeMutablePointer<Float>?,
      _ terminated: UnsafeMutablePointer<UInt8>?, _ truncated: UnsafeMutablePointer<UInt8>?,
      _ nextObservations: UnsafeMutablePointer<Float>?, _ finalObservations: UnsafeMutablePointer<Float>?
    ) -> Int32
  package typealias Masks =
    @convention(c) (_ context: UnsafeMutableRawPointer?, _ masks: UnsafeMutablePointer<UInt8>?) -> Int32
  package typealias Destroy = @convention(c) (_ context: UnsafeMutableRawPointer?) -> Void

  package let count: Int
  package let observationSize: Int
  /// Already found valid.
  package let parts: [ActionPart]
  package let context: UnsafeMutableRawPointer?
  package let reset: Reset
  package let step: Step
  /// Writes which choices the current observations allow; `nil` if every choice always is.
  package let masks: Masks?
  package let destroy: Destroy?

  package init(
    count: Int, observationSize: Int, parts: [ActionPart], context: UnsafeMutableRawPointer?,
    reset: @escaping Reset, step: @escaping Step, masks: Masks? = nil, destroy: Destroy?
  ) {
    self.count = count
    self.observationSize = observationSize
    self.parts = parts
    self.context = context
    self.reset = reset
    self.step = step
    self.masks = masks
    self.destroy = destroy
  }
}
