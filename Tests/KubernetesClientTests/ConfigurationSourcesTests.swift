import KubernetesClient
import Testing

@Suite struct ConfigurationSourcesTests {
  let directory: TemporaryDirectory
  let pod = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]

  init() throws { directory = try TemporaryDirectory() }

  func serviceAccount(token: String? = "t", ca: String? = certificatePEM) throws {
    if let token { try directory.write("token", token) }
    if let ca { try directory.write("ca.crt", ca) }
    try directory.write("namespace", "agents\n")
  }

  func sources(_ environment: [String: String]) -> ConfigurationSources {
    ConfigurationSources(environment: environment, serviceAccountDirectory: directory.path)
  }

  @Test func aPodUsesItsServiceAccount() throws {
    try serviceAccount()
    let configuration = try sources(pod).load()
    #expect(
      configuration
        == ClientConfiguration(
          server: "https://10.0.0.1:443", namespace: "agents",
          source: "the pod's service account",
          certificateAuthority: .file("\(directory.path)/ca.crt"),
          credentials: .tokenFile("\(directory.path)/token"), isInCluster: true))
    var v6 = pod
    v6["KUBERNETES_SERVICE_HOST"] = "fd00::1"
    #expect(try sources(v6).load().server == "https://[fd00::1]:443")
  }

  /// runtime-peers: never without verification.
  @Test func aPodWithoutCAIsAnError() throws {
    try serviceAccount(ca: nil)
    let error = #expect(throws: ConfigurationError.self) { try sources(pod).load() }
    #expect(error?.description.contains("ca.crt: does not exist") == true)
    #expect(error?.description.contains("kube-root-ca.crt") == true)
    try directory.write("ca.crt", "nonsense")
    #expect(throws: ConfigurationError.self) { try sources(pod).load() }
  }

  @Test func anEmptyTokenIsAnError() throws {
    try serviceAccount(token: " \n")
    let error = #expect(throws: ConfigurationError.self) { try sources(pod).load() }
    #expect(error?.description.contains("holds no token") == true)
  }

  @Test func theOrderIsFlagVariablePodHome() throws {
    try serviceAccount()
    func config(_ server: String) -> String {
      """
      current-context: a
      clusters: [{name: c, cluster: {server: "\(server)"}}]
      contexts: [{name: a, context: {cluster: c}}]
      """
    }
    let flag = try directory.write("flag", config("https://flag"))
    let variable = try directory.write("variable", config("https://variable"))
    try directory.makeDirectory(".kube")
    try directory.write(".kube/config", config("https://home"))
    var environment = pod
    environment["HOME"] = directory.path
    environment["KUBECONFIG"] = variable
    var all = sources(environment)
    all.kubeconfig = flag
    #expect(try all.load().server == "https://flag")
    all.kubeconfig = nil
    #expect(try all.load().server == "https://variable")
    all.environment["KUBECONFIG"] = ""
    #expect(try all.load().server == "https://10.0.0.1:443")
    all.context = "a"
    #expect(try all.load().server == "https://home")
    all.context = nil
    all.environment["KUBERNETES_SERVICE_HOST"] = nil
    #expect(try all.load().server == "https://home")
    directory.remove(".kube/config")
    let error = #expect(throws: ConfigurationError.self) { try all.load() }
    #expect(error?.description.contains("\(directory.path)/.kube/config does not exist") == true)
  }

  @Test(arguments: [
    ("https://10.0.0.1:443", "10.0.0.1:443"), ("https://api.example.com", "api.example.com:443"),
    ("http://localhost/prefix", "localhost:80"), ("https://[fd00::1]", "[fd00::1]:443"),
    ("https://[fd00::1]:6443/a:b", "[fd00::1]:6443"),
  ])
  func theHostIsKnownForMetrics(_ server: String, _ host: String) {
    #expect(ClientConfiguration(server: server).serverHost == host)
  }
}
