/// Sums over the rows of a minibatch. An update computes its statistics and makes its decisions from them.
///
/// All fields are doubles, so that ``Ranks`` sum them as one array.
struct UpdateTally: BitwiseCopyable {
  var rows = 0.0
  var surrogate = SurrogateTally()
  var valueLoss = 0.0
  var entropy = 0.0
  /// KL(π_old‖π) by the distributions' closed forms, in updates that measure it.
  var divergence = 0.0

  mutating func add(_ other: UpdateTally) {
    rows += other.rows
    surrogate.loss += other.surrogate.loss
    surrogate.kl += other.surrogate.kl
    surrogate.clipped += other.surrogate.clipped
    valueLoss += other.valueLoss
    entropy += other.entropy
    divergence += other.divergence
  }
}

extension Ranks {
  func sum(_ tally: inout UpdateTally) {
    withUnsafeMutableBytes(of: &tally) { bytes in
      bytes.withMemoryRebound(to: Double.self) { numbers in
        if let place = numbers.baseAddress { sum(place, count: numbers.count) }
      }
    }
  }
}
