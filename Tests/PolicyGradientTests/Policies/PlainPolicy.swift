import Foundation

@testable import PolicyGradient

/// A policy worked out anew in double precision and in the plainest way, from the order of parameters that the header
/// states: an oracle that shares nothing with the engine but the formulas.
struct PlainPolicy {
  let configuration: PolicyConfiguration
  var parameters: [Double]

  init(_ policy: Policy) {
    configuration = policy.configuration
    parameters = policy.parameters.array.map(Double.init)
  }

  /// One row's log π(a|s).
  func logProbability(_ observation: [Double], _ action: [Float]) -> Double {
    let (outputs, end) = network(observation, outputs: outputCount, from: 0)
    var (output, column, logStd, result) = (0, 0, end, 0.0)
    for part in configuration.parts {
      if part.kind == .categorical {
        result += logSoftmax(Array(outputs[output..<output + part.size]))[Int(action[column])]
      } else {
        for index in 0..<part.size {
          let z = (Double(action[column + index]) - outputs[output + index]) / exp(parameters[logStd + index])
          result += -0.5 * z * z - parameters[logStd + index] - 0.5 * log(2 * .pi)
        }
        logStd += part.size
      }
      output += part.size
      column += part.columns
    }
    return result
  }

  /// One row's H(π(·|s)).
  func entropy(_ observation: [Double]) -> Double {
    let (outputs, end) = network(observation, outputs: outputCount, from: 0)
    var (output, logStd, result) = (0, end, 0.0)
    for part in configuration.parts {
      if part.kind == .categorical {
        for logProbability in logSoftmax(Array(outputs[output..<output + part.size])) {
          result -= exp(logProbability) * logProbability
        }
      } else {
        for index in 0..<part.size { result += parameters[logStd + index] + 0.5 * log(2 * .pi * M_E) }
        logStd += part.size
      }
      output += part.size
    }
    return result
  }

  /// One row's V(s).
  func value(_ observation: [Double]) -> Double {
    network(observation, outputs: 1, from: valueStart).outputs[0]
  }

  /// The distribution's numbers for one row: logits and means, in the order of the parts.
  func outputs(_ observation: [Double]) -> [Double] { network(observation, outputs: outputCount, from: 0).outputs }

  var logStds: [Double] {
    let end = parameterCount(outputCount)
    return Array(parameters[end..<end + gaussianCount])
  }

  /// Where the value network's parameters begin.
  var valueStart: Int { parameterCount(outputCount) + gaussianCount }

  /// How many parameters the header's account comes to.
  var expectedCount: Int { valueStart + (configuration.hasValueFunction ? parameterCount(1) : 0) }

  private var outputCount: Int { configuration.parts.reduce(0) { $0 + $1.size } }
  private var gaussianCount: Int { configuration.parts.reduce(0) { $0 + ($1.kind == .gaussian ? $1.size : 0) } }

  private func widths(_ outputs: Int) -> [Int] { configuration.hiddenSizes + [outputs] }

  private func parameterCount(_ outputs: Int) -> Int {
    var (count, inputs) = (0, configuration.observationSize)
    for width in widths(outputs) {
      count += inputs * width + width
      inputs = width
    }
    return count
  }

  private func network(_ observation: [Double], outputs: Int, from start: Int) -> (outputs: [Double], end: Int) {
    var (x, place) = (observation, start)
    let widths = widths(outputs)
    for (index, width) in widths.enumerated() {
      var y = [Double](repeating: 0, count: width)
      let bias = place + x.count * width
      for j in 0..<width {
        var sum = parameters[bias + j]
        for i in 0..<x.count { sum += x[i] * parameters[place + i * width + j] }
        y[j] = index == widths.count - 1 ? sum : configuration.activation == .tanh ? tanh(sum) : max(0, sum)
      }
      place = bias + width
      x = y
    }
    return (x, place)
  }

  private func logSoftmax(_ logits: [Double]) -> [Double] {
    let maximum = logits.max() ?? 0
    var total = 0.0
    for logit in logits { total += exp(logit - maximum) }
    return logits.map { $0 - maximum - log(total) }
  }
}

extension PlainPolicy {
  /// The derivative of `objective` by one parameter, by central differences: in double precision their own error, of
  /// the order of 1e-10, is far below what is asked of single precision.
  func derivative(_ index: Int, _ objective: (PlainPolicy) -> Double) -> Double {
    let step = 1e-5
    var moved = self
    moved.parameters[index] = parameters[index] + step
    let above = objective(moved)
    moved.parameters[index] = parameters[index] - step
    return (above - objective(moved)) / (2 * step)
  }
}

/// Row `row` of a row-major matrix.
func row(_ values: [Float], _ row: Int, _ columns: Int) -> [Float] {
  Array(values[row * columns..<(row + 1) * columns])
}

func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }
