import Testing

@testable import agent_operator

@Suite struct ProbeServerTests {
  /// Without a host it listens on all addresses: clusters may have IPv6 alone.
  @Test(arguments: [
    (":8081", "", 8081), ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:8081", "::1", 8081),
    ("[::]:65535", "::", 65535), ("localhost:80", "localhost", 80),
  ])
  func addressesAreAsOtherOperatorsTakeThem(_ text: String, _ host: String, _ port: Int) throws {
    let address = try #require(ProbeServer.Address(text))
    #expect(address.host == host && address.port == port)
  }

  @Test(arguments: ["8081", ":", ":x", ":65536", ":-1", "[::1]"])
  func othersAreNone(_ text: String) {
    #expect(ProbeServer.Address(text) == nil && !ProbeServer.isValid(text))
  }
}
