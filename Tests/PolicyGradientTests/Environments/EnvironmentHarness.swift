import PolicyGradient

/// An environment and the memory it answers into.
struct EnvironmentHarness {
  let environment: any VectorEnvironment
  let rewards: Buffer<Float>
  let terminated: Buffer<UInt8>
  let truncated: Buffer<UInt8>
  let nextObservations: Buffer<Float>
  let finalObservations: Buffer<Float>

  init(_ environment: any VectorEnvironment) throws {
    self.environment = environment
    self.rewards = try Buffer(count: environment.count)
    self.terminated = try Buffer(count: environment.count)
    self.truncated = try Buffer(count: environment.count)
    self.nextObservations = try Buffer(count: environment.count * environment.observationSize)
    self.finalObservations = try Buffer(count: environment.count * environment.observationSize)
  }

  init(_ name: String, count: Int = 1) throws {
    try self.init(makeEnvironment(named: name, count: count))
  }

  func step(_ actions: [Float]) throws {
    let outputs = StepOutputs(
      rewards: rewards.pointer, terminated: terminated.pointer, truncated: truncated.pointer,
      nextObservations: nextObservations.pointer, finalObservations: finalObservations.pointer)
    try actions.withUnsafeBufferPointer { actions throws in
      guard let actions = actions.baseAddress else { return }
      try environment.step(actions, into: outputs)
    }
  }

  var observations: [Float] {
    guard let pointer = environment.observations else { return [] }
    return Array(UnsafeBufferPointer(start: pointer, count: nextObservations.count))
  }

  func setStates(_ states: [Double]) throws {
    guard let environment = environment as? any StatefulEnvironment else { return }
    try states.withUnsafeBufferPointer { states throws in
      guard let states = states.baseAddress else { return }
      try environment.setStates(states)
    }
  }

  var states: [Double] {
    guard let environment = environment as? any StatefulEnvironment else { return [] }
    var result = [Double](repeating: .nan, count: environment.count * environment.stateSize)
    result.withUnsafeMutableBufferPointer { result in
      if let pointer = result.baseAddress { environment.copyStates(into: pointer) }
    }
    return result
  }
}
