extension TrajectoryBatch {
  /// Multiplies each weight by γ^t, where t counts from 0 at the start of its trajectory.
  func discount(_ weights: UnsafeMutablePointer<Float>) {
    var (step, factor): (Int32, Float) = (0, 1)
    func updateFactor(for row: Int) {
      guard episodeSteps[row] != step else { return }
      step = episodeSteps[row]
      factor = Float(integerPower(gamma, Int(step)))
    }
    for first in stride(from: 0, to: rows, by: environments) {
      // Trajectories that began together are at the same step, so one factor serves the whole row of environments.
      var differences: Int32 = 0
      for row in first..<first + environments { differences |= episodeSteps[row] ^ episodeSteps[first] }
      if differences == 0 && episodeSteps[first] > 0 {
        updateFactor(for: first)
        for row in first..<first + environments { weights[row] *= factor }
      } else if differences != 0 {
        for row in first..<first + environments where episodeSteps[row] > 0 {
          updateFactor(for: row)
          weights[row] *= factor
        }
      }
    }
  }
}

/// x^n by repeated squaring.
private func integerPower(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
