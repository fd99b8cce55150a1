import KernelShims

/// The joint distribution of an action made of independent parts.
package final class ActionSpace: @unchecked Sendable {
  /// A part's distribution and where its share of each row begins. A class, which a loop visits without copying it.
  final class Member: Sendable {
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
  /// Parameters outside the network, the same for every observation.
  let parameters: Int
  /// Flags that a row of masks has: one for each choice of a categorical part, two for each Bernoulli column.
  let flags: Int
  /// Outputs that are log standard deviations, each with noise of its own.
  let noises: Int
  /// The widest part, which bounds the random numbers that a row needs at a time.
  let widest: Int
  /// Whether some columns are squashed.
  let squashes: Bool
  let members: [Member]
  /// The same for hot loops, in which counting references would take a thirtieth of one action's time.
  private let uncounted: UnsafeMutableBufferPointer<Unmanaged<Member>>

  /// - Parameters:
  ///   - stateDependentStd: Whether the network gives the deviations of Gaussian and squashed Gaussian parts.
  ///   - holdsDraws: Whether squashed columns are pre-squash actions.
  package init(
    _ parts: [ActionPart], stateDependentStd: Bool = false, holdsDraws: Bool = false, _ kernels: KernelSet = .best
  ) {
    var members: [Member] = []
    var (outputs, columns, parameters, flags, noises) = (0, 0, 0, 0, 0)
    for (index, part) in parts.enumerated() {
      let logStd = LogStdPlace(size: part.size, dependsOnState: stateDependentStd)
      let distribution = part.kind.distribution.init(
        part, DistributionSetting(logStd: logStd, holdsDraws: holdsDraws, kernels: kernels))
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
    squashes = parts.contains { $0.kind.distribution.traits.isSquashed }
    self.members = members
    uncounted = .allocate(capacity: members.count)
    _ = uncounted.initialize(from: members.map { Unmanaged.passUnretained($0) })
  }

  deinit { uncounted.deallocate() }

  /// Visits the members in their order.
  @inline(__always) func forEachMember(_ body: (Member) -> Void) {
    for member in uncounted { member._withUnsafeGuaranteedRef(body) }
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
