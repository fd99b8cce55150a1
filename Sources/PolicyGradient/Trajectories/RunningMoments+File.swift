extension RunningMoments {
  /// Adds the moments as tensors "`name`.mean" and "`name`.variance", and their count to the fields.
  func store(_ name: String, in file: inout TensorFile) {
    file.set("\(name).count", count.description)
    file.add("\(name).mean", means, shape: [means.count])
    file.add("\(name).variance", variances, shape: [variances.count])
  }

  /// Reads what ``store(_:in:)`` wrote.
  func restore(_ name: String, from file: TensorFile) throws(Refusal) {
    let known = try Fields(name, in: file).count("count")
    try file.read("\(name).mean", into: means, shape: [means.count])
    try file.read("\(name).variance", into: variances, shape: [variances.count])
    guard
      means.elements.allSatisfy({ abs($0) <= RunningMoments.largest }),
      variances.elements.allSatisfy({ $0 >= 0 && $0 <= RunningMoments.largest * RunningMoments.largest })
    else { throw Refusal(.badFile, "its \(name) holds a mean or variance outside its range") }
    count = known
  }

  /// No mean of floats, or of discounted sums of them, is larger; and its square is finite.
  private static let largest = 1e120
}
