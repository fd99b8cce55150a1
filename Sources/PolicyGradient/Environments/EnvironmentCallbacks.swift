/// An environment of the host: its sizes and the C functions that run it. Each function receives `context` and returns
/// 0 for success.
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
  package typealias SaveState =
    @convention(c) (
      _ context: UnsafeMutableRawPointer?, _ bytes: UnsafeMutableRawPointer?, _ capacity: Int64,
      _ size: UnsafeMutablePointer<Int64>?
    ) -> Int32
  package typealias LoadState =
    @convention(c) (_ context: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ size: Int64) -> Int32
  package typealias Destroy = @convention(c) (_ context: UnsafeMutableRawPointer?) -> Void

  package let count: Int
  package let observationSize: Int
  /// Valid; the caller has checked them.
  package let parts: [ActionPart]
  package let context: UnsafeMutableRawPointer?
  package let reset: Reset
  package let step: Step
  /// Writes the masks of the current observations; `nil` if every choice is always allowed.
  package let masks: Masks?
  package let destroy: Destroy?
  /// Write and restore the state of all environments, for checkpoints; both are `nil` if the host cannot do it.
  package var saveState: SaveState?
  package var loadState: LoadState?

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
