/// A gradient as a sum over rows and a factor: 1/rows for a mean.
///
/// The factor is applied last, after the sums of all shards are added.
struct Gradient {
  let sum: UnsafePointer<Float>
  let scale: Float
}
