import Testing

/// Elementwise kernels give each element the same bits as alone: at every count from 0 to 70, at every distance from an
/// aligned address, and with special numbers among its neighbours. They write to no other memory.
@Suite struct ElementwiseTests {
  typealias Floats = UnsafeMutablePointer<Float>

  /// Kernels that change the first of three arrays by the others; those that follow the first may change too.
  static func kernels(_ build: KernelSet) -> [(name: String, run: (Floats, Floats, Floats, Int) -> Void)] {
    [
      ("exponential", { x, _, _, n in build.mapExponential(x, x, n) }),
      ("logarithm", { x, _, _, n in build.mapLogarithm(x, x, n) }),
      ("tanh", { x, _, _, n in build.tanhForward(x, n) }),
      ("tanh backward", { g, y, _, n in build.tanhBackward(y, g, n) }),
      ("relu", { x, _, _, n in build.reluForward(x, n) }),
      ("relu backward", { g, y, _, n in build.reluBackward(y, g, n) }),
      ("elu", { x, _, _, n in build.eluForward(x, n) }),
      ("elu backward", { g, y, _, n in build.eluBackward(y, g, n) }),
      ("silu", { y, x, _, n in build.siluForward(x, y, n) }),
      ("silu backward", { g, x, _, n in build.siluBackward(x, g, n) }),
      ("gelu", { y, x, _, n in build.geluForward(x, y, n) }),
      ("gelu backward", { g, x, _, n in build.geluBackward(x, g, n) }),
      ("scale", { x, _, _, n in build.scale(x, n, 0.3) }),
      ("write scaled", { x, y, _, n in build.writeScaled(x, y, 0.3, n) }),
      ("add scaled", { x, y, _, n in build.addScaled(x, y, 0.3, n) }),
      ("shift and scale", { x, _, _, n in build.shiftAndScale(x, n, 0.1, 0.3) }),
      ("sgd", { x, v, g, n in build.sgdStep(x, v, g, n, 0.1, 0.9, 0.5) }),
      ("rmsprop", { x, v, g, n in build.rmspropStep(x, v, g, n, 0.5, 0.99, 0.1, 1e-3, 1e-5) }),
      ("adam", { x, m, v, n in build.adamStep(x, m, v, x, n, 0.5, 0.9, 0.999, 0.1, 1.5, 1e-5, 1e-3) }),
    ]
  }

  /// Ordinary numbers, and one in five of those that are not.
  static func numbers(_ seed: UInt64) -> [Float] {
    var random = TestRandom(seed)
    let special: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 0x1p-130, -0x1p-130,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88.8, -104, 1, -1,
    ]
    return (0..<70).map { _ in
      let place = Int(random.next() % 80)
      return place < special.count ? special[place] : random.float(place % 2 == 0 ? 1 : 20)
    }
  }

  static func areSame(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }

  @Test(arguments: builds) func eachElementHasTheBitsItHasAlone(_ build: KernelSet) {
    let arrays = (1...3).map { ElementwiseTests.numbers($0) }
    for (name, run) in ElementwiseTests.kernels(build) {
      var alone = arrays
      for i in 0..<70 {
        let one = arrays.map { Fenced([$0[i]]) }
        run(one[0].last(1), one[1].last(1), one[2].last(1), 1)
        for k in 0..<3 { alone[k][i] = one[k].values(1)[0] }
      }
      var failures: [String] = []
      for count in 0...70 {
        let together = arrays.map { _ in Fenced(80) }
        for k in 0..<3 {
          together[k].fillWithCanaries()
          together[k].last(count).update(from: arrays[k], count: count)
        }
        run(together[0].last(count), together[1].last(count), together[2].last(count), count)
        for k in 0..<3 {
          let values = together[k].values(count)
          let isSame = (0..<count).allSatisfy { ElementwiseTests.areSame(values[$0], alone[k][$0]) }
          let before = together[k].last(count + 16)
          let isUntouched = (0..<16).allSatisfy { before[$0].bitPattern == canary.bitPattern }
          if !isSame || !isUntouched { failures.append("array \(k) of \(count)") }
        }
      }
      #expect(failures.isEmpty, "\(name): \(failures)")
    }
  }
}
