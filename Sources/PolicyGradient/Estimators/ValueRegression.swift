/// Fits V to its targets by least squares: the value half of an update.
///
/// With a clip range c, V_clip = V_old + clip(V - V_old, ±c), and the loss of a row is
///
///     larger:  max((V - target)², (V_clip - target)²)    as in the PPO of OpenAI Baselines
///     alone:   (V_clip - target)²                         as in Stable-Baselines3
///
/// A clip range of 0 turns that off.
struct ValueRegression {
  let clipRange: Float
  var clip = ValueClip.larger

  /// Writes the derivative of -`scale` × loss by V for each row.
  /// - Returns: The sum of the losses.
  func weigh(
    _ values: UnsafePointer<Float>, oldValues: UnsafePointer<Float>, targets: UnsafePointer<Float>, count: Int,
    scale: Float, into weights: UnsafeMutablePointer<Float>
  ) -> Double {
    var loss = 0.0
    for row in 0..<count {
      let error = values[row] - targets[row]
      // Squares in double precision, where the square of any float is finite.
      var (square, slope) = (Double(error) * Double(error), 2 * error)
      if clipRange > 0 {
        let change = values[row] - oldValues[row]
        let clipped = oldValues[row] + min(max(change, -clipRange), clipRange) - targets[row]
        if clip == .alone || Double(clipped) * Double(clipped) > square {
          square = Double(clipped) * Double(clipped)
          slope = abs(change) < clipRange ? 2 * clipped : 0
        }
      }
      weights[row] = -scale * slope
      loss += square
    }
    return loss
  }
}

/// Which loss a clip range of the value function applies to; see ``ValueRegression``.
package enum ValueClip: Int32, Sendable {
  case larger = 1
  case alone
}
