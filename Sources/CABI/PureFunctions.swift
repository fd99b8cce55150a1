import CPGrad
import PolicyGradient

@_cdecl("pgrad_returns") @implementation
public func pgrad_returns(
  _ rewards: UnsafePointer<Float>!, _ ended: UnsafePointer<UInt8>!, _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double,
  _ returns: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let (steps, environments) = try tableSize(n_steps, n_envs)
    let (rewards, bound) = try boundedRows(rewards, steps, environments, "rewards")
    try require(gamma, in: 0...1, "gamma")
    if let ended { try checkFlags(ended, steps, environments, "ended") }
    let table = StepTable(
      steps: steps, environments: environments, rewards: rewards, terminated: ended, truncated: nil, finalValues: nil)
    let outputs = ResultTables(steps, environments, bound: bound * Double(steps))
    try outputs.write(nonNull(returns, "returns"), "returns") { target in
      KernelSet.best.returns(of: table, gamma: gamma, into: target)
    }
  }
}

@_cdecl("pgrad_gae") @implementation
public func pgrad_gae(
  _ rewards: UnsafePointer<Float>!, _ values: UnsafePointer<Float>!, _ terminated: UnsafePointer<UInt8>!,
  _ truncated: UnsafePointer<UInt8>!, _ final_values: UnsafePointer<Float>!, _ last_values: UnsafePointer<Float>!,
  _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double, _ gae_lambda: Double, _ advantages: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let steps = try ValuedSteps(
      rewards, values, terminated, truncated, final_values, last_values, n_steps, n_envs, gamma, gae_lambda)
    try steps.outputs.write(nonNull(advantages, "advantages"), "advantages") { target in
      KernelSet.best.advantages(
        of: steps.table, values: steps.values, lastValues: steps.last, gamma: gamma, lambda: gae_lambda, into: target)
    }
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
  cStatus { () throws(Refusal) in
    let steps = try ValuedSteps(
      rewards, values, terminated, truncated, final_values, last_values, n_steps, n_envs, gamma, gae_lambda)
    let logRatios = try finiteRows(log_ratios, steps.table.steps, steps.table.environments, "log_ratios")
    try requirePositive(rho_clip, "rho_clip")
    try requirePositive(c_clip, "c_clip")
    let vtrace = VTrace(lambda: gae_lambda, rhoClip: rho_clip, cClip: c_clip)
    let (advantages, targets) = (try nonNull(advantages, "advantages"), try nonNull(targets, "targets"))
    // Each step may multiply the correction by c_clip, so no bound is known beforehand.
    let outputs = ResultTables(steps.table.steps, steps.table.environments, bound: .infinity)
    let found = try Buffer<Float>(count: outputs.count)
    try outputs.write(targets, "targets") { (target) throws(Refusal) in
      vtrace.correctedAdvantages(
        of: steps.table, values: steps.values, lastValues: steps.last, logRatios: logRatios, gamma: gamma,
        advantages: found.pointer, targets: target)
      try outputs.check(found.pointer, "advantages")
    }
    advantages.update(from: found.pointer, count: outputs.count)
  }
}

/// Tables of results, which are written only if all of them are finite.
private struct ResultTables {
  let count: Int
  private let environments: Int
  private let isSafe: Bool

  /// - Parameter bound: An upper bound of all results; infinite if none is known.
  init(_ steps: Int, _ environments: Int, bound: Double) {
    count = steps * environments
    self.environments = environments
    isSafe = bound < Double(Float.greatestFiniteMagnitude) / 2
  }

  /// Computes into `target`. If a result may not be finite, computes into other memory, checks, and copies.
  func write(
    _ target: UnsafeMutablePointer<Float>, _ name: StaticString,
    _ compute: (UnsafeMutablePointer<Float>) throws(Refusal) -> Void
  ) throws(Refusal) {
    guard !isSafe else { return try compute(target) }
    let found = try Buffer<Float>(count: count)
    try compute(found.pointer)
    try check(found.pointer, name)
    target.update(from: found.pointer, count: count)
  }

  func check(_ found: UnsafePointer<Float>, _ name: StaticString) throws(Refusal) {
    guard !KernelSet.best.isFinite(found, count) else { return }
    for row in 0..<count where !found[row].isFinite {
      throw Refusal(
        .notFinite,
        "\(name)[\(stepAndEnvironment(row, environments))] would be \(found[row]): the rewards or values are too large")
    }
  }
}

/// Rows of finite numbers and the largest magnitude among them, in one pass.
private func boundedRows(
  _ values: UnsafePointer<Float>?, _ rows: Int, _ columns: Int, _ name: StaticString
) throws(Refusal) -> (values: UnsafePointer<Float>, bound: Double) {
  let values = try nonNull(values, name)
  let bound = KernelSet.best.largestMagnitude(values, rows * columns)
  return (bound.isFinite ? values : try finiteRows(values, rows, columns, name), Double(bound))
}

/// The checked inputs of advantage estimators.
private struct ValuedSteps {
  let table: StepTable
  let values: UnsafePointer<Float>
  let last: UnsafePointer<Float>
  let outputs: ResultTables

  init(
    _ rewards: UnsafePointer<Float>?, _ values: UnsafePointer<Float>?, _ terminated: UnsafePointer<UInt8>?,
    _ truncated: UnsafePointer<UInt8>?, _ final_values: UnsafePointer<Float>?, _ last_values: UnsafePointer<Float>?,
    _ n_steps: Int64, _ n_envs: Int64, _ gamma: Double, _ gae_lambda: Double
  ) throws(Refusal) {
    let (steps, environments) = try tableSize(n_steps, n_envs)
    let (rewards, rewardBound) = try boundedRows(rewards, steps, environments, "rewards")
    let valueBound: Double
    (self.values, valueBound) = try boundedRows(values, steps, environments, "values")
    let terminated = try nonNull(terminated, "terminated")
    try checkFlags(terminated, steps, environments, "terminated")
    let truncated = try nonNull(truncated, "truncated")
    try checkFlags(truncated, steps, environments, "truncated")
    let finalBound = try finalBound(final_values, terminated, truncated, steps, environments)
    let lastBound: Double
    (last, lastBound) = try boundedRows(last_values, 1, environments, "last_values")
    try require(gamma, in: 0...1, "gamma")
    try require(gae_lambda, in: 0...1, "gae_lambda")
    table = StepTable(
      steps: steps, environments: environments, rewards: rewards, terminated: terminated, truncated: truncated,
      finalValues: final_values)
    // |A_t| is at most the sum of all |δ|.
    let delta = rewardBound + valueBound + max(valueBound, lastBound, finalBound)
    outputs = ResultTables(steps, environments, bound: delta * Double(steps))
  }
}

/// The largest final value of truncated rows; refuses such rows without one.
private func finalBound(
  _ final: UnsafePointer<Float>?, _ terminated: UnsafePointer<UInt8>, _ truncated: UnsafePointer<UInt8>, _ steps: Int,
  _ environments: Int
) throws(Refusal) -> Double {
  if let final {
    let bound = KernelSet.best.largestFinalValue(final, terminated, truncated, steps * environments)
    if bound.isFinite { return Double(bound) }
  }
  for row in 0..<steps * environments where truncated[row] != 0 && terminated[row] == 0 {
    guard let final else {
      throw Refusal(
        .invalidArgument,
        "final_values is NULL, but truncated[\(stepAndEnvironment(row, environments))] is 1; give the values of final observations"
      )
    }
    guard final[row].isFinite else {
      throw Refusal(
        .notFinite, "final_values[\(stepAndEnvironment(row, environments))] is \(final[row]); it must be finite")
    }
  }
  return 0
}

private func stepAndEnvironment(_ row: Int, _ environments: Int) -> String {
  "\(row / environments), \(row % environments)"
}

private func tableSize(_ steps: Int64, _ environments: Int64) throws(Refusal) -> (Int, Int) {
  try require(environments, in: 1...Int64(Limits.environments), "n_envs")
  return (try rowCount(steps, columns: Int(environments), "n_steps"), Int(environments))
}
