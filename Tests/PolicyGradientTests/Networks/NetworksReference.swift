import Foundation
import Testing

@testable import PolicyGradient

/// A policy of any style, worked out in double precision from the order of parameters that the header states.
struct NetworksReference {
  let configuration: PolicyConfiguration
  var parameters: [Double]

  init(_ policy: Policy) {
    configuration = policy.configuration
    parameters = policy.parameters.array.map(Double.init)
  }

  /// log π(a|s), H(π(·|s)) and V(s) of one row.
  func evaluate(_ observation: [Double], _ action: [Float]) -> (logProbability: Double, entropy: Double, value: Double)
  {
    var place = 0
    let hidden = layers(observation, &place)
    let outputs = product(hidden, outputCount, &place)
    let (logProbability, entropy) = distribution(outputs, &place, action)
    guard configuration.hasValueFunction else { return (logProbability, entropy, 0) }
    let below = configuration.sharesTrunk ? hidden : layers(observation, &place)
    let value = product(below, 1, &place)[0]
    precondition(place == parameters.count, "the parameters are not as many as the header says")
    return (logProbability, entropy, value)
  }

  var outputCount: Int {
    configuration.parts.reduce(0) { $0 + $1.outputs(stateDependentStd: configuration.hasStateDependentStd) }
  }

  func product(_ x: [Double], _ outputs: Int, _ place: inout Int) -> [Double] {
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

  func layers(_ observation: [Double], _ place: inout Int) -> [Double] {
    var x = observation
    for width in configuration.hiddenSizes {
      x = product(x, width, &place)
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

  private func activation(_ x: Double) -> Double {
    switch configuration.activation {
    case .tanh: tanh(x)
    case .relu: max(x, 0)
    case .elu: x > 0 ? x : expm1(x)
    case .silu: x / (1 + exp(-x))
    case .gelu: 0.5 * x * erfc(-x / 2.0.squareRoot())
    }
  }

  private func distribution(_ outputs: [Double], _ place: inout Int, _ action: [Float]) -> (Double, Double) {
    var (output, column, logProbability, entropy) = (0, 0, 0.0, 0.0)
    for part in configuration.parts {
      let inputs = Array(outputs[output..<output + part.outputs(stateDependentStd: configuration.hasStateDependentStd)])
      let own = action[column..<column + part.columns].map(Double.init)
      var logStds: [Double] = []
      if part.kind == .gaussian || part.kind == .squashedGaussian {
        if configuration.hasStateDependentStd {
          logStds = inputs[part.size...].map { min(max($0, -20), 2) }
        } else {
          logStds = Array(parameters[place..<place + part.size])
          place += part.size
        }
      }
      if part.kind == .categorical {
        let choices = ReferenceColumn.categorical(inputs)
        logProbability += choices[Int(own[0])]
        entropy -= choices.reduce(0) { $0 + exp($1) * $1 }
      } else {
        for j in 0..<part.size {
          let column =
            switch part.kind {
            case .bernoulli: ReferenceColumn.bernoulli(inputs[j], own[j])
            case .beta: ReferenceColumn.beta(inputs[j], inputs[part.size + j], own[j], part)
            case .squashedGaussian: ReferenceColumn.squashed(inputs[j], logStds[j], own[j], part)
            default: ReferenceColumn.gaussian(inputs[j], logStds[j], own[j])
            }
          logProbability += column.logProbability
          entropy += column.entropy
        }
      }
      output += inputs.count
      column += part.columns
    }
    return (logProbability, entropy)
  }
}

/// Densities and entropies of single columns in double precision.
enum ReferenceColumn {
  typealias Result = (logProbability: Double, entropy: Double)

  /// The log-probabilities of all choices.
  static func categorical(_ logits: [Double]) -> [Double] {
    let maximum = logits.max() ?? 0
    let total = logits.reduce(0) { $0 + exp($1 - maximum) }
    return logits.map { $0 - maximum - log(total) }
  }

  static func bernoulli(_ logit: Double, _ action: Double) -> Result {
    let p = 1 / (1 + exp(-logit))
    return (action == 1 ? log(p) : log1p(-p), -p * log(p) - (1 - p) * log1p(-p))
  }

  static func gaussian(_ mean: Double, _ logStd: Double, _ action: Double) -> Result {
    let z = (action - mean) / exp(logStd)
    return (-0.5 * z * z - logStd - 0.5 * log(2 * .pi), logStd + 0.5 * log(2 * .pi * M_E))
  }

  static func squashed(_ mean: Double, _ logStd: Double, _ action: Double, _ part: ActionPart) -> Result {
    let half = (Double(part.high) - Double(part.low)) / 2
    let y = (action - Double(part.low)) / half - 1
    let normal = gaussian(mean, logStd, atanh(y))
    let deviation = exp(logStd)
    // By the trapezoidal rule within 8 deviations.
    var (sum, weights) = (0.0, 0.0)
    for node in -128...128 {
      let z = Double(node) / 16
      let weight = exp(-0.5 * z * z)
      let distance = abs(mean + deviation * z)
      sum += weight * 2 * (log(2) - distance - log1p(exp(-2 * distance)))
      weights += weight
    }
    return (normal.logProbability - log(half * (1 - y * y)), normal.entropy + log(half) + sum / weights)
  }

  static func beta(_ first: Double, _ second: Double, _ action: Double, _ part: ActionPart) -> Result {
    let (a, b) = (1 + log1p(exp(first)), 1 + log1p(exp(second)))
    let range = Double(part.high) - Double(part.low)
    let x = (action - Double(part.low)) / range
    let logBeta = lgamma(a) + lgamma(b) - lgamma(a + b)
    let rest = (a - 1) * digamma(a) + (b - 1) * digamma(b) - (a + b - 2) * digamma(a + b)
    return ((a - 1) * log(x) + (b - 1) * log1p(-x) - logBeta - log(range), logBeta - rest + log(range))
  }

  /// The slope of lgamma by differences, within 10⁻⁷.
  static func digamma(_ x: Double) -> Double { (lgamma(x + 1e-3) - lgamma(x - 1e-3)) / 2e-3 }
}

/// What a policy may be made of, one of each.
struct NetworksCase: Sendable, CustomTestStringConvertible {
  var kind: ActionPart.Kind
  var activation = Activation.tanh
  var stateDependentStd = false
  var sharesTrunk = false
  var layerNorm = false
  var bias = true
  var hidden = [7, 9]
  /// Whether there are parts of all five kinds, the others before and after.
  var isHybrid = false

  var testDescription: String {
    "\(kind.name)\(isHybrid ? " among all" : "")\(stateDependentStd ? " by state" : "") \(activation.name)\(sharesTrunk ? " shared" : "")"
      + "\(layerNorm ? " normalised" : "")\(bias ? "" : " without bias") \(hidden)"
  }

  private var parts: [ActionPart] {
    func part(_ kind: ActionPart.Kind, _ size: Int = 2) -> ActionPart { ActionPart(kind, size: size, low: -1, high: 3) }
    if isHybrid {
      return [part(.bernoulli), part(.gaussian, 1), part(.categorical, 3), part(.beta, 1), part(.squashedGaussian)]
    }
    return kind == .categorical ? [part(kind, 3), part(kind)] : [part(kind)]
  }

  /// Whether actions have bounds, -1 and 3.
  var isBounded: Bool { isHybrid || kind == .squashedGaussian || kind == .beta }

  /// A policy of 4 observations whose parameters are all moved away from their first values.
  func policy(seed: UInt64) throws -> Policy {
    var configuration = PolicyConfiguration(observationSize: 4, parts: parts)
    configuration.hiddenSizes = hidden
    configuration.activation = activation
    configuration.hasStateDependentStd = stateDependentStd
    configuration.sharesTrunk = sharesTrunk
    configuration.hasLayerNorm = layerNorm
    configuration.hasBias = bias
    configuration.seed = seed
    let policy = try Policy(configuration)
    var random = TestRandom(seed)
    policy.perturb(&random)
    return policy
  }

  static let kinds: [NetworksCase] = [
    NetworksCase(kind: .categorical), NetworksCase(kind: .bernoulli), NetworksCase(kind: .gaussian),
    NetworksCase(kind: .gaussian, stateDependentStd: true), NetworksCase(kind: .squashedGaussian),
    NetworksCase(kind: .squashedGaussian, stateDependentStd: true), NetworksCase(kind: .beta),
    NetworksCase(kind: .gaussian, isHybrid: true),
    NetworksCase(kind: .gaussian, stateDependentStd: true, isHybrid: true),
  ]

  /// Every distribution × activation × trunk × layer norm; further, without biases and without hidden layers.
  static let all: [NetworksCase] = kinds.flatMap { kind in
    var cases: [NetworksCase] = []
    for activation in Activation.allCases {
      for sharesTrunk in [false, true] {
        for layerNorm in [false, true] {
          var one = kind
          (one.activation, one.sharesTrunk, one.layerNorm) = (activation, sharesTrunk, layerNorm)
          cases.append(one)
        }
      }
    }
    var plain = kind
    (plain.bias, plain.hidden) = (false, [])
    var single = kind
    (single.bias, single.hidden, single.layerNorm, single.sharesTrunk, single.activation) = (
      false, [5], true, true, .gelu
    )
    return cases + [plain, single]
  }
}
