import Foundation
import PolicyGradient
import Testing

@testable import CABI

struct HandlesTests {
  private final class Thing {
    let number: Int
    init(_ number: Int) { self.number = number }
  }
  private final class Other {}

  @Test func aHandleFindsItsObjectUntilItIsDestroyed() throws {
    let thing = Thing(1)
    let handle = try Handles.create(for: thing)
    #expect(Handles.object(handle) === thing)
    #expect(try borrow(handle, "thing", as: Thing.self) === thing)
    Handles.destroy(handle, Thing.self)
    #expect(Handles.object(handle) == nil)
    // Twice does nothing.
    Handles.destroy(handle, Thing.self)
  }

  @Test func anObjectLivesAsLongAsItsHandle() throws {
    weak var seen: Thing?
    let handle: OpaquePointer
    do {
      let thing = Thing(2)
      seen = thing
      handle = try Handles.create(for: thing)
    }
    #expect(seen != nil)
    Handles.destroy(handle, Thing.self)
    #expect(seen == nil)
  }

  @Test func aStaleHandleDoesNotFindTheNextObjectOfItsSlot() throws {
    var stale: [OpaquePointer] = []
    for number in 0..<100 {
      let handle = try Handles.create(for: Thing(number))
      #expect(!stale.contains(handle))
      Handles.destroy(handle, Thing.self)
      stale.append(handle)
    }
    let handle = try Handles.create(for: Thing(-1))
    #expect(stale.allSatisfy { Handles.object($0) == nil })
    #expect(try borrow(handle, "thing", as: Thing.self).number == -1)
    Handles.destroy(handle, Thing.self)
  }

  @Test func aHandleOfAnotherTypeIsRefusedAndNotDestroyed() throws {
    let handle = try Handles.create(for: Thing(3))
    #expect(
      refusal { _ = try borrow(handle, "agent", as: Other.self) }
        == Refusal(.invalidHandle, "agent is a handle to an object of another type"))
    Handles.destroy(handle, Other.self)
    #expect(try borrow(handle, "thing", as: Thing.self).number == 3)
    Handles.destroy(handle, Thing.self)
  }

  @Test func whatWasNeverAHandleIsRefused() throws {
    #expect(refusal { _ = try borrow(nil, "agent", as: Thing.self) } == Refusal(.invalidHandle, "agent is NULL"))
    let real = try Handles.create(for: Thing(4))
    let bits = UInt(bitPattern: real)
    let numbers: [UInt] =
      [1, 5, 8, 4_096, .max, .max - 2, bits - 1, bits ^ (1 << 40)] + (1..<1_000).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
    for number in numbers where number != bits {
      guard let pointer = OpaquePointer(bitPattern: number) else { continue }
      #expect(
        refusal { _ = try borrow(pointer, "agent", as: Other.self) }
          == Refusal(.invalidHandle, "agent is destroyed, or was never a handle"))
      Handles.destroy(pointer, Other.self)
    }
    Handles.destroy(real, Thing.self)
  }

  @Test func manyObjectsKeepApart() throws {
    let handles = try (0..<20_000).map { try Handles.create(for: Thing($0)) }
    #expect(Set(handles).count == handles.count)
    for number in stride(from: 0, to: handles.count, by: 2) { Handles.destroy(handles[number], Thing.self) }
    for number in handles.indices {
      let object = Handles.object(handles[number]) as? Thing
      #expect(object?.number == (number % 2 == 0 ? nil : number))
    }
    for handle in handles { Handles.destroy(handle, Thing.self) }
  }

  @Test func threadsThatCreateAndDestroyDoNotDisturbEachOther() {
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for round in 0..<2_000 {
        let number = thread * 10_000 + round
        guard let handle = try? Handles.create(for: Thing(number)) else {
          Issue.record("no handle")
          return
        }
        if (Handles.object(handle) as? Thing)?.number != number { Issue.record("another object") }
        Handles.destroy(handle, Thing.self)
      }
    }
  }
}
