import PolicyGradient

extension Buffer {
  var array: [Element] { Array(elements) }
}

func isNear<Number: BinaryFloatingPoint>(_ a: [Number], _ b: [Number], within tolerance: Number) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}

/// What was refused, or nil if nothing was.
func refusal(_ body: () throws -> Void) -> Refusal? {
  do {
    try body()
    return nil
  } catch {
    return error as? Refusal
  }
}

/// The policy's parameters in double precision.
func parameters(of policy: Policy) -> [Double] { policy.parameters.array.map(Double.init) }

func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// ‖a - b‖ / ‖b‖.
func relativeError(_ a: [Double], _ b: [Double]) -> Double { norm(zip(a, b).map { $0 - $1 }) / norm(b) }
