import Foundation

@testable import PolicyGradient

/// The builds of the kernels that this processor runs.
let kernelBuilds: [KernelSet] = KernelSet.available

/// One part of an action space at given outputs of a network and own parameters, without a network.
struct PartAt {
  let space: ActionSpace
  let rows: Int
  var outputs: [Float]
  var parameters: [Float]

  init(
    _ part: ActionPart, stateDependentStd: Bool = false, outputs: [Float], parameters: [Float] = [],
    _ kernels: KernelSet = .best
  ) {
    self.init(
      ActionSpace([part], stateDependentStd: stateDependentStd, kernels), outputs: outputs, parameters: parameters)
  }

  init(_ space: ActionSpace, outputs: [Float], parameters: [Float] = []) {
    self.space = space
    rows = outputs.count / space.outputs
    self.outputs = outputs
    self.parameters = parameters
  }

  func logProbability(_ actions: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: rows)
    space.logProbability(outputs, parameters, rows: rows, actions: actions, into: &result)
    return result
  }

  func entropy() -> [Float] {
    var result = [Float](repeating: 0, count: rows)
    space.entropy(outputs, parameters, rows: rows, into: &result)
    return result
  }

  func mode() -> [Float] {
    var result = [Float](repeating: 0, count: rows * space.columns)
    space.mode(outputs, parameters, rows: rows, actions: &result)
    return result
  }

  func sample(seed: UInt64 = 0, step: UInt64 = 0) -> (actions: [Float], logProbabilities: [Float]) {
    var actions = [Float](repeating: 0, count: rows * space.columns)
    var logProbabilities = [Float](repeating: 0, count: rows)
    var scratch = [Float](repeating: 0, count: rows * space.maximumPartSize)
    space.sample(
      outputs, parameters, rows: rows, seed: seed, step: step, firstRow: 0, scratch: &scratch, actions: &actions,
      logProbabilities: &logProbabilities)
    return (actions, logProbabilities)
  }

  /// The gradient of Σ weights·log π + entropyWeight·H by the outputs and by the own parameters.
  func score(_ actions: [Float], weights: [Float], entropyWeight: Float) -> (outputs: [Float], parameters: [Float]) {
    var outputGradients = [Float](repeating: 0, count: outputs.count)
    var parameterGradients = [Float](repeating: 0, count: parameters.count)
    space.score(
      outputs, parameters, rows: rows, actions: actions, weights: weights,
      entropyWeights: [Float](repeating: entropyWeight, count: rows),
      outputGradients: &outputGradients, parameterGradients: &parameterGradients)
    return (outputGradients, parameterGradients)
  }

  func divergence(from other: PartAt) -> [Float] {
    var result = [Float](repeating: 0, count: rows)
    space.divergence(
      outputs, parameters, from: other.space, other.outputs, other.parameters, rows: rows, into: &result)
    return result
  }

  /// The Fisher matrix times tangents of the outputs and of the own parameters; of the latter summed over rows.
  func fisher(_ tangents: [Float], _ parameterTangents: [Float] = []) -> (outputs: [Float], parameters: [Float]) {
    var products = tangents
    var parameterProducts = [Float](repeating: 0, count: parameters.count)
    space.applyFisher(
      outputs, parameters, rows: rows, outputTangents: &products, parameterTangents: parameterTangents,
      parameterProducts: &parameterProducts)
    return (products, parameterProducts)
  }

  func refusal(of actions: [Float]) -> Refusal? {
    do throws(Refusal) {
      try space.check(actions, rows: rows)
      return nil
    } catch {
      return error
    }
  }
}

/// The greatest |value - expected| / max(1, |expected|), infinite where a value is NaN or the counts differ.
func greatestError(_ values: [Float], _ expected: [Double]) -> Double {
  guard values.count == expected.count else { return .infinity }
  return zip(values, expected).reduce(0) { worst, pair in
    let error = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
    return error.isNaN ? .infinity : max(worst, error)
  }
}

func areFinite(_ values: [Float]) -> Bool { values.allSatisfy { $0.isFinite } }
