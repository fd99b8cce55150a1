import Benchmark
import KernelsAVX2

/// The optimizer's step and what goes before it, on the 11,085 parameters of an actor-critic 17-64-64-6.
func registerUpdates() {
  let count = 11_085
  kernel("Adam, 11,085", floats: 4 * count) { parameters in
    (parameters + 2 * count).update(repeating: 1, count: count)  // squares have a root
  } call: { parameters in
    let (first, second) = (parameters + count, parameters + 2 * count)
    adamStep(parameters, first, second, parameters + 3 * count, count, 1, 0.9, 0.999, 3e-4, 1, 1e-5, 3e-6)
  }
  kernel("sum of squares, 11,085", floats: count) { blackHole(sumOfSquares($0, count)) }
  kernel("is finite, 11,085", floats: count) { blackHole(isFinite($0, count)) }
}
