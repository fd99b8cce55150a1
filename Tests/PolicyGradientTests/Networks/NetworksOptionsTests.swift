import Foundation
import Testing

@testable import PolicyGradient

@Suite struct NetworksOptionsTests {
  private func configuration(_ change: (inout PolicyConfiguration) -> Void) -> PolicyConfiguration {
    var result = PolicyConfiguration(
      observationSize: 30, parts: [ActionPart(.squashedGaussian, size: 2, low: 0, high: 1)])
    result.hiddenSizes = [40]
    change(&result)
    return result
  }

  @Test func parametersLieInTheHeadersOrder() throws {
    let policy = try Policy(
      configuration {
        ($0.hasLayerNorm, $0.sharesTrunk, $0.hasStateDependentStd, $0.initialLogStd) = (true, true, true, -1.5)
      })
    // 30×40 + 40 and 40 scales and 40 shifts; 40×4 + 4; the value's 40×1 + 1.
    let p = policy.parameters.array
    #expect(p.count == 1_240 + 80 + 164 + 41)
    #expect(p[1_200..<1_240].allSatisfy { $0 == 0 })
    #expect(p[1_240..<1_280].allSatisfy { $0 == 1 })
    #expect(p[1_280..<1_320].allSatisfy { $0 == 0 })
    #expect(p[1_480..<1_484] == [0, 0, -1.5, -1.5])
    // Orthonormal of gain 1: the value head's weight has length 1.
    #expect(abs(p[1_484..<1_524].reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    #expect(p[1_524] == 0)
  }

  @Test(arguments: [
    // √(6/(30 + 40)), and 0.01 √(6/(40 + 2)); √(6/30), and 0.01 √(3/40)
    (Initialization.glorotUniform, 0.292_77, 0.003_779_6), (.kaimingUniform, 0.447_21, 0.002_738_6),
  ])
  func uniformWeightsFillTheirBounds(_ initialization: Initialization, _ hidden: Double, _ last: Double) throws {
    let p = try Policy(configuration { $0.initialization = initialization }).parameters.array
    for (weights, bound) in [(p[0..<1_200], hidden), (p[1_240..<1_320], last)] {
      let largest = weights.reduce(0) { max($0, abs(Double($1))) }
      #expect(largest <= bound && largest > 0.95 * bound)
      // The variance of a uniform variable is bound²/3; of 80 draws its estimate may be off by a quarter.
      let variance = weights.reduce(0) { $0 + Double($1) * Double($1) } / Double(weights.count)
      #expect(abs(variance / (bound * bound / 3) - 1) < (weights.count > 1_000 ? 0.1 : 0.3))
    }
    #expect(p[1_200..<1_240].allSatisfy { $0 == 0 })
  }

  @Test func aTableHasARowOfLogitsForEachObservation() throws {
    var configuration = PolicyConfiguration(observationSize: 3, parts: [ActionPart(.categorical, size: 2)])
    (configuration.hiddenSizes, configuration.hasBias, configuration.hasValueFunction) = ([], false, false)
    let policy = try Policy(configuration)
    #expect(policy.parameters.count == 6)
    policy.parameters.write([0, 0, 0, 1.0986123, 0, 0])
    // softmax(0, 0) = ½, ½ and softmax(0, ln 3) = ¼, ¾
    let logProbabilities = try policy.logProbabilities([1, 0, 0, 0, 1, 0], [1, 1], rows: 2)
    #expect(greatestError(logProbabilities, [log(0.5), log(0.75)]) < 1e-6)
    let gradient = try Buffer<Float>(count: 6)
    try ScoreGradient(policy)([0, 1, 0], [0], weights: [2], rows: 1, into: gradient.pointer)
    // Only the visited row learns: 2 (1 - ¼) and 2 (0 - ¾).
    #expect(greatestError(gradient.array, [0, 0, 1.5, -1.5, 0, 0]) < 1e-6)
  }

  @Test func optionsThatContradictEachOtherAreRefused() {
    #expect(refusal { _ = try Policy(configuration { ($0.sharesTrunk, $0.hiddenSizes) = (true, []) }) } != nil)
    #expect(refusal { _ = try Policy(configuration { ($0.sharesTrunk, $0.hasValueFunction) = (true, false) }) } != nil)
    for sharesTrunk in [false, true] {
      let own = refusal {
        _ = try Policy(
          configuration { ($0.valueHiddenSizes, $0.sharesTrunk, $0.hasValueFunction) = ([3], sharesTrunk, sharesTrunk) }
        )
      }
      #expect(own?.message.hasPrefix("value_hidden_sizes is [3]; it must be left out unless") == true)
    }
    let held = refusal {
      _ = try Policy(configuration { ($0.hasBias, $0.hasStateDependentStd, $0.initialLogStd) = (false, true, 1) })
    }
    #expect(held?.message.hasPrefix("initial_log_std is 1.0; it must be 0") == true)
  }

  @Test func theValueNetworkMayHaveOtherSizes() throws {
    let (own, same) = (
      try Policy(configuration { $0.valueHiddenSizes = [5, 6] }), try Policy(configuration { _ in })
    )
    // 30×40 + 40, 40×2 + 2, two log standard deviations; 30×5 + 5, 5×6 + 6, 6×1 + 1.
    let (a, b) = (own.parameters.array, same.parameters.array)
    #expect(a.count == 1_240 + 82 + 2 + 155 + 36 + 7)
    // The policy's own weights do not depend on the value network.
    #expect(a[..<1_324] == b[..<1_324])
    #expect(
      own.tensors.map(\.name).filter { $0.hasSuffix("weight") }
        == ["policy.0.weight", "policy.1.weight", "value.0.weight", "value.1.weight", "value.2.weight"])
    #expect(try Policy(configuration { $0.valueHiddenSizes = [] }).parameters.count == 1_240 + 82 + 2 + 31)
    // Sizes that are given have the same network as those that are left out.
    #expect(try Policy(configuration { $0.valueHiddenSizes = [40] }).parameters.array == b)
  }

  @Test func sizesOfAValueNetworkThatIsTooLargeAreRefused() {
    func refused(_ sizes: [Int]) -> String? {
      refusal { _ = try Policy(configuration { $0.valueHiddenSizes = sizes }) }?.message
    }
    #expect(refused([1, 0]) == "value_hidden_sizes[1] is 0; it must lie in [1, 131072]")
    #expect(refused([Int](repeating: 1, count: 65)) == "value_hidden_count is 65; it must lie in [0, 64]")
    #expect(refused([65_536, 65_536])?.hasPrefix("the number of parameters is 4297129985;") == true)
  }

  @Test(arguments: NetworksCase.all) func aFileKeepsEveryOption(_ testCase: NetworksCase) throws {
    let policy = try testCase.policy(seed: 9)
    let path = NSTemporaryDirectory() + "/pgrad-options-\(UInt64.random(in: 0...(.max))).safetensors"
    try policy.save(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let copy = try Policy.load(path)
    #expect(copy.configuration == policy.configuration)
    #expect(copy.parameters.array.map(\.bitPattern) == policy.parameters.array.map(\.bitPattern))
  }
}
