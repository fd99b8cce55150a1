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
