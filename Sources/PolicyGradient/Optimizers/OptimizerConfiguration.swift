/// How gradients are climbed. The C header states what each number means.
package struct OptimizerConfiguration: Equatable, Sendable {
  package enum Kind: Int32, Sendable {
    case sgd = 1
    case adam, rmsprop

    package var name: String {
      switch self {
      case .sgd: "sgd"
      case .adam: "adam"
      case .rmsprop: "rmsprop"
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

  package init() {}

  package func validate() throws(Refusal) {
    try requirePositive(learningRate, "learning_rate")
    // The arithmetic is in single precision, where a number just below 1 is 1, and one just above 0 is 0.
    for (value, name) in [(momentum, "momentum"), (beta1, "beta1"), (beta2, "beta2"), (decay, "decay")] {
      try require(value >= 0 && Float(value) < 1, name, "\(value)", "lie in [0, 1), and below 1 as a float")
    }
    try requirePositive(epsilon, "epsilon")
    try require(Float(epsilon) > 0, "epsilon", "\(epsilon)", "be above 0 as a float")
    try requireNonNegative(maxGradNorm, "max_grad_norm")
  }
}
