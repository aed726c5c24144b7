/// Where configuration may come from, in controller-runtime's order: the `--kubeconfig` flag, the
/// variable KUBECONFIG, the pod's service account, `~/.kube/config`.
public struct ConfigurationSources: Sendable {
  /// The `--kubeconfig` flag: this file must exist.
  public var kubeconfig: String?
  /// The `--context` flag. A service account has no contexts, so it is passed over then.
  public var context: String?
  public var environment: [String: String]
  /// Where a pod finds its token, CA and namespace.
  public var serviceAccountDirectory: String

  public init(
    kubeconfig: String? = nil, context: String? = nil, environment: [String: String],
    serviceAccountDirectory: String = "/var/run/secrets/kubernetes.io/serviceaccount"
  ) {
    self.kubeconfig = kubeconfig
    self.context = context
    self.environment = environment
    self.serviceAccountDirectory = serviceAccountDirectory
  }

  /// The configuration of the first source that there is. A source that is there but wrong is an
  /// error, never a reason to take the next one.
  public func load() throws(ConfigurationError) -> ClientConfiguration {
    if let kubeconfig {
      return try Self.merged([kubeconfig], mustExist: true).resolve(context: context)
    }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      let files = list.split(separator: ":").map(String.init)
      return try Self.merged(files, mustExist: false).resolve(context: context)
    }
    if context == nil, let pod = try inCluster() { return pod }
    let home = environment["HOME"] ?? ""
    let file = "\(home)/.kube/config"
    if !home.isEmpty, let config = try Self.parse(file) {
      return try config.resolve(context: context)
    }
    throw ConfigurationError(
      problem: "no cluster is configured: there is no --kubeconfig, KUBECONFIG is not set, "
        + "this is no pod with a service account, and "
        + (home.isEmpty ? "HOME is not set" : "\(file) does not exist"),
      fix: "name a kubeconfig with --kubeconfig, or try the demo command, which needs no cluster")
  }

  /// The kubeconfig that `load` would read, for listing contexts; nil when it would read none.
  public func kubeConfig() throws(ConfigurationError) -> KubeConfig? {
    if let kubeconfig { return try Self.merged([kubeconfig], mustExist: true) }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      return try Self.merged(list.split(separator: ":").map(String.init), mustExist: false)
    }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return try Self.parse("\(home)/.kube/config")
  }

  private static func merged(_ files: [String], mustExist: Bool) throws(ConfigurationError)
    -> KubeConfig
  {
    var configs: [KubeConfig] = []
    for file in files {
      if let config = try parse(file) {
        configs.append(config)
      } else if mustExist {
        throw ConfigurationError(file: file, problem: "does not exist")
      }
    }
    guard !configs.isEmpty else {
      throw ConfigurationError(
        problem: "KUBECONFIG names only files that do not exist: \(files.joined(separator: ", "))",
        fix: "correct or unset it")
    }
    return KubeConfig(merging: configs)
  }

  /// Nil when the file does not exist.
  private static func parse(_ file: String) throws(ConfigurationError) -> KubeConfig? {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(file)
    } catch {
      if error.isMissing { return nil }
      throw ConfigurationError(file: file, problem: error.problem)
    }
    return try KubeConfig(parsing: bytes, file: file)
  }

  /// The configuration of a pod; nil outside of one.
  private func inCluster() throws(ConfigurationError) -> ClientConfiguration? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
    else { return nil }
    let directory = serviceAccountDirectory
    let tokenPath = "\(directory)/token"
    let token: [UInt8]
    do {
      token = try FileReader.read(tokenPath)
    } catch {
      if error.isMissing { return nil }
      throw ConfigurationError(file: tokenPath, problem: error.problem)
    }
    guard !TokenFile.token(in: token).isEmpty else {
      throw ConfigurationError(file: tokenPath, problem: "holds no token")
    }
    let caPath = "\(directory)/ca.crt"
    let ca: [UInt8]
    do {
      ca = try FileReader.read(caPath)
    } catch {
      throw ConfigurationError(
        file: caPath, problem: "\(error.problem), so the API server cannot be verified",
        fix: "check the ConfigMap kube-root-ca.crt of the pod's namespace")
    }
    if let problem = PEM.problem(in: ca, expecting: .certificate) {
      throw ConfigurationError(file: caPath, problem: problem)
    }
    let namespace = (try? FileReader.read("\(directory)/namespace")).map(TokenFile.token)
    let address = host.contains(":") ? "[\(host)]" : host
    let server: String
    switch ServerURL.check("https://\(address):\(port)", schemes: ["https"]) {
    case .success(let url): server = url
    case .failure(let problem):
      throw ConfigurationError(
        problem: "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make a URL that "
          + problem.text)
    }
    return ClientConfiguration(
      server: server, namespace: namespace.flatMap { $0.isEmpty ? nil : $0 },
      source: "the pod's service account", certificateAuthority: .file(caPath),
      credentials: .tokenFile(tokenPath), isInCluster: true)
  }
}
