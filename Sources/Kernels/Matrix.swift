import KernelShims

/// `destination[j, i] = source[i, j]`. Strides are in floats; the two may not overlap.
public func transpose(
  _ rows: Int, _ columns: Int, _ source: UnsafePointer<Float>, _ sourceRowStride: Int,
  _ destination: UnsafeMutablePointer<Float>, _ destinationRowStride: Int
) {
  var i = 0
  while i + 8 <= rows {
    var j = 0
    while j + 8 <= columns {
      transposeBlock(
        source + i * sourceRowStride + j, sourceRowStride, destination + j * destinationRowStride + i,
        destinationRowStride)
      j += 8
    }
    while j < columns {
      for k in i..<i + 8 { destination[j * destinationRowStride + k] = source[k * sourceRowStride + j] }
      j += 1
    }
    i += 8
  }
  while i < rows {
    for j in 0..<columns { destination[j * destinationRowStride + i] = source[i * sourceRowStride + j] }
    i += 1
  }
}

/// Three rounds of interleaving rows k and k + 4 turn rows into columns.
@inline(__always) private func transposeBlock(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ destination: UnsafeMutablePointer<Float>,
  _ destinationStride: Int
) {
  var r0 = load(source)
  var r1 = load(source + sourceStride)
  var r2 = load(source + 2 * sourceStride)
  var r3 = load(source + 3 * sourceStride)
  var r4 = load(source + 4 * sourceStride)
  var r5 = load(source + 5 * sourceStride)
  var r6 = load(source + 6 * sourceStride)
  var r7 = load(source + 7 * sourceStride)
  for _ in 0..<3 {
    let (s0, s1) = (kernel_interleave_low8(r0, r4), kernel_interleave_high8(r0, r4))
    let (s2, s3) = (kernel_interleave_low8(r1, r5), kernel_interleave_high8(r1, r5))
    let (s4, s5) = (kernel_interleave_low8(r2, r6), kernel_interleave_high8(r2, r6))
    let (s6, s7) = (kernel_interleave_low8(r3, r7), kernel_interleave_high8(r3, r7))
    (r0, r1, r2, r3, r4, r5, r6, r7) = (s0, s1, s2, s3, s4, s5, s6, s7)
  }
  store(r0, destination)
  store(r1, destination + destinationStride)
  store(r2, destination + 2 * destinationStride)
  store(r3, destination + 3 * destinationStride)
  store(r4, destination + 4 * destinationStride)
  store(r5, destination + 5 * destinationStride)
  store(r6, destination + 6 * destinationStride)
  store(r7, destination + 7 * destinationStride)
}

/// `sums[j] += Σ_i source[i, j]`, with i ascending.
public func addColumnSums(
  _ rows: Int, _ columns: Int, _ source: UnsafePointer<Float>, _ sourceRowStride: Int,
  _ sums: UnsafeMutablePointer<Float>
) {
  var j = 0
  while j < columns {
    let count = columns - j
    var total = loadLanes(sums + j, count)
    var row = source + j
    for _ in 0..<rows {
      total += loadLanes(row, count)
      row += sourceRowStride
    }
    store(total, sums + j, count)
    j += Lanes.scalarCount
  }
}

/// `destination[i, :] = source[indices[i], :]`; indices are not checked.
public func gatherRows(
  _ rows: Int, _ columns: Int, _ source: UnsafePointer<Float>, _ sourceRowStride: Int,
  _ indices: UnsafePointer<Int32>, _ destination: UnsafeMutablePointer<Float>, _ destinationRowStride: Int
) {
  for i in 0..<rows {
    let from = source + Int(indices[i]) * sourceRowStride
    let to = destination + i * destinationRowStride
    var j = 0
    while j < columns {
      store(load(from + j, columns - j), to + j, columns - j)
      j += 8
    }
  }
}
