import Oracle
import PolicyGradient

/// A policy over an MDP's states whose parameters are spread evenly over [-spread, spread] in a scrambled order.
func scrambledPolicy(
  for mdp: TabularMDP, hidden: [Int] = [], activation: Activation = .tanh, parts: [ActionPart]? = nil,
  spread: Float = 0.8
) throws -> Policy {
  var configuration = PolicyConfiguration(
    observationSize: mdp.observationSize, parts: parts ?? [ActionPart(.categorical, size: mdp.actions)])
  configuration.hiddenSizes = hidden
  configuration.activation = activation
  let policy = try Policy(configuration)
  // Multiples of the golden ratio modulo 1 fill an interval evenly in an order without pattern.
  for index in 0..<policy.parameters.count {
    let fraction = (Double(index + 1) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    policy.parameters.pointer[index] = spread * Float(2 * fraction - 1)
  }
  return policy
}
