extension Refusal {
  /// Of what a system call has just failed to do with a file, with the text of `errno`.
  static func failure(to verb: String, _ path: String) -> Refusal {
    Refusal(.inputOutput, "cannot \(verb) \"\(path)\": \(String(cString: strerror(errno)))")
  }
}
