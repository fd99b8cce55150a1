import Testing

@testable import PolicyGradient

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct EnvironmentSineCosineTests {
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
    for angle in angles {
      let (sine, cosine) = sineCosine(angle)
      #expect(abs(sine - sin(angle)) < 2.9e-16 && abs(cosine - cos(angle)) < 2.9e-16, "at \(angle)")
    }
  }

  @Test func notANumberHasNeither() {
    for angle in [Double.nan, .infinity, -.infinity] {
      #expect(sineCosine(angle).sine.isNaN && sineCosine(angle).cosine.isNaN)
    }
  }

  @Test func theNearestTurnIsTakenAway() {
    // 7 - 2π = 0.716814692820414; π/2 and half turns stay.
    #expect(abs(nearestTurn(7) - 0.716814692820414) < 1e-15)
    #expect(abs(nearestTurn(-7) + 0.716814692820414) < 1e-15)
    #expect(nearestTurn(Double.pi / 2) == Double.pi / 2)
    for k in -1_000...1_000 { #expect(abs(nearestTurn(Double(k) * 2 * Double.pi + 1) - 1) < 1e-11) }
  }
}
