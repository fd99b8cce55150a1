import Testing

@testable import PolicyGradient

struct ShardsTests {
  @Test func everyShardHasABlockAndEveryRowAShard() {
    for rows in [1, 7, 8, 9, 16, 31, 63, 64, 65, 200, 1_024] {
      for blockRows in [1, 8, 16, 24, 64] {
        for most in 1...Shards.maximumCount {
          let shards = Shards(rows: rows, blockRows: blockRows, count: most)
          #expect((1...most).contains(shards.count))
          var next = 0
          for index in 0..<shards.count {
            let places = shards.places(index)
            #expect(places.lowerBound == next && !places.isEmpty && places.lowerBound % blockRows == 0)
            next = places.upperBound
          }
          #expect(next == rows)
        }
      }
    }
  }

  @Test func fewSequencesAreTwoShardsSideBySide() throws {
    var shape = PolicyConfiguration(observationSize: 4, parts: [ActionPart(.categorical, size: 2)])
    shape.memory = .gru
    shape.memorySize = 64
    let network = try Policy(shape).network
    // 16 sequences are two blocks of 8 rows, although their 2,048 rows are enough for 8 shards.
    let shards = Shards(sequences: 16, steps: 128, of: network)
    #expect((0..<shards.count).map(shards.places) == [0..<8, 8..<16])
    #expect(Shards(sequences: 8, steps: 128, of: network).count == 1)
  }

  @Test func noRowsAreOneEmptyShard() {
    let shards = Shards(rows: 0, blockRows: 8, count: 4)
    #expect(shards.count == 1 && shards.places(0).isEmpty)
  }
}
