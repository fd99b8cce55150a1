import Foundation

@testable import PolicyGradient

/// The distribution of one part of an action in double precision, from the equations that the header states.
struct ReferenceHead {
  let part: ActionPart
  /// Logits, means, or α of a Beta distribution.
  let first: [Double]
  /// Log standard deviations, or β of a Beta distribution.
  let second: [Double]

  /// - Parameters:
  ///   - first: The network's outputs: logits, means, or what α is computed from.
  ///   - second: Log standard deviations, or the outputs that β is computed from.
  init(_ part: ActionPart, _ first: [Double], _ second: [Double]) {
    func shape(_ output: Double) -> Double { 1 + log1p(exp(output)) }
    self.part = part
    self.first = part.kind == .beta ? first.map(shape) : first
    self.second = part.kind == .beta ? second.map(shape) : second
  }

  private var range: Double { Double(part.high) - Double(part.low) }

  // MARK: Log-probability

  /// log π(a|s) of a whole action.
  static func logProbability(_ heads: [ReferenceHead], _ action: [Float]) -> Double {
    var (column, sum) = (0, 0.0)
    for head in heads {
      let own = action[column..<column + head.part.columns].map(Double.init)
      sum +=
        head.part.kind == .categorical
        ? logSoftmax(head.first)[Int(own[0])] : own.indices.reduce(0) { $0 + head.logProbability($1, own[$1]) }
      column += head.part.columns
    }
    return sum
  }

  private func logProbability(_ j: Int, _ action: Double) -> Double {
    switch part.kind {
    case .bernoulli:
      return action == 1 ? log(sigmoid(first[j])) : log1p(-sigmoid(first[j]))
    case .beta:
      let x = (action - Double(part.low)) / range
      return (first[j] - 1) * log(x) + (second[j] - 1) * log1p(-x) - logBeta(first[j], second[j]) - log(range)
    case .squashedGaussian:
      let y = (action - Double(part.low)) / (range / 2) - 1
      return normalLogProbability(j, atanh(y)) - log(range / 2 * (1 - y * y))
    default:
      return normalLogProbability(j, action)
    }
  }

  private func normalLogProbability(_ j: Int, _ action: Double) -> Double {
    let z = (action - first[j]) / exp(second[j])
    return -0.5 * z * z - second[j] - 0.5 * log(2 * .pi)
  }

  // MARK: Entropy

  /// H(π(·|s)).
  static func entropy(_ heads: [ReferenceHead]) -> Double {
    heads.reduce(0) { sum, head in
      head.part.kind == .categorical
        ? logSoftmax(head.first).reduce(sum) { $0 - exp($1) * $1 }
        : (0..<head.part.size).reduce(sum) { $0 + head.entropy($1) }
    }
  }

  private func entropy(_ j: Int) -> Double {
    let normal = second.isEmpty ? 0 : second[j] + 0.5 * log(2 * .pi * M_E)
    switch part.kind {
    case .bernoulli:
      let p = sigmoid(first[j])
      return -p * log(p) - (1 - p) * log1p(-p)
    case .beta:
      let (a, b) = (first[j], second[j])
      let mean = (a - 1) * digamma(a) + (b - 1) * digamma(b) - (a + b - 2) * digamma(a + b)
      return logBeta(a, b) - mean + log(range)
    case .squashedGaussian:
      // H + log half + E[log(1 - tanh² u)], the mean by the trapezoidal rule within 8 deviations.
      var (sum, weights) = (0.0, 0.0)
      for node in -128...128 {
        let z = Double(node) / 16
        let weight = exp(-0.5 * z * z)
        let distance = abs(first[j] + exp(second[j]) * z)
        sum += weight * 2 * (log(2) - distance - log1p(exp(-2 * distance)))
        weights += weight
      }
      return normal + log(range / 2) + sum / weights
    default:
      return normal
    }
  }

  // MARK: Divergence

  /// KL(p ‖ q).
  static func divergence(_ heads: [ReferenceHead], _ others: [ReferenceHead]) -> Double {
    zip(heads, others).reduce(0) { $0 + $1.0.divergence(from: $1.1) }
  }

  private func divergence(from other: ReferenceHead) -> Double {
    guard part.kind == .categorical else { return (0..<part.size).reduce(0) { $0 + divergence($1, from: other) } }
    return zip(logSoftmax(first), logSoftmax(other.first)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
  }

  private func divergence(_ j: Int, from other: ReferenceHead) -> Double {
    switch part.kind {
    case .bernoulli:
      let (p, q) = (sigmoid(first[j]), sigmoid(other.first[j]))
      return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    case .beta:
      let (a, b, c, d) = (first[j], second[j], other.first[j], other.second[j])
      let slope = (a - c) * digamma(a) + (b - d) * digamma(b) - (a - c + b - d) * digamma(a + b)
      return logBeta(c, d) - logBeta(a, b) + slope
    default:
      let distance = first[j] - other.first[j]
      let (own, others) = (exp(2 * second[j]), exp(2 * other.second[j]))
      return other.second[j] - second[j] + (own + distance * distance) / (2 * others) - 0.5
    }
  }
}

/// The log-probabilities of all choices.
private func logSoftmax(_ logits: [Double]) -> [Double] {
  let maximum = logits.max() ?? 0
  let total = logits.reduce(0) { $0 + exp($1 - maximum) }
  return logits.map { $0 - maximum - log(total) }
}

private func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

private func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

/// The slope of lgamma by differences, within 10⁻⁷.
private func digamma(_ x: Double) -> Double { (lgamma(x + 1e-3) - lgamma(x - 1e-3)) / 2e-3 }
