/// Sums over the rows of a minibatch, from which an update reports its means and takes its decisions.
///
/// Nothing but doubles, so that a ``Reduction`` sums them as one array.
struct UpdateTally: BitwiseCopyable {
  var rows = 0.0
  var surrogate = SurrogateTally()
  var valueLoss = 0.0
  var entropy = 0.0
  /// KL(π_old‖π) by the distributions' closed forms, where an update measures it.
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

extension Reduction {
  func sum(_ tally: inout UpdateTally) {
    withUnsafeMutableBytes(of: &tally) { bytes in
      bytes.withMemoryRebound(to: Double.self) { numbers in
        if let place = numbers.baseAddress { sum(place, count: numbers.count) }
      }
    }
  }
}
