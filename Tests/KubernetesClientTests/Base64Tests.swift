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

@Suite struct PEMTests {
  func problem(_ text: String, _ content: PEM.Content = .certificate) -> String? {
    PEM.problem(in: Array(text.utf8), expecting: content)
  }

  @Test func wholeBlocks() {
    #expect(problem(certificatePEM) == nil)
    #expect(problem("# comment\n" + certificatePEM + certificatePEM) == nil)
    #expect(problem(certificatePEM.replacingOccurrences(of: "\n", with: "\r\n")) == nil)
    #expect(problem(keyPEM, .privateKey) == nil)
    #expect(
      problem(keyPEM.replacingOccurrences(of: "PRIVATE", with: "EC PRIVATE"), .privateKey) == nil)
    #expect(problem(keyPEM + certificatePEM, .privateKey) == nil)
  }

  @Test func everyTruncationIsNoticed() {
    for count in 0..<certificatePEM.utf8.count - 1 {
      #expect(problem(String(certificatePEM.prefix(count))) != nil, "\(count) bytes")
    }
  }

  @Test func damage() {
    #expect(problem(certificatePEM + certificatePEM.dropLast(30))?.contains("cut off") == true)
    let broken = certificatePEM.replacingOccurrences(of: "MBQ", with: "MBU")
    #expect(problem(broken)?.contains("damaged") == true)
    #expect(problem(keyPEM)?.contains("does not hold a certificate") == true)
  }
}
