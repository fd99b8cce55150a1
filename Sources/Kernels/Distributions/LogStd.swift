import KernelShims

/// Logarithms of standard deviations. With a `stride` of 0 all rows share one row of parameters, which are not clamped.
/// Otherwise each row has network outputs, which are clamped to [-20, 2], where σ is 2·10⁻⁹ to 7.4; outside, their
/// gradient is 0.
/// - Source: Haarnoja et al., "Soft actor-critic algorithms and applications" (2018), for the bounds.
struct LogStd {
  let base: UnsafePointer<Float>
  let stride: Int

  @inline(__always) init(_ rows: Rows) {
    base = rows.base
    stride = rows.stride
  }

  /// log σ of `count` columns from column j on.
  @inline(__always) func values(_ row: Int, _ j: Int, _ count: Int) -> Vector {
    let raw = loadPartial(base + row * stride + j, count)
    return stride == 0 ? raw : kernel_max8(kernel_min8(raw, broadcast(2)), broadcast(-20))
  }

  /// The gradient by the numbers that ``values(_:_:_:)`` read, from the gradient by log σ.
  @inline(__always) func inputGradient(_ gradient: Vector, _ row: Int, _ j: Int, _ count: Int) -> Vector {
    guard stride != 0 else { return gradient }
    let raw = loadPartial(base + row * stride + j, count)
    let beyond = kernel_less8(raw, broadcast(-20)) | kernel_less8(broadcast(2), raw)
    return kernel_select8(beyond, broadcast(0), gradient)
  }
}

/// σ and 1/σ from the result of ``LogStd/values(_:_:_:)``. If all rows share them, the first columns are computed once.
struct Deviations {
  private let isShared: Bool
  private let first: (deviation: Vector, inverse: Vector)

  @inline(__always) init(_ logStd: LogStd, _ columns: Int) {
    isShared = logStd.stride == 0
    let values = loadPartial(logStd.base, columns)
    first = isShared ? (exponential(values), exponential(-values)) : (values, values)
  }

  @inline(__always) func deviation(_ values: Vector, _ j: Int) -> Vector {
    isShared && j == 0 ? first.deviation : exponential(values)
  }

  @inline(__always) func inverse(_ values: Vector, _ j: Int) -> Vector {
    isShared && j == 0 ? first.inverse : exponential(-values)
  }
}
