import KernelShims

// Long short-term memory, one step of `rows` sequences at a time:
//
//     i = σ(a_i),   f = σ(a_f),   g = tanh a_g,   o = σ(a_o),   c' = f c + i g,   h' = o tanh c'
//
// Gates hold the blocks i, f, g, o in each row of 4 × size floats; all other matrices have rows of `size` floats. All
// are without gaps unless they have a stride.
// - Source: Hochreiter & Schmidhuber, "Long short-term memory" (1997), with the forget gate f of Gers, Schmidhuber &
//   Cummins, "Learning to forget" (2000).

/// Replaces a by i, f, g, o in `gates`. Writes c' to `cells`, tanh c' to `tanhs` and h' to `outputs`.
///
/// - Parameters:
///   - previous: c.
///   - cells: With a stride of 0, if c' is not needed.
public func lstmForward(
  _ rows: Int, _ size: Int, _ gates: UnsafeMutablePointer<Float>, _ previous: UnsafePointer<Float>,
  _ cells: MutableRows, _ tanhs: UnsafeMutablePointer<Float>, _ outputs: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let first = gates + row * 4 * size
    let place = row * size
    let cell = cells.row(row)
    var j = 0
    while j < size {
      let count = size - j
      let i = gate(loadPartialLanes(first + j, count))
      let f = gate(loadPartialLanes(first + size + j, count))
      let g = hyperbolicTangent(loadPartialLanes(first + 2 * size + j, count))
      let o = gate(loadPartialLanes(first + 3 * size + j, count))
      let c = fused(i * g, f, loadPartialLanes(previous + place + j, count))
      let y = hyperbolicTangent(c)
      storePartialLanes(i, first + j, count)
      storePartialLanes(f, first + size + j, count)
      storePartialLanes(g, first + 2 * size + j, count)
      storePartialLanes(o, first + 3 * size + j, count)
      storePartialLanes(c, cell + j, count)
      storePartialLanes(y, tanhs + place + j, count)
      storePartialLanes(o * y, outputs + place + j, count)
      j += Lanes.scalarCount
    }
  }
}

/// Replaces i, f, g, o in `gates` by the gradients by a, and c in `cells` by the gradient by c.
///
/// - Parameters:
///   - tanhs: tanh c'.
///   - gradients: The gradient by h' from the layers above.
///   - carried: To be added to it; see ``CarriedRow``.
///   - carriedCells: The gradient by c', under the same conditions.
///   - starts: See ``CarriedRow``.
public func lstmBackward(
  _ rows: Int, _ size: Int, _ gates: UnsafeMutablePointer<Float>, _ cells: UnsafeMutablePointer<Float>,
  _ tanhs: UnsafePointer<Float>, _ carried: UnsafePointer<Float>?, _ carriedCells: UnsafePointer<Float>?,
  _ starts: UnsafePointer<UInt8>?, _ gradients: UnsafePointer<Float>
) {
  for row in 0..<rows {
    let first = gates + row * 4 * size
    let place = row * size
    let carry = CarriedRow(carried, starts, row: row, size: size)
    let cellCarry = CarriedRow(carriedCells, starts, row: row, size: size)
    var j = 0
    while j < size {
      let count = size - j
      let i = loadPartialLanes(first + j, count)
      let f = loadPartialLanes(first + size + j, count)
      let g = loadPartialLanes(first + 2 * size + j, count)
      let o = loadPartialLanes(first + 3 * size + j, count)
      let c = loadPartialLanes(cells + place + j, count)
      let y = loadPartialLanes(tanhs + place + j, count)
      let gradient = carry.added(to: loadPartialLanes(gradients + place + j, count), at: j, count)
      let byCell = cellCarry.added(to: (gradient * o).timesTanhSlope(y), at: j, count)
      storePartialLanes(timesGateSlope(byCell * g, i), first + j, count)
      storePartialLanes(timesGateSlope(byCell * c, f), first + size + j, count)
      storePartialLanes((byCell * i).timesTanhSlope(g), first + 2 * size + j, count)
      storePartialLanes(timesGateSlope(gradient * y, o), first + 3 * size + j, count)
      storePartialLanes(byCell * f, cells + place + j, count)
      j += Lanes.scalarCount
    }
  }
}

/// Writes the tangent of h' to `tangents`, and replaces the tangent of c in `cellTangents` by the tangent of c', given
/// i, f, g, o, c, tanh c' and the tangents of a.
public func lstmTangent(
  _ rows: Int, _ size: Int, _ gates: UnsafePointer<Float>, _ previous: UnsafePointer<Float>,
  _ tanhs: UnsafePointer<Float>, _ gateTangents: UnsafePointer<Float>, _ cellTangents: UnsafeMutablePointer<Float>,
  _ tangents: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let (first, moved) = (gates + row * 4 * size, gateTangents + row * 4 * size)
    let place = row * size
    var j = 0
    while j < size {
      let count = size - j
      let i = loadPartialLanes(first + j, count)
      let f = loadPartialLanes(first + size + j, count)
      let g = loadPartialLanes(first + 2 * size + j, count)
      let o = loadPartialLanes(first + 3 * size + j, count)
      let c = loadPartialLanes(previous + place + j, count)
      let y = loadPartialLanes(tanhs + place + j, count)
      let ofInput = timesGateSlope(loadPartialLanes(moved + j, count), i)
      let ofForget = timesGateSlope(loadPartialLanes(moved + size + j, count), f)
      let ofCandidate = loadPartialLanes(moved + 2 * size + j, count).timesTanhSlope(g)
      let ofOutput = timesGateSlope(loadPartialLanes(moved + 3 * size + j, count), o)
      let kept = fused(ofForget * c, f, loadPartialLanes(cellTangents + place + j, count))
      let ofCell = fused(fused(kept, ofInput, g), i, ofCandidate)
      storePartialLanes(ofCell, cellTangents + place + j, count)
      storePartialLanes(fused(ofOutput * y, o, ofCell.timesTanhSlope(y)), tangents + place + j, count)
      j += Lanes.scalarCount
    }
  }
}
