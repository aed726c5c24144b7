import JSON
import KubernetesAPI

extension KubeConfig {
  /// What a context means, with every file that it names read and checked.
  ///
  /// - Parameter context: nil means the current context.
  /// - Throws: `ConfigurationError` for anything that would make requests go out otherwise than
  ///   described: there is no silent downgrade.
  public func resolve(context: String? = nil) throws(ConfigurationError) -> ClientConfiguration {
    let chosen = try chooseContext(context)
    let clusterName = try chosen.node.requiredText("cluster")
    guard let cluster = clusters.first(where: { $0.name == clusterName }) else {
      throw chosen.node.field("cluster").error(
        "there is no cluster \"\(clusterName)\"", fix: Self.choices(clusters))
    }
    var user: Entry?
    if let userName = try chosen.node.text("user") {
      user = users.first { $0.name == userName }
      if user == nil {
        throw chosen.node.field("user").error(
          "there is no user \"\(userName)\"", fix: Self.choices(users))
      }
    }
    var configuration = try Self.configuration(of: cluster.node)
    configuration.namespace = try chosen.node.text("namespace")
    configuration.source = "context \"\(chosen.name)\" of \(chosen.node.document.file)"
    if let user { try UserEntry(node: user.node, cluster: cluster.node).apply(to: &configuration) }
    return configuration
  }

  private func chooseContext(_ name: String?) throws(ConfigurationError) -> Entry {
    let list = files.joined(separator: ":")
    guard let wanted = name ?? currentContext else {
      if contexts.isEmpty {
        throw ConfigurationError(
          file: list, problem: "holds no contexts", fix: "add one with kubectl config set-context")
      }
      throw ConfigurationError(
        file: list, field: "current-context", problem: "no context is chosen",
        fix: "choose one with --context or kubectl config use-context; \(Self.choices(contexts))")
    }
    guard let found = contexts.first(where: { $0.name == wanted }) else {
      throw ConfigurationError(
        file: list, field: name == nil ? "current-context" : nil,
        problem: "there is no context \"\(wanted)\"", fix: Self.choices(contexts))
    }
    return found
  }

  private static func choices(_ entries: [Entry]) -> String {
    entries.isEmpty ? "there are none" : "known: \(entries.map(\.name).joined(separator: ", "))"
  }

  private static func configuration(of cluster: ConfigNode) throws(ConfigurationError)
    -> ClientConfiguration
  {
    let server: String
    switch ServerURL.check(try cluster.requiredText("server"), schemes: ["https", "http"]) {
    case .success(let url): server = url
    case .failure(let problem):
      throw cluster.field("server").error(problem.text, fix: problem.fix)
    }
    var configuration = ClientConfiguration(server: server)
    configuration.tlsServerName = try cluster.text("tls-server-name")
    configuration.insecureSkipTLSVerify = try cluster.bool("insecure-skip-tls-verify")
    configuration.certificateAuthority = try cluster.pem(
      "certificate-authority", expecting: .certificate)
    if configuration.insecureSkipTLSVerify, configuration.certificateAuthority != nil {
      throw cluster.field("insecure-skip-tls-verify").error(
        "a certificate authority is given, but is not to be used",
        fix: "remove insecure-skip-tls-verify")
    }
    if let proxy = try cluster.text("proxy-url") {
      let schemes = ["http", "https", "socks5", "socks5h"]
      switch ServerURL.check(proxy, schemes: schemes, allowsUserInfo: true) {
      case .success(let url): configuration.proxyURL = Secret(url)
      case .failure(let problem):
        throw cluster.field("proxy-url").error(problem.text, fix: problem.fix)
      }
    }
    return configuration
  }
}

extension ConfigNode {
  /// PEM from `KEY-data` (base64), which wins, or from the file that `KEY` names. Both are checked.
  func pem(_ key: String, expecting content: PEM.Content) throws(ConfigurationError) -> PEMSource? {
    if let bytes = try base64("\(key)-data") {
      if let problem = PEM.problem(in: bytes, expecting: content) {
        throw field("\(key)-data").error("decoded, it \(problem)")
      }
      return .inline(Secret(String(decoding: bytes, as: UTF8.self)))
    }
    guard let path = try filePath(key) else { return nil }
    let bytes = try contents(of: path, key)
    if let problem = PEM.problem(in: bytes, expecting: content) {
      throw field(key).error("\(path) \(problem)")
    }
    return .file(path)
  }

  func contents(of path: String, _ key: String) throws(ConfigurationError) -> [UInt8] {
    do {
      return try FileReader.read(path)
    } catch {
      throw field(key).error("\(path) \(error.problem)")
    }
  }
}
