import PolicyGradient

/// The possible next states of each state and action, with their rewards: a transition table without its zeros.
struct SuccessorTable: Sendable {
  /// Where each pair's successors begin; after the last pair, where they end.
  let first: [Int]
  let states: [Int32]
  let probabilities: [Double]
  /// The sum of probabilities up to and including each successor.
  let cumulative: [Double]
  let rewards: [Float]
  /// E[r | s, a].
  let expectedRewards: [Double]

  init(
    pairs: Int, states count: Int, transitions: UnsafePointer<Double>, rewards table: UnsafePointer<Double>,
    rewardsDependOnNextState: Bool
  ) {
    var first = [0]
    var states: [Int32] = []
    var (probabilities, cumulative, expected): ([Double], [Double], [Double]) = ([], [], [])
    var rewards: [Float] = []
    for pair in 0..<pairs {
      var (sum, mean) = (0.0, 0.0)
      for next in 0..<count {
        let place = pair * count + next
        let probability = transitions[place]
        guard probability > 0 else { continue }
        let reward = table[rewardsDependOnNextState ? place : pair]
        sum += probability
        mean += probability * reward
        states.append(Int32(next))
        probabilities.append(probability)
        cumulative.append(sum)
        rewards.append(Float(reward))
      }
      first.append(states.count)
      expected.append(mean)
    }
    self.first = first
    self.states = states
    self.probabilities = probabilities
    self.cumulative = cumulative
    self.rewards = rewards
    expectedRewards = expected
  }

  /// Draws a successor by a number uniform on [0, 1).
  @inline(__always) func draw(_ pair: Int, _ uniform: Double) -> (state: Int32, reward: Float) {
    var place = first[pair]
    let last = first[pair + 1] - 1
    while place < last && cumulative[place] <= uniform { place += 1 }
    return (states[place], rewards[place])
  }
}
