import Foundation
import Testing

@testable import KubernetesClient

@Suite struct Base64Tests {
  @Test func agreesWithFoundationForEveryLength() {
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
      let text = Data(bytes).base64EncodedString()
      #expect(Base64.encode(bytes) == text)
      #expect(Base64.decode(text) == bytes)
    }
    #expect(Base64.decode("aGVs\nbG8=\r\n") == Array("hello".utf8))
  }

  @Test(arguments: [
    "a", "ab", "abc", "a===", "ab=", "abcd=", "ab==c", "aGVs bG8=", "aGVsbG8", "%%%%",
  ])
  func refusals(text: String) { #expect(Base64.decode(text) == nil) }
}
