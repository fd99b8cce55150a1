/// A file with which training continues exactly: an agent, its unfinished rollout, and the state of an environment.
///
/// It is the agent's file with more in it, so ``Agent/load(_:)`` and ``Policy/load(_:)`` read it too.
package struct Checkpoint {
  package let agent: Agent
  /// The environment in which the agent continues: the given one, or a new one; `nil` if there is none.
  package let environment: (any VectorEnvironment)?
  private let file: TensorFile
  private let path: String
  /// Whether the file describes ``environment``.
  private let describesEnvironment: Bool

  /// Creates environments of the MDP in a file, before their first reset.
  package typealias TabularMaker = (_ file: TensorFile, _ count: Int) throws(Refusal) -> any StoredEnvironment

  /// Writes a checkpoint at any moment, also between `act` and `observe`, and from within callbacks.
  ///
  /// - Parameter environment: Where the agent trains; `nil` to leave it out.
  package static func save(_ agent: Agent, _ environment: (any VectorEnvironment)?, _ path: String) throws(Refusal) {
    if let environment { try agent.check(environment) }
    var file = try agent.stored()
    try agent.storeRollout(in: &file)
    if let environment = environment as? any StoredEnvironment {
      var fields = Fields(StoredKind.prefix, in: file)
      environment.storedKind.store(in: &fields)
      fields.set("moved_by_agent", environment.use.agent === agent)
      fields.set("is_at_start", environment.use.isAtStart)
      file = fields.file
      try environment.store(in: &file)
    }
    try file.write(to: path)
  }

  /// Reads a checkpoint, or the file of an agent, which holds no rollout and no environment. The environment gets its
  /// state from ``restoreEnvironment()``.
  ///
  /// - Parameters:
  ///   - given: The file's environment; `nil` to create it.
  ///   - wantsEnvironment: Whether an environment is created if none is given.
  ///   - makeTabular: Creates environments of an MDP.
  /// - Throws: `.invalidArgument` for an environment that does not fit the file.
  package static func load(
    _ path: String, given: (any VectorEnvironment)?, wantsEnvironment: Bool, makeTabular: TabularMaker
  ) throws(Refusal) -> Checkpoint {
    try TensorFile.load(path) { file throws(Refusal) in
      let agent = try Agent.restored(from: file)
      let isCheckpoint = FileContent.hasRollout(file)
      if isCheckpoint { try agent.restoreRollout(from: file) }
      guard given != nil || wantsEnvironment, isCheckpoint, let kind = try StoredKind(from: file) else {
        return Checkpoint(agent: agent, environment: given, file: file, path: path, describesEnvironment: false)
      }
      let environment: any VectorEnvironment
      if let given {
        if let stored = given as? any StoredEnvironment { try kind.check(stored.storedKind) }
        environment = given
      } else {
        environment = try make(kind, file, makeTabular)
      }
      return Checkpoint(agent: agent, environment: environment, file: file, path: path, describesEnvironment: true)
    }
  }

  private static func make(
    _ kind: StoredKind, _ file: TensorFile, _ makeTabular: TabularMaker
  ) throws(Refusal) -> any VectorEnvironment {
    let made: any VectorEnvironment
    switch kind.kind {
    case .callbacks:
      throw Refusal(
        .invalidArgument, "env is NULL, but the file's environment is of callbacks; create it and pass its handle")
    case .tabular: made = try makeTabular(file, kind.count)
    case .native:
      do throws(Refusal) {
        made = try makeEnvironment(named: kind.name, count: kind.count)
      } catch {
        guard error.reason == .invalidArgument else { throw error }
        throw Refusal(.badFile, "its environment is invalid: \(error.message)")
      }
    }
    guard let stored = made as? any StoredEnvironment, stored.storedKind == kind else {
      throw Refusal(.badFile, "its environment does not have observation_size \(kind.observationSize)")
    }
    return made
  }

  /// Restores the state of ``environment``, if the file holds it. If it throws, the environment has not changed.
  package func restoreEnvironment() throws(Refusal) {
    guard describesEnvironment, let environment = environment as? any StoredEnvironment else { return }
    try TensorFile.named("\"\(path)\"") { () throws(Refusal) in try restore(environment) }
  }

  private func restore(_ environment: any StoredEnvironment) throws(Refusal) {
    let fields = Fields(StoredKind.prefix, in: file)
    guard try fields.get("has_state", Bool.self) else { return }
    let wasMovedByAgent: Bool = try fields.get("moved_by_agent")
    let wasAtStart: Bool = try fields.get("is_at_start")
    let hasTrained = try Agent.hasTrained(in: file)
    try environment.restore(from: file)
    agent.hasTrained = hasTrained
    if wasMovedByAgent {
      environment.use.setAgent(agent)
    } else if wasAtStart {
      environment.use.wasReset()
    } else {
      environment.use.wasStepped()
    }
  }
}

/// What a checkpoint holds, for a host that decides how to load it.
package struct CheckpointInfo {
  package let algorithm: AlgorithmKind
  /// The environment's kind; `nil` if the file holds none.
  package private(set) var kind: EnvironmentKind?
  /// A native environment's name in the registry.
  package private(set) var name: String?
  package private(set) var environments = 0
  /// Whether the file holds the environment's state, so that training continues in the middle of episodes.
  package private(set) var hasState = false
  /// Whether actions were drawn whose results were not yet observed.
  package private(set) var hasActed = false
  /// Steps in the unfinished rollout.
  package private(set) var rolloutSteps: Int64 = 0

  /// Reads the header of a checkpoint, or of the file of an agent, which holds less.
  package init(of path: String) throws(Refusal) {
    self = try TensorFile.load(path) { file throws(Refusal) in try CheckpointInfo(from: file) }
  }

  private init(from file: TensorFile) throws(Refusal) {
    guard try FileContent(of: file) != .policy else { throw Refusal(.badFile, "it holds a policy, not an agent") }
    let fields = Fields("agent", in: file)
    algorithm = try fields.get("algorithm")
    environments = Int(try fields.count("n_envs"))
    guard FileContent.hasRollout(file) else { return }
    (rolloutSteps, hasActed) = try Agent.rolloutLength(in: file)
    guard let stored = try StoredKind(from: file) else { return }
    kind = stored.kind
    name = environmentNames.first { $0 == stored.name }
    hasState = try Fields(StoredKind.prefix, in: file).get("has_state")
  }
}
