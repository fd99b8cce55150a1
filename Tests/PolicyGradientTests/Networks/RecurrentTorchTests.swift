import Foundation
import Testing

@testable import PolicyGradient

/// GRU and LSTM layers against PyTorch's modules, with the values that python/tests/reference/make_recurrent.py wrote.
@Suite struct RecurrentTorchTests {
  private struct Stored: Decodable {
    let kind: RecurrentKind
    let inputs, size, lanes, steps: Int
    let bias: Bool
    let parameters, x, weights, states: [Float]
    let starts: [UInt8]
    let outputs, final_states, gradient, input_gradient: [Double]
  }

  @Test func outputsStatesAndGradientsMatchPyTorch() throws {
    let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let file = try Data(contentsOf: root.appending(path: "python/tests/reference/recurrent.json"))
    let cases = try JSONDecoder().decode([Stored].self, from: file)
    #expect(Set(cases.map(\.kind)).count == 2)
    #expect(cases.contains { $0.starts.dropFirst($0.lanes).contains(1) })
    for stored in cases {
      let testCase = RecurrentCase(
        kind: stored.kind, inputs: stored.inputs, size: stored.size, lanes: stored.lanes, steps: stored.steps,
        hasBias: stored.bias)
      let run = RecurrentRun(testCase, parameters: stored.parameters, x: stored.x)
      let found = try run.run(
        RecurrentRun.Passes(outputGradient: stored.weights), states: stored.states, starts: stored.starts)
      // Relative to the greatest of each: PyTorch computed in double precision.
      func expectClose(_ values: [Float], _ expected: [Double]) {
        let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
        #expect(values.count == expected.count)
        #expect(greatestError(values, expected) <= 1e-5 * scale)
      }
      expectClose(found.outputs, stored.outputs)
      expectClose(found.states, stored.final_states)
      expectClose(found.gradient, stored.gradient)
      expectClose(found.inputGradient, stored.input_gradient)
    }
  }
}
