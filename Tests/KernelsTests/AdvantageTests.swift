import Testing

@Suite struct AdvantageTests {
  @Test(arguments: builds) func returnsDiscountFromEachStepAndStopAtEnds(_ build: KernelSet) {
    // r = 1, 2, 4 and γ = ½:  G₃ = 4,  G₂ = 2 + 2,  G₁ = 1 + 2; ended after step 2: G₂ = 2, G₁ = 1 + 1.
    var returns = [Float](repeating: 0, count: 3)
    var carry = [Double](repeating: 0, count: 8)
    build.discountedReturns(3, 1, 1, [1, 2, 4], nil, nil, nil, 0.5, &carry, &returns)
    #expect(returns == [3, 4, 4])
    build.discountedReturns(3, 1, 1, [1, 2, 4], [0, 1, 0], nil, nil, 0.5, &carry, &returns)
    #expect(returns == [2, 2, 4])
    // Truncated after step 2, where the last state was worth 8: G₂ = 2 + ½·8, G₁ = 1 + 3; terminated as well, it is
    // worth nothing.
    build.discountedReturns(3, 1, 1, [1, 2, 4], [0, 0, 0], [0, 1, 0], [.nan, 8, .nan], 0.5, &carry, &returns)
    #expect(returns == [4, 6, 4])
    build.discountedReturns(3, 1, 1, [1, 2, 4], [0, 1, 0], [0, 1, 0], [.nan, 8, .nan], 0.5, &carry, &returns)
    #expect(returns == [2, 2, 4])
  }

  @Test(arguments: builds) func advantagesFollowTheirEquationsByHand(_ build: KernelSet) {
    // γ = ½, λ = ½, V = 2 throughout, V after the last step 4, r = 1.
    // δ₃ = 1 + ½·4 - 2 = 1, A₃ = 1; δ₂ = 1 + ½·2 - 2 = 0, A₂ = ¼·1; δ₁ = 0, A₁ = 1/16
    var advantages = [Float](repeating: 0, count: 3)
    build.generalizedAdvantages(
      3, 1, [1, 1, 1], [2, 2, 2], [0, 0, 0], [0, 0, 0], nil, [4], 0.5, 0.5, &advantages)
    #expect(advantages == [0.0625, 0.25, 1])
    // Terminated at step 2: δ₂ = 1 - 2 = -1 = A₂, A₁ = 0 - ¼.
    build.generalizedAdvantages(
      3, 1, [1, 1, 1], [2, 2, 2], [0, 1, 0], [0, 0, 0], nil, [4], 0.5, 0.5, &advantages)
    #expect(advantages == [-0.25, -1, 1])
    // Truncated at step 2, where the last state was worth 8: δ₂ = 1 + 4 - 2 = 3. The other final values are not looked
    // at.
    build.generalizedAdvantages(
      3, 1, [1, 1, 1], [2, 2, 2], [0, 0, 0], [0, 1, 0], [.nan, 8, .infinity], [4], 0.5, 0.5, &advantages)
    #expect(advantages == [0.75, 3, 1])
    // Both at once counts as terminated.
    build.generalizedAdvantages(
      3, 1, [1, 1, 1], [2, 2, 2], [0, 1, 0], [0, 1, 0], [.nan, 8, .infinity], [4], 0.5, 0.5, &advantages)
    #expect(advantages == [-0.25, -1, 1])
  }

  @Test(arguments: builds) func eachEnvironmentHasTheBitsItHasAlone(_ build: KernelSet) {
    let steps = 6
    for envs in 1...70 {
      var random = TestRandom(UInt64(envs))
      let rewards = random.floats(steps * envs)
      let values = random.floats(steps * envs)
      let finals = random.floats(steps * envs)
      let last = random.floats(envs)
      let terminated = (0..<steps * envs).map { _ in UInt8(random.next() % 5 == 0 ? 1 : 0) }
      let truncated = (0..<steps * envs).map { _ in UInt8(random.next() % 5 == 0 ? 1 : 0) }
      let count = steps * envs
      let (advantages, returns, fencedRewards) = (Fenced(count), Fenced(count), Fenced(rewards))
      let (fencedValues, fencedFinals, fencedLast) = (Fenced(values), Fenced(finals), Fenced(last))
      let (stops, cuts) = (Fenced.bytes(terminated), Fenced.bytes(truncated))
      build.generalizedAdvantages(
        steps, envs, fencedRewards.last(count), fencedValues.last(count), stops.start, cuts.start,
        fencedFinals.last(count), fencedLast.last(envs), 0.99, 0.95, advantages.last(count))
      let long = Fenced(count)
      var carry = [Double](repeating: 0, count: (envs + 7) / 8 * 8)
      build.longAdvantages(
        steps, envs, envs, fencedRewards.last(count), fencedValues.last(count), stops.start, cuts.start,
        fencedFinals.last(count), fencedLast.last(envs), 0.99, 0.95, &carry, long.last(count))
      build.discountedReturns(
        steps, envs, envs, fencedRewards.last(count), stops.start, cuts.start, fencedFinals.last(count), 0.99, &carry,
        returns.last(count))
      for env in 0..<envs {
        func column<Element>(_ matrix: [Element]) -> [Element] { (0..<steps).map { matrix[$0 * envs + env] } }
        var alone = [Float](repeating: 0, count: steps)
        build.generalizedAdvantages(
          steps, 1, column(rewards), column(values), column(terminated), column(truncated), column(finals),
          [last[env]], 0.99, 0.95, &alone)
        #expect(sameBits(alone, column(advantages.values(count))))
        build.discountedReturns(
          steps, 1, 1, column(rewards), column(terminated), column(truncated), column(finals), 0.99, &carry, &alone)
        #expect(sameBits(alone, column(returns.values(count))))
        build.longAdvantages(
          steps, 1, 1, column(rewards), column(values), column(terminated), column(truncated), column(finals),
          [last[env]], 0.99, 0.95, &carry, &alone)
        #expect(sameBits(alone, column(long.values(count))))
        // And in double, to the rounding of 6 steps.
        var (advantage, next) = (0.0, Double(last[env]))
        for t in (0..<steps).reversed() {
          let at = t * envs + env
          let following = terminated[at] != 0 ? 0 : truncated[at] != 0 ? Double(finals[at]) : next
          let carried = terminated[at] != 0 || truncated[at] != 0 ? 0 : advantage
          advantage = Double(rewards[at]) + 0.99 * following - Double(values[at]) + 0.99 * 0.95 * carried
          next = Double(values[at])
          #expect(isClose(advantages.last(count)[at], advantage, 1e-5))
          #expect(isClose(long.last(count)[at], advantage, 1e-7))
        }
      }
    }
  }
}
