import Testing

@testable import PolicyGradient

/// What a policy may be made of, one of each.
struct NetworksCase: Sendable, CustomTestStringConvertible {
  var kind: ActionPart.Kind
  var activation = Activation.tanh
  var stateDependentStd = false
  var sharesTrunk = false
  var layerNorm = false
  var bias = true
  var hidden = [7, 9]
  var valueHidden: [Int]?
  /// Whether there are parts of all five kinds, the others before and after.
  var isHybrid = false

  var testDescription: String {
    "\(kind.name)\(isHybrid ? " among all" : "")\(stateDependentStd ? " by state" : "") \(activation.name)"
      + "\(sharesTrunk ? " shared" : "")\(layerNorm ? " normalised" : "")\(bias ? "" : " without bias") \(hidden)\(valueHidden.map { "\($0)" } ?? "")"
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
    configuration.valueHiddenSizes = valueHidden
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

  /// Every distribution × activation × trunk × layer norm; further, without biases, without hidden layers, and with a
  /// value network of other sizes.
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
    var (deeper, linear) = (kind, kind)
    (deeper.valueHidden, deeper.layerNorm, linear.valueHidden) = ([11, 6, 5], true, [])
    return cases + [plain, single, deeper, linear]
  }
}
