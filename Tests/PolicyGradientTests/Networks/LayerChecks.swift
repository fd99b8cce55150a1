import Testing

@testable import PolicyGradient

/// Compares a layer's outputs, gradients and tangents, at random numbers, with a function in double precision and its
/// central differences.
///
/// - Parameter reference: The outputs of all rows, from the parameters and the inputs.
func checkPasses(
  _ layer: any Layer, rows: Int, _ reference: ([Double], [Double]) -> [Double],
  _ location: SourceLocation = #_sourceLocation
) throws {
  var random = TestRandom(21)
  let parameters = random.normals(layer.tensors.reduce(0) { max($0, $1.offset + $1.count) }, scale: 0.4)
  let x = random.normals(rows * layer.inputs)
  let run = try LayerRun(layer, parameters: parameters, inputs: x)
  let outputs = doubles(run.outputs())
  let (point, place) = (doubles(parameters), doubles(x))
  #expect(relativeError(outputs, reference(point, place)) < 1e-5, sourceLocation: location)

  let step = 1e-6
  func derivative(_ direction: [Double], _ inputDirection: [Double]) -> [Double] {
    func outputs(_ t: Double) -> [Double] {
      reference(zip(point, direction).map { $0 + t * $1 }, zip(place, inputDirection).map { $0 + t * $1 })
    }
    return zip(outputs(step), outputs(-step)).map { ($0 - $1) / (2 * step) }
  }

  let direction = random.normals(parameters.count)
  let inputDirection = random.normals(x.count)
  let zeros = [Double](repeating: 0, count: x.count)
  let expected = derivative(doubles(direction), doubles(inputDirection))
  let tangents = doubles(try run.tangents(direction, inputs: inputDirection))
  #expect(relativeError(tangents, expected) < 1e-4, sourceLocation: location)
  if !parameters.isEmpty {
    let fixed = doubles(try run.tangents(direction, inputs: nil))
    #expect(relativeError(fixed, derivative(doubles(direction), zeros)) < 1e-4, sourceLocation: location)
  }

  // The gradients along the single parameters and inputs, twenty of each.
  let above = random.normals(outputs.count)
  let gradients = try run.gradients(above)
  var (found, wanted): ([Double], [Double]) = ([], [])
  func compare(_ gradient: [Float], _ derivative: (Int) -> [Double]) {
    for _ in 0..<min(20, gradient.count) {
      let index = random.below(gradient.count)
      found.append(Double(gradient[index]))
      wanted.append(zip(derivative(index), above).reduce(0) { $0 + $1.0 * Double($1.1) })
    }
  }
  func unit(_ index: Int, _ count: Int) -> [Double] { (0..<count).map { $0 == index ? 1 : 0 } }
  compare(gradients.parameters) { derivative(unit($0, point.count), zeros) }
  #expect(found.isEmpty || relativeError(found, wanted) < 1e-4, sourceLocation: location)
  (found, wanted) = ([], [])
  compare(gradients.inputs) { derivative([Double](repeating: 0, count: point.count), unit($0, place.count)) }
  #expect(relativeError(found, wanted) < 1e-4, sourceLocation: location)
}
