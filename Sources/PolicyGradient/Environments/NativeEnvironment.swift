/// Environments that move by ``Dynamics`` inside the library.
///
/// Each environment's episodes begin where words keyed by (seed, environment, episode) say, the environment being the first of
/// its group: they depend neither on how many environments there are nor on when episodes end. Steps and resets allocate nothing.
final class NativeEnvironment: StatefulEnvironment {
  let count: Int
  let observationSize: Int
  let stateSize: Int
  let parts: [ActionPart]
  let maxEpisodeSteps: Int?

  /// A column of `count` numbers for each of the state's.
  fileprivate let states: Buffer<Double>
  fileprivate let shown: Buffer<Float>
  fileprivate let elapsedSteps: Buffer<Int32>
  /// Which episode each environment is in, counted from the last reset.
  fileprivate let episodes: Buffer<UInt64>
  private let words: Buffer<UInt32>
  private var seed: UInt64 = 0
  private var groupSize = 1
  private var isReset = false

  // Compiled for each of the dynamics where init is called with a concrete type. Were the class generic instead, its methods
  // would be called through the protocol, which only knows their one slow version for any type.
  private let start: (NativeEnvironment, Int) -> Void
  private let show: (NativeEnvironment, Int) -> Void
  private let advance: (NativeEnvironment, UnsafePointer<Float>, borrowing Answer) -> Void

  /// - Parameter count: 1 to 1,048,576.
  @inline(__always)
  init<D: Dynamics>(_ dynamics: D.Type, count: Int) throws(Refusal) {
    try require(count, in: 1...Limits.environments, "the number of environments")
    self.count = count
    self.observationSize = D.observationSize
    self.stateSize = D.State.scalarCount
    self.parts = [D.part]
    self.maxEpisodeSteps = D.maxEpisodeSteps
    self.states = try Buffer(count: count * D.State.scalarCount)
    self.shown = try Buffer(count: count * D.observationSize)
    self.elapsedSteps = try Buffer(count: count)
    self.episodes = try Buffer(count: count)
    self.words = try Buffer(count: 2 * D.State.scalarCount)
    self.start = { environment, row in environment.start(D.self, row) }
    self.show = { environment, row in environment.show(D.self, row) }
    self.advance = { environment, actions, answer in environment.advance(D.self, actions, answer) }
  }

  var observations: UnsafePointer<Float>? { isReset ? UnsafePointer(shown.pointer) : nil }

  func reset(seed: UInt64, groupSize: Int) {
    self.seed = seed
    self.groupSize = groupSize
    episodes.elements.update(repeating: 0)
    for row in 0..<count { start(self, row) }
    isReset = true
  }

  func step(_ actions: UnsafePointer<Float>, into answer: borrowing Answer) throws(Refusal) {
    guard isReset else { throw .stepBeforeReset }
    advance(self, actions, answer)
    answer.nextObservations.update(from: shown.pointer, count: shown.count)
  }

  func copyStates(into result: UnsafeMutablePointer<Double>) {
    for row in 0..<count {
      for k in 0..<stateSize { result[row * stateSize + k] = states.pointer[k * count + row] }
    }
  }

  func setStates(_ values: UnsafePointer<Double>) throws(Refusal) {
    for i in 0..<count * stateSize {
      try requireState(values[i], "states[\(i / stateSize), \(i % stateSize)]")
    }
    for row in 0..<count {
      for k in 0..<stateSize { states.pointer[k * count + row] = values[row * stateSize + k] }
      elapsedSteps.pointer[row] = 0
      show(self, row)
    }
    isReset = true
  }

  private func requireState(_ value: Double, _ name: @autoclosure () -> String) throws(Refusal) {
    guard value.isFinite else { throw Refusal(.notFinite, "\(name()) is \(value); it must be finite") }
    try require(value, in: -1_000_000...1_000_000, name())
  }

  /// The numbers that begin the episode an environment is in, uniform on [0, 1).
  fileprivate func uniform<State: SIMD>(_ row: Int) -> State where State.Scalar == Double {
    KernelSet.best.randomWords(
      seed, RandomStream.reset.rawValue, episodes.pointer[row], row - row % groupSize, 1, words.count,
      words.pointer)
    var result = State()
    for k in 0..<State.scalarCount {
      // 53 bits of two words.
      let bits = UInt64(words.pointer[2 * k] >> 5) << 26 | UInt64(words.pointer[2 * k + 1] >> 6)
      result[k] = Double(bits) * 0x1p-53
    }
    return result
  }
}

extension Refusal {
  static var stepBeforeReset: Refusal { Refusal(.badState, "the environment must be reset before its first step") }
}

extension NativeEnvironment {
  /// Begins an episode in one environment.
  @inline(__always)
  fileprivate func start<D: Dynamics>(_ dynamics: D.Type, _ row: Int) {
    store(D.firstState(uniform(row)), row)
    elapsedSteps.pointer[row] = 0
    show(D.self, row)
  }

  /// Makes the observation of one environment anew.
  @inline(__always)
  fileprivate func show<D: Dynamics>(_ dynamics: D.Type, _ row: Int) {
    let state: D.State = load(row)
    D.observe(state, into: shown.pointer + row * D.observationSize)
  }

  /// Steps every environment and writes all of the answer but its next observations, which are left in `shown`.
  @inline(__always)
  fileprivate func advance<D: Dynamics>(
    _ dynamics: D.Type, _ actions: UnsafePointer<Float>, _ answer: borrowing Answer
  ) {
    for row in 0..<count {
      var state: D.State = load(row)
      let (reward, terminated) = D.step(&state, action: actions[row])
      elapsedSteps.pointer[row] += 1
      let truncated = elapsedSteps.pointer[row] >= D.maxEpisodeSteps
      answer.rewards[row] = Float(reward)
      answer.terminated[row] = terminated ? 1 : 0
      answer.truncated[row] = truncated ? 1 : 0
      if terminated || truncated {
        D.observe(state, into: answer.finalObservations + row * D.observationSize)
        episodes.pointer[row] += 1
        start(D.self, row)
      } else {
        store(state, row)
        D.observe(state, into: shown.pointer + row * D.observationSize)
      }
    }
  }

  @inline(__always)
  private func load<State: SIMD>(_ row: Int) -> State where State.Scalar == Double {
    var state = State()
    for k in 0..<State.scalarCount { state[k] = states.pointer[k * count + row] }
    return state
  }

  @inline(__always)
  private func store<State: SIMD>(_ state: State, _ row: Int) where State.Scalar == Double {
    for k in 0..<State.scalarCount { states.pointer[k * count + row] = state[k] }
  }
}
