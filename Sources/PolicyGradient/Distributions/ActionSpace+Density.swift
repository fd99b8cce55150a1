import KernelShims

// The joint distribution. Each part has its own columns; log-probabilities and entropies are summed over the parts.

extension ActionSpace {
  /// - Parameter noise: (a - μ)/σ, rows × ``noiseColumns``; `nil` to draw it.
  func sample(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, seed: UInt64, step: UInt64,
    firstRow: Int, noise: UnsafePointer<Float>? = nil, scratch: UnsafeMutablePointer<Float>,
    actions: UnsafeMutablePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logProbabilities.update(repeating: 0, count: rows)
    forEachMember { member in
      member.distribution.sample(
        head(of: member, outputs, parameters), rows: rows,
        draws: DrawKey(
          seed: seed, stream: member.stream, step: step, firstRow: firstRow,
          noise: noise.map { Rows(base: $0 + member.firstNoiseColumn, stride: noiseColumns) }), scratch: scratch,
        actions: MutableRows(base: actions + member.firstColumn, stride: columns), logProbabilities: logProbabilities)
    }
  }

  func mode(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int,
    actions: UnsafeMutablePointer<Float>
  ) {
    forEachMember { member in
      member.distribution.mode(
        head(of: member, outputs, parameters), rows: rows,
        actions: MutableRows(base: actions + member.firstColumn, stride: columns))
    }
  }

  func logProbability(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, actions: UnsafePointer<Float>,
    into logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logProbabilities.update(repeating: 0, count: rows)
    forEachMember { member in
      member.distribution.addLogProbability(
        head(of: member, outputs, parameters), rows: rows,
        actions: Rows(base: actions + member.firstColumn, stride: columns), to: logProbabilities)
    }
  }

  func entropy(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int,
    into entropies: UnsafeMutablePointer<Float>
  ) {
    entropies.update(repeating: 0, count: rows)
    forEachMember { member in
      member.distribution.addEntropy(head(of: member, outputs, parameters), rows: rows, to: entropies)
    }
  }

  /// KL(π ‖ other), where both spaces have the same parts.
  func divergence(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, from other: ActionSpace,
    _ otherOutputs: UnsafePointer<Float>, _ otherParameters: UnsafePointer<Float>, rows: Int,
    into divergences: UnsafeMutablePointer<Float>
  ) {
    divergences.update(repeating: 0, count: rows)
    for (member, counterpart) in zip(members, other.members) {
      member.distribution.addDivergence(
        head(of: member, outputs, parameters), from: other.head(of: counterpart, otherOutputs, otherParameters),
        rows: rows, to: divergences)
    }
  }

  /// Multiplies tangents by the distributions' Fisher matrix. Products of the outputs replace their tangents; products
  /// of the parameters are added to `parameterProducts`.
  func applyFisher(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int,
    outputTangents: UnsafeMutablePointer<Float>, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    forEachMember { member in
      member.distribution.applyFisher(
        head(of: member, outputs, parameters), rows: rows,
        outputTangents: MutableRows(base: outputTangents + member.firstOutput, stride: self.outputs),
        parameterTangents: parameterTangents + member.firstParameter,
        parameterProducts: parameterProducts + member.firstParameter)
    }
  }

  /// The gradient of Σ weights·log π(a|s) + entropyWeights·H: written for the outputs, added for the parameters.
  func score(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, actions: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, entropyWeights: UnsafePointer<Float>, outputGradients: UnsafeMutablePointer<Float>,
    parameterGradients: UnsafeMutablePointer<Float>
  ) {
    forEachMember { member in
      member.distribution.score(
        head(of: member, outputs, parameters), rows: rows,
        actions: Rows(base: actions + member.firstColumn, stride: columns), weights: weights,
        entropyWeights: entropyWeights,
        outputGradients: MutableRows(base: outputGradients + member.firstOutput, stride: self.outputs),
        parameterGradients: parameterGradients + member.firstParameter)
    }
  }
}
