import Foundation
import Testing

/// Floats of every magnitude and sign, NaN and infinities among them: one in each 2053 of all bit patterns.
private let everyMagnitude: [Float] = stride(from: UInt64(0), to: 1 << 32, by: 2053).map {
  Float(bitPattern: UInt32($0))
}

private let special: [Float] = [
  0, -0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
  .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88.72283, 88.72284, 89, -87.33655, -103.97207, -103.97209, -104,
  0.5499999, 0.55, 0.5500001, -0.55, 9.01, 9.02, 10, 10.1, 0.70710677, 0.70710683, 1.4142135, 1.4142137, 0.99999994,
  1.0000001,
]

/// The largest error in ULP over all inputs, and the input that has it.
private func worstError(
  _ inputs: [Float], _ outputs: [Float], _ exact: (Double) -> Double
) -> (error: Double, input: Float) {
  var worst = (error: 0.0, input: Float(0))
  for (input, output) in zip(inputs, outputs) {
    let error = ulps(output, exact(Double(input)))
    if error > worst.error { worst = (error, input) }
  }
  return worst
}

@Suite struct ElementaryTests {
  let inputs = everyMagnitude + special

  @Test(arguments: builds) func exponentialIsWithinTwoULP(_ build: KernelSet) {
    let outputs = inPlace(inputs) { build.mapExponential($0, $0, inputs.count) }
    let worst = worstError(inputs, outputs, Foundation.exp)
    #expect(worst.error <= 2, "at \(worst.input)")
  }

  @Test(arguments: builds) func logarithmIsWithinTwoULP(_ build: KernelSet) {
    let outputs = inPlace(inputs) { build.mapLogarithm($0, $0, inputs.count) }
    let worst = worstError(inputs, outputs, Foundation.log)
    #expect(worst.error <= 2, "at \(worst.input)")
  }

  @Test(arguments: builds) func tanhIsWithinFourULPAndOne(_ build: KernelSet) {
    let outputs = inPlace(inputs) { build.tanhForward($0, inputs.count) }
    let worst = worstError(inputs, outputs, Foundation.tanh)
    #expect(worst.error <= 4, "at \(worst.input)")
    let bounded = outputs.allSatisfy { $0.isNaN || abs($0) <= 1 }
    #expect(bounded)
  }

  @Test(arguments: builds) func theEndsOfTheRangesAreExact(_ build: KernelSet) {
    let exps = inPlace([0, -0, .infinity, -.infinity, 89, -104, .nan]) { build.mapExponential($0, $0, 7) }
    #expect(sameBits(Array(exps[..<6]), [1, 1, .infinity, 0, .infinity, 0]) && exps[6].isNaN)
    let logs = inPlace([1, 0, -0, .infinity, -1, -.infinity, .nan]) { build.mapLogarithm($0, $0, 7) }
    #expect(sameBits(Array(logs[..<4]), [0, -.infinity, -.infinity, .infinity]))
    #expect(logs[4].isNaN && logs[5].isNaN && logs[6].isNaN)
    let tanhs = inPlace([0, -0, .infinity, -.infinity, 20, .nan]) { build.tanhForward($0, 6) }
    #expect(sameBits(Array(tanhs[..<5]), [0, -0, 1, -1, 1]) && tanhs[5].isNaN)
  }
}
