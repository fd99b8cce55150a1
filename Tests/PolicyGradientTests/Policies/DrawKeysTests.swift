import Foundation
import Testing

@testable import PolicyGradient

struct DrawKeysTests {
  @Test func callsThatFollowEachOtherCount() throws {
    let keys = try DrawKeys(slots: 2)
    for key in 0..<100 {
      #expect(keys.next == UInt64(key))
      #expect(keys.take(0) == UInt64(key))
    }
  }

  @Test func aKeyThatWasGivenBackIsTakenAgain() throws {
    let keys = try DrawKeys(slots: 1)
    // The last of a portion, the first of one, and one without a portion.
    for (slot, count) in [(0, Int(DrawKeys.portion)), (0, 1), (1, 1)] {
      var key: UInt64 = 0
      for _ in 0..<count { key = keys.take(slot) }
      keys.giveBack(key, slot)
      #expect(keys.take(slot) == key)
    }
  }

  @Test func keysContinueWhereAFileEnded() throws {
    let keys = try DrawKeys(slots: 2)
    keys.next = 77
    #expect(keys.next == 77)
    #expect((0..<40).map { _ in keys.take(0) } == (77..<117).map { UInt64($0) })
    keys.next = .max
    #expect(keys.next == .max)
  }

  @Test func noKeyIsTakenTwiceAndAllAreBelowTheNext() throws {
    nonisolated(unsafe) let keys = try DrawKeys(slots: 3)
    let threads = 8
    let calls = 1000
    let slots = try ReaderSlots()
    defer { slots.deallocate() }
    nonisolated(unsafe) let taken = try Buffer<UInt64>(count: threads * calls)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for call in 0..<calls {
        let slot = slots.claim()
        taken.pointer[thread * calls + call] = keys.take(slot)
        slots.leave(slot)
      }
    }
    #expect(Set(taken.elements).count == threads * calls)
    #expect(taken.elements.allSatisfy { $0 < keys.next })
  }
}
