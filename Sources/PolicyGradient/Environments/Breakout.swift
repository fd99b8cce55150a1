/// A paddle keeps a diagonal ball in play; each brick it breaks gives a reward of 1, and a lost ball ends the episode.
///
/// The ball starts at the left or right edge of row 3, by the reset's first word, and flies down and inwards. Bricks
/// fill rows 1 to 3. After the last one broke, they come back when the ball reaches the bottom row. A ball that has
/// just hit a brick passes through other bricks until it is in free space. The paddle returns the ball upwards. If the
/// paddle is only at the ball's new column, it also reverses the ball's horizontal direction.
///
/// Channels: paddle, ball, trail (the ball's previous cell), brick.
package struct Breakout: MinAtarGame {
  package static let name = "Breakout"
  package static let channels = 4
  package static let actions = 3

  private static let allBricks: UInt32 = (1 << 30) - 1
  private static let firstBrickRow = 1
  private static let bottom = 9

  private var paddle = 4
  private var ball = Cell(row: 3, column: 0)
  private var trail = Cell(row: 3, column: 0)
  /// The ball's direction, ±1 each.
  private var down = 1
  private var right = 1
  /// Bit 10 · (row - 1) + column.
  private var bricks = Breakout.allBricks
  /// Whether the ball's previous step ended at bricks.
  private var isStriking = false

  fileprivate struct Cell: BitwiseCopyable {
    var row: Int
    var column: Int
  }

  package init() {}

  package static func move(for action: Int) -> MinAtarMove {
    switch action {
    case 1: .left
    case 2: .right
    default: .stay
    }
  }

  package mutating func reset(random: inout EpisodeRandom) {
    self = Breakout()
    guard random.below(2) == 1 else { return }
    ball.column = 9
    trail = ball
    right = -1
  }

  package mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome {
    switch move {
    case .left: paddle = max(0, paddle - 1)
    case .right: paddle = min(9, paddle + 1)
    default: break
    }
    trail = ball
    ball = Cell(row: trail.row + down, column: trail.column + right)
    if !(0...9).contains(ball.column) {
      ball.column = trail.column
      right = -right
    }
    var reward: Float = 0
    var isLost = false
    let hitsBrick = hasBrick(ball)
    if ball.row < 0 {
      ball.row = 0
      down = 1
    } else if hitsBrick {
      if !isStriking {
        reward = 1
        bricks &= ~brickBit(ball)
        bounce()
      }
    } else if ball.row == Breakout.bottom {
      isLost = !meetPaddle()
    }
    isStriking = hitsBrick
    return ScalarOutcome(reward: reward, isTerminated: isLost)
  }

  /// Handles the ball's arrival at the bottom row.
  ///
  /// - Returns: Whether the paddle returns it.
  private mutating func meetPaddle() -> Bool {
    if bricks == 0 { bricks = Breakout.allBricks }
    if trail.column == paddle {
      bounce()
    } else if ball.column == paddle {
      bounce()
      right = -right
    } else {
      return false
    }
    return true
  }

  /// Keeps the ball in its previous row and reverses its vertical direction.
  private mutating func bounce() {
    ball.row = trail.row
    down = -down
  }

  private func hasBrick(_ cell: Cell) -> Bool {
    (Breakout.firstBrickRow..<Breakout.firstBrickRow + 3).contains(cell.row) && bricks & brickBit(cell) != 0
  }

  private func brickBit(_ cell: Cell) -> UInt32 {
    1 << UInt32(10 * (cell.row - Breakout.firstBrickRow) + cell.column)
  }

  package func draw(on screen: MinAtarScreen) {
    screen.set(row: Breakout.bottom, column: paddle, channel: 0)
    screen.set(row: ball.row, column: ball.column, channel: 1)
    screen.set(row: trail.row, column: trail.column, channel: 2)
    var left = bricks
    while left != 0 {
      let place = left.trailingZeroBitCount
      left &= left &- 1
      screen.set(row: Breakout.firstBrickRow + place / 10, column: place % 10, channel: 3)
    }
  }
}

extension Breakout {
  package static let stateSize = 9

  package func writeState(to numbers: UnsafeMutablePointer<Double>) {
    let values = [
      paddle, ball.row, ball.column, trail.row, trail.column, down, right, Int(bricks), isStriking ? 1 : 0,
    ]
    for (place, value) in values.enumerated() { numbers[place] = Double(value) }
  }

  package init?(state numbers: UnsafePointer<Double>) {
    let side = 0...MinAtarScreen.side - 1
    guard
      let paddle = Int(numbers[0], in: side), let ball = Cell(numbers + 1), let trail = Cell(numbers + 3),
      let down = Int(numbers[5], in: -1...1), let right = Int(numbers[6], in: -1...1), down != 0, right != 0,
      let bricks = Int(numbers[7], in: 0...Int(Breakout.allBricks)), let isStriking = Int(numbers[8], in: 0...1),
      ball.row + down <= Breakout.bottom
    else { return nil }
    (self.paddle, self.ball, self.trail) = (paddle, ball, trail)
    (self.down, self.right) = (down, right)
    self.bricks = UInt32(bricks)
    self.isStriking = isStriking == 1
  }
}

extension Breakout.Cell {
  fileprivate init?(_ numbers: UnsafePointer<Double>) {
    let side = 0...MinAtarScreen.side - 1
    guard let row = Int(numbers[0], in: side), let column = Int(numbers[1], in: side) else { return nil }
    self.init(row: row, column: column)
  }
}
