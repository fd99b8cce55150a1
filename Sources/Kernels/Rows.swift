import KernelShims

extension Rows {
  @inline(__always) func row(_ index: Int) -> UnsafePointer<Float> { base + index * stride }
}

extension MutableRows {
  @inline(__always) func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }
}
