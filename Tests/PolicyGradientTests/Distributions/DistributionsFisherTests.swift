import Foundation
import Testing

@testable import PolicyGradient

/// Each distribution's Fisher matrix against E[score scoreᵀ] of its own scores, summed over actions or integrated.
@Suite struct DistributionsFisherTests {
  /// Actions of one part with one column, each with its probability.
  private struct Weighed {
    var actions: [Float] = []
    var weights: [Double] = []
  }

  private static func choices(_ part: PartAt, _ count: Int) -> Weighed {
    let actions = (0..<count).map { Float($0) }
    return Weighed(actions: actions, weights: actions.map { exp(Double(part.logProbability([$0])[0])) })
  }

  /// E[s (sᵀ t)] over outputs, then own parameters.
  private static func expected(_ part: PartAt, _ weighed: Weighed, _ tangents: [Float]) -> [Double] {
    var sum = [Double](repeating: 0, count: tangents.count)
    let total = weighed.weights.reduce(0, +)
    for (action, weight) in zip(weighed.actions, weighed.weights) {
      let score = part.score([action], weights: [1], entropyWeight: 0)
      let numbers = doubles(score.outputs + score.parameters)
      let along = zip(numbers, tangents).reduce(0) { $0 + $1.0 * Double($1.1) }
      for index in 0..<sum.count { sum[index] += weight / total * along * numbers[index] }
    }
    return sum
  }

  private static func product(_ part: PartAt, _ tangents: [Float]) -> [Float] {
    let (outputs, parameters) = part.fisher(
      Array(tangents[..<part.outputs.count]), Array(tangents[part.outputs.count...]))
    return outputs + parameters
  }

  @Test(arguments: [2, 3, 8, 9, 20]) func ofChoicesAndBits(_ size: Int) {
    var random = TestRandom(31)
    for kernels in kernelBuilds {
      let choice = PartAt(
        ActionPart(.categorical, size: size), outputs: random.normals(size, scale: 2), kernels)
      let tangents = random.normals(size)
      let product = DistributionsFisherTests.product(choice, tangents)
      let weighed = DistributionsFisherTests.choices(choice, size)
      #expect(greatestError(product, DistributionsFisherTests.expected(choice, weighed, tangents)) < 1e-6)
      for logit in [Float(-5), 0.5, 3] {
        let bit = PartAt(ActionPart(.bernoulli, size: 1), outputs: [logit], kernels)
        let expected = DistributionsFisherTests.expected(bit, DistributionsFisherTests.choices(bit, 2), [1.5])
        #expect(greatestError(DistributionsFisherTests.product(bit, [1.5]), expected) < 1e-6)
      }
    }
  }

  @Test(arguments: [false, true], [ActionPart.Kind.gaussian, .squashedGaussian])
  func ofGaussians(_ byState: Bool, _ kind: ActionPart.Kind) {
    let (mean, logStd): (Float, Float) = (0.3, -0.7)
    for kernels in kernelBuilds {
      let part = PartAt(
        ActionPart(kind, size: 1, low: -2, high: 3), stateDependentStd: byState,
        outputs: byState ? [mean, logStd] : [mean], parameters: byState ? [] : [logStd], kernels)
      var weighed = Weighed()
      for node in -128...128 {
        let z = Double(node) / 16
        let u = Double(mean) + exp(Double(logStd)) * z
        weighed.actions.append(Float(kind == .gaussian ? u : -2 + 2.5 * (tanh(u) + 1)))
        weighed.weights.append(exp(-0.5 * z * z))
      }
      let product = DistributionsFisherTests.product(part, [0.8, -1.2])
      #expect(greatestError(product, DistributionsFisherTests.expected(part, weighed, [0.8, -1.2])) < 2e-5)
    }
  }

  @Test(arguments: [Float(-2), 1, 4], [Float(0), 3]) func ofBetas(_ alpha: Float, _ beta: Float) {
    for kernels in kernelBuilds {
      let part = PartAt(ActionPart(.beta, size: 1, low: 0, high: 1), outputs: [alpha, beta], kernels)
      var weighed = Weighed()
      for node in -600...320 {
        let x = 1 / (1 + exp(-Double(node) / 20))
        weighed.actions.append(Float(x))
        weighed.weights.append(exp(Double(part.logProbability([Float(x)])[0])) * x * (1 - x))
      }
      let product = DistributionsFisherTests.product(part, [0.8, -1.2])
      #expect(greatestError(product, DistributionsFisherTests.expected(part, weighed, [0.8, -1.2])) < 2e-5)
    }
  }

  @Test(arguments: ReferenceCase.all) func columnsAndRowsDoNotMeet(_ reference: ReferenceCase) {
    guard reference.kind != "categorical" else { return }
    var random = TestRandom(32)
    for kernels in kernelBuilds {
      let part = reference.part(kernels)
      let tangents = random.normals(part.outputs.count)
      let parameterTangents = random.normals(part.parameters.count)
      let product = part.fisher(tangents, parameterTangents)
      let (size, width) = (reference.size, part.space.outputs)
      for column in 0..<size {
        var sum: Float = 0
        for row in 0..<part.rows {
          let places = stride(from: row * width + column, to: (row + 1) * width, by: size)
          let one = PartAt(
            ActionPart(reference.part.kind, size: 1, low: reference.low, high: reference.high),
            stateDependentStd: reference.stateDependentStd, outputs: places.map { part.outputs[$0] },
            parameters: part.parameters.isEmpty ? [] : [part.parameters[column]], kernels)
          let own = one.fisher(
            places.map { tangents[$0] }, parameterTangents.isEmpty ? [] : [parameterTangents[column]])
          #expect(own.outputs == places.map { product.outputs[$0] })
          sum += own.parameters.first ?? 0
        }
        if !part.parameters.isEmpty { #expect(product.parameters[column] == sum) }
      }
    }
  }

  @Test func beyondTheirLimitsOutputsMoveNothing() {
    // log σ is held within [-20, 2], and inputs of beta shapes below 10⁶.
    let gaussian = PartAt(
      ActionPart(.gaussian, size: 3), stateDependentStd: true, outputs: [0, 0, 0, -21, 0, 2.5])
    #expect(gaussian.fisher([0, 0, 0, 1, 1, 1]).outputs == [0, 0, 0, 0, 2, 0])
    let beta = PartAt(ActionPart(.beta, size: 1, low: 0, high: 1), outputs: [2e6, 0])
    #expect(beta.fisher([1, 0]).outputs == [0, 0])
  }

  @Test func choicesThatAreCertainHaveNoInformation() {
    let choice = PartAt(ActionPart(.categorical, size: 3), outputs: [1e4, -1e4, -.infinity])
    #expect(choice.fisher([3, -2, 5]).outputs == [0, 0, 0])
    let bits = PartAt(ActionPart(.bernoulli, size: 3), outputs: [1e4, -1e4, -.infinity])
    #expect(bits.fisher([3, -2, 5]).outputs == [0, 0, 0])
  }
}
