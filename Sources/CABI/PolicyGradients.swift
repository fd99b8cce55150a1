import CPGrad
import PolicyGradient

// Sums over rows of gradients by all parameters, and products with the Fisher matrix.

@_cdecl("pgrad_policy_score_gradient") @implementation
public func pgrad_policy_score_gradient(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ actions: UnsafePointer<Float>!,
  _ weights: UnsafePointer<Float>!, _ count: Int64, _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.addScores(handle.rows(observations, nil, count), actions, weights, gradient)
  }
}

@_cdecl("pgrad_policy_score_gradient_rows") @implementation
public func pgrad_policy_score_gradient_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ actions: UnsafePointer<Float>!,
  _ weights: UnsafePointer<Float>!, _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.addScores(handle.rows(rows), actions, weights, gradient)
  }
}

@_cdecl("pgrad_policy_entropy_gradient_rows") @implementation
public func pgrad_policy_entropy_gradient_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ weights: UnsafePointer<Float>!,
  _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let (rows, weights) = try handle.weightedRows(rows, weights)
    try handle.scoreGradient.entropyGradient(rows, weights: weights, into: nonNull(gradient, "gradient"))
  }
}

@_cdecl("pgrad_policy_value_gradient_rows") @implementation
public func pgrad_policy_value_gradient_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ weights: UnsafePointer<Float>!,
  _ gradient: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    let (rows, weights) = try handle.weightedRows(rows, weights)
    try handle.scoreGradient.valueGradient(rows, weights: weights, into: nonNull(gradient, "gradient"))
  }
}

@_cdecl("pgrad_policy_fisher_vector") @implementation
public func pgrad_policy_fisher_vector(
  _ policy: OpaquePointer!, _ observations: UnsafePointer<Float>!, _ count: Int64, _ vector: UnsafePointer<Float>!,
  _ product: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.multiplyByFisher(handle.rows(observations, nil, count), vector, product)
  }
}

@_cdecl("pgrad_policy_fisher_vector_rows") @implementation
public func pgrad_policy_fisher_vector_rows(
  _ policy: OpaquePointer!, _ rows: UnsafePointer<pgrad_rows>!, _ vector: UnsafePointer<Float>!,
  _ product: UnsafeMutablePointer<Float>!
) -> pgrad_status {
  cStatus(reading: policy) { (handle: PolicyHandle) throws(Refusal) in
    try handle.multiplyByFisher(handle.rows(rows), vector, product)
  }
}

extension PolicyHandle {
  fileprivate func weightedRows(
    _ rows: UnsafePointer<pgrad_rows>?, _ weights: UnsafePointer<Float>?
  ) throws(Refusal) -> (PolicyRows, UnsafePointer<Float>) {
    let rows = try self.rows(rows)
    return (rows, try finiteRows(weights, rows.count, 1, "weights"))
  }

  fileprivate func addScores(
    _ rows: PolicyRows, _ actions: UnsafePointer<Float>?, _ weights: UnsafePointer<Float>?,
    _ gradient: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let actions = try nonNull(actions, "actions")
    try policy.check(actions, rows: rows.count, masks: rows.masks)
    let weights = try finiteRows(weights, rows.count, 1, "weights")
    try scoreGradient(rows, actions, weights: weights, into: nonNull(gradient, "gradient"))
  }

  fileprivate func multiplyByFisher(
    _ rows: PolicyRows, _ vector: UnsafePointer<Float>?, _ product: UnsafeMutablePointer<Float>?
  ) throws(Refusal) {
    let vector = try finiteRows(vector, policy.parameters.count, 1, "vector")
    try scoreGradient.fisherVector(rows, vector: vector, into: nonNull(product, "product"))
  }
}
