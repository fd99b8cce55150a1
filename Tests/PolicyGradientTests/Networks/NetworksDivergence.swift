import Foundation

@testable import PolicyGradient

extension NetworksReference {
  /// What one part's distribution is made of: logits, shapes, or means with log standard deviations.
  struct PartHead {
    let part: ActionPart
    let first: [Double]
    let second: [Double]
  }

  func heads(_ observation: [Double]) -> [PartHead] {
    var place = 0
    let hidden = layers(observation, &place)
    let outputs = product(hidden, outputCount, &place)
    var (output, heads) = (0, [PartHead]())
    for part in configuration.parts {
      let count = part.outputs(stateDependentStd: configuration.hasStateDependentStd)
      let inputs = Array(outputs[output..<output + count])
      output += count
      var second = Array(inputs[part.size...])
      if part.kind == .gaussian || part.kind == .squashedGaussian {
        if configuration.hasStateDependentStd {
          second = second.map { min(max($0, -20), 2) }
        } else {
          second = Array(parameters[place..<place + part.size])
          place += part.size
        }
      }
      if part.kind == .beta {
        heads.append(
          PartHead(
            part: part, first: inputs[..<part.size].map { 1 + log1p(exp($0)) },
            second: second.map { 1 + log1p(exp($0)) }
          ))
      } else {
        heads.append(PartHead(part: part, first: Array(inputs[..<part.size]), second: second))
      }
    }
    return heads
  }

  /// KL(p ‖ q) in the plainest way.
  static func divergence(_ heads: [PartHead], _ others: [PartHead]) -> Double {
    zip(heads, others).reduce(0) { $0 + divergence($1.0, $1.1) }
  }

  private static func divergence(_ p: PartHead, _ q: PartHead) -> Double {
    if p.part.kind == .categorical {
      return zip(ReferenceColumn.categorical(p.first), ReferenceColumn.categorical(q.first)).reduce(0) {
        $0 + exp($1.0) * ($1.0 - $1.1)
      }
    }
    return (0..<p.part.size).reduce(0) { sum, j in
      switch p.part.kind {
      case .bernoulli: sum + bernoulli(p.first[j], q.first[j])
      case .beta: sum + beta(p.first[j], p.second[j], q.first[j], q.second[j])
      default: sum + gaussian(p.first[j], p.second[j], q.first[j], q.second[j])
      }
    }
  }

  private static func bernoulli(_ z: Double, _ w: Double) -> Double {
    let (p, q) = (1 / (1 + exp(-z)), 1 / (1 + exp(-w)))
    return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
  }

  private static func gaussian(_ mean: Double, _ logStd: Double, _ otherMean: Double, _ otherLogStd: Double) -> Double {
    let (distance, spread) = (mean - otherMean, exp(2 * otherLogStd))
    return otherLogStd - logStd + (exp(2 * logStd) + distance * distance) / (2 * spread) - 0.5
  }

  private static func beta(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
    let other = lgamma(c) + lgamma(d) - lgamma(c + d)
    let own = lgamma(a) + lgamma(b) - lgamma(a + b)
    let slope = (a - c) * ReferenceColumn.digamma(a) + (b - d) * ReferenceColumn.digamma(b)
    return other - own + slope - (a - c + b - d) * ReferenceColumn.digamma(a + b)
  }
}
