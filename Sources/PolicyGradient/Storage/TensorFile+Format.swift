extension TensorFile {
  /// The format of files that this version writes. It grows with the first release whose files need a key that earlier
  /// files lack.
  static let currentFormat = 3

  mutating func setCurrentFormat() { set("pgrad.format", "\(TensorFile.currentFormat)") }

  /// The format of the file, from 1. Refuses a format that this version does not know.
  var format: Int {
    get throws(Refusal) {
      let text = try text("pgrad.format")
      let known = "this version reads the formats 1 to \(TensorFile.currentFormat)"
      guard let number = Int(text), number >= 1 else { throw Refusal(.badFile, "it has format \"\(text)\"; \(known)") }
      guard number <= TensorFile.currentFormat else {
        throw Refusal(.badFile, "it has format \(number), which a later version of pgrad writes; \(known)")
      }
      return number
    }
  }
}
