import PolicyGradient

/// A game played by hand, and its screen as text.
final class MinAtarHarness<Game: MinAtarGame> {
  private(set) var game = Game()
  private let seed: UInt64
  private var steps: UInt32 = 0

  /// Starts an episode with the random words of environment 0, episode 0.
  init(seed: UInt64) {
    self.seed = seed
    var random = words
    game.reset(random: &random)
  }

  /// The random words of the current step.
  var words: EpisodeRandom { EpisodeRandom(seed: seed, environment: 0, episode: 0, step: steps) }

  func play(_ move: MinAtarMove) -> ScalarOutcome {
    steps += 1
    var random = words
    return game.play(move, random: &random)
  }

  /// Plays several moves, none of which may end the episode or give a reward.
  func playQuietly(_ moves: MinAtarMove...) -> Bool {
    moves.allSatisfy { move in
      let outcome = play(move)
      return outcome.reward == 0 && !outcome.isTerminated
    }
  }

  /// A cell of each channel that has just one; `nil` for other channels.
  func cell(_ channel: Int) -> [Int]? {
    let found = cells(channel)
    return found.count == 1 ? found[0] : nil
  }

  /// Row and column of each flag of a channel.
  func cells(_ channel: Int) -> [[Int]] {
    var pixels = [Float](repeating: 0, count: 100 * Game.channels)
    pixels.withUnsafeMutableBufferPointer { pixels in
      if let first = pixels.baseAddress { game.draw(on: MinAtarScreen(pixels: first, channels: Game.channels)) }
    }
    return (0..<100).filter { pixels[$0 * Game.channels + channel] == 1 }.map { [$0 / 10, $0 % 10] }
  }
}
