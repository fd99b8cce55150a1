import Testing

@testable import Kernels

struct SineCosineTests {
  /// Angles at every distance from the multiples of π/4, where quadrants meet, and far from zero.
  static let angles: [Double] = {
    var angles = [0, -0.0, 1e-300, 999_999.5, -1_000_000, 1_000_001, 1e300]
    for k in -4_000...4_000 { angles.append(Double(k) * Double.pi / 1_000) }
    for k in -2_000...2_000 { angles.append(Double(k) * 499.99) }
    for k in -20...20 {
      let border = Double(k) * Double.pi / 4
      angles += [border.nextDown, border.nextUp, border + 1e-9]
    }
    return angles
  }()

  @Test(arguments: [angles])
  func agreesWithTheCLibrary(angles: [Double]) {
    // 2.3e-16 is the bound stated; the C library's own error is half an ULP, at most 0.6e-16.
    for first in stride(from: 0, to: angles.count, by: 8) {
      var eight = SIMD8<Double>(repeating: 0)
      for (lane, angle) in angles[first...].prefix(8).enumerated() { eight[lane] = angle }
      let (sine, cosine) = sineCosine(eight)
      for lane in 0..<8 {
        let angle = eight[lane]
        #expect(abs(sine[lane] - sin(angle)) < 2.9e-16 && abs(cosine[lane] - cos(angle)) < 2.9e-16, "at \(angle)")
      }
    }
  }

  @Test func notANumberHasNeither() {
    // An angle is not affected by a large angle or a NaN in another lane.
    let (sine, cosine) = sineCosine(SIMD8<Double>(.nan, 1, .infinity, 0, -.infinity, 2, 1e300, -2))
    for lane in [0, 2, 4] { #expect(sine[lane].isNaN && cosine[lane].isNaN) }
    for (lane, angle) in [(1, 1.0), (3, 0.0), (5, 2.0), (6, 1e300), (7, -2.0)] {
      #expect(abs(sine[lane] - sin(angle)) < 2.9e-16 && abs(cosine[lane] - cos(angle)) < 2.9e-16)
    }
  }

  @Test func theNearestTurnIsTakenAway() {
    // 7 - 2π = 0.716814692820414; π/2 and half turns stay.
    func turned(_ angle: Double) -> Double { nearestTurn(SIMD8<Double>(repeating: angle))[5] }
    #expect(abs(turned(7) - 0.716814692820414) < 1e-15)
    #expect(abs(turned(-7) + 0.716814692820414) < 1e-15)
    #expect(turned(Double.pi / 2) == Double.pi / 2)
    for k in -1_000...1_000 { #expect(abs(turned(Double(k) * 2 * Double.pi + 1) - 1) < 1e-11) }
  }
}
