import KernelShims

/// Adds rows to the patches that they are the gradients of: `patch(i)[k] += source[i, k]`, with i ascending where
/// patches overlap.
///
/// - Parameters:
///   - patches: Their memory is written.
public func addToPatches(_ rows: Int, _ patches: UnsafePointer<Patches>, _ source: Rows) {
  let (length, stride) = (patches.pointee.lineLength, patches.pointee.lineStride)
  let base = UnsafeMutablePointer(mutating: patches.pointee.base)
  for i in 0..<rows {
    var target = base + patches.pointee.offsets[i]
    var from = source.row(i)
    for _ in 0..<patches.pointee.lines {
      var k = 0
      while k < length {
        let count = length - k
        storePartialLanes(loadPartialLanes(target + k, count) + loadPartialLanes(from + k, count), target + k, count)
        k += Lanes.scalarCount
      }
      target += stride
      from += length
    }
  }
}
