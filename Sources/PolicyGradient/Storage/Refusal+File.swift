extension Refusal {
  /// The refusal after a system call on a file has failed, with the text of `errno`.
  static func failure(to verb: String, _ path: String) -> Refusal {
    Refusal(.inputOutput, "cannot \(verb) \"\(path)\": \(String(cString: strerror(errno)))")
  }
}
