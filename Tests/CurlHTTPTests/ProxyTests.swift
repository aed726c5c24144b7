import Glibc
import Testing

@testable import CurlHTTP

@Suite struct ProxyTests {
  private func rules(_ noProxy: String) throws(HTTPError) -> ProxyRules {
    let environment = [
      "HTTPS_PROXY": "http://p:1", "http_proxy": "http://q:2", "NO_PROXY": noProxy,
    ]
    return try ProxyRules(.environment, noProxy: "") { environment[$0] }
  }

  @Test func environment() throws {
    #expect(try rules("").proxy(for: "https://a.b/") == "http://p:1")
    #expect(try rules("").proxy(for: "http://a.b/") == "http://q:2")
    #expect(try rules("").proxy(for: "https://localhost:6443/") == nil)
    #expect(try rules("").proxy(for: "https://127.0.0.1:6443/") == nil)
    #expect(try rules("").proxy(for: "https://[::1]:6443/") == nil)
    #expect(try ProxyRules(.environment, noProxy: "") { _ in nil }.isEmpty)
    #expect(try ProxyRules(.none, noProxy: "") { _ in "http://p" }.isEmpty)
  }

  /// As Go takes the first that is not empty.
  @Test func anEmptyVariableHidesNoOther() throws {
    let environment = ["HTTPS_PROXY": "", "https_proxy": "http://p:1", "HTTP_PROXY": ""]
    let rules = try ProxyRules(.environment, noProxy: "") { environment[$0] }
    #expect(try rules.proxy(for: "https://a.b/") == "http://p:1")
    #expect(try rules.proxy(for: "http://a.b/") == nil)
  }

  /// As Go does for both schemes.
  @Test(arguments: [
    ("socks5://u:p@h:1080", "socks5h://u:p@h:1080"), ("SOCKS5://h", "socks5h://h"),
    ("socks5h://h", "socks5h://h"), ("http://h", "http://h"),
    ("p.corp:3128", "http://p.corp:3128"),
  ])
  func namesAreResolvedByTheProxy(url: String, expected: String) throws {
    let environment = ["HTTPS_PROXY": url]
    for rules in [
      try ProxyRules(.url(url), noProxy: "") { _ in nil },
      try ProxyRules(.environment, noProxy: "") { environment[$0] },
    ] {
      #expect(try rules.proxy(for: "https://a.b/") == expected)
    }
  }

  /// libcurl would quote them as a whole.
  @Test(arguments: [
    "http://u:Pa/ss@h:1", "http://u:12/Pass@h:1", "http://u:1#Pass@h", "http://u:1?Pass@h",
    "http://u:Pass@[zz]:1", "http://u:Pass@ho^st:1", "http://u:Pass@h:99999", "u:Pass@h:x",
    "gopher://u:Pass@h", "http://u:Pass@", "u://Pass@h", "http://u:Pa ss@h",
  ])
  func whatIsNoProxyIsRefusedWithoutItsPassword(url: String) {
    let environment = ["https_proxy": url]
    func check(_ setting: ProxySetting, _ source: String) {
      let error = #expect(throws: HTTPError.self) {
        try ProxyRules(setting, noProxy: "") { environment[$0] }.proxy(for: "https://a.b/")
      }
      #expect(error?.code == .invalidRequest)
      let message = error?.message ?? ""
      #expect(message.hasPrefix(source) && !message.contains("Pa") && !message.contains("ss@"))
    }
    check(.environment, "the environment variable https_proxy ")
    check(.url(url), "the proxy's URL ")
  }

  /// As in Go, which does not even look at it then. It never hides that it would be needed.
  @Test func whatIsNotUsedMayBeBroken() throws {
    let environment = [
      "HTTPS_PROXY": "ftp://x:21", "HTTP_PROXY": "http://p:1", "NO_PROXY": "c.d",
    ]
    let rules = try ProxyRules(.environment, noProxy: "") { environment[$0] }
    #expect(try rules.proxy(for: "http://a.b/") == "http://p:1")
    #expect(try rules.proxy(for: "https://c.d/") == nil)
    #expect(try rules.proxy(for: "https://127.0.0.1/") == nil)
    #expect(throws: HTTPError.self) { try rules.proxy(for: "https://a.b/") }
  }

  @Test func aBrokenProxyOfTheEnvironmentEndsNoOtherCalls() async {
    await #expect(processExitsWith: .success) {
      setenv("HTTPS_PROXY", "ftp://x:21", 1)
      let server = try HostileServer { _, peer in
        peer.readRequest()
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\norigin")
        peer.waitForClient()
      }
      let client = try CurlHTTPClient()
      #expect(try await text(client.send(HTTPRequest(url: server.url)).body) == "origin")
      let error = await httpError { try await client.send(HTTPRequest(url: "https://a.invalid/")) }
      #expect(error?.code == .invalidRequest)
      #expect(error?.message.contains("HTTPS_PROXY") == true)
      await client.shutdownAndWait()
    }
  }

  @Test func errorsQuoteNoProxy() {
    let detail = "Unsupported proxy syntax in 'http://u:Pass@[zz]:1': Bad IPv6 address"
    #expect(!HTTPError.withoutProxyURL(detail).contains("Pass"))
    #expect(HTTPError.withoutProxyURL("Recv failure") == "Recv failure")
  }

  /// The environment is read only where the configuration says so.
  @Test func theEnvironmentsExceptionsAreNotThoseOfAGivenProxy() async throws {
    let proxy = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")
      peer.waitForClient()
    }
    // No other test has a server of this name.
    setenv("NO_PROXY", "exempt.invalid", 1)
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(proxy: .url("http://127.0.0.1:\(proxy.port)")))
    let answer = try await client.send(HTTPRequest(url: "http://exempt.invalid/"))
    #expect(text(answer.body) == "proxy")
  }

  @Test(arguments: [
    ("a.b", "https://a.b/", true), ("a.b", "https://x.a.b/", true), ("a.b", "https://xa.b/", false),
    (".a.b", "https://a.b/", false), (".a.b", "https://x.a.b/", true),
    ("*.a.b", "https://x.a.b/", true), ("A.B", "https://a.b/", true),
    ("a.b:443", "https://a.b/", true), ("a.b:80", "https://a.b/", false),
    (" x , a.b ", "https://a.b/", true), ("*", "https://whatever/", true),
    ("10.0.0.1", "https://10.0.0.1:6443/", true), ("10.0.0.1", "https://10.0.0.2/", false),
    ("10.0.0.0/8", "https://10.9.8.7/", true), ("10.0.0.0/8", "https://11.0.0.1/", false),
    ("10.1.240.0/20", "https://10.1.255.1/", true), ("10.1.240.0/20", "https://10.1.239.1/", false),
    ("fd00::/8", "https://[fd12::1]:6443/", true), ("fd00::/8", "https://[fe12::1]/", false),
    ("10.0.0.0/99", "https://10.0.0.1/", false), ("10.0.0.1:6443", "https://10.0.0.1:6443/", true),
  ])
  func exceptions(noProxy: String, url: String, isDirect: Bool) throws {
    #expect(try (rules(noProxy).proxy(for: url) == nil) == isDirect)
  }

  @Test func proxyIsUsedUnlessTheHostIsExempt() async throws {
    let proxy = try HostileServer { _, peer in
      let request = peer.readRequest() ?? ""
      let line = request.prefix { $0 != "\r\n" }
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(line.utf8.count)\r\n\r\n\(line)")
      peer.waitForClient()
    }
    let origin = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\norigin")
      peer.waitForClient()
    }
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(
        proxy: .url("http://127.0.0.1:\(proxy.port)"), noProxy: "127.0.0.1"))
    let proxied = try await client.send(HTTPRequest(url: "http://nowhere.invalid/x"))
    #expect(text(proxied.body) == "GET http://nowhere.invalid/x HTTP/1.1")
    let direct = try await client.send(HTTPRequest(url: origin.url))
    #expect(text(direct.body) == "origin")
  }

  @Test func proxyThatRefusesATunnel() async throws {
    let proxy = try HostileServer { _, peer in
      peer.readRequest()
      peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    }
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(proxy: .url("http://127.0.0.1:\(proxy.port)")))
    let error = await httpError { try await client.send(HTTPRequest(url: "https://a.invalid/")) }
    #expect(error?.code == .cannotConnect)
  }
}
