import KernelShims

/// `destination[j, i] = source[i, j]`. The two may not overlap.
public func transpose(
  _ rows: Int, _ columns: Int, _ source: Rows,
  _ destination: MutableRows
) {
  let height = Lanes.scalarCount
  var i = 0
  while i + height <= rows {
    var j = 0
    while j + 8 <= columns {
      let block = TransposedBlock(source.row(i) + j, source.stride)
      block.write(destination.row(j) + i, destination.stride)
      j += 8
    }
    while j < columns {
      for k in i..<i + height { destination.row(j)[k] = source.row(k)[j] }
      j += 1
    }
    i += height
  }
  while i < rows {
    for j in 0..<columns { destination.row(j)[i] = source.row(i)[j] }
    i += 1
  }
}

/// `sums[j] += Σ_i source[i, j]`, with i ascending.
public func addColumnSums(
  _ rows: Int, _ columns: Int, _ source: Rows,
  _ sums: UnsafeMutablePointer<Float>
) {
  let width = Lanes.scalarCount
  var j = 0
  // Four sums at a time, so that additions do not wait for each other.
  while j + 4 * width <= columns {
    var total0 = loadPartialLanes(sums + j, width)
    var total1 = loadPartialLanes(sums + j + width, width)
    var total2 = loadPartialLanes(sums + j + 2 * width, width)
    var total3 = loadPartialLanes(sums + j + 3 * width, width)
    var row = source.base + j
    for _ in 0..<rows {
      total0 += loadPartialLanes(row, width)
      total1 += loadPartialLanes(row + width, width)
      total2 += loadPartialLanes(row + 2 * width, width)
      total3 += loadPartialLanes(row + 3 * width, width)
      row += source.stride
    }
    storePartialLanes(total0, sums + j, width)
    storePartialLanes(total1, sums + j + width, width)
    storePartialLanes(total2, sums + j + 2 * width, width)
    storePartialLanes(total3, sums + j + 3 * width, width)
    j += 4 * width
  }
  while j < columns {
    let count = columns - j
    var total = loadPartialLanes(sums + j, count)
    var row = source.base + j
    for _ in 0..<rows {
      total += loadPartialLanes(row, count)
      row += source.stride
    }
    storePartialLanes(total, sums + j, count)
    j += width
  }
}

/// `destination[i, :] = source[indices[i], :]`; indices are not checked.
public func gatherRows(
  _ rows: Int, _ columns: Int, _ source: Rows,
  _ indices: UnsafePointer<Int32>, _ destination: MutableRows
) {
  guard columns > 1 else {
    for i in 0..<rows * columns { destination.row(i)[0] = source.row(Int(indices[i]))[0] }
    return
  }
  for i in 0..<rows {
    let from = source.row(Int(indices[i]))
    let to = destination.row(i)
    var j = 0
    while j + 8 <= columns {
      store(load(from + j), to + j)
      j += 8
    }
    if columns >= 8 {
      // The last eight, which may include numbers that are already copied.
      store(load(from + columns - 8), to + columns - 8)
    } else {
      storePartial(loadPartial(from, columns), to, columns)
    }
  }
}
