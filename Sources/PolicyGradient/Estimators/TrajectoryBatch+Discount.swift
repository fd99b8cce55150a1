extension TrajectoryBatch {
  /// Multiplies each weight by γ^t, t counting from 0 at the start of its trajectory.
  func discount(_ weights: UnsafeMutablePointer<Float>) {
    var (age, factor): (Int32, Float) = (0, 1)
    func know(_ row: Int) {
      guard ages[row] != age else { return }
      age = ages[row]
      factor = Float(integerPower(gamma, Int(age)))
    }
    for first in stride(from: 0, to: rows, by: environments) {
      // Trajectories that began together are of one age in each step: then one factor serves the whole step.
      var differences: Int32 = 0
      for row in first..<first + environments { differences |= ages[row] ^ ages[first] }
      if differences == 0 && ages[first] > 0 {
        know(first)
        for row in first..<first + environments { weights[row] *= factor }
      } else if differences != 0 {
        for row in first..<first + environments where ages[row] > 0 {
          know(row)
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
