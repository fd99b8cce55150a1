import KernelShims

/// The joint distribution of an action made of independent parts.
package final class ActionSpace: @unchecked Sendable {
  /// A part's distribution, and where its columns begin in each row. A class, so that loops visit it without a copy.
  final class Member: Sendable {
    let distribution: any Distribution
    let logStd: LogStdSource
    let stream: Int
    let firstOutput: Int
    let firstColumn: Int
    let firstParameter: Int
    let firstFlag: Int
    let firstNoiseColumn: Int

    init(
      distribution: any Distribution, logStd: LogStdSource, stream: Int, firstOutput: Int, firstColumn: Int,
      firstParameter: Int, firstFlag: Int, firstNoiseColumn: Int
    ) {
      self.distribution = distribution
      self.logStd = logStd
      self.stream = stream
      self.firstOutput = firstOutput
      self.firstColumn = firstColumn
      self.firstParameter = firstParameter
      self.firstFlag = firstFlag
      self.firstNoiseColumn = firstNoiseColumn
    }
  }

  let parts: [ActionPart]
  /// Network outputs of one row.
  let outputs: Int
  /// Columns of an action.
  package let columns: Int
  /// Parameters outside the network, the same for every observation.
  let parameters: Int
  /// Flags in one row of masks: one for each choice of a categorical part, two for each Bernoulli column.
  let flags: Int
  /// How many outputs are log standard deviations. Each has its own noise.
  let noiseColumns: Int
  /// The size of the largest part: at most this many random numbers are needed for a row at a time.
  let maximumPartSize: Int
  /// Whether some columns are squashed.
  let squashes: Bool
  let members: [Member]
  /// The same for hot loops. Counting references there would take 1/30 of the time of one action.
  private let unretainedMembers: UnsafeMutableBufferPointer<Unmanaged<Member>>

  /// - Parameters:
  ///   - stateDependentStd: Whether the network outputs the deviations of Gaussian and squashed Gaussian parts.
  ///   - holdsDraws: Whether squashed columns are pre-squash actions.
  package init(
    _ parts: [ActionPart], stateDependentStd: Bool = false, holdsDraws: Bool = false, _ kernels: KernelSet = .best
  ) {
    var members: [Member] = []
    var (outputs, columns, parameters, flags, noiseColumns) = (0, 0, 0, 0, 0)
    for (index, part) in parts.enumerated() {
      let logStd = LogStdSource(size: part.size, dependsOnState: stateDependentStd)
      let distribution = part.kind.distribution.init(
        part, DistributionSetting(logStd: logStd, holdsDraws: holdsDraws, kernels: kernels))
      members.append(
        Member(
          distribution: distribution, logStd: logStd, stream: RandomStream.firstAction + index,
          firstOutput: outputs, firstColumn: columns, firstParameter: parameters, firstFlag: flags,
          firstNoiseColumn: noiseColumns))
      outputs += distribution.outputs
      columns += part.columns
      parameters += distribution.parameters
      flags += distribution.flags
      noiseColumns += distribution.logStdOutputs.count
    }
    self.parts = parts
    self.outputs = outputs
    self.columns = columns
    self.parameters = parameters
    self.flags = flags
    self.noiseColumns = noiseColumns
    maximumPartSize = parts.reduce(0) { max($0, $1.size) }
    squashes = parts.contains { $0.kind.distribution.traits.isSquashed }
    self.members = members
    unretainedMembers = .allocate(capacity: members.count)
    _ = unretainedMembers.initialize(from: members.map { Unmanaged.passUnretained($0) })
  }

  deinit { unretainedMembers.deallocate() }

  /// Visits the members in their order.
  @inline(__always) func forEachMember(_ body: (Member) -> Void) {
    for member in unretainedMembers { member._withUnsafeGuaranteedRef(body) }
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

  func head(of member: Member, _ outputs: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>) -> Head {
    Head(
      outputs: Rows(base: outputs + member.firstOutput, stride: self.outputs),
      parameters: parameters + member.firstParameter, logStd: member.logStd)
  }
}

// What is allowed: actions inside the space, choices that masks do not exclude, and log-probabilities that can be.

extension ActionSpace {
  /// Refuses rows that lie outside the space.
  package func check(_ actions: UnsafePointer<Float>, rows: Int) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        Rows(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn)
    }
  }

  /// Clips bounded continuous columns for the environment. Learning uses the draws, which are not clipped.
  package func clip(_ actions: UnsafePointer<Float>, rows: Int, into clipped: UnsafeMutablePointer<Float>) {
    clipped.update(from: actions, count: rows * columns)
    for member in members where type(of: member.distribution).traits.isClipped {
      let part = member.distribution.part
      guard part.low > -.infinity || part.high < .infinity else { continue }
      for row in 0..<rows {
        let values = clipped + row * columns + member.firstColumn
        for column in 0..<part.size { values[column] = min(max(values[column], part.low), part.high) }
      }
    }
  }

  /// Turns draws into actions, in place: squashes pre-squash actions and does not change other columns.
  func squash(_ draws: UnsafeMutablePointer<Float>, rows: Int) {
    guard squashes else { return }
    for member in members {
      member.distribution.squash(MutableRows(base: draws + member.firstColumn, stride: columns), rows: rows)
    }
  }

  /// Turns actions into draws, in place; the inverse of ``squash(_:rows:)``.
  func unsquash(_ actions: UnsafeMutablePointer<Float>, rows: Int) {
    guard squashes else { return }
    for member in members {
      member.distribution.unsquash(MutableRows(base: actions + member.firstColumn, stride: columns), rows: rows)
    }
  }

  /// Gives choices that masks exclude a probability of exactly 0, by setting their outputs to infinite values.
  func mask(_ outputs: UnsafeMutablePointer<Float>, rows: Int, by masks: UnsafePointer<UInt8>) {
    for member in members {
      member.distribution.mask(
        MutableRows(base: outputs + member.firstOutput, stride: self.outputs), rows: rows, by: flags(of: member, masks))
    }
  }

  /// Refuses flags other than 0 and 1, and masks that exclude all choices of a part.
  ///
  /// - Parameter first: The number of the first row in messages.
  func check(masks: UnsafePointer<UInt8>, rows: Int, first: Int = 0) throws(Refusal) {
    try checkFlags(masks, rows, flags, "masks", first: first)
    for (index, member) in members.enumerated() {
      try member.distribution.check(
        masks: MaskRows(base: masks + member.firstFlag, stride: flags, firstNumber: first), rows: rows, part: index)
    }
  }

  /// Refuses actions that masks exclude.
  func check(_ actions: UnsafePointer<Float>, rows: Int, allowedBy masks: UnsafePointer<UInt8>) throws(Refusal) {
    for member in members {
      try member.distribution.check(
        Rows(base: actions + member.firstColumn, stride: columns), rows: rows, firstColumn: member.firstColumn,
        allowedBy: flags(of: member, masks))
    }
  }

  private func flags(of member: Member, _ masks: UnsafePointer<UInt8>) -> MaskRows {
    MaskRows(base: masks + member.firstFlag, stride: flags)
  }

  /// The largest possible log π(a|s), with room for the errors of other libraries; a density has no such bound.
  var largestLogProbability: Float { parts.contains { $0.isContinuous } ? .infinity : 0.001 }
}
