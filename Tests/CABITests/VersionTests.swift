import CPGrad
import Testing

@testable import CABI

@Test func libraryAndHeaderAgreeOnVersion() {
  #expect(String(cString: pgrad_version()) == PGRAD_VERSION)
  #expect(pgrad_abi_version() == PGRAD_ABI_VERSION)
}
