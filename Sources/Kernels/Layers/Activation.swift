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
