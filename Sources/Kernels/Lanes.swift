import KernelShims

// Vectors of as many floats as the build's registers hold, for loops that every gradient step runs over all activations
// or parameters. After a partial load, the other lanes hold 0. Functions have the same names for eight lanes and for
// sixteen.

#if SIXTEEN_LANES
  typealias Lanes = SIMD16<Float>
  typealias LanesMask = SIMD16<Int32>

  /// A whole vector from memory of any type.
  @inline(__always) func loadLanes(at source: UnsafeRawPointer) -> Lanes { kernel_load16(source) }

  @inline(__always) func loadPartialLanes(_ source: UnsafePointer<Float>, _ count: Int) -> Lanes {
    if count >= 16 { return kernel_load16(source) }
    return Lanes(
      lowHalf: loadPartial(source, count), highHalf: count > 8 ? loadPartial(source + 8, count - 8) : broadcast(0))
  }
  @inline(__always) func storePartialLanes(_ value: Lanes, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
    guard count < 16 else { return kernel_store16(value, destination) }
    storePartial(value.lowHalf, destination, count)
    if count > 8 { storePartial(value.highHalf, destination + 8, count - 8) }
  }
  @inline(__always) func fused(_ accumulator: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes {
    kernel_fused16(accumulator, a, b)
  }
  @inline(__always) func fused(_ accumulator: Lanes, _ a: Lanes, _ b: Float) -> Lanes {
    kernel_fused16(accumulator, a, Lanes(repeating: b))
  }
  @inline(__always) func bits(_ value: Lanes) -> LanesMask { unsafeBitCast(value, to: LanesMask.self) }
  @inline(__always) func float(bits: LanesMask) -> Lanes { unsafeBitCast(bits, to: Lanes.self) }
  @inline(__always) func isLess(_ a: Lanes, _ b: Lanes) -> LanesMask { kernel_less16(a, b) }
  @inline(__always) func select(_ mask: LanesMask, _ yes: Lanes, _ no: Lanes) -> Lanes {
    kernel_select16(mask, yes, no)
  }
  @inline(__always) func squareRoot(_ x: Lanes) -> Lanes { kernel_sqrt16(x) }

  @inline(__always) func loadStridedLanes(_ source: UnsafePointer<Float>, stride: Int, _ count: Int) -> Lanes {
    let low = loadStrided(source, stride: stride, count)
    return Lanes(
      lowHalf: low, highHalf: count > 8 ? loadStrided(source + 8 * stride, stride: stride, count - 8) : low)
  }
  @inline(__always) func storeStridedLanes(
    _ value: Lanes, _ destination: UnsafeMutablePointer<Float>, stride: Int, _ count: Int
  ) {
    storeStrided(value.lowHalf, destination, stride: stride, count)
    if count > 8 { storeStrided(value.highHalf, destination + 8 * stride, stride: stride, count - 8) }
  }

  @inline(__always) func interleaveLow(_ a: Lanes, _ b: Lanes) -> Lanes { kernel_interleave_low16(a, b) }
  @inline(__always) func interleaveHigh(_ a: Lanes, _ b: Lanes) -> Lanes { kernel_interleave_high16(a, b) }
#else
  typealias Lanes = Vector
  typealias LanesMask = Mask

  @inline(__always) func loadLanes(at source: UnsafeRawPointer) -> Lanes { kernel_load8(source) }

  @inline(__always) func loadPartialLanes(_ source: UnsafePointer<Float>, _ count: Int) -> Lanes {
    loadPartial(source, count)
  }
  @inline(__always) func storePartialLanes(_ value: Lanes, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
    storePartial(value, destination, count)
  }
  @inline(__always) func isLess(_ a: Lanes, _ b: Lanes) -> LanesMask { kernel_less8(a, b) }
  @inline(__always) func select(_ mask: LanesMask, _ yes: Lanes, _ no: Lanes) -> Lanes {
    kernel_select8(mask, yes, no)
  }
  @inline(__always) func squareRoot(_ x: Lanes) -> Lanes { kernel_sqrt8(x) }

  @inline(__always) func loadStridedLanes(_ source: UnsafePointer<Float>, stride: Int, _ count: Int) -> Lanes {
    loadStrided(source, stride: stride, count)
  }
  @inline(__always) func storeStridedLanes(
    _ value: Lanes, _ destination: UnsafeMutablePointer<Float>, stride: Int, _ count: Int
  ) {
    storeStrided(value, destination, stride: stride, count)
  }

  @inline(__always) func interleaveLow(_ a: Lanes, _ b: Lanes) -> Lanes { kernel_interleave_low8(a, b) }
  @inline(__always) func interleaveHigh(_ a: Lanes, _ b: Lanes) -> Lanes { kernel_interleave_high8(a, b) }
#endif

@inline(__always) func broadcastLanes(_ value: Float) -> Lanes { Lanes(repeating: value) }
