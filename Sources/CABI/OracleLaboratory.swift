import CPGrad
import Oracle
import PolicyGradient

/// λ of the default configuration; lives as long as the process.
nonisolated(unsafe) private let defaultLambdas = CArray(LaboratoryConfiguration().lambdas)

extension pgrad_laboratory_config {
  fileprivate static var defaults: pgrad_laboratory_config {
    let configuration = LaboratoryConfiguration()
    var config = pgrad_laboratory_config()
    config.group_size = Int32(configuration.groupSize)
    config.trajectories = Int64(configuration.trajectories)
    config.seed = configuration.seed
    config.lambdas = defaultLambdas.pointer
    config.lambda_count = defaultLambdas.count
    config.checkpoints = Int64(configuration.checkpoints)
    return config
  }

  /// The engine's configuration.
  ///
  /// - Parameter valueCount: How many numbers a table of values has.
  fileprivate func configuration(valueCount: Int) throws(Refusal) -> LaboratoryConfiguration {
    var result = LaboratoryConfiguration()
    result.groupSize = Int(group_size)
    result.trajectories = Int(trajectories)
    result.seed = seed
    try require(lambda_count, in: 0...Int64(LaboratoryConfiguration.maximumLambdas), "lambda_count")
    result.lambdas = []
    for index in 0..<Int(lambda_count) { result.lambdas.append(try nonNull(lambdas, "lambdas")[index]) }
    if let wrong_values { result.wrongValues = Array(UnsafeBufferPointer(start: wrong_values, count: valueCount)) }
    result.checkpoints = Int(checkpoints)
    return result
  }
}

@_cdecl("pgrad_laboratory_config_init") @implementation
public func pgrad_laboratory_config_init(
  _ config: UnsafeMutablePointer<pgrad_laboratory_config>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(config, struct_size, with: .defaults, "config")
  }
}

@_cdecl("pgrad_laboratory_create") @implementation
public func pgrad_laboratory_create(
  _ laboratory: UnsafeMutablePointer<OpaquePointer?>!, _ mdp: OpaquePointer!, _ policy: OpaquePointer!,
  _ config: UnsafePointer<pgrad_laboratory_config>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let place = try nonNull(laboratory, "laboratory")
    let (mdp, policy) = try tabularPolicy(mdp, policy, nil)
    let config =
      config == nil ? pgrad_laboratory_config.defaults : try readOptions(config, defaults: .defaults, "config")
    let configuration = try config.configuration(valueCount: mdp.layers * mdp.states)
    try returnHandle(Laboratory(mdp, policy, configuration, scores: config.scores), to: place)
  }
}

@_cdecl("pgrad_laboratory_destroy") @implementation
public func pgrad_laboratory_destroy(_ laboratory: OpaquePointer!) {
  Handles.destroy(laboratory, Laboratory.self)
}

@_cdecl("pgrad_laboratory_describe") @implementation
public func pgrad_laboratory_describe(
  _ laboratory: OpaquePointer!, _ info: UnsafeMutablePointer<pgrad_laboratory_info>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let laboratory: Laboratory = try borrow(laboratory, "laboratory")
    var result = pgrad_laboratory_info()
    result.estimate_count = Int64(laboratory.reports.count)
    result.checkpoint_count = Int64(laboratory.reports.first?.curve.count ?? 0)
    result.parameter_count = Int64(laboratory.exactGradient.count)
    try writeOptions(info, struct_size, with: result, "info")
  }
}

@_cdecl("pgrad_laboratory_estimate") @implementation
public func pgrad_laboratory_estimate(
  _ laboratory: OpaquePointer!, _ index: Int64, _ estimate: UnsafeMutablePointer<pgrad_estimate>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    try writeOptions(estimate, struct_size, with: pgrad_estimate(laboratoryReport(laboratory, index)), "estimate")
  }
}

@_cdecl("pgrad_laboratory_mean") @implementation
public func pgrad_laboratory_mean(
  _ laboratory: OpaquePointer!, _ index: Int64, _ gradient: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    copyOut(try laboratoryReport(laboratory, index).mean, to: try nonNull(gradient, "gradient"))
  }
}

@_cdecl("pgrad_laboratory_curve") @implementation
public func pgrad_laboratory_curve(
  _ laboratory: OpaquePointer!, _ index: Int64, _ trajectories: UnsafeMutablePointer<Int64>!,
  _ bias_norms: UnsafeMutablePointer<Double>!, _ standard_errors: UnsafeMutablePointer<Double>!,
  _ cosines: UnsafeMutablePointer<Double>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let curve = try laboratoryReport(laboratory, index).curve
    if let trajectories { copyOut(curve.map { Int64($0.trajectories) }, to: trajectories) }
    if let bias_norms { copyOut(curve.map(\.biasNorm), to: bias_norms) }
    if let standard_errors { copyOut(curve.map(\.standardError), to: standard_errors) }
    if let cosines { copyOut(curve.map(\.cosine), to: cosines) }
  }
}

private func laboratoryReport(_ laboratory: OpaquePointer?, _ index: Int64) throws(Refusal) -> EstimateReport {
  let reports = try borrow(laboratory, "laboratory", as: Laboratory.self).reports
  try require(index, in: 0...Int64(reports.count - 1), "index")
  return reports[Int(index)]
}

extension pgrad_estimate {
  fileprivate init(_ report: EstimateReport) {
    self.init()
    kind = report.estimator.kind.rawValue
    critic = report.estimator.critic.rawValue
    is_unbiased = report.isUnbiased ? 1 : 0
    gae_lambda = report.estimator.lambda
    bias_norm = report.biasNorm
    standard_error = report.standardError
    z = report.z
    p_value = report.pValue
    total_variance = report.totalVariance
    signal_to_noise = report.signalToNoise
    cosine = report.cosine
  }
}
