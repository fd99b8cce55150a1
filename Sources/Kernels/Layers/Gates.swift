import KernelShims

// What the kernels of recurrent layers share. Gates are rows of blocks, one block of `size` columns per gate.

/// The logistic function 1/(1 + e^-x) = ½ + ½ tanh ½x, to within 2⁻²³.
@inline(__always) func gate(_ x: Lanes) -> Lanes {
  fused(broadcastLanes(0.5), hyperbolicTangent(x * 0.5), 0.5)
}

/// `gradient * y (1 - y)`: through the slope of a gate y.
@inline(__always) func timesGateSlope(_ gradient: Lanes, _ y: Lanes) -> Lanes { gradient * fused(y, -y, y) }

/// The gradient by the outputs of a step: that from the layers above plus, unless the next step begins an episode, the
/// one from the next step.
struct CarriedRow {
  /// The gradient from the next step; `nil` if there is none.
  let row: UnsafePointer<Float>?

  /// - Parameters:
  ///   - carried: Rows of `size` floats; `nil` after the last step.
  ///   - starts: 1 for each row whose next step begins an episode; `nil` if none does.
  @inline(__always) init(
    _ carried: UnsafePointer<Float>?, _ starts: UnsafePointer<UInt8>?, row: Int, size: Int
  ) {
    guard let carried, starts.map({ $0[row] == 0 }) ?? true else {
      self.row = nil
      return
    }
    self.row = carried + row * size
  }

  @inline(__always) func added(to gradient: Lanes, at j: Int, _ count: Int) -> Lanes {
    row.map { gradient + loadPartialLanes($0 + j, count) } ?? gradient
  }
}
