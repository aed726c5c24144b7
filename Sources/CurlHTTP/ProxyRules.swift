import Glibc

/// Which proxy, if any, leads to a host: the rules of Go's `httpproxy` package, which kubectl and
/// client-go follow (https://pkg.go.dev/golang.org/x/net/http/httpproxy).
struct ProxyRules: Sendable {
  /// With what is wrong with it.
  private typealias Proxy = Result<String, HTTPError>

  private let httpProxy: Proxy?
  private let httpsProxy: Proxy?
  private let direct: [Rule]
  /// The environment's proxies never apply to this machine itself.
  private let exemptsLoopback: Bool

  private enum Rule: Sendable {
    case everything
    /// The name and what is below it; only the latter when written with a leading dot.
    case domain(String, onlyBelow: Bool, port: Int?)
    case network(IPAddress, bits: Int, port: Int?)
  }

  /// Throws `.invalidRequest` for a given proxy whose URL cannot be used.
  init(
    _ setting: ProxySetting, noProxy: String, environment: (String) -> String?
  ) throws(HTTPError) {
    func variable(_ name: String) -> (name: String, value: String)? {
      for name in [name, name.lowercased()] {
        if let value = environment(name), !value.isEmpty { return (name, value) }
      }
      return nil
    }
    func proxy(_ name: String) -> Proxy? {
      guard let (name, value) = variable(name) else { return nil }
      return Proxy { () throws(HTTPError) in
        try ProxyURL.check(value, from: "the environment variable \(name)")
      }
    }
    var exceptions = noProxy
    switch setting {
    case .none:
      httpProxy = nil
      httpsProxy = nil
      exemptsLoopback = false
    case .url(let url):
      httpProxy = url.isEmpty ? nil : .success(try ProxyURL.check(url, from: "the proxy's URL"))
      httpsProxy = httpProxy
      exemptsLoopback = false
    case .environment:
      httpProxy = proxy("HTTP_PROXY")
      httpsProxy = proxy("HTTPS_PROXY")
      exemptsLoopback = true
      if let listed = variable("NO_PROXY")?.value { exceptions += "," + listed }
    }
    direct = exceptions.split(separator: ",").compactMap(Self.rule)
  }

  var isEmpty: Bool { httpProxy == nil && httpsProxy == nil }

  /// The proxy for an absolute URL, or nil for a direct connection. Throws `.invalidRequest` when it is
  /// one of the environment whose URL cannot be used: one that is not needed may be anything.
  func proxy(for url: String) throws(HTTPError) -> String? {
    guard let proxy = RequestURL.isTLS(url) ? httpsProxy : httpProxy,
      let (hostText, port) = RequestURL.endpoint(url)
    else { return nil }
    let host = hostText.lowercased()
    let address = IPAddress(host)
    if exemptsLoopback, host == "localhost" || address?.isLoopback == true { return nil }
    let isDirect = direct.contains { rule in
      switch rule {
      case .everything:
        true
      case .domain(let name, let onlyBelow, let rulePort):
        (rulePort == nil || rulePort == port)
          && (host.hasSuffix("." + name) || (!onlyBelow && host == name))
      case .network(let network, let bits, let rulePort):
        (rulePort == nil || rulePort == port)
          && address?.isInside(network, bits: bits) == true
      }
    }
    return isDirect ? nil : try proxy.get()
  }

  private static func rule(_ entry: Substring) -> Rule? {
    var text = String(entry.filter { $0 != " " && $0 != "\t" }).lowercased()
    if text.isEmpty { return nil }
    if text == "*" { return .everything }
    if let slash = text.firstIndex(of: "/") {
      guard let network = IPAddress(String(text[..<slash])),
        let bits = Int(text[text.index(after: slash)...]), (0...network.bits).contains(bits)
      else { return nil }
      return .network(network, bits: bits, port: nil)
    }
    if let address = IPAddress(text) { return .network(address, bits: address.bits, port: nil) }
    var port: Int?
    if let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]) {
      port = number
      text = String(text[..<colon])
      if text.first == "[", text.last == "]" { text = String(text.dropFirst().dropLast()) }
      if let address = IPAddress(text) {
        return .network(address, bits: address.bits, port: port)
      }
    }
    if text.hasPrefix("*.") { text.removeFirst() }
    let onlyBelow = text.hasPrefix(".")
    return .domain(onlyBelow ? String(text.dropFirst()) : text, onlyBelow: onlyBelow, port: port)
  }
}

/// An IPv4 or IPv6 address in network byte order.
struct IPAddress: Equatable, Sendable {
  let bytes: [UInt8]

  init?(_ text: String) {
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, text, &v4) == 1 {
      bytes = withUnsafeBytes(of: &v4) { [UInt8]($0) }
    } else if inet_pton(AF_INET6, text, &v6) == 1 {
      bytes = withUnsafeBytes(of: &v6) { [UInt8]($0) }
    } else {
      return nil
    }
  }

  var bits: Int { bytes.count * 8 }

  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
  }

  func isInside(_ network: IPAddress, bits: Int) -> Bool {
    guard bytes.count == network.bytes.count else { return false }
    return (0..<bytes.count).allSatisfy { index in
      let significant = min(8, max(0, bits - index * 8))
      let mask = UInt8(truncatingIfNeeded: 0xff00 >> significant)
      return bytes[index] & mask == network.bytes[index] & mask
    }
  }
}
