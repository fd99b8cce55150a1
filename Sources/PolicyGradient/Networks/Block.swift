/// Rows that pass through a network together: few enough that what they leave stays in cache between the passes.
struct Block {
  let rows: Int
  /// rows × observation size, in the form that the networks read.
  let observations: UnsafePointer<Float>
}
