import PolicyGradient
import Testing

struct BreakoutTests {
  private typealias Harness = MinAtarHarness<Breakout>

  /// A game whose ball starts on the left, or on the right.
  private func game(ballOnTheRight: Bool) throws -> Harness {
    let seed = (0..<64 as Range<UInt64>).first { seed in
      var random = EpisodeRandom(seed: seed, environment: 0, episode: 0, step: 0)
      return (random.word() >= 1 << 31) == ballOnTheRight
    }
    return Harness(seed: try #require(seed))
  }

  @Test func anEpisodeBeginsWithThreeRowsOfBricksAndTheBallAtASide() throws {
    for (isRight, column) in [(false, 0), (true, 9)] {
      let breakout = try game(ballOnTheRight: isRight)
      #expect(breakout.cell(0) == [9, 4] && breakout.cell(1) == [3, column] && breakout.cell(2) == [3, column])
      #expect(breakout.cells(3) == (10..<40).map { [$0 / 10, $0 % 10] })
    }
  }

  @Test func theBallFallsDiagonallyAndIsLostNextToThePaddle() throws {
    // (3, 0), (4, 1), … (8, 5), and (9, 6) on step 6, where the paddle is at 4.
    let breakout = try game(ballOnTheRight: false)
    #expect(breakout.playQuietly(.stay, .stay, .up, .fire, .down))
    #expect(breakout.cell(1) == [8, 5] && breakout.cell(2) == [7, 4] && breakout.cell(0) == [9, 4])
    let outcome = breakout.play(.stay)
    #expect(outcome.isTerminated && outcome.reward == 0)
    #expect(breakout.cell(1) == [9, 6])
  }

  @Test func thePaddleReturnsTheBallAndTheBallBreaksOneBrick() throws {
    // Paddle at 5, below the ball at (8, 5): step 6 leads to (8, 6), then up to (5, 9); the wall holds it in column 9
    // on step 10. On step 11 it meets the brick at (3, 8), and stays in row 4.
    let breakout = try game(ballOnTheRight: false)
    #expect(breakout.playQuietly(.right, .stay, .stay, .stay, .stay, .stay))
    #expect(breakout.cell(1) == [8, 6])
    #expect(breakout.playQuietly(.stay, .stay, .stay, .stay))
    #expect(breakout.cell(1) == [4, 9] && breakout.cell(2) == [5, 9])
    let outcome = breakout.play(.stay)
    #expect(outcome.reward == 1 && !outcome.isTerminated)
    #expect(breakout.cell(1) == [4, 8])
    #expect(breakout.cells(3).count == 29 && !breakout.cells(3).contains([3, 8]))
    #expect(breakout.playQuietly(.stay))
    #expect(breakout.cell(1) == [5, 7])
  }

  @Test func thePaddlesEdgeAlsoReversesTheBallsSide() throws {
    // Paddle at 6, where the ball arrives from column 5: (8, 6), then up and left.
    let breakout = try game(ballOnTheRight: false)
    #expect(breakout.playQuietly(.right, .right, .stay, .stay, .stay, .stay, .stay))
    #expect(breakout.cell(2) == [8, 6] && breakout.cell(1) == [7, 5])
  }

  @Test func aBallFromTheRightMeetsTheWaitingPaddle() throws {
    // (3, 9), … (8, 4): the paddle waits at 4. Step 6 leads to (8, 3), step 7 to (7, 2).
    let breakout = try game(ballOnTheRight: true)
    #expect(breakout.playQuietly(.stay, .stay, .stay, .stay, .stay, .stay, .stay))
    #expect(breakout.cell(2) == [8, 3] && breakout.cell(1) == [7, 2])
  }

  @Test func thePaddleStaysOnTheScreen() throws {
    let breakout = try game(ballOnTheRight: false)
    #expect(breakout.playQuietly(.left, .left, .left, .left, .left))
    #expect(breakout.cell(0) == [9, 0])
  }
}
