/// What random words are drawn for. Each purpose has a stream of its own, so that none shifts another's numbers.
///
/// The values are part of every seeded result: they never change.
package enum RandomStream: Int, Sendable {
  case initialization = 1
  case action, shuffle, reset
}
