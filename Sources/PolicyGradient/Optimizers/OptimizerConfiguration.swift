/// The options of an optimizer. The C header states what each number means.
package struct OptimizerConfiguration: Equatable, Sendable {
  package enum Kind: Int32, Sendable {
    case sgd = 1
    case adam, rmsprop, adamw
    case tensorflowRMSProp

    package var name: String {
      switch self {
      case .sgd: "sgd"
      case .adam: "adam"
      case .rmsprop: "rmsprop"
      case .adamw: "adamw"
      case .tensorflowRMSProp: "rmsprop_tensorflow"
      }
    }
  }

  package var kind = Kind.adam
  package var learningRate = 3e-4
  package var momentum = 0.0
  package var beta1 = 0.9
  package var beta2 = 0.999
  package var decay = 0.99
  package var epsilon = 1e-8
  package var maxGradNorm = 0.0
  package var weightDecay = 0.01

  package init() {}
}

extension OptimizerConfiguration: OptionTable {
  package static let options: [Option<OptimizerConfiguration, Void>] = [
    Option("kind", \.kind),
    Option("learning_rate", \.learningRate, .positive),
    Option("momentum", \.momentum, .decay),
    Option("beta1", \.beta1, .decay),
    Option("beta2", \.beta2, .decay),
    Option("decay", \.decay, .decay),
    Option("epsilon", \.epsilon, .positiveAsFloat),
    Option("max_grad_norm", \.maxGradNorm, .nonNegative),
    Option("weight_decay", \.weightDecay, .nonNegative),
  ]
}
