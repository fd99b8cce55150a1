import Benchmark

typealias Floats = UnsafeMutablePointer<Float>

/// Registers a kernel; what is reported is for one call.
///
/// - Parameters:
///   - floats: How many it works on. They start out between -1 and 1, and none is near 0.
///   - calls: In one sample.
///   - prepare: Sets those right that must be something else.
///   - call: Calls the kernel on them.
func kernel(
  _ name: String, floats: Int, calls: BenchmarkScalingFactor = .kilo,
  prepare: @escaping @Sendable (Floats) -> Void = { _ in }, call: @escaping @Sendable (Floats) -> Void
) {
  let configuration = Benchmark.Configuration(
    metrics: [.wallClock, .throughput], scalingFactor: calls, maxDuration: .seconds(1))
  Benchmark(name, configuration: configuration) { benchmark in
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: floats * 4, alignment: 64)
    let numbers = bytes.initializeMemory(as: Float.self, repeating: 0, count: floats)
    for i in 0..<floats {
      let size = Float(i % 31 + 1) / 32
      numbers[i] = i % 3 == 0 ? -size : size
    }
    prepare(numbers)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { call(numbers) }
    benchmark.stopMeasurement()
    bytes.deallocate()
  }
}
