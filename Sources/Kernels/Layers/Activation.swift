import KernelShims

/// `values = tanh values`.
public func tanhForward(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i + Lanes.scalarCount <= count {
    storePartialLanes(hyperbolicTangent(loadPartialLanes(values + i, Lanes.scalarCount)), values + i, Lanes.scalarCount)
    i += Lanes.scalarCount
  }
  if i < count { storePartialLanes(hyperbolicTangent(loadPartialLanes(values + i, count - i)), values + i, count - i) }
}

/// `gradients *= 1 - outputs²`, since dy/dx = 1 - y² for y = tanh x.
public func tanhBackward(
  _ outputs: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i < count {
    let y = loadPartialLanes(outputs + i, count - i)
    storePartialLanes(loadPartialLanes(gradients + i, count - i).timesTanhSlope(y), gradients + i, count - i)
    i += Lanes.scalarCount
  }
}

/// `values = max(values, 0)`; NaN for NaN.
public func reluForward(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    storePartialLanes(loadPartialLanes(values + i, count - i).rectified(), values + i, count - i)
    i += Lanes.scalarCount
  }
}

/// Keeps the gradient where the output is above 0, and sets it to 0 elsewhere.
public func reluBackward(
  _ outputs: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i < count {
    let y = loadPartialLanes(outputs + i, count - i)
    storePartialLanes(loadPartialLanes(gradients + i, count - i).timesReluSlope(y), gradients + i, count - i)
    i += Lanes.scalarCount
  }
}

/// `values = x > 0 ? x : e^x - 1`, exponential linear units (Clevert, Unterthiner and Hochreiter 2016).
public func eluForward(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let x = loadPartial(values + i, count - i)
    // e^x - 1 = 2h/(1 - h) with h = tanh ½x, where nothing cancels for x < 0.
    let half = hyperbolicTangent(kernel_min8(x, broadcast(0)) * 0.5)
    storePartial(kernel_select8(kernel_less8(broadcast(0), x), x, 2 * half / (1 - half)), values + i, count - i)
    i += 8
  }
}

/// `gradients *= y > 0 ? 1 : y + 1`, where y are the outputs.
public func eluBackward(_ outputs: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let slope = kernel_min8(loadPartial(outputs + i, count - i), broadcast(0)) + 1
    storePartial(loadPartial(gradients + i, count - i) * slope, gradients + i, count - i)
    i += 8
  }
}

/// `outputs = x s` with s = 1/(1 + e^-x): sigmoid linear units (Elfwing, Uchibe and Doya 2018), swish.
public func siluForward(_ inputs: UnsafePointer<Float>, _ outputs: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let x = loadPartial(inputs + i, count - i)
    storePartial(x * logistic(x), outputs + i, count - i)
    i += 8
  }
}

/// `gradients *= s (1 + x (1 - s))`, where x are the inputs.
public func siluBackward(_ inputs: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let x = loadPartial(inputs + i, count - i)
    let s = logistic(x)
    storePartial(loadPartial(gradients + i, count - i) * (s * fused(broadcast(1), x, 1 - s)), gradients + i, count - i)
    i += 8
  }
}

/// `outputs = x Φ(x)`, where Φ is the standard normal cumulative distribution: Gaussian error linear units in their
/// exact form (Hendrycks and Gimpel 2016).
public func geluForward(_ inputs: UnsafePointer<Float>, _ outputs: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let x = loadPartial(inputs + i, count - i)
    storePartial(x * Normal(x).cumulative, outputs + i, count - i)
    i += 8
  }
}

/// `gradients *= Φ(x) + x φ(x)`, where x are the inputs and φ is the standard normal density.
public func geluBackward(_ inputs: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let x = loadPartial(inputs + i, count - i)
    let normal = Normal(x)
    storePartial(
      loadPartial(gradients + i, count - i) * fused(normal.cumulative, x, normal.density), gradients + i, count - i)
    i += 8
  }
}

@inline(__always) private func logistic(_ x: Vector) -> Vector { 1 / (1 + exponential(-x)) }

/// φ(x) and Φ(x), both with a relative error below 10⁻⁶, also where Φ is small.
///
/// Φ(-t) = e^(-t²/2) s P(s) for t ≥ 0 with s = 1/(1 + 0.35 t), where P is a minimax polynomial for t up to 14. Beyond,
/// Φ is 0 as a float.
private struct Normal {
  let density: Vector
  let cumulative: Vector

  @inline(__always) init(_ x: Vector) {
    let t = kernel_min8(float(bits: bits(x) & Mask(repeating: .max)), broadcast(20))
    let power = exponentialOfNonPositive(-0.5 * t * t)
    let s = 1 / fused(broadcast(1), t, 0.35)
    var p = fused(broadcast(0.144_030_87), s, -0.029_157_88)
    p = fused(broadcast(-0.255_838_9), s, p)
    p = fused(broadcast(0.159_319_58), s, p)
    p = fused(broadcast(-0.023_212_27), s, p)
    p = fused(broadcast(0.105_552_47), s, p)
    p = fused(broadcast(0.119_821_3), s, p)
    p = fused(broadcast(0.139_863_52), s, p)
    p = fused(broadcast(0.139_621_3), s, p)
    let tail = power * s * p
    density = power * 0.398_942_28
    cumulative = kernel_select8(kernel_less8(x, broadcast(0)), tail, 1 - tail)
  }
}
