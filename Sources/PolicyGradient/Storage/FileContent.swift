/// What a file holds.
package enum FileContent: Int32 {
  case policy = 1
  /// An agent, with its policy.
  case agent = 2
  /// An agent with its unfinished rollout, and perhaps an environment.
  case checkpoint = 3

  /// Reads a file's header. Only loading the file checks its tensors.
  package init(of path: String) throws(Refusal) {
    self = try TensorFile.load(path) { file throws(Refusal) in try FileContent(of: file) }
  }

  /// The prefix of what only a checkpoint holds.
  static let checkpointPrefix = "checkpoint"

  /// Whether a file holds an unfinished rollout, perhaps without steps.
  static func hasRollout(_ file: TensorFile) -> Bool { Fields(checkpointPrefix, in: file).has("rollout_steps") }

  init(of file: TensorFile) throws(Refusal) {
    _ = try file.format
    self =
      file.metadata["agent.algorithm"] == nil ? .policy : FileContent.hasRollout(file) ? .checkpoint : .agent
  }
}
