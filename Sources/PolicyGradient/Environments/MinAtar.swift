/// The joystick of MinAtar's games.
package enum MinAtarMove: UInt8, BitwiseCopyable, Sendable {
  case stay, left, up, right, down, fire
}

/// The rules of one game on a 10 × 10 screen.
package protocol MinAtarGame: BitwiseCopyable, Sendable {
  /// The name without "MinAtar/" and version.
  static var name: String { get }
  static var channels: Int { get }
  /// Moves that differ in effect.
  static var actions: Int { get }

  init()

  /// - Parameter action: 0 to ``actions`` - 1.
  static func move(for action: Int) -> MinAtarMove

  mutating func reset(random: inout EpisodeRandom)
  mutating func play(_ move: MinAtarMove, random: inout EpisodeRandom) -> ScalarOutcome
  func draw(on screen: MinAtarScreen)

  // As in ``ScalarEnvironment``.
  static var stateSize: Int { get }
  func writeState(to numbers: UnsafeMutablePointer<Double>)
  init?(state numbers: UnsafePointer<Double>)
}

/// A game with the parts that all games of MinAtar share: sticky actions, and a screen of flags as observation.
///
/// With probability 0.1 a step repeats the previous move instead of playing the action; the first word of every step
/// decides. The move before an episode's first step is "stay". (The Python package keeps the last move of the previous
/// episode.) Actions are the game's minimal set, like the "-v1" ids of the Python package. No time limit.
///
/// - Source: Young and Tian, "MinAtar: an Atari-inspired testbed for thorough and reproducible reinforcement learning
///   experiments" (2019).
package struct MinAtar<Game: MinAtarGame>: ScalarEnvironment {
  package static var name: String { "MinAtar/\(Game.name)-v1" }
  package static var observationSize: Int { MinAtarScreen.side * MinAtarScreen.side * Game.channels }
  package static var observationParts: [ObservationPart] {
    [.image(ImageShape(height: MinAtarScreen.side, width: MinAtarScreen.side, channels: Game.channels), .bitmap)]
  }
  package static var parts: [ActionPart] { [ActionPart(.categorical, size: Game.actions)] }
  static var stickyProbability: Double { 0.1 }

  private var game = Game()
  private var lastMove = MinAtarMove.stay

  package init() {}

  package mutating func reset(random: inout EpisodeRandom) {
    lastMove = .stay
    game.reset(random: &random)
  }

  package mutating func step(_ action: UnsafePointer<Float>, random: inout EpisodeRandom) -> ScalarOutcome {
    let repeatsLast = random.uniform() < Self.stickyProbability
    let move = repeatsLast ? lastMove : Game.move(for: Int(action[0]))
    lastMove = move
    return game.play(move, random: &random)
  }

  package func observe(into observation: UnsafeMutablePointer<Float>) {
    observation.update(repeating: 0, count: Self.observationSize)
    game.draw(on: MinAtarScreen(pixels: observation, channels: Game.channels))
  }

  package static var stateSize: Int { 1 + Game.stateSize }

  package func writeState(to numbers: UnsafeMutablePointer<Double>) {
    numbers[0] = Double(lastMove.rawValue)
    game.writeState(to: numbers + 1)
  }

  package init?(state numbers: UnsafePointer<Double>) {
    guard let move = UInt8(exactly: numbers[0]).flatMap(MinAtarMove.init), let game = Game(state: numbers + 1) else {
      return nil
    }
    self.game = game
    lastMove = move
  }
}

extension Int {
  /// A whole number of a state; `nil` outside the range.
  init?(_ number: Double, in range: ClosedRange<Int>) {
    guard let whole = Int(exactly: number), range.contains(whole) else { return nil }
    self = whole
  }
}

/// 10 rows of 10 columns of channels, channels last, all 0 at first.
package struct MinAtarScreen {
  static let side = 10

  package let pixels: UnsafeMutablePointer<Float>
  package let channels: Int

  package init(pixels: UnsafeMutablePointer<Float>, channels: Int) {
    self.pixels = pixels
    self.channels = channels
  }

  /// Sets a flag; row and column lie on the screen.
  @inline(__always) package func set(row: Int, column: Int, channel: Int) {
    pixels[(row * MinAtarScreen.side + column) * channels + channel] = 1
  }
}
