import PolicyGradient
import Testing

struct AsterixTests {
  private typealias Harness = MinAtarHarness<Asterix>

  /// What appears on step 11, by its three words: its row, whether it comes from the left, whether it is gold.
  private func firstThing(_ seed: UInt64) -> (row: Int, fromLeft: Bool, isGold: Bool) {
    var random = EpisodeRandom(seed: seed, environment: 0, episode: 0, step: 11)
    let (fromLeft, isGold) = (random.uniform() < 0.5, random.uniform() * 3 < 1)
    return (random.below(8) + 1, fromLeft, isGold)
  }

  /// A game that has reached step 11, with nothing on the screen but the first thing.
  private func game(_ seed: UInt64) -> Harness {
    let asterix = Harness(seed: seed)
    #expect(asterix.playQuietly(.stay, .stay, .stay, .stay, .stay, .stay, .stay, .stay, .stay, .stay))
    #expect(
      asterix.cell(0) == [5, 5] && asterix.cells(1).isEmpty && asterix.cells(2).isEmpty && asterix.cells(3).isEmpty)
    #expect(asterix.playQuietly(.stay))
    return asterix
  }

  @Test func theFirstThingAppearsOnStep11WhereItsWordsSay() {
    // The spawn timer starts at 10. Things move on steps 6, 11, 16, …: this one at once, from its edge by one column.
    var seen = Set<[Int]>()
    for seed in 0..<200 as Range<UInt64> {
      let (row, fromLeft, isGold) = firstThing(seed)
      seen.insert([row, fromLeft ? 1 : 0, isGold ? 1 : 0])
      let asterix = game(seed)
      #expect(asterix.cell(isGold ? 3 : 1) == [row, fromLeft ? 1 : 8])
      #expect(asterix.cells(isGold ? 1 : 3).isEmpty)
      #expect(asterix.cell(2) == [row, fromLeft ? 0 : 9])
    }
    #expect(seen.count == 32)
  }

  @Test(arguments: [false, true])
  func aThingReachesThePlayerOnStep31(isGold: Bool) throws {
    // Column 1 on step 11, 2 on step 16, 3 on 21, 4 on 26, and 5, the player's, on 31.
    let seed = (0..<1_000 as Range<UInt64>).first {
      let thing = firstThing($0)
      return thing.row == 5 && thing.fromLeft && thing.isGold == isGold
    }
    let asterix = game(try #require(seed))
    for _ in 12...30 { #expect(asterix.playQuietly(.stay)) }
    let outcome = asterix.play(.stay)
    #expect(outcome.reward == (isGold ? 1 : 0) && outcome.isTerminated == !isGold)
    #expect(asterix.cells(isGold ? 3 : 1).contains([5, 5]) == !isGold)
  }

  @Test func thePlayerWalksIntoAThing() throws {
    // The gold is in column 1 from step 11 to 15; the player needs steps 12 to 15 to reach it from column 5.
    let seed = (0..<1_000 as Range<UInt64>).first {
      let thing = firstThing($0)
      return thing.row == 5 && thing.fromLeft && thing.isGold
    }
    let asterix = game(try #require(seed))
    #expect(asterix.playQuietly(.left, .left, .left))
    let outcome = asterix.play(.left)
    #expect(outcome.reward == 1 && !outcome.isTerminated)
    #expect(asterix.cell(0) == [5, 1] && asterix.cells(3).isEmpty && asterix.cells(2).isEmpty)
  }

  @Test func thePlayerStaysInRows1To8AndColumns0To9() {
    let asterix = Harness(seed: 0)
    #expect(asterix.playQuietly(.up, .up, .up, .up, .up) && asterix.cell(0) == [1, 5])
    #expect(asterix.playQuietly(.left, .fire, .left, .left, .left) && asterix.cell(0) == [1, 1])
    let other = Harness(seed: 0)
    #expect(other.playQuietly(.down, .down, .down, .down) && other.cell(0) == [8, 5])
    #expect(other.playQuietly(.right, .right, .right, .right, .right) && other.cell(0) == [8, 9])
  }
}
