import Foundation

@testable import PolicyGradient

/// Any policy in double precision, from the equations and the order of parameters that the header states.
///
/// The tests' only network. It shares nothing with the engine, and nothing with the oracle's `ReferenceNetwork`, which
/// reads the places of weights from the engine's layers and has a backward pass. Here derivatives are central
/// differences.
struct ReferencePolicy {
  let configuration: PolicyConfiguration
  var parameters: [Double]
  /// The parameters that state-dependent exploration computes its features from, which no derivative moves.
  private let frozen: [Double]

  init(_ policy: Policy) {
    configuration = policy.configuration
    parameters = policy.parameters.array.map(Double.init)
    frozen = parameters
  }

  /// Any networks, which read one vector of numbers.
  init(_ configuration: PolicyConfiguration, parameters: [Double]) {
    self.configuration = configuration
    self.parameters = parameters
    frozen = parameters
  }

  // MARK: Results for one row

  func logProbability(_ observation: [Double], _ action: [Float]) -> Double {
    ReferenceHead.logProbability(heads(observation), action)
  }

  func entropy(_ observation: [Double]) -> Double { ReferenceHead.entropy(heads(observation)) }

  func value(_ observation: [Double]) -> Double {
    var place = configuration.sharesTrunk ? 0 : valueStart
    let hidden = layers(valueHidden, observation, parameters, &place)
    place = configuration.sharesTrunk ? valueStart : place
    let value = product(hidden, 1, &place)[0]
    precondition(place == parameters.count, "the parameters are not as many as the header says")
    return value
  }

  /// log π(a|s), H(π(·|s)) and V(s), which is 0 without a value function.
  func evaluate(_ observation: [Double], _ action: [Float]) -> (logProbability: Double, entropy: Double, value: Double)
  {
    let heads = heads(observation)
    return (
      ReferenceHead.logProbability(heads, action), ReferenceHead.entropy(heads),
      configuration.hasValueFunction ? value(observation) : 0
    )
  }

  /// The distribution of each part.
  func heads(_ observation: [Double]) -> [ReferenceHead] {
    var place = 0
    let features = layers(hidden, observation, parameters, &place)
    let last = place
    let outputs = product(features, outputCount, &place)
    var (output, heads) = (0, [ReferenceHead]())
    for part in configuration.parts {
      let count = outputCount(part)
      let inputs = outputs[output..<output + count]
      let first = Array(inputs.prefix(part.size))
      var second = Array(inputs.dropFirst(part.size))
      if hasStds(part) {
        if configuration.hasStateDependentExploration {
          second = explorationLogStds(observation, last, columns: output + part.size..<output + count)
        } else if configuration.hasStateDependentStd {
          second = second.map { min(max($0, -20), 2) }
        } else {
          second = Array(parameters[place..<place + part.size])
          place += part.size
        }
      }
      heads.append(ReferenceHead(part, first, second))
      output += count
    }
    return heads
  }

  /// log σ = b + ½ log(10⁻⁶ + Σ_k (φ_k f(w_k))²), w and b being columns of the last layer, which begins at `place`.
  private func explorationLogStds(_ observation: [Double], _ place: Int, columns: Range<Int>) -> [Double] {
    var start = 0
    let features = layers(hidden, observation, frozen, &start)
    return columns.map { column in
      let variance = features.indices.reduce(1e-6) {
        $0 + pow(features[$1] * deviation(parameters[place + $1 * outputCount + column]), 2)
      }
      let bias = configuration.hasBias ? parameters[place + features.count * outputCount + column] : 0
      return bias + 0.5 * log(variance)
    }
  }

  /// f: exp, or expln.
  private func deviation(_ s: Double) -> Double { configuration.hasExpln && s > 0 ? 1 + log1p(s) : exp(s) }

  // MARK: Derivatives

  /// The derivative of `objective` by one parameter, by central differences: in double precision their own error, of
  /// the order of 1e-10, is far below what is asked of single precision.
  func derivative(_ index: Int, _ objective: (ReferencePolicy) -> Double) -> Double {
    let step = 1e-5
    var moved = self
    moved.parameters[index] = parameters[index] + step
    let above = objective(moved)
    moved.parameters[index] = parameters[index] - step
    return (above - objective(moved)) / (2 * step)
  }

  func gradient(_ objective: (ReferencePolicy) -> Double) -> [Double] {
    parameters.indices.map { derivative($0, objective) }
  }

  // MARK: Places of parameters

  /// Where the value network's parameters begin.
  var valueStart: Int {
    let own = networkGivesStds ? 0 : configuration.parts.reduce(0) { $0 + (hasStds($1) ? $1.size : 0) }
    return trunkCount(hidden) + productCount(width(hidden), outputCount) + own
  }

  /// The number of parameters, by the header's formula.
  var expectedCount: Int {
    guard configuration.hasValueFunction else { return valueStart }
    return valueStart + (configuration.sharesTrunk ? 0 : trunkCount(valueHidden)) + productCount(width(valueHidden), 1)
  }

  private func hasStds(_ part: ActionPart) -> Bool { part.kind == .gaussian || part.kind == .squashedGaussian }
  private var networkGivesStds: Bool {
    configuration.hasStateDependentStd || configuration.hasStateDependentExploration
  }
  private var outputCount: Int { configuration.parts.reduce(0) { $0 + outputCount($1) } }
  private func outputCount(_ part: ActionPart) -> Int { part.outputs(stateDependentStd: networkGivesStds) }
  private var hidden: [Int] { configuration.hiddenSizes }
  private var valueHidden: [Int] { configuration.valueHiddenSizes ?? hidden }
  private func width(_ sizes: [Int]) -> Int { sizes.last ?? configuration.observationSize }

  private func productCount(_ inputs: Int, _ outputs: Int) -> Int {
    inputs * outputs + (configuration.hasBias ? outputs : 0)
  }

  private func trunkCount(_ sizes: [Int]) -> Int {
    var (count, inputs) = (0, configuration.observationSize)
    for width in sizes {
      count += productCount(inputs, width) + (configuration.hasLayerNorm ? 2 * width : 0)
      inputs = width
    }
    return count
  }

  // MARK: Layers

  private func product(_ x: [Double], _ outputs: Int, _ place: inout Int) -> [Double] {
    product(x, outputs, parameters, &place)
  }

  private func product(_ x: [Double], _ outputs: Int, _ parameters: [Double], _ place: inout Int) -> [Double] {
    var y = [Double](repeating: 0, count: outputs)
    for i in 0..<x.count {
      for j in 0..<outputs { y[j] += x[i] * parameters[place + i * outputs + j] }
    }
    place += x.count * outputs
    guard configuration.hasBias else { return y }
    for j in 0..<outputs { y[j] += parameters[place + j] }
    place += outputs
    return y
  }

  private func layers(
    _ sizes: [Int], _ observation: [Double], _ parameters: [Double], _ place: inout Int
  ) -> [Double] {
    var x = observation
    for width in sizes {
      x = product(x, width, parameters, &place)
      if configuration.hasLayerNorm {
        let mean = x.reduce(0, +) / Double(width)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
        for j in 0..<width {
          x[j] = (x[j] - mean) / (variance + 1e-5).squareRoot() * parameters[place + j] + parameters[place + width + j]
        }
        place += 2 * width
      }
      x = x.map(activation)
    }
    return x
  }

  private func activation(_ x: Double) -> Double { ReferencePolicy.activation(configuration.activation, x) }

  static func activation(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .tanh: tanh(x)
    case .relu: max(x, 0)
    case .elu: x > 0 ? x : expm1(x)
    case .silu: x / (1 + exp(-x))
    case .gelu: 0.5 * x * erfc(-x / 2.0.squareRoot())
    }
  }
}
