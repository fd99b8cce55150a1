import KernelShims

/// Eight floats: one AVX2 register, or two of SSE or NEON.
typealias Vector = SIMD8<Float>
typealias Mask = SIMD8<Int32>

@inline(__always) func broadcast(_ value: Float) -> Vector { Vector(repeating: value) }

@inline(__always) func load(_ source: UnsafePointer<Float>) -> Vector { kernel_load8(source) }

/// The next eight floats, or the `count` that are left; the lanes after them hold `fill`.
@inline(__always) func loadPartial(_ source: UnsafePointer<Float>, _ count: Int, fill: Float = 0) -> Vector {
  count >= 8 ? kernel_load8(source) : kernel_load_partial8(source, count, fill)
}

@inline(__always) func store(_ value: Vector, _ destination: UnsafeMutablePointer<Float>) {
  kernel_store8(value, destination)
}

/// Writes eight lanes, or the first `count`.
@inline(__always) func storePartial(_ value: Vector, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
  storePartialBytes(value, destination, count)
}

/// The same to memory of any type.
@inline(__always) func storePartialBytes(_ value: Vector, _ destination: UnsafeMutableRawPointer, _ count: Int) {
  if count >= 8 {
    kernel_store8(value, destination)
  } else {
    kernel_store_partial8(value, destination, count)
  }
}

/// Eight floats `stride` apart, or the `count` (at least 1) that are left; the lanes after them repeat the last.
@inline(__always) func loadStrided(_ source: UnsafePointer<Float>, stride: Int, _ count: Int) -> Vector {
  // One row, as when one action is sampled, needs one load instead of eight.
  if count == 1 { return broadcast(source.pointee) }
  return count >= 8 ? kernel_load_strided8(source, stride, 8) : kernel_load_strided8(source, stride, count)
}

/// Writes eight lanes `stride` apart, or the first `count` (at least 1).
@inline(__always) func storeStrided(
  _ value: Vector, _ destination: UnsafeMutablePointer<Float>, stride: Int, _ count: Int
) {
  if count >= 8 {
    kernel_store_strided8(value, destination, stride, 8)
  } else {
    kernel_store_strided8(value, destination, stride, count)
  }
}

/// Writes eight lanes of a mask, or the first `count`, as flags of 0 and 1.
@inline(__always) func storeFlags(_ flags: Mask, _ destination: UnsafeMutablePointer<UInt8>, _ count: Int) {
  kernel_store_flags8(kernel_pack_flags8(flags), destination, count)
}

/// `accumulator + a * b`, rounded once in builds with a fused multiply-add. Other builds round twice: without the
/// instruction, a fused multiply-add is a slow library call.
@inline(__always) func fused(_ accumulator: Vector, _ a: Vector, _ b: Vector) -> Vector {
  #if FUSED
    kernel_fused8(accumulator, a, b)
  #else
    accumulator + a * b
  #endif
}

@inline(__always) func fused(_ accumulator: Vector, _ a: Vector, _ b: Float) -> Vector {
  fused(accumulator, a, broadcast(b))
}

@inline(__always) func fused(_ accumulator: Vector, _ a: Float, _ b: Vector) -> Vector {
  fused(accumulator, broadcast(a), b)
}

@inline(__always) func bits(_ value: Vector) -> Mask { unsafeBitCast(value, to: Mask.self) }
@inline(__always) func float(bits: Mask) -> Vector { unsafeBitCast(bits, to: Vector.self) }
