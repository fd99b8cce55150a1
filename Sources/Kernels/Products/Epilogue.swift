import KernelShims

/// A function that is applied to each sum of products before it is written, while it is still in a register.
enum Epilogue {
  case none
  /// max(sum, 0)
  case relu
  /// The sum times the derivative of relu or of tanh, at the layer's output y.
  case reluSlope
  case tanhSlope

  @inline(__always) var readsOutputs: Bool { self == .reluSlope || self == .tanhSlope }

  /// - Parameter y: Read only if ``readsOutputs``.
  @inline(__always) func apply(to sum: Lanes, _ y: Lanes) -> Lanes {
    switch self {
    case .none: sum
    case .relu: sum.rectified()
    case .reluSlope: sum.timesReluSlope(y)
    case .tanhSlope: sum.timesTanhSlope(y)
    }
  }
}

/// A vector of sums, eight or sixteen.
protocol EpilogueVector {
  /// max(self, 0); NaN for NaN.
  func rectified() -> Self
  func timesReluSlope(_ y: Self) -> Self
  func timesTanhSlope(_ y: Self) -> Self
}

extension Vector: EpilogueVector {
  @inline(__always) func rectified() -> Vector { kernel_max8(self, broadcast(0)) }

  @inline(__always) func timesReluSlope(_ y: Vector) -> Vector {
    float(bits: kernel_less8(broadcast(0), y) & bits(self))
  }

  @inline(__always) func timesTanhSlope(_ y: Vector) -> Vector { self * fused(broadcast(1), -y, y) }
}

#if SIXTEEN_LANES
  extension Lanes: EpilogueVector {
    @inline(__always) func rectified() -> Lanes { kernel_max16(self, broadcastLanes(0)) }

    @inline(__always) func timesReluSlope(_ y: Lanes) -> Lanes {
      float(bits: isLess(broadcastLanes(0), y) & bits(self))
    }

    @inline(__always) func timesTanhSlope(_ y: Lanes) -> Lanes { self * fused(broadcastLanes(1), -y, y) }
  }
#endif
