import KernelShims

// Whole numbers from 0 to 255 as floats, which networks read, and as bytes, which rollouts keep.

/// `bytes[i] = values[i]`.
func packBytes(_ values: UnsafePointer<Float>, _ count: Int, _ bytes: UnsafeMutableRawPointer) {
  var i = 0
  while i + 8 <= count {
    kernel_store_bytes8(load(values + i), bytes + i)
    i += 8
  }
  while i < count {
    bytes.storeBytes(of: UInt8(values[i]), toByteOffset: i, as: UInt8.self)
    i += 1
  }
}

/// `values[i] = bytes[i]`.
func unpackBytes(_ bytes: UnsafeRawPointer, _ count: Int, _ values: UnsafeMutablePointer<Float>) {
  var i = 0
  while i + 8 <= count {
    store(kernel_load_bytes8(bytes + i), values + i)
    i += 8
  }
  while i < count {
    values[i] = Float(bytes.load(fromByteOffset: i, as: UInt8.self))
    i += 1
  }
}
