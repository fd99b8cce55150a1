import Benchmark
import KernelShims

@testable import PolicyGradient

/// A gradient step of recurrent layers of 64 inputs and 128 outputs, and one step of one sequence.
func registerRecurrentLayers() {
  register("GRU") {
    GRU("memory", inputs: 64, outputs: 128, hasBias: true, stateOffset: 0, index: 0, at: 0, KernelSet.best)
  }
  register("LSTM") {
    LSTM("memory", inputs: 64, outputs: 128, hasBias: true, stateOffset: 0, index: 0, at: 0, KernelSet.best)
  }
}

private func register(_ name: String, _ makeLayer: @escaping @Sendable () -> any Layer) {
  func configuration(_ calls: BenchmarkScalingFactor) -> Benchmark.Configuration {
    Benchmark.Configuration(metrics: [.wallClock, .throughput], scalingFactor: calls, maxDuration: .seconds(2))
  }
  Benchmark("\(name) 64→128, gradient step of 16 × 128", configuration: configuration(.one)) { benchmark in
    let layer = RecurrentLayer(makeLayer(), lanes: 16, steps: 128)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { layer.learn() }
  }
  Benchmark("\(name) 64→128, one step", configuration: configuration(.kilo)) { benchmark in
    let layer = RecurrentLayer(makeLayer(), lanes: 1, steps: 1)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { layer.forward() }
  }
}

/// A layer's parameters, its inputs, and the memory of its passes.
private final class RecurrentLayer {
  private let layer: any Layer
  private let (parameters, gradient, first, second): (Floats, Floats, Floats, Floats)
  private let (prepared, memory, inputs, outputs, gradients): (Floats, Floats, Floats, Floats, Floats)
  private let states: Floats
  private let count: Int
  private let rows: Int
  private let lanes: UnsafeMutablePointer<LaneStates>
  private var blocks: [Floats] = []

  init(_ layer: any Layer, lanes: Int, steps: Int) {
    var blocks: [Floats] = []
    func allocate(_ count: Int) -> Floats {
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      blocks.append(bytes.initializeMemory(as: Float.self, repeating: 0, count: count))
      return blocks[blocks.count - 1]
    }
    self.layer = layer
    rows = lanes * steps
    count = layer.tensors.reduce(0) { $0 + $1.count }
    (parameters, gradient, first, second) = (allocate(count), allocate(count), allocate(count), allocate(count))
    prepared = allocate(layer.preparedCount)
    memory = allocate(rows * layer.memory.perRow + layer.memory.perPass)
    inputs = allocate(rows * layer.inputs)
    (outputs, gradients) = (allocate(rows * layer.outputs), allocate(rows * layer.outputs))
    states = allocate(lanes * layer.stateSize)
    for place in 0..<count { parameters[place] = Float(place % 37 - 18) / 256 }
    for place in 0..<rows * layer.inputs { inputs[place] = Float(place % 31 - 15) / 16 }
    self.lanes = .allocate(capacity: 1)
    self.lanes.initialize(
      to: LaneStates(
        count: lanes, states: UnsafePointer(states), finalStates: states, stride: layer.stateSize, starts: nil))
    self.blocks = blocks
  }

  deinit {
    for block in blocks { block.deallocate() }
    lanes.deallocate()
  }

  private var pass: LayerPass {
    LayerPass(
      rows: rows, inputs: inputs, outputs: outputs, memory: memory, parameters: parameters, lanes: UnsafePointer(lanes))
  }

  func forward() { layer.forward(pass) }

  /// Forward, backward without the gradient by the inputs, and Adam.
  func learn() {
    layer.prepare(parameters, into: prepared)
    layer.forward(pass)
    gradients.update(repeating: 1 / 1024, count: rows * layer.outputs)
    gradient.update(repeating: 0, count: count)
    layer.backward(
      pass,
      LayerGradients(
        outputs: gradients, isThroughSlope: false, prepared: UnsafePointer(prepared), parameters: gradient, inputs: nil)
    )
    KernelSet.best.adamStep(parameters, first, second, gradient, count, 1, 0.9, 0.999, 1e-6, 1, 1e-5, 0)
  }
}
