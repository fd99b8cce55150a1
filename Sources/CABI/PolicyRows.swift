import PolicyGradient

extension PolicyHandle {
  /// Checks rows of observations, and masks if there are any. Nearly every function of a policy begins with this.
  func rows(
    _ observations: UnsafePointer<Float>?, _ masks: UnsafePointer<UInt8>?, _ count: Int64
  ) throws(Refusal) -> (UnsafePointer<Float>, Int) {
    let widest = max(policy.observationSize, policy.actionSize, masks == nil ? 0 : policy.maskSize)
    let rows = try rowCount(count, columns: widest)
    let observations = try finiteRows(observations, rows, policy.observationSize, "observations")
    if let masks {
      try checkFlags(masks, rows, policy.maskSize, "masks")
      try policy.check(masks: masks, rows: rows)
    }
    return (observations, rows)
  }
}
