import AgentDeploymentAPI

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

  /// A host of two parts is a Service and its namespace, but over TLS on port 443 one of the Internet,
  /// as openrouter.ai: Services seldom have certificates, and one that has can be named with `.svc`.
  ///
  /// - Parameter namespace: the caller's, where names of one part are looked up.
  init(host: some StringProtocol, port: Int, isTLS: Bool, from namespace: String) {
    if IPv4.parse(host) != nil {
      self = host == Self.metadata ? .metadataAddress : .address(String(host))
      return
    }
    let labels = host.split(separator: ".")
    if labels.count <= 1 {
      self = .namespace(namespace)
    } else if labels.count == 2 ? !(isTLS && port == 443) : labels[2] == "svc" {
      self = .namespace(String(labels[1]))
    } else {
      self = .outside(port: port)
    }
  }

  /// Nil for a text that is no URL with a host.
  init?(url: String, from namespace: String) {
    guard let parts = URLParts(url) else { return nil }
    self.init(parts, from: namespace)
  }

  init(_ url: URLParts, from namespace: String) {
    self.init(host: url.host, port: url.port, isTLS: url.isTLS, from: namespace)
  }
}
