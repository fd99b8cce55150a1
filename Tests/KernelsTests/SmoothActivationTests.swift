import Foundation
import Testing

/// -30 to 30, the neighbourhood of 0, and what overflows in between.
private let inputs: [Float] =
  (-3_000...3_000).map { Float($0) / 100 } + [-1e-3, 1e-3, -1e-6, 1e-6, -1e4, 1e4, -1e30, 1e30, -0.0, 0]

private func check(
  _ build: KernelSet, _ tolerance: Double, forward: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
  backward: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
  value: (Double) -> Double, slope: (Double) -> Double
) {
  for count in [inputs.count, 1, 7, 8] {
    let x = Fenced(Array(inputs.suffix(count)))
    let y = Fenced(Array(inputs.suffix(count)))
    forward(x.last(count), y.last(count), count)
    let gradient = inPlace([Float](repeating: 3, count: count)) { backward(x.last(count), y.last(count), $0, count) }
    for (index, x) in inputs.suffix(count).enumerated() {
      let expected = value(Double(x))
      // Relative to the value itself, also where that is small.
      #expect(abs(Double(y.last(count)[index]) - expected) <= tolerance * abs(expected) + 1e-37, "\(x)")
      #expect(abs(Double(gradient[index]) / 3 - slope(Double(x))) <= 1e-6, "\(x)")
    }
  }
}

@Suite struct SmoothActivationTests {
  @Test(arguments: builds) func eluIsExponentialBelowZero(_ build: KernelSet) {
    check(
      build, 1e-6, forward: { build.eluForward($1, $2) }, backward: { build.eluBackward($1, $2, $3) },
      value: { $0 > 0 ? $0 : expm1($0) }, slope: { $0 > 0 ? 1 : exp($0) })
  }

  @Test(arguments: builds) func siluIsItsInputTimesItsLogistic(_ build: KernelSet) {
    check(
      build, 1e-6, forward: { build.siluForward($0, $1, $2) },
      backward: { x, _, gradient, count in
        build.siluBackward(x, gradient, count)
      },
      value: { $0 / (1 + exp(-$0)) },
      slope: { x in
        let s = 1 / (1 + exp(-x))
        return s == 0 ? 0 : s * (1 + x * (1 - s))
      })
  }

  @Test(arguments: builds) func geluIsItsInputTimesTheNormalDistribution(_ build: KernelSet) {
    // In the far tail e^(-x²/2) carries the rounding of x²/2, up to 87 · 2⁻²⁴.
    check(
      build, 1e-5, forward: { build.geluForward($0, $1, $2) },
      backward: { x, _, gradient, count in
        build.geluBackward(x, gradient, count)
      },
      value: { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) },
      slope: {
        0.5 * erfc(-$0 / 2.0.squareRoot()) + ($0 * $0 > 1e4 ? 0 : $0 * exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot())
      })
  }
}
