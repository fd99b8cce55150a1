/// What random numbers are drawn for. A seed, a stream, a step and a row identify a draw; each purpose has its own
/// stream.
///
/// The values are part of every seeded result, so they never change.
package enum RandomStream: Int, Sendable {
  case initialization = 1
  case shuffle, reset
  case transition = 16
  case garnet, laboratory, pilot
  case exploration
  case environment = 32

  /// Part i of an action space draws from stream `firstAction + i`.
  static let firstAction = 1_024
}
