import Testing

@testable import CurlHTTP

@Suite struct RequestURLTests {
  @Test(arguments: [
    ("https://h:6443/api?token=s", "https://h:6443/api"),
    ("https://u:p@h/x#f", "https://h/x"),
    ("http://h", "http://h"),
    ("http://h?a@b", "http://h"),
    ("nonsense@x?y", "nonsense@x"),
    ("", ""),
  ])
  func redaction(url: String, expected: String) {
    #expect(RequestURL.redacted(url) == expected)
  }

  @Test func endpoints() {
    func endpoint(_ url: String) -> String? {
      RequestURL.endpoint(url).map { "\($0.host) \($0.port)" }
    }
    #expect(endpoint("https://a.b/c") == "a.b 443")
    #expect(endpoint("http://a.b?c") == "a.b 80")
    #expect(endpoint("HTTPS://a.b:8443/c") == "a.b 8443")
    #expect(endpoint("https://[::1]:6443/") == "::1 6443")
    #expect(endpoint("https://[::1]") == "::1 443")
    #expect(endpoint("https://[::1/") == nil)
    #expect(endpoint("https://:80/") == nil)
    #expect(endpoint("https://a:99999/") == nil)
  }

  @Test func replacingTheHostKeepsThePort() {
    #expect(
      RequestURL.replacingHost("https://10.0.0.1:6443/api?x=y", with: "kubernetes")
        == "https://kubernetes:6443/api?x=y")
    #expect(RequestURL.replacingHost("https://[::1]/", with: "a") == "https://a:443/")
  }

  @Test func headersKeepOrderAndIgnoreCase() {
    var headers = HTTPHeaders([("Retry-After", " 3 "), ("B", ""), ("b", "2"), ("C", "a: b")])
    #expect(headers["retry-AFTER"] == "3")
    #expect(headers["b"] == "")
    #expect(headers["c"] == "a: b")
    #expect(headers["d"] == nil)
    #expect(headers.map(\.name) == ["retry-after", "b", "b", "c"])
    let isField = [UInt8]("no colon\r\n".utf8).withUnsafeBytes { headers.append(line: $0) }
    #expect(!isField)
    let isAdded = [UInt8]("Last:\t x y \r\n".utf8).withUnsafeBytes { headers.append(line: $0) }
    #expect(isAdded)
    #expect(headers["last"] == "x y")
  }
}
