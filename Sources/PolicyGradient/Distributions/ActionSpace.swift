/// The joint distribution of an action made of independent parts.
package struct ActionSpace: Sendable {
  /// A part's distribution and where its share of each row begins. A class, which a loop visits without copying it.
  private final class Member: Sendable {
    let distribution: any Distribution
    let logStd: LogStdPlace
    let stream: Int
    let firstOutput: Int
    let firstColumn: Int
    let firstParameter: Int
    let firstFlag: Int
    let firstNoise: Int

    init(
      distribution: any Distribution, logStd: LogStdPlace, stream: Int, firstOutput: Int, firstColumn: Int,
      firstParameter: Int, firstFlag: Int, firstNoise: Int
    ) {
      self.distribution = distribution
      self.logStd = logStd
      self.stream = stream
      self.firstOutput = firstOutput
      self.firstColumn = firstColumn
      self.firstParameter = firstParameter
      self.firstFlag = firstFlag
      self.firstNoise = firstNoise
    }
  }

  let parts: [ActionPart]
  /// Network outputs that a row takes.
  let outputs: Int
  /// Columns of an action.
  package let columns: Int
  /// Parameters beside the network's, the same for every observation.
  let parameters: Int
  /// Flags that a row of masks has: one for each choice of a categorical part, two for each Bernoulli column.
  let flags: Int
  /// Outputs that are log standard deviations, each with noise of its own.
  private let noises: Int
  /// The widest part, which bounds the random numbers that a row needs at a time.
  let widest: Int
  private let members: [Member]

  /// - Parameter stateDependentStd: Whether the network gives the deviations of Gaussian and squashed Gaussian parts.
  package init(_ parts: [ActionPart], stateDependentStd: Bool = false, _ kernels: KernelSet = .best) {
    var members: [Member] = []
    var (outputs, columns, parameters, flags, noises) = (0, 0, 0, 0, 0)
    for (index, part) in parts.enumerated() {
      let logStd = LogStdPlace(size: part.size, dependsOnState: stateDependentStd)
      let distribution = makeDistribution(part, logStd, kernels)
      members.append(
        Member(
          distribution: distribution, logStd: logStd, stream: RandomStream.firstAction + index,
          firstOutput: outputs, firstColumn: columns, firstParameter: parameters, firstFlag: flags,
          firstNoise: noises))
      outputs += distribution.outputs
      columns += part.columns
      parameters += distribution.parameters
      flags += distribution.flags
      noises += distribution.logStdOutputs.count
    }
    self.parts = parts
    self.outputs = outputs
    self.columns = columns
    self.parameters = parameters
    self.flags = flags
    self.noises = noises
    widest = parts.reduce(0) { max($0, $1.size) }
    self.members = members
  }

  /// Where each part's outputs begin.
  var firstOutputs: [Int] { members.map(\.firstOutput) }

  /// Outputs that are log standard deviations.
  var logStdOutputs: [Range<Int>] {
    members.map { member in
      let range = member.distribution.logStdOutputs
      return member.firstOutput + range.lowerBound..<member.firstOutput + range.upperBound
    }
  }

  /// - Parameter noise: (a - μ)/σ of every output that is a log standard deviation, rows × as many; `nil` to draw it.
  func sample(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, seed: UInt64, step: UInt64,
    firstRow: Int, noise: UnsafePointer<Float>? = nil, scratch: UnsafeMutablePointer<Float>,
    actions: UnsafeMutablePointer<Float>,
    logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logProbabilities.update(repeating: 0, count: rows)
    for member in members {
      member.distribution.sample(
        head(of: member, outputs, parameters), rows: rows,
        draws: DrawKey(
          seed: seed, stream: member.stream, step: step, firstRow: firstRow,
          noise: noise.map { ReadColumns(base: $0 + member.firstNoise, stride: noises) }), scratch: scratch,
        actions: Columns(base: actions + member.firstColumn, stride: columns), logProbabilities: logProbabilities)
    }
  }

  func mode(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int,
    actions: UnsafeMutablePointer<Float>
  ) {
    for member in members {
      member.distribution.mode(
        head(of: member, outputs, parameters), rows: rows,
        actions: Columns(base: actions + member.firstColumn, stride: columns))
    }
  }

  func logProbability(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, actions: UnsafePointer<Float>,
    into logProbabilities: UnsafeMutablePointer<Float>
  ) {
    logProbabilities.update(repeating: 0, count: rows)
    for member in members {
      member.distribution.addLogProbability(
        head(of: member, outputs, parameters), rows: rows,
        actions: ReadColumns(base: actions + member.firstColumn, stride: columns), to: logProbabilities)
    }
  }

  func entropy(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int,
    into entropies: UnsafeMutablePointer<Float>
  ) {
    entropies.update(repeating: 0, count: rows)
    for member in members {
      member.distribution.addEntropy(head(of: member, outputs, parameters), rows: rows, to: entropies)
    }
  }

  /// KL(π ‖ other), the other distribution being of a space with the same parts.
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

  /// Multiplies by the distributions' Fisher matrix: in place for tangents of the outputs, added for those of the parameters.
  func applyFisher(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int,
    outputTangents: UnsafeMutablePointer<Float>, parameterTangents: UnsafePointer<Float>,
    parameterProducts: UnsafeMutablePointer<Float>
  ) {
    for member in members {
      member.distribution.applyFisher(
        head(of: member, outputs, parameters), rows: rows,
        outputTangents: Columns(base: outputTangents + member.firstOutput, stride: self.outputs),
        parameterTangents: parameterTangents + member.firstParameter,
        parameterProducts: parameterProducts + member.firstParameter)
    }
  }

  /// The gradient of Σ weights·log π(a|s) + entropyWeight·H: written for the outputs, added for the parameters.
  func score(
    _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, actions: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, entropyWeight: Float, outputGradients: UnsafeMutablePointer<Float>,
    parameterGradients: UnsafeMutablePointer<Float>
  ) {
    for member in members {
      member.distribution.score(
        head(of: member, outputs, parameters), rows: rows,
        actions: ReadColumns(base: actions + member.firstColumn, stride: columns), weights: weights,
        entropyWeight: entropyWeight,
        outputGradients: Columns(base: outputGradients + member.firstOutput, stride: self.outputs),
        parameterGradients: parameterGradients + member.firstParameter)
    }
  }

  /// Refuses rows that lie outside the space.
  package func check(_ actions: UnsafePointer<Float>, rows: Int) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        ReadColumns(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn)
    }
  }

  /// Takes what masks do not allow out of the distributions: its outputs become infinite, and its probability exactly 0.
  func mask(_ outputs: UnsafeMutablePointer<Float>, rows: Int, by masks: UnsafePointer<UInt8>) {
    for member in members {
      member.distribution.mask(
        Columns(base: outputs + member.firstOutput, stride: self.outputs), rows: rows, by: flags(of: member, masks))
    }
  }

  /// Refuses masks that leave a part no choice.
  func check(masks: UnsafePointer<UInt8>, rows: Int) throws(Refusal) {
    for (index, member) in members.enumerated() {
      try member.distribution.check(masks: flags(of: member, masks), rows: rows, part: index)
    }
  }

  /// Refuses actions that masks do not allow.
  func check(_ actions: UnsafePointer<Float>, rows: Int, allowedBy masks: UnsafePointer<UInt8>) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        ReadColumns(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn,
        allowedBy: flags(of: member, masks))
    }
  }

  private func flags(of member: Member, _ masks: UnsafePointer<UInt8>) -> MaskColumns {
    MaskColumns(base: masks + member.firstFlag, stride: flags)
  }

  /// Brings continuous columns with bounds into them: what the world is given, while learning keeps what was drawn.
  package func clip(_ actions: UnsafePointer<Float>, rows: Int, into clipped: UnsafeMutablePointer<Float>) {
    clipped.update(from: actions, count: rows * columns)
    for member in members where member.distribution.part.kind == .gaussian {
      let part = member.distribution.part
      guard part.low > -.infinity || part.high < .infinity else { continue }
      for row in 0..<rows {
        let values = clipped + row * columns + member.firstColumn
        for column in 0..<part.size { values[column] = min(max(values[column], part.low), part.high) }
      }
    }
  }

  private func head(of member: Member, _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>) -> Head {
    Head(
      outputs: ReadColumns(base: outputs + member.firstOutput, stride: self.outputs),
      parameters: parameters + member.firstParameter, logStd: member.logStd)
  }
}

/// The distribution of a part's kind.
private func makeDistribution(_ part: ActionPart, _ logStd: LogStdPlace, _ kernels: KernelSet) -> any Distribution {
  switch part.kind {
  case .categorical: Categorical(part: part, kernels: kernels)
  case .bernoulli: Bernoulli(part: part, kernels: kernels)
  case .gaussian: DiagonalGaussian(part: part, logStd: logStd, kernels: kernels)
  case .squashedGaussian: SquashedGaussian(part: part, logStd: logStd, kernels: kernels)
  case .beta: Beta(part: part, kernels: kernels)
  }
}
