import KernelShims

/// What becomes of a sum of products before it is written, while it is still in a register.
enum Ending {
  case none
  /// max(sum, 0)
  case relu
  /// The sum times the derivative of relu, or of tanh, where that layer's output is y.
  case reluSlope
  case tanhSlope

  @inline(__always) var readsOutputs: Bool { self == .reluSlope || self == .tanhSlope }

  /// - Parameter y: Looked at only if ``readsOutputs``.
  @inline(__always) func of(_ sum: Lanes, _ y: Lanes) -> Lanes {
    switch self {
    case .none: sum
    case .relu: rectified(sum)
    case .reluSlope: timesReluSlope(sum, y)
    case .tanhSlope: timesTanhSlope(sum, y)
    }
  }
}

/// NaN stays NaN.
@inline(__always) func rectified(_ x: Vector) -> Vector { kernel_max8(x, broadcast(0)) }

@inline(__always) func timesReluSlope(_ gradient: Vector, _ y: Vector) -> Vector {
  float(bits: kernel_less8(broadcast(0), y) & bits(gradient))
}

@inline(__always) func timesTanhSlope(_ gradient: Vector, _ y: Vector) -> Vector {
  gradient * fused(broadcast(1), -y, y)
}

#if SIXTEEN_LANES
  @inline(__always) func rectified(_ x: Lanes) -> Lanes { kernel_max16(x, lanes(0)) }

  @inline(__always) func timesReluSlope(_ gradient: Lanes, _ y: Lanes) -> Lanes {
    float(bits: isLess(lanes(0), y) & bits(gradient))
  }

  @inline(__always) func timesTanhSlope(_ gradient: Lanes, _ y: Lanes) -> Lanes {
    gradient * fused(lanes(1), -y, y)
  }
#endif
