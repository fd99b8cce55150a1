import Testing

@Suite struct UpdateTests {
  @Test(arguments: builds) func momentumGathersGradients(_ build: KernelSet) {
    // v = ½·2 + 4·1 = 5, θ = 1 + 0.1·5; each lane alike at every count.
    for count in 1...20 {
      let velocity = Fenced([Float](repeating: 2, count: count))
      let parameters = inPlace([Float](repeating: 1, count: count)) {
        build.sgdStep($0, velocity.last(count), [Float](repeating: 1, count: count), count, 0.1, 0.5, 4)
      }
      #expect(parameters == [Float](repeating: 1.5, count: count))
      #expect(velocity.values(count) == [Float](repeating: 5, count: count))
    }
  }

  @Test(arguments: builds) func adamFollowsItsEquations(_ build: KernelSet) {
    var random = TestRandom(6)
    for count in 1...70 {
      let (theta, gradient) = (random.floats(count), random.floats(count))
      let m = random.floats(count)
      let v = random.floats(count).map { $0 * $0 + 0.01 }
      let (first, second) = (Fenced(m), Fenced(v))
      let result = inPlace(theta) {
        build.adamStep(
          $0, first.last(count), second.last(count), gradient, count, 0.5, 0.9, 0.999, 0.01, 1.5, 1e-5, 0.25)
      }
      for i in 0..<count {
        let g = 0.5 * Double(gradient[i])
        let newFirst = 0.9 * Double(m[i]) + 0.1 * g
        let newSecond = 0.999 * Double(v[i]) + 0.001 * g * g
        let step = 0.01 * newFirst / (newSecond.squareRoot() * 1.5 + 1e-5)
        // β₁ and β₂ are not exact as floats: 1 - 0.999f differs from 0.001 by 2e-5 of itself.
        #expect(isClose(first.last(count)[i], newFirst, 1e-6))
        #expect(isClose(second.last(count)[i], newSecond, 1e-6))
        #expect(isClose(result[i], 0.75 * Double(theta[i]) + step, 1e-6))
      }
    }
  }

  @Test(arguments: builds) func adamsFirstStepIsTheLearningRateTimesTheSign(_ build: KernelSet) {
    // t = 1: m/(1 - β₁) = g, √v/√(1 - β₂) = |g|, so θ moves by lr · g/(|g| + ε).
    var theta: [Float] = [0, 0, 0]
    var (m, v) = ([Float](repeating: 0, count: 3), [Float](repeating: 0, count: 3))
    let correction = 1 / (1 - Float(0.999)).squareRoot()
    build.adamStep(&theta, &m, &v, [3, -0.01, 0], 3, 1, 0.9, 0.999, 0.1 / (1 - Float(0.9)), correction, 1e-12, 0)
    #expect(isClose(theta[0], 0.1, 1e-6) && isClose(theta[1], -0.1, 1e-6) && theta[2] == 0)
  }

  @Test(arguments: builds) func rmspropFollowsItsEquations(_ build: KernelSet) {
    // g' = 2·2 = 4, v = ¾·16 + ¼·16 = 16, θ = 1 + 0.5·4/(√(16 + 0) + 1) = 1 + 0.5·4/(√(16 + 9) + 0)
    for (inside, outside) in [(0, 1), (9, 0)] as [(Float, Float)] {
      for count in 1...20 {
        let second = Fenced([Float](repeating: 16, count: count))
        let parameters = inPlace([Float](repeating: 1, count: count)) {
          build.rmspropStep(
            $0, second.last(count), [Float](repeating: 2, count: count), count, 2, 0.75, 0.5, inside, outside)
        }
        #expect(parameters == [Float](repeating: 1.4, count: count))
        #expect(second.values(count) == [Float](repeating: 16, count: count))
      }
    }
  }
}
