/// A cannon at the bottom shoots at a block of aliens, for a reward of 1 each. Aliens move sideways, and down at an
/// edge; they move faster the fewer they are. The alien in the nearest column shoots back. A shot or an alien in the
/// cannon's cell, and an alien that would leave the bottom row, end the episode. After the last alien, a new block
/// appears, which moves faster than the one before, up to a limit.
///
/// No random words but the one of sticky actions.
///
/// Channels: cannon, alien, alien that moves to the left, to the right, the cannon's shot, an alien's shot.
package struct SpaceInvaders: MinAtarGame {
  package static let name = "SpaceInvaders"
  package static let channels = 6
  package static let actions = 4

  private static let bottom = 9
  private static let reloadTime = 5
  private static let alienReloadTime = 10
  private static let intervals = 6...12

  private var cannon = 5
  private var aliens = Cells.block
  private var shots = Cells()
  private var alienShots = Cells()
  /// ±1.
  private var right = -1
  /// Steps from one movement of all aliens to the next, where there are as many aliens.
  private var moveInterval = SpaceInvaders.intervals.upperBound
  private var moveTimer = SpaceInvaders.intervals.upperBound
  private var alienReloadTimer = SpaceInvaders.alienReloadTime
  private var reloadTimer = 0

  /// A set of cells: for each row, one bit for each column.
  fileprivate struct Cells: BitwiseCopyable {
    var rows = SIMD16<UInt16>()

    static let allColumns: UInt16 = 1 << 10 - 1

    /// Where aliens appear.
    static var block: Cells {
      var block = Cells()
      for row in 0..<4 { block.rows[row] = 0b00_1111_1100 }
      return block
    }

    func contains(row: Int, column: Int) -> Bool { rows[row] >> UInt16(column) & 1 == 1 }
    mutating func insert(row: Int, column: Int) { rows[row] |= 1 << UInt16(column) }
    var count: Int { (0..<10).reduce(0) { $0 + rows[$1].nonzeroBitCount } }
    /// Which columns hold a cell.
    var columns: UInt16 { (0..<10).reduce(0) { $0 | rows[$1] } }

    /// Moves all cells by one row. Those that leave the screen are gone, or return at the other edge.
    mutating func shift(down: Bool, wraps: Bool = false) {
      let old = rows
      for row in 0..<10 {
        let source = down ? row - 1 : row + 1
        rows[row] = wraps || (0..<10).contains(source) ? old[(source + 10) % 10] : 0
      }
    }

    mutating func shift(right: Int) {
      rows = right > 0 ? (rows &<< 1) & Cells.allColumns : rows &>> 1
    }
  }

  package init() {}

  package static func move(for action: Int) -> MinAtarMove {
    switch action {
    case 1: .left
    case 2: .right
    case 3: .fire
    default: .stay
    }
  }

  package mutating func reset(random: inout EpisodeRandom) { self = SpaceInvaders() }

  package mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome {
    switch move {
    case .left: cannon = max(0, cannon - 1)
    case .right: cannon = min(9, cannon + 1)
    case .fire where reloadTimer == 0:
      shots.insert(row: SpaceInvaders.bottom, column: cannon)
      reloadTimer = SpaceInvaders.reloadTime
    default: break
    }
    shots.shift(down: false)
    alienShots.shift(down: true)
    var isHit = alienShots.contains(row: SpaceInvaders.bottom, column: cannon) || aliensReachCannon
    if moveTimer == 0 {
      moveTimer = min(aliens.count, moveInterval)
      if advance() { isHit = true }
    }
    if alienReloadTimer == 0 {
      alienReloadTimer = SpaceInvaders.alienReloadTime
      shootBack()
    }
    let reward = removeHits()
    if reloadTimer > 0 { reloadTimer -= 1 }
    moveTimer -= 1
    alienReloadTimer -= 1
    if aliens.count == 0 {
      moveInterval = max(SpaceInvaders.intervals.lowerBound, moveInterval - 1)
      aliens = .block
    }
    return ScalarOutcome(reward: Float(reward), isTerminated: isHit)
  }

  private var aliensReachCannon: Bool { aliens.contains(row: SpaceInvaders.bottom, column: cannon) }

  /// Moves all aliens sideways or, if one is at the edge ahead, down.
  ///
  /// - Returns: Whether that ends the episode.
  private mutating func advance() -> Bool {
    let edge: UInt16 = right > 0 ? 1 << 9 : 1
    guard aliens.columns & edge != 0 else {
      aliens.shift(right: right)
      return aliensReachCannon
    }
    right = -right
    let isOver = aliens.rows[SpaceInvaders.bottom] != 0
    aliens.shift(down: true, wraps: true)
    return isOver || aliensReachCannon
  }

  /// Makes the lowest alien in the column nearest to the cannon shoot; the left column wins a tie.
  private mutating func shootBack() {
    let columns = aliens.columns
    for place in 0..<20 {
      let column = place % 2 == 0 ? cannon - place / 2 : cannon + place / 2
      guard (0..<10).contains(column), columns >> UInt16(column) & 1 == 1 else { continue }
      guard let row = (0..<10).last(where: { aliens.contains(row: $0, column: column) }) else { continue }
      return alienShots.insert(row: row, column: column)
    }
  }

  /// Removes the aliens that were shot, and the shots. Returns their number.
  private mutating func removeHits() -> Int {
    let hits = Cells(rows: aliens.rows & shots.rows)
    aliens.rows &= ~hits.rows
    shots.rows &= ~hits.rows
    return hits.count
  }

  package func draw(on screen: MinAtarScreen) {
    screen.set(row: SpaceInvaders.bottom, column: cannon, channel: 0)
    for row in 0..<10 {
      for column in 0..<10 {
        if aliens.contains(row: row, column: column) {
          screen.set(row: row, column: column, channel: 1)
          screen.set(row: row, column: column, channel: right < 0 ? 2 : 3)
        }
        if shots.contains(row: row, column: column) { screen.set(row: row, column: column, channel: 4) }
        if alienShots.contains(row: row, column: column) { screen.set(row: row, column: column, channel: 5) }
      }
    }
  }
}

extension SpaceInvaders {
  /// Cannon, direction, four counters, and the rows of aliens and shots.
  package static let stateSize = 6 + 3 * 10

  package func writeState(to numbers: UnsafeMutablePointer<Double>) {
    var values = [cannon, right, moveInterval, moveTimer, alienReloadTimer, reloadTimer]
    for cells in [aliens, shots, alienShots] { values += (0..<10).map { Int(cells.rows[$0]) } }
    for (place, value) in values.enumerated() { numbers[place] = Double(value) }
  }

  package init?(state numbers: UnsafePointer<Double>) {
    let intervals = SpaceInvaders.intervals
    guard
      let cannon = Int(numbers[0], in: 0...MinAtarScreen.side - 1), let right = Int(numbers[1], in: -1...1), right != 0,
      let moveInterval = Int(numbers[2], in: intervals), let moveTimer = Int(numbers[3], in: 0...intervals.upperBound),
      let alienReloadTimer = Int(numbers[4], in: 0...SpaceInvaders.alienReloadTime),
      let reloadTimer = Int(numbers[5], in: 0...SpaceInvaders.reloadTime), let aliens = Cells(numbers + 6),
      let shots = Cells(numbers + 16), let alienShots = Cells(numbers + 26), aliens.count > 0
    else { return nil }
    (self.cannon, self.right) = (cannon, right)
    (self.moveInterval, self.moveTimer) = (moveInterval, moveTimer)
    (self.alienReloadTimer, self.reloadTimer) = (alienReloadTimer, reloadTimer)
    (self.aliens, self.shots, self.alienShots) = (aliens, shots, alienShots)
  }
}

extension SpaceInvaders.Cells {
  /// - Parameter numbers: 10 rows.
  fileprivate init?(_ numbers: UnsafePointer<Double>) {
    for row in 0..<10 {
      guard let columns = Int(numbers[row], in: 0...Int(Self.allColumns)) else { return nil }
      rows[row] = UInt16(columns)
    }
  }
}
