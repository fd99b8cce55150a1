import KernelShims

/// ``Softmax`` for up to eight choices: eight rows side by side, each in its lane, so that no lane idles.
///
/// Lanes never meet, and a row goes this way whether it comes alone or among others: its bits are its own.
struct NarrowSoftmax {
  static let maximumColumns = 8

  private let logits: UnsafePointer<Float>
  private let stride: Int
  private let rows: Int
  let maximum: Vector
  let total: Vector
  let logTotal: Vector
  let entropy: Vector

  /// The next eight rows, or as many as `rows` (at least 1) leaves.
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
