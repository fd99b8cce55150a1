import KernelShims

// Steps of gradient ascent along `gradient` times `scale`, a factor that clips or divides by the batch size.

/// Momentum: `v = momentum v + scale g`, `θ += learningRate v`.
public func sgdStep(
  _ parameters: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>,
  _ gradient: UnsafePointer<Float>, _ count: Int, _ learningRate: Float, _ momentum: Float, _ scale: Float
) {
  var i = 0
  while i < count {
    let left = count - i
    let v = fused(loadPartial(gradient + i, left) * scale, loadPartial(velocity + i, left), momentum)
    storePartial(v, velocity + i, left)
    storePartial(fused(loadPartial(parameters + i, left), v, learningRate), parameters + i, left)
    i += 8
  }
}

/// Adam, with g' = scale g:
///
///     m = β₁ m + (1 - β₁) g',   v = β₂ v + (1 - β₂) g'²,
///     θ += stepSize · m / (√v · secondCorrection + ε) - decay · θ
///
/// where at step t the caller gives stepSize = learning rate / (1 - β₁ᵗ), secondCorrection = 1/√(1 - β₂ᵗ), and decay =
/// learning rate · weight decay for AdamW, or 0 for Adam.
/// - Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015); Loshchilov and Hutter, "Decoupled
///   weight decay regularization" (2019).
public func adamStep(
  _ parameters: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>,
  _ second: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ count: Int, _ scale: Float,
  _ beta1: Float, _ beta2: Float, _ stepSize: Float, _ secondCorrection: Float, _ epsilon: Float,
  _ decay: Float
) {
  @inline(__always) func step(_ i: Int, _ left: Int) {
    let g = loadPartialLanes(gradient + i, left) * scale
    let m = fused(g * (1 - beta1), loadPartialLanes(first + i, left), beta1)
    let v = fused(g * g * (1 - beta2), loadPartialLanes(second + i, left), beta2)
    storePartialLanes(m, first + i, left)
    storePartialLanes(v, second + i, left)
    let step = stepSize * m / fused(broadcastLanes(epsilon), squareRoot(v), secondCorrection)
    let parameter = loadPartialLanes(parameters + i, left)
    storePartialLanes(parameter + fused(step, parameter, -decay), parameters + i, left)
  }
  // The last, partial vector is separate. Otherwise the compiler would split all vectors for its stores.
  let whole = count - count % Lanes.scalarCount
  for i in stride(from: 0, to: whole, by: Lanes.scalarCount) { step(i, Lanes.scalarCount) }
  if whole < count { step(whole, count - whole) }
}

/// RMSProp, with g' = scale g: `v = decay v + (1 - decay) g'²`, `θ += learningRate g' / (√(v + ε_v) + ε)`.
/// - Source: Tieleman and Hinton, "Lecture 6.5" (2012).
public func rmspropStep(
  _ parameters: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
  _ gradient: UnsafePointer<Float>, _ count: Int, _ scale: Float, _ decay: Float, _ learningRate: Float,
  _ squareEpsilon: Float, _ epsilon: Float
) {
  var i = 0
  while i < count {
    let left = count - i
    let g = loadPartial(gradient + i, left) * scale
    let v = fused(g * g * (1 - decay), loadPartial(second + i, left), decay)
    storePartial(v, second + i, left)
    let step = learningRate * g / (kernel_sqrt8(v + squareEpsilon) + epsilon)
    storePartial(loadPartial(parameters + i, left) + step, parameters + i, left)
    i += 8
  }
}
