import Benchmark
import KernelShims
import KernelsAVX2

/// The three products of a layer, rows × inputs × outputs, and the one of a single row.
func registerProducts() {
  for (rows, inputs, outputs) in [
    (64, 64, 64), (256, 64, 64), (2048, 64, 64), (2048, 17, 64), (2048, 64, 6), (2048, 64, 1), (256, 256, 256),
    (2048, 256, 256), (256, 512, 512),
  ] {
    let shape = "\(rows)×\(inputs)×\(outputs)"
    let floats = rows * inputs + inputs * outputs + rows * outputs
    let calls: BenchmarkScalingFactor = rows * inputs * outputs > 1_000_000 ? .one : .kilo
    kernel("X·W \(shape)", floats: floats, calls: calls) { x in
      let w = x + rows * inputs
      let y = w + inputs * outputs
      var product = MatrixProduct(
        rows: rows, columns: outputs, depth: inputs, a: Matrix(base: x, rowStride: inputs, columnStride: 1),
        b: Rows(base: w, stride: outputs), initial: InitialRows(base: nil, stride: 0),
        c: MutableRows(base: y, stride: outputs))
      multiply(&product)
    }
    kernel("Xᵀ·G \(shape)", floats: floats, calls: calls) { x in
      let w = x + rows * inputs
      let g = w + inputs * outputs
      var product = MatrixProduct(
        rows: inputs, columns: outputs, depth: rows, a: Matrix(base: x, rowStride: 1, columnStride: inputs),
        b: Rows(base: g, stride: outputs), initial: InitialRows(base: nil, stride: 0),
        c: MutableRows(base: w, stride: outputs))
      multiply(&product)
    }
    kernel("G·Wᵀ \(shape)", floats: floats, calls: calls) { x in
      let transposed = x + rows * inputs
      let g = transposed + inputs * outputs
      var product = MatrixProduct(
        rows: rows, columns: inputs, depth: outputs, a: Matrix(base: g, rowStride: outputs, columnStride: 1),
        b: Rows(base: transposed, stride: inputs), initial: InitialRows(base: nil, stride: 0),
        c: MutableRows(base: x, stride: inputs))
      multiply(&product)
    }
  }
  for (inputs, outputs) in [(4, 64), (17, 64), (64, 64), (64, 2), (256, 256)] {
    kernel("x·W 1×\(inputs)×\(outputs)", floats: inputs + (inputs + 1) * outputs) { x in
      let w = x + inputs
      let y = w + inputs * outputs
      var product = MatrixProduct(
        rows: 1, columns: outputs, depth: inputs, a: Matrix(base: x, rowStride: inputs, columnStride: 1),
        b: Rows(base: w, stride: outputs), initial: InitialRows(base: nil, stride: 0),
        c: MutableRows(base: y, stride: outputs))
      multiply(&product)
    }
  }
}
