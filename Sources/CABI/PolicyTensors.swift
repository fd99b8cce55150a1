import CPGrad
import PolicyGradient

extension pgrad_tensor {
  /// - Parameter name: Copied to memory of its own, which the caller frees.
  init(name: String, offset: Int, shape: [Int]) {
    self.init()
    self.name = UnsafePointer(strdup(name))
    self.offset = Int64(offset)
    dimensions = Int32(shape.count)
    withUnsafeMutableBytes(of: &self.shape) { bytes in
      let sizes = bytes.assumingMemoryBound(to: Int64.self)
      for (index, size) in shape.enumerated() { sizes[index] = Int64(size) }
    }
  }
}

@_cdecl("pgrad_policy_tensor_count") @implementation
public func pgrad_policy_tensor_count(
  _ policy: OpaquePointer!, _ count: UnsafeMutablePointer<Int64>!
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try nonNull(count, "count").pointee = handle.tensors.count
  }
}

@_cdecl("pgrad_policy_tensor") @implementation
public func pgrad_policy_tensor(
  _ policy: OpaquePointer!, _ index: Int64, _ tensor: UnsafeMutablePointer<pgrad_tensor>!, _ struct_size: Int
) -> pgrad_status {
  cStatus { () throws(Refusal) in
    let handle: PolicyHandle = try borrow(policy, "policy")
    try require(index, in: 0...handle.tensors.count - 1, "index")
    guard let tensors = handle.tensors.pointer else { return }
    try writeOptions(tensor, struct_size, with: tensors[Int(index)], "tensor")
  }
}
