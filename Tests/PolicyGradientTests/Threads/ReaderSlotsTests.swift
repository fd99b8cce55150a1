import Foundation
import KernelShims
import Testing

@testable import PolicyGradient

@Suite struct ReaderSlotsTests {
  @Test func oneThreadAtATimeAlwaysGetsTheFirstSlot() throws {
    let slots = try ReaderSlots()
    defer { slots.deallocate() }
    for _ in 0..<3 {
      let slot = slots.claim()
      #expect(slot == 0)
      slots.leave(slot)
    }
  }

  @Test func noTwoHoldersHaveOneSlot() throws {
    let slots = try ReaderSlots()
    defer { slots.deallocate() }
    let held = (0..<ReaderSlots.capacity).map { _ in slots.claim() }
    #expect(Set(held).count == ReaderSlots.capacity)
    for slot in held { slots.leave(slot) }
  }

  @Test func aWriterWaitsForThoseWhoHeldASlotAndNotForThoseWhoCameLater() throws {
    let slots = try ReaderSlots()
    defer { slots.deallocate() }
    let before = slots.claim()
    slots.noteHolders()
    let after = slots.claim()
    nonisolated(unsafe) let waited = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    waited.initialize(to: 0)
    defer { waited.deallocate() }
    let writer = Thread {
      slots.waitForNotedHolders()
      kernel_atomic_store(waited, 1)
    }
    writer.start()
    usleep(20_000)
    #expect(kernel_atomic_load(waited) == 0)
    slots.leave(before)
    for _ in 0..<1_000 where kernel_atomic_load(waited) == 0 { usleep(10_000) }
    #expect(kernel_atomic_load(waited) == 1)
    slots.leave(after)
  }

  /// The slot passes from one reader to the next without a pause, as under load.
  @Test func aWriterDoesNotWaitForTheNextHolderOfASlot() throws {
    let slots = try ReaderSlots()
    defer { slots.deallocate() }
    slots.leave(slots.claim())
    let first = slots.claim()
    slots.noteHolders()
    slots.leave(first)
    let next = slots.claim()
    #expect(next == first)
    slots.waitForNotedHolders()
    slots.leave(next)
  }

  @Test func moreThreadsThanSlotsTakeTurns() throws {
    let slots = try ReaderSlots()
    defer { slots.deallocate() }
    var held = (0..<ReaderSlots.capacity).map { _ in slots.claim() }
    let late = held.removeLast()
    nonisolated(unsafe) let got = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    got.initialize(to: -1)
    defer { got.deallocate() }
    let thread = Thread { kernel_atomic_store(got, Int64(slots.claim())) }
    thread.start()
    usleep(20_000)
    #expect(kernel_atomic_load(got) == -1)
    slots.leave(late)
    for _ in 0..<1_000 where kernel_atomic_load(got) < 0 { usleep(10_000) }
    #expect(kernel_atomic_load(got) == Int64(late))
  }
}
