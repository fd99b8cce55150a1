import KernelShims

// Gated recurrent units, one step of `rows` sequences at a time:
//
//     r = σ(a_r),   z = σ(a_z),   n = tanh(a_n + r q),   h' = (1 - z) n + z h
//
// Gates hold the blocks r, z, n in each row of 3 × size floats; all other matrices have rows of `size` floats. All are
// without gaps.
// - Source: Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation"
//   (2014).

/// Replaces a by r, z, n in `gates`, and writes h' to `outputs`.
///
/// - Parameters:
///   - hidden: q.
///   - previous: h.
public func gruForward(
  _ rows: Int, _ size: Int, _ gates: UnsafeMutablePointer<Float>, _ hidden: UnsafePointer<Float>,
  _ previous: UnsafePointer<Float>, _ outputs: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let first = gates + row * 3 * size
    let place = row * size
    var j = 0
    while j < size {
      let count = size - j
      let r = gate(loadPartialLanes(first + j, count))
      let z = gate(loadPartialLanes(first + size + j, count))
      let n = hyperbolicTangent(
        fused(loadPartialLanes(first + 2 * size + j, count), r, loadPartialLanes(hidden + place + j, count)))
      let h = loadPartialLanes(previous + place + j, count)
      storePartialLanes(r, first + j, count)
      storePartialLanes(z, first + size + j, count)
      storePartialLanes(n, first + 2 * size + j, count)
      storePartialLanes(fused(n, z, h - n), outputs + place + j, count)
      j += Lanes.scalarCount
    }
  }
}

/// Replaces r, z, n in `gates` by the gradients by a, q in `hidden` by the gradient by q, and the gradient by h' in
/// `gradients` by the part of the gradient by h that does not pass through a and q.
///
/// - Parameters:
///   - previous: h.
///   - carried: To be added to `gradients`; see ``CarriedRow``.
///   - starts: See ``CarriedRow``.
public func gruBackward(
  _ rows: Int, _ size: Int, _ gates: UnsafeMutablePointer<Float>, _ hidden: UnsafeMutablePointer<Float>,
  _ previous: UnsafePointer<Float>, _ carried: UnsafePointer<Float>?, _ starts: UnsafePointer<UInt8>?,
  _ gradients: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let first = gates + row * 3 * size
    let place = row * size
    let carry = CarriedRow(carried, starts, row: row, size: size)
    var j = 0
    while j < size {
      let count = size - j
      let r = loadPartialLanes(first + j, count)
      let z = loadPartialLanes(first + size + j, count)
      let n = loadPartialLanes(first + 2 * size + j, count)
      let q = loadPartialLanes(hidden + place + j, count)
      let h = loadPartialLanes(previous + place + j, count)
      let gradient = carry.added(to: loadPartialLanes(gradients + place + j, count), at: j, count)
      let byPrevious = gradient * z
      let byCandidate = (gradient - byPrevious).timesTanhSlope(n)
      storePartialLanes(timesGateSlope(byCandidate * q, r), first + j, count)
      storePartialLanes(timesGateSlope(gradient * (h - n), z), first + size + j, count)
      storePartialLanes(byCandidate, first + 2 * size + j, count)
      storePartialLanes(byCandidate * r, hidden + place + j, count)
      storePartialLanes(byPrevious, gradients + place + j, count)
      j += Lanes.scalarCount
    }
  }
}

/// Writes the tangent of h' to `tangents`, given r, z, n, q, h and the tangents of a, q and h.
public func gruTangent(
  _ rows: Int, _ size: Int, _ gates: UnsafePointer<Float>, _ hidden: UnsafePointer<Float>,
  _ previous: UnsafePointer<Float>, _ gateTangents: UnsafePointer<Float>, _ hiddenTangents: UnsafePointer<Float>,
  _ previousTangents: UnsafePointer<Float>, _ tangents: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let (first, moved) = (gates + row * 3 * size, gateTangents + row * 3 * size)
    let place = row * size
    var j = 0
    while j < size {
      let count = size - j
      let r = loadPartialLanes(first + j, count)
      let z = loadPartialLanes(first + size + j, count)
      let n = loadPartialLanes(first + 2 * size + j, count)
      let q = loadPartialLanes(hidden + place + j, count)
      let h = loadPartialLanes(previous + place + j, count)
      let ofReset = timesGateSlope(loadPartialLanes(moved + j, count), r)
      let ofUpdate = timesGateSlope(loadPartialLanes(moved + size + j, count), z)
      let ofSum = fused(
        fused(loadPartialLanes(moved + 2 * size + j, count), r, loadPartialLanes(hiddenTangents + place + j, count)),
        ofReset, q)
      let ofCandidate = ofSum.timesTanhSlope(n)
      let ofPrevious = loadPartialLanes(previousTangents + place + j, count)
      let mixed = fused(ofCandidate, z, ofPrevious - ofCandidate)
      storePartialLanes(fused(mixed, ofUpdate, h - n), tangents + place + j, count)
      j += Lanes.scalarCount
    }
  }
}
