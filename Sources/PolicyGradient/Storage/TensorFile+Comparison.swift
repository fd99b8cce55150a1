extension TensorFile {
  /// The name and a number of every text and tensor for which `isCompared` is true, in the order of names: the value of
  /// a short number, else a checksum. Equal files have equal numbers.
  func comparison(where isCompared: (String) -> Bool) -> [(name: String, value: Double)] {
    let texts = metadata.map { (name: $0.key, value: TensorFile.number(of: $0.value)) }
    let tensors = tensorBytes.map { (name: $0.name, value: TensorFile.checksum(of: $0.bytes)) }
    return (texts + tensors).filter { isCompared($0.name) }.sorted { $0.name < $1.name }
  }

  private static func number(of text: String) -> Double {
    // Every whole number below 2⁵³ is a double.
    if let value = Double(text), value.magnitude < 0x1p53 { return value }
    return Array(text.utf8).withUnsafeBytes { checksum(of: $0) }
  }

  /// The lowest 52 bits of the FNV-1a hash (Fowler, Noll & Vo), as a whole number.
  private static func checksum(of bytes: UnsafeRawBufferPointer) -> Double {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Double(hash & (1 << 52 - 1))
  }
}
