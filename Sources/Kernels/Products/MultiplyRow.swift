import KernelShims

/// One row of a tile. Generic code over it is always inlined, so no symbol exists that the builds could share.
protocol TileRow {
  associatedtype Half: EpilogueVector
  var low: Half { get }
  var high: Half { get }
  init(low: Half, high: Half)
  static var zero: Self { get }
  init(_ source: UnsafePointer<Float>, _ width: Int)
  mutating func add(_ a: Float, _ b: Self)
  /// Applies an epilogue to the sums. `outputs` is read only by epilogues that need it.
  ///
  /// A requirement, although all rows use the extension's code. Otherwise its cases are inlined before the row's type
  /// is known, and the tile becomes too large to be inlined.
  func applying(_ epilogue: Epilogue, _ outputs: UnsafePointer<Float>, _ width: Int) -> Self
  func write(_ destination: UnsafeMutablePointer<Float>, _ width: Int)
}

extension TileRow {
  @inline(__always) func applying(_ epilogue: Epilogue, _ outputs: UnsafePointer<Float>, _ width: Int) -> Self {
    switch epilogue {
    case .none: return self
    case .relu: return Self(low: low.rectified(), high: high.rectified())
    case .reluSlope:
      let y = Self(outputs, width)
      return Self(low: low.timesReluSlope(y.low), high: high.timesReluSlope(y.high))
    case .tanhSlope:
      let y = Self(outputs, width)
      return Self(low: low.timesTanhSlope(y.low), high: high.timesTanhSlope(y.high))
    }
  }
}

/// Up to 16 columns.
struct ShortRow: TileRow {
  var low: Vector
  var high: Vector

  @inline(__always) static var zero: ShortRow { ShortRow(low: broadcast(0), high: broadcast(0)) }

  @inline(__always) init(low: Vector, high: Vector) {
    self.low = low
    self.high = high
  }

  @inline(__always) init(_ source: UnsafePointer<Float>, _ width: Int) {
    low = loadPartial(source, width)
    high = width > 8 ? load(source + 8) : broadcast(0)
  }

  @inline(__always) mutating func add(_ a: Float, _ b: ShortRow) {
    low = fused(low, a, b.low)
    high = fused(high, a, b.high)
  }

  @inline(__always) func write(_ destination: UnsafeMutablePointer<Float>, _ width: Int) {
    storePartial(low, destination, width)
    if width > 8 { store(high, destination + 8) }
  }
}

#if SIXTEEN_LANES
  /// 32 columns.
  struct LongRow: TileRow {
    var low: SIMD16<Float>
    var high: SIMD16<Float>

    @inline(__always) static var zero: LongRow { LongRow(low: SIMD16(repeating: 0), high: SIMD16(repeating: 0)) }

    @inline(__always) init(low: SIMD16<Float>, high: SIMD16<Float>) {
      self.low = low
      self.high = high
    }

    @inline(__always) init(_ source: UnsafePointer<Float>, _ width: Int) {
      low = kernel_load16(source)
      high = kernel_load16(source + 16)
    }

    @inline(__always) mutating func add(_ a: Float, _ b: LongRow) {
      let factor = SIMD16<Float>(repeating: a)
      low = kernel_fused16(low, factor, b.low)
      high = kernel_fused16(high, factor, b.high)
    }

    @inline(__always) func write(_ destination: UnsafeMutablePointer<Float>, _ width: Int) {
      kernel_store16(low, destination)
      kernel_store16(high, destination + 16)
    }
  }
#endif
