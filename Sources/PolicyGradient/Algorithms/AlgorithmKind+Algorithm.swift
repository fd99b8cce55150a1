extension AlgorithmKind {
  var algorithm: any Algorithm {
    switch self {
    case .reinforce: Reinforce()
    case .a2c: A2C()
    case .ppo: PPO()
    case .npg: NPG()
    case .trpo: TRPO()
    case .spo: SPO()
    }
  }
}
