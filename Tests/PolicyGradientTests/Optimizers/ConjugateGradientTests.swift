import Testing

@testable import PolicyGradient

struct ConjugateGradientTests {
  /// A = L Lᵀ + 1 of random L, and its product with a vector in double precision.
  private struct Matrix {
    let rows: [[Double]]

    init(size: Int, seed: UInt64) {
      var random = TestRandom(seed)
      let factor = (0..<size).map { _ in doubles(random.normals(size)) }
      rows = (0..<size).map { i in
        (0..<size).map { j in zip(factor[i], factor[j]).reduce(i == j ? 1 : 0) { $0 + $1.0 * $1.1 } }
      }
    }

    func multiply(_ vector: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>) {
      for (index, row) in rows.enumerated() {
        product[index] = Float(row.indices.reduce(0) { $0 + row[$1] * Double(vector[$1]) })
      }
    }
  }

  /// Takes all steps, and returns xᵀA x.
  private func solve(
    _ system: ConjugateGradient, _ target: UnsafePointer<Float>, steps: Int, relative: Double = 1e-5,
    absolute: Double = 0,
    multiply: (_ vector: UnsafePointer<Float>, _ product: UnsafeMutablePointer<Float>) -> Void
  ) -> Double {
    system.begin(target, steps: steps, relative: relative, absolute: absolute)
    while system.needsProduct {
      multiply(system.direction.pointer, system.product.pointer)
      system.step()
    }
    return system.curvature(target)
  }

  @Test(arguments: [1, 2, 7, 20])
  func asManyStepsAsUnknownsSolveTheSystem(size: Int) throws {
    let matrix = Matrix(size: size, seed: UInt64(size))
    var random = TestRandom(5)
    let wanted = random.normals(size)
    let target = try Buffer<Float>(count: size)
    matrix.multiply(wanted, into: target.pointer)
    let system = try ConjugateGradient(size: size, .best)
    // A few more for what single precision forgets.
    let square = solve(system, target.pointer, steps: size + 5) { matrix.multiply($0, into: $1) }
    #expect(relativeError(doubles(system.solution.array), doubles(wanted)) < 1e-3)
    let exact = zip(wanted, target.array).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(square - exact) < 1e-3 * exact)
  }

  @Test func oneStepGoesDownTheGradient() throws {
    // b = (1, 2), A = diag(1, 4): α = 5 / 17, x = α b, xᵀA x = 17 α².
    let system = try ConjugateGradient(size: 2, .best)
    let square = solve(system, [1, 2], steps: 1) { vector, product in
      product[0] = vector[0]
      product[1] = 4 * vector[1]
    }
    #expect(isNear(system.solution.array, [5.0 / 17, 10.0 / 17], within: 1e-6))
    #expect(abs(square - 25.0 / 17) < 1e-6)
  }

  @Test(arguments: [(0.3, 0), (1e-3, 0), (0, 4), (0, 0.01), (1e-3, 4), (0.3, 0.01)])
  func itEndsWithTheFirstResidualWithinEitherTolerance(relative: Double, absolute: Double) throws {
    let size = 12
    let matrix = Matrix(size: size, seed: 3)
    let target = try Buffer<Float>(count: size)
    var random = TestRandom(6)
    matrix.multiply(random.normals(size), into: target.pointer)
    let system = try ConjugateGradient(size: size, .best)
    let bound = max(relative * norm(target.array), absolute)
    /// ‖b - A x‖ after so many steps at most, and the steps taken.
    func residual(steps: Int) throws -> (norm: Double, taken: Int) {
      var taken = 0
      _ = solve(system, target.pointer, steps: steps, relative: relative, absolute: absolute) {
        taken += 1
        matrix.multiply($0, into: $1)
      }
      let product = try Buffer<Float>(count: size)
      matrix.multiply(system.solution.array, into: product.pointer)
      return (norm(zip(target.array, product.array).map { $0 - $1 }), taken)
    }
    let last = try residual(steps: 100)
    #expect(last.taken > 0 && last.taken < 100 && last.norm <= bound * 1.001)
    #expect(try residual(steps: last.taken - 1).norm > bound * 0.999)
  }

  private func norm(_ vector: [Float]) -> Double {
    vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  @Test func noTargetHasNoSolution() throws {
    let system = try ConjugateGradient(size: 3, .best)
    var products = 0
    let square = solve(system, [0, 0, 0], steps: 9) { _, _ in products += 1 }
    #expect(square == 0 && products == 0 && system.solution.array == [0, 0, 0])
  }

  @Test func directionsThatTheMatrixDoesNotKnowEndTheSearch() throws {
    let system = try ConjugateGradient(size: 2, .best)
    let square = solve(system, [0, 1], steps: 9) { _, product in product.update(repeating: 0, count: 2) }
    #expect(square == 0 && system.solution.array == [0, 0])
  }
}
