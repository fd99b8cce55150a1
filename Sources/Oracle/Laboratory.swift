import PolicyGradient

/// Every estimator of the policy gradient on the same trajectories, compared with the exact gradient.
package final class Laboratory: Sendable {
  package let reports: [EstimateReport]
  package let exactGradient: [Double]

  /// Samples trajectories of an MDP under a policy and runs every estimator on them.
  ///
  /// - Parameter scores: ∇log π(a|s) to use, states × actions × parameters. They are read only by this call; `nil` for
  ///   the exact scores.
  /// - Throws: `.invalidArgument`, `.notFinite`, `.outOfMemory`.
  package init(
    _ mdp: TabularMDP, _ policy: TabularPolicy, _ configuration: LaboratoryConfiguration,
    scores: UnsafePointer<Double>? = nil
  ) throws(Refusal) {
    try configuration.validate(for: mdp)
    let solution = try ExactSolution(policy, in: mdp)
    let gradient = solution.gradient
    exactGradient = gradient
    let table = try scoreTable(mdp, policy, scores)
    let critics = Critics(
      solution, mdp, squaredScores: squaredLengths(table, policy.parameterCount), policy, configuration)
    let visitation = solution.discountedVisitation
    let basis = try ScoreBasis(
      table, frequencies: policy.probabilities.indices.map { policy.probabilities[$0] * visitation[$0 / mdp.actions] },
      gradient: gradient)
    let block = try trajectoryBlock(mdp, policy, configuration)
    let blockGradients = try BlockGradients(
      block, basis, pairs: mdp.states * mdp.actions, groupSize: configuration.groupSize)

    block.sample(seed: configuration.seed, stream: .pilot, first: 0)
    let optimalBaseline = blockGradients.optimalBaseline()
    let exactNorm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let runs = LaboratoryEstimator.all(lambdas: configuration.lambdas).map { estimator in
      EstimatorRun(
        estimator,
        GradientTally(
          rank: basis.rank, exactNorm: exactNorm, count: configuration.trajectories / configuration.groupSize),
        objective: solution.objective, optimalBaseline: optimalBaseline, configuration)
    }
    for first in stride(from: 0, to: configuration.trajectories, by: block.trajectories) {
      block.sample(seed: configuration.seed, stream: .laboratory, first: first)
      blockGradients.refresh()
      let groups = min(block.trajectories, configuration.trajectories - first) / configuration.groupSize
      for run in runs { blockGradients.run(run, critics, groups: groups) }
    }
    reports = runs.map { EstimateReport($0, basis: basis, gamma: mdp.gamma, groupSize: configuration.groupSize) }
  }
}

/// A block of whole groups, few enough that it stays in cache.
private func trajectoryBlock(
  _ mdp: TabularMDP, _ policy: TabularPolicy, _ configuration: LaboratoryConfiguration
) throws(Refusal) -> TrajectoryBlock {
  let length = try mdp.trajectoryLength(under: policy)
  let (group, wantedTrajectories, wantedRows) = (configuration.groupSize, 512, 1 << 18)
  try require(
    group * length <= Limits.rows, "group_size", "\(group)",
    "be at most \(Limits.rows / length) for trajectories of \(length) steps")
  let groups = max(min(wantedTrajectories, wantedRows / length) / group, 1)
  return try TrajectoryBlock(mdp, policy, trajectories: groups * group, length: length)
}

/// A copy of the given scores, or the exact ones.
private func scoreTable(
  _ mdp: TabularMDP, _ policy: TabularPolicy, _ given: UnsafePointer<Double>?
) throws(Refusal) -> Buffer<Double> {
  let (pairs, parameters) = (mdp.states * mdp.actions, policy.parameterCount)
  try policy.requireTableOfScores(in: mdp)
  let table = try Buffer<Double>(count: pairs * parameters)
  guard let given else {
    policy.scores(into: table.pointer)
    return table
  }
  for place in 0..<pairs * parameters {
    let score = given[place]
    guard score.isFinite else {
      let (pair, parameter) = (place / parameters, place % parameters)
      throw Refusal(
        .notFinite,
        "scores[\(pair / mdp.actions), \(pair % mdp.actions), \(parameter)] is \(score); it must be finite")
    }
    table.pointer[place] = score
  }
  return table
}

/// ‖·‖² of each row.
private func squaredLengths(_ table: Buffer<Double>, _ columns: Int) -> [Double] {
  stride(from: 0, to: table.count, by: columns).map { innerProduct(table.pointer + $0, table.pointer + $0, columns) }
}
