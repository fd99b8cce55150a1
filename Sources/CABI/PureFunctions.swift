import CPGrad
import PolicyGradient

@_cdecl("pgrad_returns") @implementation
public func pgrad_returns(
  _ rewards: UnsafePointer<Float>!, _ ended: UnsafePointer<UInt8>!, _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double,
  _ returns: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  reply { () throws(Refusal) in
    let (steps, environments) = try tableSize(n_steps, n_envs)
    let rewards = try finiteRows(rewards, steps, environments, "rewards")
    try require(gamma, in: 0...1, "gamma")
    if let ended { try checkFlags(ended, steps, environments, "ended") }
    KernelSet.best.discountedReturns(
      steps, environments, rewards, ended, Float(gamma), try nonNull(returns, "returns"))
  }
}

@_cdecl("pgrad_gae") @implementation
public func pgrad_gae(
  _ rewards: UnsafePointer<Float>!, _ values: UnsafePointer<Float>!, _ terminated: UnsafePointer<UInt8>!,
  _ truncated: UnsafePointer<UInt8>!, _ final_values: UnsafePointer<Float>!, _ last_values: UnsafePointer<Float>!,
  _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double, _ gae_lambda: Double, _ advantages: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  reply { () throws(Refusal) in
    let steps = try ValuedSteps(
      rewards, values, terminated, truncated, final_values, last_values, n_steps, n_envs, gamma, gae_lambda)
    KernelSet.best.generalizedAdvantages(
      steps.count, steps.environments, steps.rewards, steps.values, steps.terminated, steps.truncated, steps.final,
      steps.last, Float(gamma), Float(gae_lambda), try nonNull(advantages, "advantages"))
  }
}

@_cdecl("pgrad_vtrace") @implementation
public func pgrad_vtrace(
  _ rewards: UnsafePointer<Float>!, _ values: UnsafePointer<Float>!, _ log_ratios: UnsafePointer<Float>!,
  _ terminated: UnsafePointer<UInt8>!, _ truncated: UnsafePointer<UInt8>!, _ final_values: UnsafePointer<Float>!,
  _ last_values: UnsafePointer<Float>!, _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double, _ gae_lambda: Double,
  _ rho_clip: Double, _ c_clip: Double, _ advantages: UnsafeMutablePointer<Float>!,
  _ targets: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  reply { () throws(Refusal) in
    let steps = try ValuedSteps(
      rewards, values, terminated, truncated, final_values, last_values, n_steps, n_envs, gamma, gae_lambda)
    let logRatios = try finiteRows(log_ratios, steps.count, steps.environments, "log_ratios")
    try requirePositive(rho_clip, "rho_clip")
    try requirePositive(c_clip, "c_clip")
    VTrace(lambda: gae_lambda, rhoClip: rho_clip, cClip: c_clip).correctedAdvantages(
      steps.count, steps.environments, rewards: steps.rewards, values: steps.values, logRatios: logRatios,
      terminated: steps.terminated, truncated: steps.truncated, final: steps.final, last: steps.last, gamma: gamma,
      advantages: try nonNull(advantages, "advantages"), targets: try nonNull(targets, "targets"))
  }
}

/// What advantages are estimated from, checked.
private struct ValuedSteps {
  let count: Int
  let environments: Int
  let rewards: UnsafePointer<Float>
  let values: UnsafePointer<Float>
  let terminated: UnsafePointer<UInt8>
  let truncated: UnsafePointer<UInt8>
  let final: UnsafePointer<Float>?
  let last: UnsafePointer<Float>

  init(
    _ rewards: UnsafePointer<Float>?, _ values: UnsafePointer<Float>?, _ terminated: UnsafePointer<UInt8>?,
    _ truncated: UnsafePointer<UInt8>?, _ final_values: UnsafePointer<Float>?, _ last_values: UnsafePointer<Float>?,
    _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double, _ gae_lambda: Double
  ) throws(Refusal) {
    (count, environments) = try tableSize(n_steps, n_envs)
    self.rewards = try finiteRows(rewards, count, environments, "rewards")
    self.values = try finiteRows(values, count, environments, "values")
    self.terminated = try nonNull(terminated, "terminated")
    try checkFlags(self.terminated, count, environments, "terminated")
    self.truncated = try nonNull(truncated, "truncated")
    try checkFlags(self.truncated, count, environments, "truncated")
    final = final_values
    try checkFinal(final, self.terminated, self.truncated, count, environments)
    last = try finiteRows(last_values, 1, environments, "last_values")
    try require(gamma, in: 0...1, "gamma")
    try require(gae_lambda, in: 0...1, "gae_lambda")
  }
}

/// Refuses truncated rows without a value to go on with.
private func checkFinal(
  _ final: UnsafePointer<Float>?, _ terminated: UnsafePointer<UInt8>, _ truncated: UnsafePointer<UInt8>, _ steps: Int,
  _ environments: Int
) throws(Refusal) {
  if let final, KernelSet.best.areFinalValues(final, terminated, truncated, steps * environments) { return }
  for row in 0..<steps * environments where truncated[row] != 0 && terminated[row] == 0 {
    guard let final else {
      throw Refusal(
        .invalidArgument, "final_values is NULL, and truncated[\(stepAndEnvironment(row, environments))] is set")
    }
    guard final[row].isFinite else {
      throw Refusal(
        .notFinite, "final_values[\(stepAndEnvironment(row, environments))] is \(final[row]); it must be finite")
    }
  }
}

private func stepAndEnvironment(_ row: Int, _ environments: Int) -> String {
  "\(row / environments), \(row % environments)"
}

private func tableSize(_ steps: Int64, _ environments: Int64) throws(Refusal) -> (Int, Int) {
  try require(environments, in: 1...Int64(Limits.environments), "n_envs")
  return (try rowCount(steps, columns: Int(environments), "n_steps"), Int(environments))
}
