/// A gradient as a sum over rows and what it is multiplied by: one over their number for a mean.
///
/// Sums of shards add up to the same bits in any grouping that keeps their order, so the division comes last.
struct Gradient {
  let sum: UnsafePointer<Float>
  let scale: Float
}
