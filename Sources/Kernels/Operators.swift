#if hasFeature(BuiltinModule)
  import Builtin

  // Operators of whole vectors. The standard library's operators compute one lane after the other, and the optimizer
  // then finds the vector instructions again. The results are the same, but a build takes twice as long. Each of these
  // is for one type, so it is preferred.

  extension SIMD8 where Scalar == Float {
    @inline(__always) private init(_ lanes: Builtin.Vec8xFPIEEE32) {
      self.init()
      _storage._value = lanes
    }

    @inline(__always) static func + (a: Self, b: Self) -> Self {
      Self(Builtin.fadd_Vec8xFPIEEE32(a._storage._value, b._storage._value))
    }
    @inline(__always) static func - (a: Self, b: Self) -> Self {
      Self(Builtin.fsub_Vec8xFPIEEE32(a._storage._value, b._storage._value))
    }
    @inline(__always) static func * (a: Self, b: Self) -> Self {
      Self(Builtin.fmul_Vec8xFPIEEE32(a._storage._value, b._storage._value))
    }
    @inline(__always) static func / (a: Self, b: Self) -> Self {
      Self(Builtin.fdiv_Vec8xFPIEEE32(a._storage._value, b._storage._value))
    }

    @inline(__always) static func + (a: Self, b: Float) -> Self { a + Self(repeating: b) }
    @inline(__always) static func + (a: Float, b: Self) -> Self { Self(repeating: a) + b }
    @inline(__always) static func - (a: Self, b: Float) -> Self { a - Self(repeating: b) }
    @inline(__always) static func - (a: Float, b: Self) -> Self { Self(repeating: a) - b }
    @inline(__always) static func * (a: Self, b: Float) -> Self { a * Self(repeating: b) }
    @inline(__always) static func * (a: Float, b: Self) -> Self { Self(repeating: a) * b }
    @inline(__always) static func / (a: Self, b: Float) -> Self { a / Self(repeating: b) }
    @inline(__always) static func / (a: Float, b: Self) -> Self { Self(repeating: a) / b }

    @inline(__always) static func += (a: inout Self, b: Self) { a = a + b }
    // As in the standard library: 0 for both zeros.
    @inline(__always) static prefix func - (a: Self) -> Self { 0 - a }
  }

  extension SIMD8 where Scalar == Double {
    @inline(__always) private init(_ lanes: Builtin.Vec8xFPIEEE64) {
      self.init()
      _storage._value = lanes
    }

    @inline(__always) static func + (a: Self, b: Self) -> Self {
      Self(Builtin.fadd_Vec8xFPIEEE64(a._storage._value, b._storage._value))
    }
    @inline(__always) static func - (a: Self, b: Self) -> Self {
      Self(Builtin.fsub_Vec8xFPIEEE64(a._storage._value, b._storage._value))
    }
    @inline(__always) static func * (a: Self, b: Self) -> Self {
      Self(Builtin.fmul_Vec8xFPIEEE64(a._storage._value, b._storage._value))
    }
    @inline(__always) static func / (a: Self, b: Self) -> Self {
      Self(Builtin.fdiv_Vec8xFPIEEE64(a._storage._value, b._storage._value))
    }

    @inline(__always) static func + (a: Self, b: Double) -> Self { a + Self(repeating: b) }
    @inline(__always) static func + (a: Double, b: Self) -> Self { Self(repeating: a) + b }
    @inline(__always) static func - (a: Self, b: Double) -> Self { a - Self(repeating: b) }
    @inline(__always) static func - (a: Double, b: Self) -> Self { Self(repeating: a) - b }
    @inline(__always) static func * (a: Self, b: Double) -> Self { a * Self(repeating: b) }
    @inline(__always) static func * (a: Double, b: Self) -> Self { Self(repeating: a) * b }
    @inline(__always) static func / (a: Self, b: Double) -> Self { a / Self(repeating: b) }
    @inline(__always) static func / (a: Double, b: Self) -> Self { Self(repeating: a) / b }

    @inline(__always) static func += (a: inout Self, b: Self) { a = a + b }
    @inline(__always) static func -= (a: inout Self, b: Self) { a = a - b }
    @inline(__always) static func *= (a: inout Self, b: Self) { a = a * b }
    @inline(__always) static prefix func - (a: Self) -> Self { 0 - a }
  }

  extension SIMD8 where Scalar == Int32 {
    @inline(__always) private init(_ lanes: Builtin.Vec8xInt32) {
      self.init()
      _storage._value = lanes
    }

    @inline(__always) static func & (a: Self, b: Self) -> Self {
      Self(Builtin.and_Vec8xInt32(a._storage._value, b._storage._value))
    }
    @inline(__always) static func | (a: Self, b: Self) -> Self {
      Self(Builtin.or_Vec8xInt32(a._storage._value, b._storage._value))
    }
    @inline(__always) static func ^ (a: Self, b: Self) -> Self {
      Self(Builtin.xor_Vec8xInt32(a._storage._value, b._storage._value))
    }

    @inline(__always) static func & (a: Self, b: Int32) -> Self { a & Self(repeating: b) }
    @inline(__always) static func &+ (a: Self, b: Int32) -> Self { a &+ Self(repeating: b) }
    @inline(__always) static func |= (a: inout Self, b: Self) { a = a | b }
    @inline(__always) static prefix func ~ (a: Self) -> Self { a ^ Self(repeating: ~0) }

    @inline(__always) static func &<< (a: Self, bits: Int32) -> Self {
      Self(Builtin.shl_Vec8xInt32(a._storage._value, Self(repeating: bits & 31)._storage._value))
    }
    @inline(__always) static func &>> (a: Self, bits: Int32) -> Self {
      Self(Builtin.ashr_Vec8xInt32(a._storage._value, Self(repeating: bits & 31)._storage._value))
    }
  }

  extension SIMD8 where Scalar == UInt32 {
    @inline(__always) private init(_ lanes: Builtin.Vec8xInt32) {
      self.init()
      _storage._value = lanes
    }

    @inline(__always) static func | (a: Self, b: Self) -> Self {
      Self(Builtin.or_Vec8xInt32(a._storage._value, b._storage._value))
    }
    @inline(__always) static func ^ (a: Self, b: Self) -> Self {
      Self(Builtin.xor_Vec8xInt32(a._storage._value, b._storage._value))
    }

    @inline(__always) static func | (a: Self, b: UInt32) -> Self { a | Self(repeating: b) }
    @inline(__always) static func ^ (a: Self, b: UInt32) -> Self { a ^ Self(repeating: b) }
    @inline(__always) static func &* (a: Self, b: UInt32) -> Self { a &* Self(repeating: b) }
    @inline(__always) static func &+ (a: UInt32, b: Self) -> Self { Self(repeating: a) &+ b }

    @inline(__always) static func &>> (a: Self, bits: UInt32) -> Self {
      Self(Builtin.lshr_Vec8xInt32(a._storage._value, Self(repeating: bits & 31)._storage._value))
    }
  }

  extension SIMD8 where Scalar == Int64 {
    @inline(__always) private init(_ lanes: Builtin.Vec8xInt64) {
      self.init()
      _storage._value = lanes
    }

    @inline(__always) static func & (a: Self, b: Self) -> Self {
      Self(Builtin.and_Vec8xInt64(a._storage._value, b._storage._value))
    }
    @inline(__always) static func | (a: Self, b: Self) -> Self {
      Self(Builtin.or_Vec8xInt64(a._storage._value, b._storage._value))
    }
    @inline(__always) static func ^ (a: Self, b: Self) -> Self {
      Self(Builtin.xor_Vec8xInt64(a._storage._value, b._storage._value))
    }

    @inline(__always) static func & (a: Self, b: Int64) -> Self { a & Self(repeating: b) }
    @inline(__always) static func &+ (a: Self, b: Int64) -> Self { a &+ Self(repeating: b) }
    @inline(__always) static func &- (a: Self, b: Int64) -> Self { a &- Self(repeating: b) }
    @inline(__always) static func &- (a: Int64, b: Self) -> Self { Self(repeating: a) &- b }
    @inline(__always) static prefix func ~ (a: Self) -> Self { a ^ Self(repeating: ~0) }

    @inline(__always) static func &<< (a: Self, bits: Int64) -> Self {
      Self(Builtin.shl_Vec8xInt64(a._storage._value, Self(repeating: bits & 63)._storage._value))
    }
  }

  extension SIMD8 where Scalar == UInt64 {
    @inline(__always) private init(_ lanes: Builtin.Vec8xInt64) {
      self.init()
      _storage._value = lanes
    }

    @inline(__always) static func &>> (a: Self, bits: UInt64) -> Self {
      Self(Builtin.lshr_Vec8xInt64(a._storage._value, Self(repeating: bits & 63)._storage._value))
    }
  }

  #if SIXTEEN_LANES
    extension SIMD16 where Scalar == Float {
      @inline(__always) private init(_ lanes: Builtin.Vec16xFPIEEE32) {
        self.init()
        _storage._value = lanes
      }

      @inline(__always) static func + (a: Self, b: Self) -> Self {
        Self(Builtin.fadd_Vec16xFPIEEE32(a._storage._value, b._storage._value))
      }
      @inline(__always) static func - (a: Self, b: Self) -> Self {
        Self(Builtin.fsub_Vec16xFPIEEE32(a._storage._value, b._storage._value))
      }
      @inline(__always) static func * (a: Self, b: Self) -> Self {
        Self(Builtin.fmul_Vec16xFPIEEE32(a._storage._value, b._storage._value))
      }
      @inline(__always) static func / (a: Self, b: Self) -> Self {
        Self(Builtin.fdiv_Vec16xFPIEEE32(a._storage._value, b._storage._value))
      }

      @inline(__always) static func + (a: Self, b: Float) -> Self { a + Self(repeating: b) }
      @inline(__always) static func + (a: Float, b: Self) -> Self { Self(repeating: a) + b }
      @inline(__always) static func - (a: Self, b: Float) -> Self { a - Self(repeating: b) }
      @inline(__always) static func - (a: Float, b: Self) -> Self { Self(repeating: a) - b }
      @inline(__always) static func * (a: Self, b: Float) -> Self { a * Self(repeating: b) }
      @inline(__always) static func * (a: Float, b: Self) -> Self { Self(repeating: a) * b }
      @inline(__always) static func / (a: Self, b: Float) -> Self { a / Self(repeating: b) }
      @inline(__always) static func / (a: Float, b: Self) -> Self { Self(repeating: a) / b }

      @inline(__always) static func += (a: inout Self, b: Self) { a = a + b }
      @inline(__always) static prefix func - (a: Self) -> Self { 0 - a }
    }

    extension SIMD16 where Scalar == Int32 {
      @inline(__always) private init(_ lanes: Builtin.Vec16xInt32) {
        self.init()
        _storage._value = lanes
      }

      @inline(__always) static func & (a: Self, b: Self) -> Self {
        Self(Builtin.and_Vec16xInt32(a._storage._value, b._storage._value))
      }
      @inline(__always) static func | (a: Self, b: Self) -> Self {
        Self(Builtin.or_Vec16xInt32(a._storage._value, b._storage._value))
      }

      @inline(__always) static func &<< (a: Self, bits: Int32) -> Self {
        Self(Builtin.shl_Vec16xInt32(a._storage._value, Self(repeating: bits & 31)._storage._value))
      }
    }
  #endif
#endif
