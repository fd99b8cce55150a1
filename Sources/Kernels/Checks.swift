import KernelShims

// Checks of arrays. They do not report which element is invalid; the caller then searches for it.

/// Whether no element is infinite or NaN.
public func isFinite(_ values: UnsafePointer<Float>, _ count: Int) -> Bool {
  // Only an exponent of all ones carries into the sign bit.
  func carry(_ x: Vector) -> Mask { (bits(x) & 0x7F80_0000) &+ 0x0080_0000 }
  var carries = Mask(repeating: 0)
  var i = 0
  while i + 8 <= count {
    carries |= carry(load(values + i))
    i += 8
  }
  // The rest one by one: a vector load would wait for the scalar stores just before it.
  var rest: UInt32 = 0
  while i < count {
    rest |= (values[i].bitPattern & 0x7F80_0000) &+ 0x0080_0000
    i += 1
  }
  return kernel_pack_flags8(carries &>> 31) == 0 && rest >> 31 == 0
}

/// The largest |x|; infinite if an element is infinite or NaN.
public func largestMagnitude(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
  // Without the sign bit, the bits of floats have the order of |x|; infinity and NaN are last.
  var largest = Mask(repeating: 0)
  var i = 0
  while i + 8 <= count {
    largest = kernel_max_int8(largest, bits(load(values + i)) & 0x7FFF_FFFF)
    i += 8
  }
  if i < count { largest = kernel_max_int8(largest, bits(loadPartial(values + i, count - i)) & 0x7FFF_FFFF) }
  return largestLane(largest)
}

/// Whether every flag is 0 or 1.
func areFlags(_ flags: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  var union: UInt8 = 0
  for i in 0..<count { union |= flags[i] }
  return union <= 1
}

/// Whether every action, `stride` apart, is a whole number from 0 to `last`, which is below 2²³.
func areChoices(_ rows: Int, _ actions: Rows, _ last: Float) -> Bool {
  // Only a choice is equal to itself after clamping and rounding. A float of this size has no digits after the point.
  func isChoice(_ action: Vector) -> Mask {
    let clamped = kernel_min8(kernel_max8(action, broadcast(0)), broadcast(last))
    return kernel_equal8((clamped + 8_388_608) - 8_388_608, action)
  }
  var right = Mask(repeating: -1)
  var row = 0
  while actions.stride == 1 && row + 8 <= rows {
    right &= isChoice(load(actions.row(row)))
    row += 8
  }
  while row < rows {
    right &= isChoice(loadStrided(actions.row(row), stride: actions.stride, rows - row))
    row += 8
  }
  return kernel_pack_flags8(~right) == 0
}

/// The largest |x| where an episode was truncated and not terminated; infinite if one of these is infinite or NaN.
func largestFinalValue(
  _ values: UnsafePointer<Float>, _ terminated: UnsafePointer<UInt8>, _ truncated: UnsafePointer<UInt8>, _ count: Int
) -> Float {
  var largest = Mask(repeating: 0)
  var i = 0
  while i < count {
    let left = count - i
    let isTruncated = kernel_load_flags8(truncated + i, left) & ~kernel_load_flags8(terminated + i, left)
    largest = kernel_max_int8(largest, bits(loadPartial(values + i, left)) & isTruncated & 0x7FFF_FFFF)
    i += 8
  }
  return largestLane(largest)
}

/// The float with the bits of the largest lane; infinity if that is a NaN.
@inline(__always) private func largestLane(_ largest: Mask) -> Float {
  var result: Int32 = 0
  for lane in 0..<8 where largest[lane] > result { result = largest[lane] }
  return Float(bitPattern: UInt32(min(result, 0x7F80_0000)))
}
