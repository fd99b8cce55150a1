import KernelShims

// Sums use doubles in eight lanes. Lane l sums the elements l, l + 8, l + 16, …; the lanes are added at the end.

/// Σ xᵢ
public func sum(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
  var total = SIMD8<Double>(repeating: 0)
  var i = 0
  while i < count {
    total += kernel_widen8(loadPartial(values + i, count - i))
    i += 8
  }
  return kernel_sum_wide8(total)
}

/// Σ xᵢ². Uses 32 lanes, so that additions do not wait for each other; gradients are long.
public func sumOfSquares(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
  var total0 = broadcastWide(0)
  var total1 = total0
  var total2 = total0
  var total3 = total0
  var i = 0
  while i + 32 <= count {
    addSquares(&total0, values + i, 8)
    addSquares(&total1, values + i + 8, 8)
    addSquares(&total2, values + i + 16, 8)
    addSquares(&total3, values + i + 24, 8)
    i += 32
  }
  while i < count {
    addSquares(&total0, values + i, count - i)
    i += 8
  }
  return kernel_sum_wide8((total0 + total1) + (total2 + total3))
}

@inline(__always) private func addSquares(_ total: inout Wide, _ values: UnsafePointer<Float>, _ count: Int) {
  let x = loadWide(values, count)
  total += x * x
}

/// Σ (xᵢ - mean)². The last elements, fewer than eight, are added one by one.
public func sumOfSquaredDeviations(_ values: UnsafePointer<Float>, _ count: Int, _ mean: Double) -> Double {
  var total = SIMD8<Double>(repeating: 0)
  var i = 0
  while i + 8 <= count {
    let x = kernel_widen8(load(values + i)) - mean
    total += x * x
    i += 8
  }
  var result = kernel_sum_wide8(total)
  while i < count {
    let x = Double(values[i]) - mean
    result += x * x
    i += 1
  }
  return result
}

/// `values *= factor`
public func scale(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ factor: Float) {
  writeScaled(values, values, factor, count)
}

/// `destination = factor · source`; the two may be the same.
public func writeScaled(
  _ destination: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ factor: Float, _ count: Int
) {
  var i = 0
  while i < count {
    let left = count - i
    storePartialLanes(loadPartialLanes(source + i, left) * factor, destination + i, left)
    i += Lanes.scalarCount
  }
}

/// `destination += factor · source`
public func addScaled(
  _ destination: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ factor: Float, _ count: Int
) {
  var i = 0
  while i < count {
    let left = count - i
    storePartial(
      fused(loadPartial(destination + i, left), loadPartial(source + i, left), factor), destination + i, left)
    i += 8
  }
}

/// `values = (values - shift) · factor`
public func shiftAndScale(
  _ values: UnsafeMutablePointer<Float>, _ count: Int, _ shift: Float, _ factor: Float
) {
  var i = 0
  while i < count {
    storePartial((loadPartial(values + i, count - i) - shift) * factor, values + i, count - i)
    i += 8
  }
}
