import CPGrad
import Foundation
import PolicyGradient
import Testing

@testable import CABI

struct LastErrorTests {
  private var text: String { String(cString: pgrad_last_error()) }

  @Test func aRefusalLeavesItsTextAndStatus() {
    #expect(cStatus { () throws(Refusal) in throw Refusal(.badState, "not now") } == PGRAD_BAD_STATE)
    #expect(text == "not now")
    #expect(cStatus {} == PGRAD_OK)
    #expect(text == "not now")
  }

  @Test func aLongTextIsCutBetweenCharacters() {
    LastError.store(String(repeating: "x", count: 5_000))
    #expect(text == String(repeating: "x", count: 1_023))
    // 1,023 bytes hold 511 characters of two bytes, 341 of three, 255 of four.
    for (character, count) in [("é", 511), ("€", 341), ("😀", 255)] {
      LastError.store(String(repeating: character, count: 2_000))
      #expect(text == String(repeating: character, count: count))
    }
    // One character of many code points that does not fit is left out whole.
    LastError.store("a" + "e" + String(repeating: "\u{301}", count: 2_000))
    #expect(text == "a")
  }

  @Test func aZeroByteDoesNotCutTheText() {
    LastError.store("before\0after")
    #expect(text == "beforeafter")
  }

  @Test func eachThreadHasItsOwn() {
    LastError.store("mine")
    let texts = UnsafeMutablePointer<String>.allocate(capacity: 2)
    texts.initialize(repeating: "", count: 2)
    nonisolated(unsafe) let places = texts
    let thread = Thread {
      places[0] = String(cString: pgrad_last_error())
      LastError.store("its own")
      places[1] = String(cString: pgrad_last_error())
    }
    thread.start()
    while !thread.isFinished { usleep(100) }
    #expect(texts[0] == "" && texts[1] == "its own")
    #expect(text == "mine")
    texts.deinitialize(count: 2)
    texts.deallocate()
  }
}
