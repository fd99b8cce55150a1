/// The chicken crosses eight lanes of traffic, for a reward of 1 each time it reaches the top row; then it starts
/// again at the bottom, and all cars get new speeds. A car that touches it sends it back. It moves at most every
/// third step.
///
/// A car waits 0 to 4 steps more than its speed says: with speed s, it moves by one column in every (s + 1)-th step,
/// and leaves at one edge to return at the other. Speeds are drawn from ±1 to ±5, by one word for each car's size and
/// then by one for each direction; the reset draws them, too. An episode ends after 2,501 steps.
///
/// Channels: chicken, car, and the trail behind each car in one of five channels, by its speed.
package struct Freeway: MinAtarGame {
  package static let name = "Freeway"
  package static let channels = 7
  package static let actions = 3

  private static let cars = 8
  private static let column = 4
  private static let bottom = 9
  private static let moveInterval = 3
  private static let timeLimit = 2_500

  private var row = Freeway.bottom
  private var moveTimer = Freeway.moveInterval
  private var stepsLeft = Freeway.timeLimit
  /// Column of the car in each row, counted from row 1.
  private var columns = SIMD8<Int8>()
  /// Steps until each car moves.
  private var timers = SIMD8<Int8>()
  /// Positive speeds go to the right.
  private var speeds = SIMD8<Int8>(repeating: 1)

  package init() {}

  package static func move(for action: Int) -> MinAtarMove {
    switch action {
    case 1: .up
    case 2: .down
    default: .stay
    }
  }

  package mutating func reset(random: inout EpisodeRandom) {
    self = Freeway()
    drawSpeeds(&random)
  }

  package mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome {
    if moveTimer == 0, move == .up || move == .down {
      moveTimer = Freeway.moveInterval
      row = move == .up ? row - 1 : min(Freeway.bottom, row + 1)
    }
    var reward: Float = 0
    if row == 0 {
      reward = 1
      drawSpeeds(&random)
      row = Freeway.bottom
    }
    for car in 0..<Freeway.cars {
      touch(car)
      if timers[car] == 0 {
        timers[car] = abs(speeds[car])
        columns[car] = Int8((Int(columns[car]) + (speeds[car] > 0 ? 1 : 9)) % 10)
        touch(car)
      } else {
        timers[car] -= 1
      }
    }
    if moveTimer > 0 { moveTimer -= 1 }
    stepsLeft -= 1
    return ScalarOutcome(reward: reward, isTerminated: stepsLeft < 0)
  }

  /// Sends the chicken back if the car is in its cell.
  private mutating func touch(_ car: Int) {
    if columns[car] == Freeway.column, car + 1 == row { row = Freeway.bottom }
  }

  private mutating func drawSpeeds(_ random: inout EpisodeRandom) {
    for car in 0..<Freeway.cars { timers[car] = Int8(1 + random.below(5)) }
    for car in 0..<Freeway.cars { speeds[car] = random.uniform() < 0.5 ? -timers[car] : timers[car] }
  }

  package func draw(on screen: MinAtarScreen) {
    screen.set(row: row, column: Freeway.column, channel: 0)
    for car in 0..<Freeway.cars {
      let (column, speed) = (Int(columns[car]), Int(speeds[car]))
      screen.set(row: car + 1, column: column, channel: 1)
      screen.set(row: car + 1, column: (column + (speed > 0 ? 9 : 1)) % 10, channel: 1 + abs(speed))
    }
  }
}

extension Freeway {
  /// Row, two counters, and column, timer and speed of each car.
  package static let stateSize = 3 + 3 * cars

  package func writeState(to numbers: UnsafeMutablePointer<Double>) {
    var values = [row, moveTimer, stepsLeft]
    for car in 0..<Freeway.cars { values += [Int(columns[car]), Int(timers[car]), Int(speeds[car])] }
    for (place, value) in values.enumerated() { numbers[place] = Double(value) }
  }

  package init?(state numbers: UnsafePointer<Double>) {
    guard
      let row = Int(numbers[0], in: 1...Freeway.bottom), let moveTimer = Int(numbers[1], in: 0...Freeway.moveInterval),
      let stepsLeft = Int(numbers[2], in: 0...Freeway.timeLimit)
    else { return nil }
    (self.row, self.moveTimer, self.stepsLeft) = (row, moveTimer, stepsLeft)
    for car in 0..<Freeway.cars {
      let place = numbers + 3 + 3 * car
      guard
        let column = Int(place[0], in: 0...MinAtarScreen.side - 1), let timer = Int(place[1], in: 0...5),
        let speed = Int(place[2], in: -5...5), speed != 0
      else { return nil }
      (columns[car], timers[car], speeds[car]) = (Int8(column), Int8(timer), Int8(speed))
    }
  }
}
