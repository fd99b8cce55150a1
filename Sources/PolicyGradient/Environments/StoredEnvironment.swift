/// Where the dynamics of a checkpoint's environment come from.
package enum EnvironmentKind: Int32, Sendable {
  /// An environment of the registry, created by its name.
  case native = 1
  /// An MDP, created from its tables.
  case tabular
  /// The host's callbacks, which only the host can create.
  case callbacks
}

/// An environment that can be written to a checkpoint.
package protocol StoredEnvironment: VectorEnvironment {
  /// What a file and an environment must have in common.
  var storedKind: StoredKind { get }

  /// Adds the field "has_state", the state if there is one, and what is needed to create the environment again.
  func store(in file: inout TensorFile) throws(Refusal)

  /// Restores the state of a file that has one. If it throws, nothing has changed.
  func restore(from file: TensorFile) throws(Refusal)
}

/// What identifies an environment in a file.
package struct StoredKind: Equatable {
  package let kind: EnvironmentKind
  /// The name in the registry; empty for other kinds.
  package let name: String
  package let count: Int
  package let observationSize: Int

  package init(_ kind: EnvironmentKind, name: String = "", count: Int, observationSize: Int) {
    self.kind = kind
    self.name = name
    self.count = count
    self.observationSize = observationSize
  }

  func store(in fields: inout Fields) {
    fields.set("kind", kind.rawValue)
    fields.set("name", name)
    fields.set("n_envs", count)
    fields.set("observation_size", observationSize)
  }

  /// The environment of a checkpoint; `nil` if the file holds none.
  init?(from file: TensorFile) throws(Refusal) {
    let fields = Fields(StoredKind.prefix, in: file)
    guard fields.has("kind") else { return nil }
    self.init(
      try fields.get("kind", as: EnvironmentKind.self), name: try fields.text("name"),
      count: Int(try fields.count("n_envs")), observationSize: Int(try fields.count("observation_size")))
  }

  package static let prefix = "env"

  /// Refuses an environment of another kind, name or size than the file's.
  func check(_ given: StoredKind) throws(Refusal) {
    try require(
      given.kind == kind && given.name == name, "env", given.description,
      "be \(description), whose state the file holds; to begin new episodes in another one, load only the agent")
    try require(
      given.count == count, "env.n_envs", "\(given.count)", "be \(count), the number of environments in the file")
    try require(
      given.observationSize == observationSize, "env.observation_size", "\(given.observationSize)",
      "be the file's, \(observationSize)")
  }

  private var description: String {
    switch kind {
    case .native: "native \(name)"
    case .tabular: "an MDP"
    case .callbacks: "an environment of callbacks"
    }
  }
}
