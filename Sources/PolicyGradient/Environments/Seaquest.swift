/// A submarine shoots fish and enemy submarines, for a reward of 1 each, and rescues divers. Contact with an enemy or
/// its shot, and lack of oxygen, end the episode.
///
/// Surfacing restores the oxygen and costs one diver; without divers it ends the episode. With six divers it gives a
/// reward of up to 10 for the oxygen that is left, and takes all of them and one more: as in the Python package, the
/// count is then -1, and the next diver only settles it. With each surfacing, enemies appear more often and move
/// faster, up to a limit.
///
/// When their timers run out, an enemy appears (one word each for its edge, kind and row; none if enemies of the row
/// move the other way), then a diver (edge and row).
///
/// Channels: front, back, shot, trail (the cell behind things that move), enemy shot, fish, enemy submarine, oxygen,
/// divers on board, diver.
package struct Seaquest: MinAtarGame {
  package static let name = "Seaquest"
  package static let channels = 10
  package static let actions = 6

  private static let bottom = 8
  private static let fullOxygen = 200
  private static let diverInterval = 30
  private static let reloadTime = 5
  private static let enemyReloadTime = 10
  private static let slowest = 5
  private static let mostDivers = 6

  private var row = 0
  private var column = 5
  private var isRight = false
  private var oxygen = Seaquest.fullOxygen
  private var divers = 0
  private var isAtSurface = true
  private var shots = SeaquestThings()
  private var fish = SeaquestThings()
  private var submarines = SeaquestThings()
  private var enemyShots = SeaquestThings()
  private var swimmers = SeaquestThings()
  private var spawnInterval = 20
  private var spawnTimer = 20
  private var diverTimer = Seaquest.diverInterval
  private var moveInterval = Seaquest.slowest
  private var reloadTimer = 0
  private var ramps = 0

  package init() {}

  package static func move(for action: Int) -> MinAtarMove { MinAtarMove(rawValue: UInt8(action)) ?? .stay }

  package mutating func reset(random: inout EpisodeRandom) { self = Seaquest() }

  package mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome {
    spawn(&random)
    steer(move)
    var outcome = Outcome()
    moveShots(&outcome)
    moveSwimmers()
    submarines = moved(submarines, shoots: true, &outcome)
    moveEnemyShots(&outcome)
    fish = moved(fish, shoots: false, &outcome)
    if spawnTimer > 0 { spawnTimer -= 1 }
    if diverTimer > 0 { diverTimer -= 1 }
    if reloadTimer > 0 { reloadTimer -= 1 }
    breathe(&outcome)
    return ScalarOutcome(reward: Float(outcome.reward), isTerminated: outcome.isOver)
  }

  private struct Outcome {
    var reward = 0
    var isOver = false
  }

  private mutating func spawn(_ random: inout EpisodeRandom) {
    if spawnTimer == 0 {
      spawnTimer = spawnInterval
      let goesRight = random.uniform() < 0.5
      let isSubmarine = random.uniform() < 1.0 / 3
      let enemy = SeaquestThing(row: 1 + random.below(8), goesRight, moveTimer: moveInterval)
      let isBlocked = submarines.haveOpposite(of: enemy) || fish.haveOpposite(of: enemy)
      if !isBlocked, isSubmarine {
        submarines.append(enemy.reloading(Seaquest.enemyReloadTime))
      } else if !isBlocked {
        fish.append(enemy)
      }
    }
    if diverTimer == 0 {
      diverTimer = Seaquest.diverInterval
      let goesRight = random.uniform() < 0.5
      swimmers.append(SeaquestThing(row: 1 + random.below(8), goesRight, moveTimer: Seaquest.slowest))
    }
  }

  private mutating func steer(_ move: MinAtarMove) {
    switch move {
    case .left:
      column = max(0, column - 1)
      isRight = false
    case .right:
      column = min(9, column + 1)
      isRight = true
    case .up: row = max(0, row - 1)
    case .down: row = min(Seaquest.bottom, row + 1)
    case .fire where reloadTimer == 0:
      shots.append(SeaquestThing(row: row, column: column, isRight))
      reloadTimer = Seaquest.reloadTime
    default: break
    }
  }

  private func isHere(_ thing: SeaquestThing) -> Bool { thing.row == row && thing.column == column }

  private mutating func moveShots(_ outcome: inout Outcome) {
    for index in (0..<shots.count).reversed() {
      shots[index].advance()
      let shot = shots[index]
      if fish.removeFirst(at: shot) || submarines.removeFirst(at: shot) {
        outcome.reward += 1
        shots.remove(at: index)
      } else if !shot.isOnScreen {
        shots.remove(at: index)
      }
    }
  }

  private mutating func moveSwimmers() {
    for index in (0..<swimmers.count).reversed() {
      var isRescued = isHere(swimmers[index]) && divers < Seaquest.mostDivers
      if !isRescued, swimmers[index].advance(every: Seaquest.slowest) {
        isRescued = isHere(swimmers[index]) && divers < Seaquest.mostDivers
      }
      if isRescued { divers += 1 }
      if isRescued || !swimmers[index].isOnScreen { swimmers.remove(at: index) }
    }
  }

  /// Enemies after a step, the newest first.
  private mutating func moved(
    _ enemies: SeaquestThings, shoots: Bool, _ outcome: inout Outcome
  ) -> SeaquestThings {
    var enemies = enemies
    for index in (0..<enemies.count).reversed() {
      var enemy = enemies[index]
      if isHere(enemy) { outcome.isOver = true }
      var isGone = false
      if enemy.advance(every: moveInterval) {
        if !enemy.isOnScreen {
          isGone = true
        } else if isHere(enemy) {
          outcome.isOver = true
        } else if shots.removeFirst(at: enemy) {
          isGone = true
          outcome.reward += 1
        }
      }
      if shoots, enemy.shoots(every: Seaquest.enemyReloadTime) {
        enemyShots.append(SeaquestThing(row: Int(enemy.row), column: Int(enemy.column), enemy.isRight))
      }
      enemies[index] = enemy
      if isGone { enemies.remove(at: index) }
    }
    return enemies
  }

  private mutating func moveEnemyShots(_ outcome: inout Outcome) {
    for index in (0..<enemyShots.count).reversed() {
      if isHere(enemyShots[index]) { outcome.isOver = true }
      enemyShots[index].advance()
      if isHere(enemyShots[index]) { outcome.isOver = true }
      if !enemyShots[index].isOnScreen { enemyShots.remove(at: index) }
    }
  }

  /// Uses oxygen below the surface, and restores it on arrival there.
  private mutating func breathe(_ outcome: inout Outcome) {
    if oxygen <= 0 { outcome.isOver = true }
    guard row == 0 else {
      oxygen -= 1
      isAtSurface = false
      return
    }
    guard !isAtSurface else { return }
    guard divers != 0 else {
      outcome.isOver = true
      return
    }
    isAtSurface = true
    if divers == Seaquest.mostDivers {
      divers = 0
      outcome.reward += oxygen * 10 / Seaquest.fullOxygen
    }
    oxygen = Seaquest.fullOxygen
    divers -= 1
    guard spawnInterval > 1 || moveInterval > 2 else { return }
    if moveInterval > 2, ramps % 2 == 1 { moveInterval -= 1 }
    if spawnInterval > 1 { spawnInterval -= 1 }
    ramps += 1
  }

  package func draw(on screen: MinAtarScreen) {
    screen.set(row: row, column: column, channel: 0)
    screen.set(row: row, column: isRight ? column - 1 : column + 1, channel: 1)
    for place in 0..<max(0, oxygen) * 10 / Seaquest.fullOxygen { screen.set(row: 9, column: place, channel: 7) }
    for place in 0..<max(0, divers) { screen.set(row: 9, column: 8 - place, channel: 8) }
    shots.draw(on: screen, channel: 2)
    enemyShots.draw(on: screen, channel: 4)
    fish.draw(on: screen, channel: 5, trail: 3)
    submarines.draw(on: screen, channel: 6, trail: 3)
    swimmers.draw(on: screen, channel: 9, trail: 3)
  }
}

extension Seaquest {
  package static let stateSize = 12 + 5 * SeaquestThings.stateSize

  package func writeState(to numbers: UnsafeMutablePointer<Double>) {
    let values = [
      row, column, isRight ? 1 : 0, oxygen, divers, isAtSurface ? 1 : 0, spawnInterval, spawnTimer, diverTimer,
      moveInterval, reloadTimer, ramps,
    ]
    for (place, value) in values.enumerated() { numbers[place] = Double(value) }
    for (place, things) in [shots, fish, submarines, enemyShots, swimmers].enumerated() {
      things.writeState(to: numbers + values.count + place * SeaquestThings.stateSize)
    }
  }

  package init?(state numbers: UnsafePointer<Double>) {
    let lists = (0..<5).compactMap { SeaquestThings(state: numbers + 12 + $0 * SeaquestThings.stateSize) }
    guard
      let row = Int(numbers[0], in: 0...Seaquest.bottom), let column = Int(numbers[1], in: 0...9),
      let isRight = Int(numbers[2], in: 0...1), (0...9).contains(isRight == 1 ? column - 1 : column + 1),
      let oxygen = Int(numbers[3], in: 0...Seaquest.fullOxygen),
      let divers = Int(numbers[4], in: -1_000_000_000...Seaquest.mostDivers),
      let isAtSurface = Int(numbers[5], in: 0...1), let spawnInterval = Int(numbers[6], in: 1...20),
      let spawnTimer = Int(numbers[7], in: 0...20), let diverTimer = Int(numbers[8], in: 0...Seaquest.diverInterval),
      let moveInterval = Int(numbers[9], in: 2...Seaquest.slowest),
      let reloadTimer = Int(numbers[10], in: 0...Seaquest.reloadTime), let ramps = Int(numbers[11], in: 0...100),
      lists.count == 5
    else { return nil }
    (self.row, self.column, self.isRight) = (row, column, isRight == 1)
    (self.oxygen, self.divers, self.isAtSurface) = (oxygen, divers, isAtSurface == 1)
    (self.spawnInterval, self.spawnTimer, self.diverTimer) = (spawnInterval, spawnTimer, diverTimer)
    (self.moveInterval, self.reloadTimer, self.ramps) = (moveInterval, reloadTimer, ramps)
    (shots, fish, submarines, enemyShots, swimmers) = (lists[0], lists[1], lists[2], lists[3], lists[4])
  }
}
