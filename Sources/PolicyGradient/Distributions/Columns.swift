/// Some columns of a row-major matrix, to write.
struct Columns {
  let base: UnsafeMutablePointer<Float>
  let stride: Int
}

/// Some columns of a row-major matrix, to read.
struct ReadColumns {
  let base: UnsafePointer<Float>
  let stride: Int
}

/// Some columns of a row-major matrix of flags: 1 for what is allowed.
struct MaskColumns {
  let base: UnsafePointer<UInt8>
  let stride: Int
}
