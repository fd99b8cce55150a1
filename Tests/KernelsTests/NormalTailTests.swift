import Testing

@testable import Kernels

@Suite struct NormalTailTests {
  @Test func theRarestWordsReachBeyondSixSigma() {
    // Quantiles of (m + ½)/2³² for m = 0, 1, 2, 3 and 2³¹ - 1, by scipy.special.ndtri; the highest bit is the sign.
    let words = SIMD8<UInt32>(0, 1, 2, 3, 0x8000_0000, 0x8000_0003, 0x7FFF_FFFF, 0xFFFF_FFFF)
    let expected = [6.3379578, 6.1664295, 6.0851046, 6.0309670, -6.3379578, -6.0309670, 2.918e-10, -2.918e-10]
    let draws = normal(words)
    for lane in 0..<8 { #expect(abs(Double(draws[lane]) - expected[lane]) < 2e-6) }
  }
}
