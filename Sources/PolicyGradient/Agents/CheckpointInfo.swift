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
