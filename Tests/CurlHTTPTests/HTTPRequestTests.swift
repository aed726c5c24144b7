import Testing

@testable import CurlHTTP

@Suite struct HTTPRequestTests {
  @Test("correctness rule 9: watches never share an HTTP/2 connection with calls")
  func onlyShortCallsOverTLSAreMultiplexed() {
    #expect(HTTPRequest(url: "https://h/api").isMultiplexed)
    #expect(!HTTPRequest(url: "https://h/api", isLongLived: true).isMultiplexed)
    #expect(!HTTPRequest(url: "http://h/api").isMultiplexed)
  }
}
