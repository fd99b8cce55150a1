import KernelShims

// Layer normalisation of rows: with mean m and variance v over the `columns` of a row,
//
//     n = (x - m)/√(v + 10⁻⁵),   y = scale n + shift
//
// All matrices are without gaps.
// - Source: Ba, Kiros and Hinton, "Layer normalization" (2016).

private let epsilon: Float = 1e-5

/// Replaces x in `values` by n. Writes y to `outputs`, and 1/√(v + 10⁻⁵) of each row to `inverses`.
public func layerNormForward(
  _ rows: Int, _ columns: Int, _ values: UnsafeMutablePointer<Float>, _ inverses: UnsafeMutablePointer<Float>,
  _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>, _ outputs: UnsafeMutablePointer<Float>
) {
  let width = Float(columns)
  for row in 0..<rows {
    let x = values + row * columns
    let y = outputs + row * columns
    var sum = broadcast(0)
    var j = 0
    while j < columns {
      sum += loadPartial(x + j, columns - j)
      j += 8
    }
    let mean = kernel_sum8(sum) / width
    var squares = broadcast(0)
    j = 0
    while j < columns {
      let deviation = loadPartial(x + j, columns - j, fill: mean) - mean
      squares = fused(squares, deviation, deviation)
      j += 8
    }
    let inverse = (1 / kernel_sqrt8(broadcast(kernel_sum8(squares) / width + epsilon)))[0]
    inverses[row] = inverse
    j = 0
    while j < columns {
      let count = columns - j
      let normalized = (loadPartial(x + j, count) - mean) * inverse
      storePartial(normalized, x + j, count)
      storePartial(fused(loadPartial(shift + j, count), loadPartial(scale + j, count), normalized), y + j, count)
      j += 8
    }
  }
}

/// Replaces `gradients` by y by gradients by x. Adds the gradients by scale and shift of all rows, in their order.
public func layerNormBackward(
  _ rows: Int, _ columns: Int, _ normalized: UnsafePointer<Float>, _ inverses: UnsafePointer<Float>,
  _ scale: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>,
  _ scaleGradient: UnsafeMutablePointer<Float>, _ shiftGradient: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let n = normalized + row * columns
    let gradient = gradients + row * columns
    var j = 0
    while j < columns {
      let count = columns - j
      let slope = loadPartial(gradient + j, count)
      storePartial(
        fused(loadPartial(scaleGradient + j, count), slope, loadPartial(n + j, count)), scaleGradient + j, count)
      storePartial(loadPartial(shiftGradient + j, count) + slope, shiftGradient + j, count)
      storePartial(slope * loadPartial(scale + j, count), gradient + j, count)
      j += 8
    }
    project(columns, n, inverses[row], gradient)
  }
}

/// Replaces `tangents` of x by tangents of y, including the tangents of scale and shift.
public func layerNormTangent(
  _ rows: Int, _ columns: Int, _ normalized: UnsafePointer<Float>, _ inverses: UnsafePointer<Float>,
  _ scale: UnsafePointer<Float>, _ scaleTangent: UnsafePointer<Float>, _ shiftTangent: UnsafePointer<Float>,
  _ tangents: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let n = normalized + row * columns
    let tangent = tangents + row * columns
    project(columns, n, inverses[row], tangent)
    var j = 0
    while j < columns {
      let count = columns - j
      let moved = fused(
        loadPartial(shiftTangent + j, count), loadPartial(scaleTangent + j, count), loadPartial(n + j, count))
      storePartial(fused(moved, loadPartial(scale + j, count), loadPartial(tangent + j, count)), tangent + j, count)
      j += 8
    }
  }
}

/// `d = (d - mean d - n mean(n d)) · inverse`: multiplies by the derivative of n by x. It is symmetric, so it serves
/// forward and backward.
@inline(__always) private func project(
  _ columns: Int, _ normalized: UnsafePointer<Float>, _ inverse: Float, _ direction: UnsafeMutablePointer<Float>
) {
  var sum = broadcast(0)
  var product = broadcast(0)
  var j = 0
  while j < columns {
    let d = loadPartial(direction + j, columns - j)
    sum += d
    product = fused(product, d, loadPartial(normalized + j, columns - j))
    j += 8
  }
  let mean = kernel_sum8(sum) / Float(columns)
  let along = kernel_sum8(product) / Float(columns)
  j = 0
  while j < columns {
    let count = columns - j
    let d = fused(loadPartial(direction + j, count) - mean, loadPartial(normalized + j, count), -along)
    storePartial(d * inverse, direction + j, count)
    j += 8
  }
}
