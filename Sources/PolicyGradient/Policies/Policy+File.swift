extension Policy {
  /// Writes the policy to a file.
  package func save(_ path: String) throws(Refusal) { try stored().write(to: path) }

  /// Copies the bytes of the policy's file to `memory`, if given. Returns their number.
  package func save(into memory: UnsafeMutableRawBufferPointer?) throws(Refusal) -> Int {
    try stored().write(into: memory)
  }

  /// What a reader on any thread sees, copied, so that no update waits for a disk.
  private func stored() throws(Refusal) -> TensorFile {
    var file = TensorFile()
    let copy = try Buffer<Float>(count: parameters.count)
    try withPass { (pass) throws(Refusal) in
      copy.pointer.update(from: parameters(for: pass), count: copy.count)
      try store(copy, pass.view?.normalizer?.copy(), in: &file)
    }
    return file
  }

  /// Reads a policy from the file of a policy or of an agent.
  package static func load(_ path: String) throws(Refusal) -> Policy {
    try TensorFile.load(path) { file throws(Refusal) in try Policy(from: file) }
  }

  /// Reads a policy from the bytes of such a file.
  package static func load(bytes: UnsafeRawBufferPointer) throws(Refusal) -> Policy {
    try TensorFile.load(bytes: bytes) { file throws(Refusal) in try Policy(from: file) }
  }

  /// Adds everything that is needed to create the policy again.
  func store(in file: inout TensorFile) throws(Refusal) { try store(parameters, normalizer, in: &file) }

  /// Refuses parameters that loading would refuse.
  private func store(
    _ parameters: Buffer<Float>, _ normalizer: ObservationNormalizer?, in file: inout TensorFile
  ) throws(Refusal) {
    try checkFinite(parameters.pointer, parameters.count, 1, "parameters")
    var fields = Fields("policy", in: file)
    fields.set("observation_size", configuration.observationSize)
    fields.set("parts", configuration.parts.text)
    fields.set("hidden_sizes", Policy.text(configuration.hiddenSizes))
    fields.set("value_hidden_sizes", configuration.valueHiddenSizes.map(Policy.text) ?? Policy.sameSizes)
    if !configuration.observationParts.isEmpty {
      fields.set("observation_parts", configuration.observationParts.map(\.text).joined(separator: ";"))
    }
    configuration.storeEncoder(in: &fields)
    configuration.store(in: &fields)
    fields.set("draws", draws)
    storeNote(in: &fields)
    file = fields.file
    file.setCurrentFormat()
    for tensor in tensors { file.add(tensor.name, parameters, at: tensor.offset, shape: tensor.shape) }
    store(normalizer, in: &file)
  }

  convenience init(from file: TensorFile) throws(Refusal) {
    let format = try file.format
    if format < TensorFile.currentFormat {
      Log.report(
        .info,
        "read a file of format \(format); options that only format \(TensorFile.currentFormat) has get their defaults")
    }
    let fields = Fields("policy", in: file)
    var configuration = PolicyConfiguration(
      observationSize: try fields.get("observation_size"), parts: try [ActionPart](text: fields.text("parts")))
    configuration.hiddenSizes = try Policy.sizes(fields.text("hidden_sizes"))
    if format >= 2 {
      let text = try fields.text("value_hidden_sizes")
      configuration.valueHiddenSizes = text == Policy.sameSizes ? nil : try Policy.sizes(text)
    }
    if fields.has("observation_parts") {
      configuration.observationParts = try ObservationPart.parts(fields.text("observation_parts"))
    }
    try configuration.loadEncoder(from: fields)
    try configuration.load(from: fields, format: format)
    do throws(Refusal) {
      try self.init(uninitialized: configuration)
    } catch {
      throw error.reason == .invalidArgument
        ? Refusal(.badFile, "its policy has an invalid option: \(error.message)") : error
    }
    draws = try fields.get("draws")
    try restoreNote(from: fields)
    for tensor in tensors { try file.read(tensor.name, into: parameters, at: tensor.offset, shape: tensor.shape) }
    guard kernels.isFinite(parameters.pointer, parameters.count) else {
      throw Refusal(.badFile, "it holds parameters that are not finite")
    }
    try restoreNormalizer(from: file)
  }

  /// The flat parameter vector as named tensors, in its order.
  package var tensors: [(name: String, offset: Int, shape: [Int])] {
    var result = network.tensors.map { (name: $0.name, offset: $0.offset, shape: $0.shape) }
    if space.parameters > 0 { result.append(("policy.log_std", distributionOffset, [space.parameters])) }
    return result.sorted { $0.offset < $1.offset }
  }

  /// Stands for sizes of the value network that were left out.
  private static let sameSizes = "hidden_sizes"

  private static func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: " ") }

  private static func sizes(_ text: String) throws(Refusal) -> [Int] {
    var sizes: [Int] = []
    for word in text.split(separator: " ") {
      guard let size = Int(word) else { throw Refusal(.badFile, "\"\(word)\" in it is not the size of a layer") }
      sizes.append(size)
    }
    return sizes
  }
}
