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

  @Test func aTicketFindsItsObjectUntilItIsGivenBack() throws {
    let thing = Thing(1)
    let ticket = try Handles.ticket(for: thing)
    #expect(Handles.object(ticket) === thing)
    #expect(try borrow(ticket, "thing", as: Thing.self) === thing)
    Handles.give(back: ticket, Thing.self)
    #expect(Handles.object(ticket) == nil)
    // Twice does nothing.
    Handles.give(back: ticket, Thing.self)
  }

  @Test func anObjectLivesAsLongAsItsTicket() throws {
    weak var seen: Thing?
    let ticket: OpaquePointer
    do {
      let thing = Thing(2)
      seen = thing
      ticket = try Handles.ticket(for: thing)
    }
    #expect(seen != nil)
    Handles.give(back: ticket, Thing.self)
    #expect(seen == nil)
  }

  @Test func aStaleTicketDoesNotFindTheNextObjectOfItsSlot() throws {
    var stale: [OpaquePointer] = []
    for number in 0..<100 {
      let ticket = try Handles.ticket(for: Thing(number))
      #expect(!stale.contains(ticket))
      Handles.give(back: ticket, Thing.self)
      stale.append(ticket)
    }
    let ticket = try Handles.ticket(for: Thing(-1))
    #expect(stale.allSatisfy { Handles.object($0) == nil })
    #expect(try borrow(ticket, "thing", as: Thing.self).number == -1)
    Handles.give(back: ticket, Thing.self)
  }

  @Test func aTicketOfAnotherTypeIsToldAndNotGivenBack() throws {
    let ticket = try Handles.ticket(for: Thing(3))
    #expect(
      refusal { _ = try borrow(ticket, "agent", as: Other.self) }
        == Refusal(.invalidHandle, "agent is a handle to an object of another type"))
    Handles.give(back: ticket, Other.self)
    #expect(try borrow(ticket, "thing", as: Thing.self).number == 3)
    Handles.give(back: ticket, Thing.self)
  }

  @Test func whatWasNeverATicketIsToldWithoutBeingFollowed() throws {
    #expect(refusal { _ = try borrow(nil, "agent", as: Thing.self) } == Refusal(.invalidHandle, "agent is NULL"))
    let real = try Handles.ticket(for: Thing(4))
    let bits = UInt(bitPattern: real)
    let numbers: [UInt] =
      [1, 5, 8, 4_096, .max, .max - 2, bits - 1, bits ^ (1 << 40)] + (1..<1_000).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
    for number in numbers where number != bits {
      guard let pointer = OpaquePointer(bitPattern: number) else { continue }
      #expect(
        refusal { _ = try borrow(pointer, "agent", as: Other.self) }
          == Refusal(.invalidHandle, "agent is destroyed, or was never a handle"))
      Handles.give(back: pointer, Other.self)
    }
    Handles.give(back: real, Thing.self)
  }

  @Test func manyObjectsKeepApart() throws {
    let tickets = try (0..<20_000).map { try Handles.ticket(for: Thing($0)) }
    #expect(Set(tickets).count == tickets.count)
    for number in stride(from: 0, to: tickets.count, by: 2) { Handles.give(back: tickets[number], Thing.self) }
    for number in tickets.indices {
      let object = Handles.object(tickets[number]) as? Thing
      #expect(object?.number == (number % 2 == 0 ? nil : number))
    }
    for ticket in tickets { Handles.give(back: ticket, Thing.self) }
  }

  @Test func threadsThatTakeAndGiveDoNotDisturbEachOther() {
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for round in 0..<2_000 {
        let number = thread * 10_000 + round
        guard let ticket = try? Handles.ticket(for: Thing(number)) else {
          Issue.record("no ticket")
          return
        }
        if (Handles.object(ticket) as? Thing)?.number != number { Issue.record("another object") }
        Handles.give(back: ticket, Thing.self)
      }
    }
  }
}
