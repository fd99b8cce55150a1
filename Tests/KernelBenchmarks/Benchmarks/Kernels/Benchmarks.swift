import Benchmark
import KernelsAVX2

let benchmarks: @Sendable () -> Void = {
  Benchmark("tanh") { benchmark in
    let values = UnsafeMutablePointer<Float>.allocate(capacity: 4096)
    values.initialize(repeating: 0.5, count: 4096)
    for _ in benchmark.scaledIterations { tanhForward(values, 4096) }
    values.deallocate()
  }
}
