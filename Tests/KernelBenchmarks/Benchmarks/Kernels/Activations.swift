import KernelsAVX2

/// Activations and elementary functions, on 4,096 numbers.
func registerActivations() {
  let count = 4096
  kernel("tanh, 4,096", floats: count) { tanhForward($0, count) }
  kernel("tanh backward, 4,096", floats: 2 * count) { outputs in
    outputs.update(repeating: 0, count: count)  // a derivative of 1 keeps the gradients from falling to denormals
  } call: { outputs in
    tanhBackward(outputs, outputs + count, count)
  }
  kernel("relu, 4,096", floats: count) { reluForward($0, count) }
  kernel("relu backward, 4,096", floats: 2 * count) { reluBackward($0, $0 + count, count) }
  kernel("exp, 4,096", floats: 2 * count) { mapExponential($0, $0 + count, count) }
  kernel("log, 4,096", floats: 2 * count) { mapLogarithm($0, $0 + count, count) }
}
