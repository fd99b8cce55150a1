import KernelShims

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
