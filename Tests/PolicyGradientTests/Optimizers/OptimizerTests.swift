import Foundation
import Testing

@testable import PolicyGradient

struct OptimizerTests {
  // MARK: Against plain references

  @Test(arguments: [0, 0.9])
  func sgdFollowsItsEquation(momentum: Double) throws {
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    configuration.learningRate = 0.05
    configuration.momentum = momentum
    try expectHundredSteps(configuration, state: 1) { parameter, state, gradient, _ in
      state[0] = momentum * state[0] + gradient
      parameter += 0.05 * state[0]
    }
  }

  @Test(arguments: [(0.9, 0.999), (0, 0.9), (0.5, 0.99999)])
  func adamFollowsItsEquations(beta1: Double, beta2: Double) throws {
    var configuration = OptimizerConfiguration()
    configuration.learningRate = 0.01
    configuration.beta1 = beta1
    configuration.beta2 = beta2
    configuration.epsilon = 1e-3
    // The β that single precision can hold: 1 - β has few digits where β is near 1.
    let (b1, b2) = (Double(Float(beta1)), Double(Float(beta2)))
    try expectHundredSteps(configuration, state: 2) { parameter, state, gradient, step in
      state[0] = b1 * state[0] + (1 - b1) * gradient
      state[1] = b2 * state[1] + (1 - b2) * gradient * gradient
      let (first, second) = (state[0] / (1 - pow(b1, step)), state[1] / (1 - pow(b2, step)))
      parameter += 0.01 * first / (second.squareRoot() + 1e-3)
    }
  }

  @Test func adamwDecaysEveryParameterBesideTheStepOfAdam() throws {
    var configuration = OptimizerConfiguration()
    configuration.kind = .adamw
    configuration.learningRate = 0.01
    configuration.epsilon = 1e-3
    configuration.weightDecay = 0.5
    let (b1, b2) = (Double(Float(0.9)), Double(Float(0.999)))
    try expectHundredSteps(configuration, state: 2) { parameter, state, gradient, step in
      state[0] = b1 * state[0] + (1 - b1) * gradient
      state[1] = b2 * state[1] + (1 - b2) * gradient * gradient
      let (first, second) = (state[0] / (1 - pow(b1, step)), state[1] / (1 - pow(b2, step)))
      parameter += 0.01 * first / (second.squareRoot() + 1e-3) - 0.01 * 0.5 * parameter
    }
  }

  @Test func rmspropFollowsItsEquation() throws {
    var configuration = OptimizerConfiguration()
    configuration.kind = .rmsprop
    configuration.learningRate = 0.01
    configuration.decay = 0.9
    configuration.epsilon = 1e-4
    try expectHundredSteps(configuration, state: 1) { parameter, state, gradient, _ in
      state[0] = 0.9 * state[0] + 0.1 * gradient * gradient
      parameter += 0.01 * gradient / (state[0].squareRoot() + 1e-4)
    }
  }

  @Test func tensorflowsRMSPropStartsAtOneAndAddsEpsilonInside() throws {
    // v = 0.75·1 + 0.25·g²: 1 for g = 1, 4.75 for g = -4. So the steps are 0.5/√(1 + 3) and -2/√(4.75 + 3).
    var configuration = OptimizerConfiguration()
    configuration.kind = .tensorflowRMSProp
    configuration.learningRate = 0.5
    configuration.decay = 0.75
    configuration.epsilon = 3
    let policy = try makePolicy()
    policy.parameters.write([0, 0, 0, 0])
    let optimizer = try Optimizer(policy, configuration)
    try optimizer.step([1, -4, 0, 0])
    #expect(isNear(policy.parameters.array, [0.25, -0.718_421_2, 0, 0], within: 1e-6))
    #expect(optimizer.rule.state.map(\.values.array) == [[1, 4.75, 0.75, 0.75]])
  }

  @Test func theFirstStepOfAdamIsTheLearningRateWhateverTheBetas() throws {
    // m̂ = g and v̂ = g², so the step is α·sign(g); β₂ = 0.9999999 keeps one digit of 1 - β₂ in single precision.
    var configuration = OptimizerConfiguration()
    configuration.learningRate = 0.125
    configuration.beta2 = 0.9999999
    configuration.epsilon = 1e-30
    let policy = try makePolicy()
    policy.parameters.write([0, 0, 0, 0])
    try Optimizer(policy, configuration).step([3, -2, 0.5, -1e-3])
    #expect(isNear(policy.parameters.array, [0.125, -0.125, 0.125, -0.125], within: 1e-6))
  }

  @Test func aLongGradientIsScaledToTheLimit() throws {
    // |(3, 4)| = 5, so a limit of 1 leaves (0.6, 0.8); a limit of 5.1 leaves it alone.
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    configuration.learningRate = 1
    for (limit, expected) in [(1.0, [0.6, 0.8, 0, 0]), (5.1, [3, 4, 0, 0]), (0, [3, 4, 0, 0])] as [(Double, [Float])] {
      configuration.maxGradNorm = limit
      let policy = try makePolicy()
      policy.parameters.write([0, 0, 0, 0])
      let optimizer = try Optimizer(policy, configuration)
      // A quarter of a sum over four rows.
      let sum = try Buffer<Float>([12, 16, 0, 0])
      #expect(try optimizer.ascend(Gradient(sum: sum.pointer, scale: 0.25), learningRate: 1) == 5)
      #expect(isNear(policy.parameters.array, expected, within: 1e-6))
    }
  }

  // MARK: Transactions

  @Test(
    arguments: [OptimizerConfiguration.Kind.sgd, .adam, .rmsprop, .adamw, .tensorflowRMSProp],
    [Float.nan, .infinity, 3e38])
  func aStepThatWouldNotBeFiniteChangesNothing(kind: OptimizerConfiguration.Kind, bad: Float) throws {
    var configuration = OptimizerConfiguration()
    configuration.kind = kind
    configuration.learningRate = 10
    configuration.momentum = 0.5
    let policy = try makePolicy()
    let optimizer = try Optimizer(policy, configuration)
    try optimizer.step([1, -1, 0.5, 2])
    let (parameters, states, steps) = (
      bits(policy.parameters), optimizer.rule.state.map { bits($0.values) }, optimizer.steps
    )

    #expect(refusal { try optimizer.step([1, bad, 1, 1]) }?.reason == .notFinite)
    #expect(bits(policy.parameters) == parameters)
    #expect(optimizer.rule.state.map { bits($0.values) } == states)
    #expect(optimizer.steps == steps)

    try optimizer.step([1, 1, 1, 1])
    #expect(bits(policy.parameters) != parameters)
    #expect(optimizer.steps == steps + 1)
  }

  /// ``Optimizer/step(_:)`` moves large policies piece by piece, ``Optimizer/ascend(_:learningRate:)`` all at once.
  @Test(arguments: [OptimizerConfiguration.Kind.sgd, .adam, .rmsprop, .adamw, .tensorflowRMSProp])
  func aStepOfALargePolicyIsOneStepOfAllParameters(kind: OptimizerConfiguration.Kind) throws {
    var configuration = OptimizerConfiguration()
    configuration.kind = kind
    configuration.momentum = 0.5
    configuration.learningRate = 10
    let (policy, twin) = (try makePolicy(observationSize: 9_001), try makePolicy(observationSize: 9_001))
    let (optimizer, reference) = (try Optimizer(policy, configuration), try Optimizer(twin, configuration))
    var random = TestRandom(5)
    let gradient = try Buffer(random.normals(policy.parameters.count))
    for step in 0..<3 {
      // Of the first, the second and the last piece.
      for place in [0, 9_000, gradient.count - 1] {
        let right = gradient.elements[place]
        gradient.elements[place] = step == 0 ? .nan : 3e38
        #expect(refusal { try optimizer.step(gradient.pointer) }?.reason == .notFinite)
        gradient.elements[place] = right
      }
      try optimizer.step(gradient.pointer)
      try reference.ascend(Gradient(sum: gradient.pointer, scale: 1), learningRate: 10)
      #expect(bits(policy.parameters) == bits(twin.parameters))
      #expect(optimizer.rule.state.map { bits($0.values) } == reference.rule.state.map { bits($0.values) })
      #expect(optimizer.steps == reference.steps)
    }
  }

  @Test func aRefusalNamesWhatWouldOverflow() throws {
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    configuration.learningRate = 1
    let policy = try makePolicy()
    policy.parameters.write([3e38, 0, 0, 0])
    #expect(
      refusal { try Optimizer(policy, configuration).step([3e38, 0, 0, 0]) }?.message
        == "the step would make a parameter NaN or infinite; try a smaller learning_rate")
    configuration.kind = .adam
    #expect(
      refusal { try Optimizer(policy, configuration).step([0, 1e30, 0, 0]) }?.message
        == "the step would make the optimizer's second_moment NaN or infinite; the gradient is too large")
  }

  // MARK: Configuration

  @Test func constantsThatSinglePrecisionRoundsAwayAreRefused() throws {
    let policy = try makePolicy()
    func refused(_ change: (inout OptimizerConfiguration) -> Void) -> String? {
      var configuration = OptimizerConfiguration()
      change(&configuration)
      return refusal { _ = try Optimizer(policy, configuration) }?.message
    }
    #expect(refused { _ in } == nil)
    #expect(
      refused { $0.epsilon = 1e-50 } == "epsilon is 1e-50; it must be above 0, also when rounded to a float")
    #expect(refused { $0.epsilon = 0 } == "epsilon is 0.0; it must be above 0 and finite")
    #expect(
      refused { $0.beta2 = 0.9999999999 }
        == "beta2 is 0.9999999999; it must lie in [0, 1), also when rounded to a float")
    #expect(refused { $0.beta1 = 1 } == "beta1 is 1.0; it must lie in [0, 1), also when rounded to a float")
    #expect(refused { $0.momentum = -0.1 } != nil)
    #expect(refused { $0.decay = .nan } != nil)
    #expect(refused { $0.learningRate = 0 } == "learning_rate is 0.0; it must be above 0 and finite")
    #expect(refused { $0.learningRate = .infinity } != nil)
    #expect(refused { $0.weightDecay = -1 } == "weight_decay is -1.0; it must be at least 0 and finite")
    #expect(refused { $0.maxGradNorm = -1 } == "max_grad_norm is -1.0; it must be at least 0 and finite")
  }

  @Test func aLinearScheduleFallsToZero() {
    #expect(Schedule.linear.value(8, 1) == 8)
    #expect(Schedule.linear.value(8, 0.25) == 2)
    #expect(Schedule.linear.value(8, 0) == 0)
    #expect(Schedule.constant.value(8, 0.25) == 8)
  }

  // MARK: Support

  /// Four parameters: 1 × 2 weights and 2 biases.
  private func makePolicy(observationSize: Int = 1) throws -> Policy {
    try randomPolicy(observationSize, [ActionPart(.categorical, size: 2)], hidden: [], seed: 1, hasValueFunction: false)
  }

  private func bits(_ buffer: Buffer<Float>) -> [UInt32] { buffer.array.map(\.bitPattern) }

  /// Follows a hundred random gradients together with a reference in double precision, which moves one parameter at a
  /// time.
  private func expectHundredSteps(
    _ configuration: OptimizerConfiguration, state count: Int,
    _ reference: (_ parameter: inout Double, _ state: inout [Double], _ gradient: Double, _ step: Double) -> Void
  ) throws {
    var random = TestRandom(7)
    let policy = try makePolicy()
    let optimizer = try Optimizer(policy, configuration)
    var expected = policy.parameters.array.map(Double.init)
    var states = [[Double]](repeating: [Double](repeating: 0, count: count), count: 4)
    for step in 1...100 {
      let gradient = random.normals(4)
      try optimizer.step(gradient)
      for index in 0..<4 { reference(&expected[index], &states[index], Double(gradient[index]), Double(step)) }
    }
    for index in 0..<4 {
      // A hundred steps, each rounded a few times at 6e-8 of numbers up to 10.
      #expect(abs(Double(policy.parameters.pointer[index]) - expected[index]) < 1e-5 * (1 + abs(expected[index])))
    }
    #expect(optimizer.steps == 100)
  }
}
