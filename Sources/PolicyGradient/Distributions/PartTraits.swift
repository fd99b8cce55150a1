/// What all parts of one kind share.
package struct PartTraits: Sendable {
  /// The name in messages.
  let name: String
  package let actions: Actions
  let outputs: Outputs

  package enum Actions: Sendable {
    /// One column that holds a choice, 0 to `size` - 1.
    case choice
    /// Columns of 0 or 1.
    case bits
    /// Columns of real numbers.
    case reals(Bounds)
  }

  /// How real numbers stay within the bounds of a part.
  package enum Bounds: Sendable {
    /// Draws may lie outside; the environment receives them clipped. Bounds may be infinite.
    case clipped
    /// Draws are squashed into the bounds.
    case squashed
    /// The distribution has no density outside the bounds.
    case inherent
  }

  /// Network outputs for each choice or column.
  enum Outputs: Sendable {
    case one, two
    /// A mean, and a log standard deviation if the network outputs it.
    case meanAndLogStd
  }
}

extension PartTraits {
  var isContinuous: Bool {
    if case .reals = actions { true } else { false }
  }

  var isClipped: Bool {
    if case .reals(.clipped) = actions { true } else { false }
  }

  var isSquashed: Bool {
    if case .reals(.squashed) = actions { true } else { false }
  }

  var hasLogStd: Bool {
    if case .meanAndLogStd = outputs { true } else { false }
  }

  func columns(size: Int) -> Int {
    if case .choice = actions { 1 } else { size }
  }

  func outputs(size: Int, stateDependentStd: Bool) -> Int {
    switch outputs {
    case .one: size
    case .two: 2 * size
    case .meanAndLogStd: stateDependentStd ? 2 * size : size
    }
  }
}
