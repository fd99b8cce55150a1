/// The player collects gold, for a reward of 1 each, and avoids enemies, which end the episode. Both cross the screen
/// along rows 1 to 8, one to a row.
///
/// When the spawn timer runs out, a thing appears: at the left edge with probability 1/2, else at the right; gold with
/// probability 1/3, else an enemy; in a free row, drawn uniformly. The three random words after the step's first decide
/// in this order; with no free row the third is not drawn. About every 100 steps the game gets faster, until a thing
/// appears and all things move on every step.
///
/// Channels: player, enemy, trail (the cell behind each thing, if it is on the screen), gold.
package struct Asterix: MinAtarGame {
  package static let name = "Asterix"
  package static let channels = 4
  package static let actions = 5

  private static let rows = 8
  private static let rampInterval = 100

  private var playerRow = 5
  private var playerColumn = 5
  /// Column of the thing in each row, counted from row 1; -1 for none.
  private var columns = SIMD8<Int8>(repeating: -1)
  /// 1 for things that move to the right, -1 for things that move to the left.
  private var directions = SIMD8<Int8>()
  /// Bit k is set where the thing in row k + 1 is gold.
  private var gold: UInt8 = 0

  /// Steps from one spawn, and from one movement, to the next.
  private var spawnInterval = 10
  private var moveInterval = 5
  private var spawnTimer = 10
  private var moveTimer = 5
  private var rampTimer = Asterix.rampInterval
  private var ramps = 0

  package init() {}

  package static func move(for action: Int) -> MinAtarMove { MinAtarMove(rawValue: UInt8(action)) ?? .stay }

  package mutating func reset(random: inout EpisodeRandom) { self = Asterix() }

  package mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome {
    if spawnTimer == 0 {
      spawn(&random)
      spawnTimer = spawnInterval
    }
    switch move {
    case .left: playerColumn = max(0, playerColumn - 1)
    case .right: playerColumn = min(9, playerColumn + 1)
    case .up: playerRow = max(1, playerRow - 1)
    case .down: playerRow = min(Asterix.rows, playerRow + 1)
    default: break
    }
    var reward: Float = 0
    var isCaught = false
    touch(&reward, &isCaught)
    if moveTimer == 0 {
      moveTimer = moveInterval
      advance()
      touch(&reward, &isCaught)
    }
    spawnTimer -= 1
    moveTimer -= 1
    ramp()
    return ScalarOutcome(reward: reward, isTerminated: isCaught)
  }

  private mutating func spawn(_ random: inout EpisodeRandom) {
    let fromLeft = random.uniform() < 0.5
    let isGold = random.uniform() < 1.0 / 3
    var free = 0
    for place in 0..<Asterix.rows where columns[place] < 0 { free += 1 }
    guard free > 0 else { return }
    var skipped = random.below(free)
    for place in 0..<Asterix.rows where columns[place] < 0 {
      if skipped == 0 {
        columns[place] = fromLeft ? 0 : 9
        directions[place] = fromLeft ? 1 : -1
        gold = isGold ? gold | 1 << UInt8(place) : gold & ~(1 << UInt8(place))
        return
      }
      skipped -= 1
    }
  }

  /// Moves all things by one column; those that leave the screen are gone.
  private mutating func advance() {
    for place in 0..<Asterix.rows where columns[place] >= 0 {
      let column = columns[place] + directions[place]
      columns[place] = column > 9 ? -1 : column
    }
  }

  /// Applies contact with what is in the player's cell.
  private mutating func touch(_ reward: inout Float, _ isCaught: inout Bool) {
    let place = playerRow - 1
    guard Int(columns[place]) == playerColumn else { return }
    if isGold(place) {
      columns[place] = -1
      reward += 1
    } else {
      isCaught = true
    }
  }

  /// Shortens the spawn interval, and on every second time the move interval as well.
  private mutating func ramp() {
    guard spawnInterval > 1 || moveInterval > 1 else { return }
    guard rampTimer < 0 else {
      rampTimer -= 1
      return
    }
    if moveInterval > 1 && ramps % 2 == 1 { moveInterval -= 1 }
    if spawnInterval > 1 { spawnInterval -= 1 }
    ramps += 1
    rampTimer = Asterix.rampInterval
  }

  private func isGold(_ place: Int) -> Bool { gold >> UInt8(place) & 1 == 1 }

  package func draw(on screen: MinAtarScreen) {
    screen.set(row: playerRow, column: playerColumn, channel: 0)
    for place in 0..<Asterix.rows where columns[place] >= 0 {
      let (row, column) = (place + 1, Int(columns[place]))
      screen.set(row: row, column: column, channel: isGold(place) ? 3 : 1)
      let behind = column - Int(directions[place])
      if (0...9).contains(behind) { screen.set(row: row, column: behind, channel: 2) }
    }
  }
}

extension Asterix {
  /// Player, column and direction of each row's thing, gold, and six counters.
  package static let stateSize = 2 + 2 * rows + 7

  package func writeState(to numbers: UnsafeMutablePointer<Double>) {
    var values = [playerRow, playerColumn]
    for place in 0..<Asterix.rows { values += [Int(columns[place]), Int(directions[place])] }
    values += [Int(gold), spawnInterval, moveInterval, spawnTimer, moveTimer, rampTimer, ramps]
    for (place, value) in values.enumerated() { numbers[place] = Double(value) }
  }

  package init?(state numbers: UnsafePointer<Double>) {
    let side = 0...MinAtarScreen.side - 1
    let counters = numbers + 2 + 2 * Asterix.rows
    guard
      let playerRow = Int(numbers[0], in: 1...Asterix.rows), let playerColumn = Int(numbers[1], in: side),
      let gold = Int(counters[0], in: 0...255), let spawnInterval = Int(counters[1], in: 1...10),
      let moveInterval = Int(counters[2], in: 1...5), let spawnTimer = Int(counters[3], in: 0...10),
      let moveTimer = Int(counters[4], in: 0...5), let rampTimer = Int(counters[5], in: -1...Asterix.rampInterval),
      let ramps = Int(counters[6], in: 0...1_000)
    else { return nil }
    for place in 0..<Asterix.rows {
      let thing = numbers + 2 + 2 * place
      guard let column = Int(thing[0], in: -1...MinAtarScreen.side - 1), let direction = Int(thing[1], in: -1...1)
      else { return nil }
      columns[place] = Int8(column)
      directions[place] = Int8(direction)
    }
    (self.playerRow, self.playerColumn) = (playerRow, playerColumn)
    self.gold = UInt8(gold)
    (self.spawnInterval, self.moveInterval) = (spawnInterval, moveInterval)
    (self.spawnTimer, self.moveTimer) = (spawnTimer, moveTimer)
    (self.rampTimer, self.ramps) = (rampTimer, ramps)
  }
}
