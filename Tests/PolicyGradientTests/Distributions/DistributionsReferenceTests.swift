import Foundation
import Testing

@testable import PolicyGradient

/// A case of python/tests/reference/distributions.json, which make_distributions.py in the same folder computes with
/// torch.distributions.
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  let kind: String
  let size: Int
  let low: Float
  let high: Float
  let stateDependentStd: Bool
  let entropyWeight: Float
  /// Empty where nothing is masked.
  let masks: [UInt8]
  let outputs: [Float]
  let parameters: [Float]
  let otherOutputs: [Float]
  let otherParameters: [Float]
  let actions: [Float]
  let weights: [Float]
  let logProb: [Double]
  let entropy: [Double]
  let divergence: [Double]
  let outputGradient: [Double]
  let parameterGradient: [Double]

  var testDescription: String {
    "\(kind)(\(size))\(stateDependentStd ? " by state" : "")\(masks.isEmpty ? "" : " masked")"
  }

  var part: ActionPart {
    let kinds: [String: ActionPart.Kind] = [
      "categorical": .categorical, "bernoulli": .bernoulli, "gaussian": .gaussian,
      "squashed_gaussian": .squashedGaussian, "beta": .beta,
    ]
    return ActionPart(kinds[kind]!, size: size, low: low, high: high)
  }

  func part(_ kernels: KernelSet) -> PartAt { part(kernels, outputs, parameters) }
  func other(_ kernels: KernelSet) -> PartAt { part(kernels, otherOutputs, otherParameters) }

  private func part(_ kernels: KernelSet, _ outputs: [Float], _ parameters: [Float]) -> PartAt {
    var result = PartAt(
      part, stateDependentStd: stateDependentStd, outputs: outputs, parameters: parameters, kernels)
    if !masks.isEmpty { result.space.mask(&result.outputs, rows: result.rows, by: masks) }
    return result
  }

  static let all: [ReferenceCase] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("python/tests/reference/distributions.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode([ReferenceCase].self, from: Data(contentsOf: file))
  }()
}

@Suite struct DistributionsReferenceTests {
  @Test(arguments: ReferenceCase.all) func logProbabilitiesMatchTorch(_ reference: ReferenceCase) {
    for kernels in kernelBuilds {
      expectNear(reference.part(kernels).logProbability(reference.actions), reference.logProb)
    }
  }

  @Test(arguments: ReferenceCase.all) func entropiesMatchTorch(_ reference: ReferenceCase) {
    for kernels in kernelBuilds {
      expectNear(reference.part(kernels).entropy(), reference.entropy)
    }
  }

  /// To 10⁻⁵ of each value. A Beta distribution that is all but uniform has values near 0 as differences of numbers
  /// near 1, of which double precision leaves 10⁻¹⁴.
  private func expectNear(_ values: [Float], _ expected: [Double]) {
    for (value, expected) in zip(values, expected) {
      #expect(abs(Double(value) - expected) <= 1e-5 * abs(expected) + 1e-14, "\(value) instead of \(expected)")
    }
  }

  @Test(arguments: ReferenceCase.all) func divergencesMatchTorch(_ reference: ReferenceCase) {
    for kernels in kernelBuilds {
      let divergence = reference.part(kernels).divergence(from: reference.other(kernels))
      for (value, expected) in zip(divergence, reference.divergence) {
        #expect(abs(Double(value) - expected) <= 1e-6 * expected)
      }
      #expect(reference.part(kernels).divergence(from: reference.part(kernels)).allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: ReferenceCase.all) func scoresAndEntropyGradientsMatchTorch(_ reference: ReferenceCase) {
    for kernels in kernelBuilds {
      let score = reference.part(kernels).score(
        reference.actions, weights: reference.weights, entropyWeight: reference.entropyWeight)
      #expect(greatestError(score.outputs, reference.outputGradient) < 2e-5)
      #expect(greatestError(score.parameters, reference.parameterGradient) < 2e-5 || reference.parameters.isEmpty)
    }
  }

  @Test(arguments: ReferenceCase.all) func aSamplesLogProbabilityHasTheBitsOfTheDrawsOwn(_ reference: ReferenceCase) {
    for kernels in kernelBuilds {
      let given = reference.part(kernels)
      let space = ActionSpace(
        [reference.part], stateDependentStd: reference.stateDependentStd, holdsDraws: true, kernels)
      let part = PartAt(space, outputs: given.outputs, parameters: given.parameters)
      for step in 0..<100 as Range<UInt64> {
        let (actions, logProbabilities) = part.sample(seed: 3, step: step)
        #expect(part.refusal(of: actions) == nil)
        #expect(logProbabilities.map(\.bitPattern) == part.logProbability(actions).map(\.bitPattern))
      }
    }
  }
}
