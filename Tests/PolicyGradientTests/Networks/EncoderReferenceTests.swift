import Foundation
import Testing

@testable import PolicyGradient

/// A case of python/tests/reference/encoders.json, which make_encoders.py in the same folder computes with torch.
struct EncoderReference: Decodable, Sendable, CustomTestStringConvertible {
  let encoder: String
  let height: Int
  let width: Int
  let channels: Int
  let outputs: [Double]
  /// Of each tensor.
  let gradientLengths: [Double]
  let gradientStep: Int
  /// Every ``gradientStep``-th number.
  let gradient: [Double]

  var testDescription: String { "\(encoder) on \(height)×\(width)×\(channels)" }

  static let all: [EncoderReference] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("python/tests/reference/encoders.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode([EncoderReference].self, from: Data(contentsOf: file))
  }()
}

@Suite struct EncoderReferenceTests {
  /// The numbers that the script uses.
  private static func sequence(_ count: Int, seed: Int, scale: Double) -> [Float] {
    (0..<count).map { Float(Double(($0 * 7919 + 104_729 * seed) % 10_007 - 5003) / 5003 * scale) }
  }

  @Test(arguments: KernelSet.available, EncoderReference.all)
  func outputsAndGradientsAreThoseOfTorch(_ kernels: KernelSet, _ test: EncoderReference) throws {
    let encoders: [String: Encoder] = ["minatar": .minatar, "nature": .nature, "impala": .impala]
    let image = ImageShape(height: test.height, width: test.width, channels: test.channels)
    let network = try EncoderNetwork(try #require(encoders[test.encoder]), image, kernels)
    let numbers = network.network.tensors.enumerated().flatMap { index, tensor in
      let scale = tensor.shape.count == 2 ? (6 / Double(tensor.shape[0])).squareRoot() : 0.1
      return EncoderReferenceTests.sequence(tensor.count, seed: 2 + index, scale: scale)
    }
    let parameters = try Buffer(numbers)
    let observations = try Buffer(EncoderReferenceTests.sequence(2 * image.count, seed: 1, scale: 1))
    let outputs = network.outputs(parameters, observations)
    #expect(relativeError(doubles(outputs), test.outputs) < 1e-5)

    let above = EncoderReferenceTests.sequence(outputs.count, seed: 0, scale: 1)
    let gradient = try network.gradient(parameters, observations, above)
    let found = stride(from: 0, to: gradient.count, by: test.gradientStep).map { Double(gradient[$0]) }
    #expect(relativeError(found, test.gradient) < 1e-5)
    let lengths = network.network.tensors.map { norm(doubles(Array(gradient[$0.offset..<$0.offset + $0.count]))) }
    for (length, expected) in zip(lengths, test.gradientLengths) { #expect(abs(length / expected - 1) < 1e-5) }
    #expect(lengths.count == test.gradientLengths.count)
  }
}
