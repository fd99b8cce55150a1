import KernelShims

/// How a network reads the columns of one part of an observation. Immutable, as a ``Layer``.
protocol PartReader: Sendable {
  /// Columns of the part.
  var columns: Int { get }
  /// Numbers that the layers above read.
  var features: Int { get }
  /// Its parameters, in the order of the parameter vector.
  var tensors: [Tensor] { get }
  var memory: LayerMemory { get }
  var preparedCount: Int { get }

  /// Writes the features of all rows.
  func forward(_ pass: PartPass, into features: MutableRows)

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>)

  /// Adds the gradient of Σ features · `gradients` by the parameters to `target`.
  func backward(
    _ pass: PartPass, _ gradients: Rows, prepared: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>)

  /// Writes the derivative of the features where the parameters move along `direction`.
  func tangent(_ pass: PartPass, along direction: UnsafePointer<Float>, into tangents: MutableRows)
}

extension PartReader {
  var tensors: [Tensor] { [] }
  var memory: LayerMemory { LayerMemory() }
  var preparedCount: Int { 0 }
  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {}
}

/// The memory of a pass over a part of a block of observations.
struct PartPass {
  let rows: Int
  /// The part's columns.
  let source: Rows
  /// As many floats as ``PartReader/memory`` states.
  let memory: UnsafeMutablePointer<Float>
  let parameters: UnsafePointer<Float>
  let lanes: UnsafePointer<LaneStates>

  /// The choice that a row holds, for parts of one column. Other numbers have been refused before; here they count as
  /// 0, so that no memory outside a table is read.
  func choice(_ row: Int, of size: Int) -> Int {
    let value = source.row(row)[0]
    return value >= 0 && value < Float(size) ? Int(value) : 0
  }
}

extension Rows {
  func row(_ index: Int) -> UnsafePointer<Float> { base + index * stride }
}

extension MutableRows {
  func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }
}

/// Reads numbers as they are.
struct VectorReader: PartReader {
  let columns: Int
  var features: Int { columns }

  func forward(_ pass: PartPass, into features: MutableRows) {
    for row in 0..<pass.rows { features.row(row).update(from: pass.source.row(row), count: columns) }
  }

  func backward(
    _ pass: PartPass, _ gradients: Rows, prepared: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {}

  func tangent(_ pass: PartPass, along direction: UnsafePointer<Float>, into tangents: MutableRows) {
    for row in 0..<pass.rows { tangents.row(row).update(repeating: 0, count: columns) }
  }
}

/// Reads a choice as a one-hot vector.
struct OneHotReader: PartReader {
  let size: Int
  var columns: Int { 1 }
  var features: Int { size }

  func forward(_ pass: PartPass, into features: MutableRows) {
    for row in 0..<pass.rows {
      features.row(row).update(repeating: 0, count: size)
      features.row(row)[pass.choice(row, of: size)] = 1
    }
  }

  func backward(
    _ pass: PartPass, _ gradients: Rows, prepared: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {}

  func tangent(_ pass: PartPass, along direction: UnsafePointer<Float>, into tangents: MutableRows) {
    for row in 0..<pass.rows { tangents.row(row).update(repeating: 0, count: size) }
  }
}

/// Reads a choice as a row of a learned matrix, choices × features.
struct EmbeddingReader: PartReader {
  let tensor: Tensor
  let kernels: KernelSet
  var columns: Int { 1 }
  var features: Int { tensor.shape[1] }
  var tensors: [Tensor] { [tensor] }

  private func place(_ pass: PartPass, _ row: Int) -> Int {
    tensor.offset + pass.choice(row, of: tensor.shape[0]) * features
  }

  func forward(_ pass: PartPass, into target: MutableRows) {
    for row in 0..<pass.rows { target.row(row).update(from: pass.parameters + place(pass, row), count: features) }
  }

  func backward(
    _ pass: PartPass, _ gradients: Rows, prepared: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<pass.rows { kernels.addScaled(target + place(pass, row), gradients.row(row), 1, features) }
  }

  func tangent(_ pass: PartPass, along direction: UnsafePointer<Float>, into tangents: MutableRows) {
    for row in 0..<pass.rows { tangents.row(row).update(from: direction + place(pass, row), count: features) }
  }
}
