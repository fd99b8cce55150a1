import Foundation
import KernelShims
import Testing

/// The builds that this processor runs.
let builds = KernelSet.available

extension KernelSet: CustomTestStringConvertible {
  package var testDescription: String { name }

  /// What the build's arithmetic makes of `accumulator + a * b`.
  func fused(_ accumulator: Float, _ a: Float, _ b: Float) -> Float {
    name != "baseline" ? accumulator.addingProduct(a, b) : accumulator + a * b
  }
}

/// Memory that ends at a page which can be neither read nor written, so that a step past the end stops the test.
final class Fenced {
  private let base: UnsafeMutableRawPointer
  private let bytes: Int
  let capacity: Int

  init(_ capacity: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let usable = max(1, (capacity * 4 + page - 1) / page) * page
    bytes = usable + page
    base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    mprotect(base + usable, page, PROT_NONE)
    self.capacity = usable / 4
  }

  convenience init(_ values: [Float]) {
    self.init(values.count)
    last(values.count).update(from: values, count: values.count)
  }

  deinit { munmap(base, bytes) }

  /// The last `count` floats before the fence: aligned to 4 bytes and, for odd counts, no more.
  func last(_ count: Int) -> UnsafeMutablePointer<Float> {
    (base + (capacity - count) * 4).assumingMemoryBound(to: Float.self)
  }

  /// Bytes that end at the fence of their own memory.
  static func bytes(_ bytes: [UInt8]) -> (memory: Fenced, start: UnsafeMutablePointer<UInt8>) {
    let memory = Fenced(bytes.count / 4 + 1)
    let start = UnsafeMutableRawPointer(memory.last(0)).assumingMemoryBound(to: UInt8.self) - bytes.count
    start.update(from: bytes, count: bytes.count)
    return (memory, start)
  }

  func values(_ count: Int) -> [Float] { Array(UnsafeBufferPointer(start: last(count), count: count)) }

  /// Fills all of it with a pattern that no kernel computes.
  func fillWithCanaries() { memset(base, 0xA5, capacity * 4) }
}

let canary = Float(bitPattern: 0xA5A5_A5A5)

extension TestRandom {
  /// Uniform in [-scale, scale).
  mutating func float(_ scale: Float = 1) -> Float { (Float(next() >> 40) * 0x1p-23 - 1) * scale }

  mutating func floats(_ count: Int, _ scale: Float = 1) -> [Float] { (0..<count).map { _ in float(scale) } }
}

func sameBits(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Bool {
  memcmp(a, b, count * 4) == 0
}

func sameBits(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

/// Runs a kernel that changes an array in place, with the array's end at a fence.
func inPlace(_ values: [Float], _ kernel: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
  let memory = Fenced(values)
  kernel(memory.last(values.count))
  return memory.values(values.count)
}

/// The distance of `value` from the exact `truth` in units of the last place of a float near `truth`.
func ulps(_ value: Float, _ truth: Double) -> Double {
  let nearest = Float(truth)
  if value == nearest || (value.isNaN && nearest.isNaN) { return 0 }
  guard value.isFinite, nearest.isFinite else { return .infinity }
  return abs(Double(value) - truth) / Double(nearest.ulp)
}

func isClose(_ a: Float, _ b: Double, _ tolerance: Double) -> Bool { abs(Double(a) - b) <= tolerance * max(1, abs(b)) }
