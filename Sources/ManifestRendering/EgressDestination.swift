/// A host that an agent calls, as a NetworkPolicy can tell it: policies know addresses and namespaces,
/// no names.
enum EgressDestination: Hashable {
  /// A Service in the cluster. Its port is not its pods', so it is the whole namespace.
  case namespace(String)
  case address(String)
  /// Somewhere on the Internet.
  case outside(port: Int)
  /// Nothing that anybody should call; a policy that leaves out all of a block is invalid, too.
  case metadataAddress

  static let metadata = "169.254.169.254"

  /// - Parameter namespace: the caller's, where names of one part are looked up.
  init(host: some StringProtocol, port: Int, from namespace: String) {
    if IPv4.parse(host) != nil {
      self = host == Self.metadata ? .metadataAddress : .address(String(host))
      return
    }
    let labels = host.split(separator: ".")
    if labels.count <= 1 {
      self = .namespace(namespace)
    } else if labels.count == 2 || labels[2] == "svc" {
      self = .namespace(String(labels[1]))
    } else {
      self = .outside(port: port)
    }
  }

  /// Nil for a text that is no URL with a host.
  init?(url: String, from namespace: String) {
    guard let parts = URLParts(url) else { return nil }
    self.init(host: parts.host, port: parts.port, from: namespace)
  }
}

/// The parts of a URL that has been checked against a pattern.
struct URLParts {
  var scheme: String
  var host: String
  /// The scheme's own where none stands there.
  var port: Int

  init?(_ url: String) {
    let parts = url.split(separator: "/")
    guard parts.count > 1, let scheme = parts[0].split(separator: ":").first else { return nil }
    let authority = parts[1].split(separator: ":")
    guard let host = authority.first else { return nil }
    self.scheme = String(scheme)
    self.host = String(host)
    port = (authority.count > 1 ? Int(authority[1]) : nil) ?? (scheme == "https" ? 443 : 80)
  }
}

enum IPv4 {
  static func parse(_ text: some StringProtocol) -> UInt32? {
    let octets = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard octets.count == 4 else { return nil }
    return octets.reduce(Optional(0)) { sum, octet in
      guard let sum, let octet else { return nil }
      return sum << 8 | UInt32(octet)
    }
  }
}
