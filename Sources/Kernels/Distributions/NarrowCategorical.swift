import KernelShims

// The categorical kernels for rows of up to eight choices. All work on eight rows at a time.

func narrowLogProbability(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ actions: Rows, _ result: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < rows {
    let left = rows - row
    let softmax = NarrowSoftmax(logits.row(row), logits.stride, left, columns)
    let action = loadStrided(actions.row(row), stride: actions.stride, left)
    var chosen = softmax.logit(0)
    for j in 1..<columns {
      chosen = kernel_select8(kernel_equal8(action, broadcast(Float(j))), softmax.logit(j), chosen)
    }
    storePartial(loadPartial(result + row, left) + softmax.logProbability(chosen), result + row, left)
    row += 8
  }
}

func narrowEntropy(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ result: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < rows {
    let left = rows - row
    let softmax = NarrowSoftmax(logits.row(row), logits.stride, left, columns)
    storePartial(loadPartial(result + row, left) + softmax.entropy, result + row, left)
    row += 8
  }
}

/// The weights are summed again in the order of the total, so the last sum is the total, which is above u · total. So
/// the last choice needs no comparison, and a choice of weight 0 is never drawn.
func narrowSample(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ uniforms: UnsafePointer<Float>,
  _ actions: MutableRows, _ result: UnsafeMutablePointer<Float>
) {
  // One row, as when one action is sampled, needs no strides; a constant tells the compiler.
  if rows == 1 { return sampleNarrowRows(1, columns, logits, uniforms, actions, result) }
  sampleNarrowRows(rows, columns, logits, uniforms, actions, result)
}

@inline(__always) private func sampleNarrowRows(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ uniforms: UnsafePointer<Float>,
  _ actions: MutableRows, _ result: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < rows {
    let left = rows - row
    let softmax = NarrowSoftmax(logits.row(row), logits.stride, left, columns)
    let threshold = loadPartial(uniforms + row, left) * softmax.total
    var sum = broadcast(0)
    var choice = broadcast(0)
    var chosen = softmax.logit(0)
    for j in 1..<columns {
      sum += exponentialOfNonPositive(softmax.distance(softmax.logit(j - 1)))
      let passed = kernel_less8(threshold, sum)
      choice += float(bits: ~passed & bits(broadcast(1)))
      chosen = kernel_select8(passed, chosen, softmax.logit(j))
    }
    storeStrided(choice, actions.row(row), stride: actions.stride, left)
    storePartial(loadPartial(result + row, left) + softmax.logProbability(chosen), result + row, left)
    row += 8
  }
}

func narrowScore(
  _ rows: Int, _ columns: Int, _ logits: Rows, _ actions: Rows, _ weights: UnsafePointer<Float>,
  _ entropyWeights: UnsafePointer<Float>,
  _ gradient: MutableRows
) {
  var row = 0
  while row < rows {
    let left = rows - row
    let softmax = NarrowSoftmax(logits.row(row), logits.stride, left, columns)
    let action = loadStrided(actions.row(row), stride: actions.stride, left)
    let weight = loadPartial(weights + row, left)
    let entropyWeight = loadPartial(entropyWeights + row, left)
    let inverse = 1 / softmax.total
    let offset = softmax.entropy - softmax.logTotal
    for j in 0..<columns {
      let logit = softmax.logit(j)
      let distance = softmax.distance(logit)
      let pull = fused(weight, entropyWeight, distance + offset)
      let chosen = kernel_equal8(action, broadcast(Float(j))) & kernel_less8(broadcast(-.infinity), logit)
      let slope = float(bits: bits(weight) & chosen) - exponentialOfNonPositive(distance) * inverse * pull
      storeStrided(slope, gradient.row(row) + j, stride: gradient.stride, left)
    }
    row += 8
  }
}

/// ``Softmax`` for up to eight choices: eight rows at a time, one in each lane, so that all lanes are used.
///
/// Lanes are never combined, and a single row is computed in the same way. So the bits of a row do not depend on other
/// rows.
struct NarrowSoftmax {
  static let maximumColumns = 8

  private let logits: UnsafePointer<Float>
  private let stride: Int
  private let rows: Int
  let maximum: Vector
  let total: Vector
  let logTotal: Vector
  let entropy: Vector

  /// The next eight rows, or the `rows` (at least 1) that are left.
  @inline(__always) init(_ logits: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int) {
    self.logits = logits
    self.stride = stride
    self.rows = rows
    var maximum = loadStrided(logits, stride: stride, rows)
    for j in 1..<columns { maximum = kernel_max8(maximum, loadStrided(logits + j, stride: stride, rows)) }
    var total = broadcast(0)
    var rest = broadcast(0)
    var equals = broadcast(-1)
    var moment = broadcast(0)
    for j in 0..<columns {
      let distance = clampedDistance(loadStrided(logits + j, stride: stride, rows) - maximum)
      let weight = exponentialOfNonPositive(distance)
      total += weight
      rest += belowMaximum(weight, distance)
      equals += atMaximum(distance)
      moment = fused(moment, weight, distance)
    }
    self.maximum = maximum
    self.total = total
    logTotal = logarithmOfOnePlus(rest + equals)
    entropy = logTotal - moment / total
  }

  @inline(__always) func logit(_ choice: Int) -> Vector { loadStrided(logits + choice, stride: stride, rows) }

  /// log p of the choice that has this logit.
  @inline(__always) func logProbability(_ logit: Vector) -> Vector { (logit - maximum) - logTotal }

  @inline(__always) func distance(_ logit: Vector) -> Vector { clampedDistance(logit - maximum) }
}
