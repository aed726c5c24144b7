import Testing

@testable import KubernetesClient

@Suite struct KubeConfigTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func load(
    _ text: String, context: String? = nil, file: String = "config"
  ) throws -> ClientConfiguration {
    let path = try directory.write(file, text)
    return try ConfigurationSources(kubeconfig: path, context: context, environment: [:]).load()
  }

  static let minimal = """
    apiVersion: v1
    kind: Config
    current-context: a
    clusters:
    - name: c
      cluster:
        server: https://example.test:6443/
    contexts:
    - name: a
      context: {cluster: c, user: u, namespace: team}
    - name: b
      context: {cluster: c}
    users:
    - name: u
      user:
        token: s3cr3t-token
    """

  @Test func aContextBecomesAConfiguration() throws {
    let configuration = try load(Self.minimal)
    #expect(
      configuration
        == ClientConfiguration(
          server: "https://example.test:6443", namespace: "team",
          source: "context \"a\" of \(directory.path)/config",
          credentials: .token(Secret("s3cr3t-token"))))
    let other = try load(Self.minimal, context: "b")
    #expect(other.credentials == .none && other.namespace == nil)
  }

  @Test func everythingAtOnce() throws {
    try directory.write("ca.crt", certificatePEM)
    try directory.write("client.crt", certificatePEM)
    let certificate = Base64.encode(certificatePEM.utf8)
    let key = Base64.encode(keyPEM.utf8)
    let configuration = try load(
      """
      kind: Config
      preferences: {}
      current-context: a
      clusters:
      - name: c
        cluster:
          server: https://[::1]:6443/base/
          certificate-authority: ca.crt
          tls-server-name: api.internal
          proxy-url: http://user:pa55@proxy.test:3128
          extensions: [{name: x, extension: {z: 1}}]
      contexts:
      - name: a
        context: {cluster: c, user: u}
      users:
      - name: u
        user:
          client-certificate: ignored-because-data-wins
          client-certificate-data: \(certificate)
          client-key-data: \(key)
          as: jane
          as-uid: "42"
          as-groups: [dev, "ops"]
          as-user-extra:
            example.com/Scopes: [view, edit]
      """)
    #expect(configuration.server == "https://[::1]:6443/base")
    #expect(configuration.certificateAuthority == .file("\(directory.path)/ca.crt"))
    #expect(configuration.tlsServerName == "api.internal")
    #expect(configuration.proxyURL?.text == "http://user:pa55@proxy.test:3128")
    #expect(
      configuration.clientCertificate
        == ClientCertificate(
          certificate: .inline(Secret(certificatePEM)), key: .inline(Secret(keyPEM))))
    #expect(
      configuration.impersonation?.headers.map { "\($0.name): \($0.value)" } == [
        "impersonate-user: jane", "impersonate-uid: 42", "impersonate-group: dev",
        "impersonate-group: ops", "impersonate-extra-example.com%2Fscopes: view",
        "impersonate-extra-example.com%2Fscopes: edit",
      ])
  }

  @Test func otherWaysToAuthenticate() throws {
    try directory.write("token", "from-file\n")
    func credentials(_ user: String) throws -> Credentials {
      try load(
        """
        current-context: a
        clusters: [{name: c, cluster: {server: "https://h", insecure-skip-tls-verify: true}}]
        contexts: [{name: a, context: {cluster: c, user: u}}]
        users:
        - name: u
          user: \(user)
        """
      ).credentials
    }
    #expect(try credentials("{tokenFile: token}") == .tokenFile("\(directory.path)/token"))
    #expect(
      try credentials("{token: first, tokenFile: token}") == .tokenFile("\(directory.path)/token"))
    #expect(
      try credentials("{username: jane, password: hush}")
        == .basic(username: "jane", password: Secret("hush")))
    #expect(try credentials("{}") == .none)
    #expect(try credentials("") == .none)
    let plugin = try credentials(
      """
      {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/login,
               args: [get-token], env: [{name: A, value: b}], provideClusterInfo: true,
               installHint: get it}}
      """)
    #expect(
      plugin
        == .exec(
          ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "\(directory.path)/./bin/login", args: [Secret("get-token")],
            environment: [ExecPlugin.Variable(name: "A", value: Secret("b"))],
            interactiveMode: .ifAvailable,
            cluster: Secret(#"{"server":"https://h","insecure-skip-tls-verify":true}"#),
            installHint: "get it")))
  }

  @Test func jsonIsAKubeconfigToo() throws {
    let configuration = try load(
      #"""
      {"current-context": "a", "clusters": [{"name": "c", "cluster": {"server": "http://h:1"}}],
       "contexts": [{"name": "a", "context": {"cluster": "c"}}]}
      """#)
    #expect(configuration.server == "http://h:1")
  }

  @Test func listsAreMergedAndTheFirstNameWins() throws {
    let first = try directory.write(
      "first",
      """
      clusters: [{name: c, cluster: {server: "https://first"}}]
      users: [{name: u, user: {token: first}}]
      """)
    let second = try directory.write(
      "second",
      """
      current-context: a
      clusters:
      - {name: c, cluster: {server: "https://second"}}
      - {name: d, cluster: {server: "https://d"}}
      contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: d}}]
      users: [{name: u, user: {token: second}}]
      """)
    let empty = try directory.write("empty", "")
    let list = "\(directory.path)/missing:\(empty):\(first)::\(second)"
    var sources = ConfigurationSources(environment: ["KUBECONFIG": list])
    let merged = try sources.load()
    #expect(merged.server == "https://first")
    #expect(merged.credentials == .token(Secret("first")))
    sources.context = "b"
    #expect(try sources.load().server == "https://d")
    #expect(try sources.kubeConfig()?.contextNames == ["a", "b"])
  }

  @Test func relativePathsAreRelativeToTheirOwnFile() throws {
    try directory.makeDirectory("sub")
    try directory.write("sub/ca.crt", certificatePEM)
    let sub = try directory.write(
      "sub/config",
      "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: ca.crt}}]")
    let main = try directory.write(
      "config", "{current-context: a, contexts: [{name: a, context: {cluster: c}}]}")
    let configuration = try ConfigurationSources(environment: ["KUBECONFIG": "\(main):\(sub)"])
      .load()
    #expect(configuration.certificateAuthority == .file("\(directory.path)/sub/ca.crt"))
  }

  @Test func nothingPrintsCredentials() throws {
    let secret = "s3cr3t"
    let key = Base64.encode(keyPEM.utf8)
    let path = try directory.write(
      "config",
      """
      current-context: a
      clusters: [{name: c, cluster: {server: "https://h", proxy-url: "http://u:\(secret)@p:1"}}]
      contexts: [{name: a, context: {cluster: c, user: u}}]
      users:
      - name: u
        user: {token: \(secret), client-key-data: \(key),
          client-certificate-data: \(Base64.encode(certificatePEM.utf8))}
      """)
    let sources = ConfigurationSources(kubeconfig: path, environment: [:])
    let configuration = try sources.load()
    var shown = "\(configuration) \(String(reflecting: configuration))"
    dump(configuration, to: &shown)
    if let config = try sources.kubeConfig() {
      shown += "\(config) \(String(reflecting: config))"
      dump(config, to: &shown)
    }
    #expect(!shown.contains(secret))
    #expect(!shown.contains("MBIEEHNlY3JldC1rZXktYnl0ZXM="))
    #expect(!shown.contains(key.prefix(20)))
  }

  /// As kubectl 1.36 wrote it after `kubectl config set-cluster`, `set-credentials`, `set-context`.
  static let writtenByKubectl = """
    apiVersion: v1
    clusters:
    - cluster:
        proxy-url: socks5://127.0.0.1:1080
        server: https://dev.test
      name: dev
    - cluster:
        insecure-skip-tls-verify: true
        server: https://prod.test:6443
        tls-server-name: api
      name: prod
    contexts:
    - context:
        cluster: dev
        user: user:with/odd@chars
      name: d
    - context:
        cluster: prod
        namespace: "on"
        user: gke
      name: p
    current-context: p
    kind: Config
    preferences: {}
    users:
    - name: basic
      user:
        password: "12345"
        username: admin
    - name: gke
      user:
        exec:
          apiVersion: client.authentication.k8s.io/v1beta1
          args:
          - --cache=false
          - "012"
          command: gke-gcloud-auth-plugin
          env:
          - name: A
            value: yes,B=1e3
          interactiveMode: IfAvailable
          provideClusterInfo: true
    - name: user:with/odd@chars
      user:
        token: "0123456"
    """

  @Test func whatKubectlWritesIsRead() throws {
    let prod = try load(Self.writtenByKubectl)
    #expect(prod.insecureSkipTLSVerify && prod.tlsServerName == "api" && prod.namespace == "on")
    guard case .exec(let plugin) = prod.credentials else {
      Issue.record("expected a plugin")
      return
    }
    #expect(plugin.command == "gke-gcloud-auth-plugin")
    #expect(plugin.args.map(\.text) == ["--cache=false", "012"])
    #expect(plugin.environment.map(\.value.text) == ["yes,B=1e3"])
    #expect(
      plugin.cluster?.text
        == #"{"server":"https://prod.test:6443","tls-server-name":"api","insecure-skip-tls-verify":true}"#
    )
    let dev = try load(Self.writtenByKubectl, context: "d")
    #expect(!dev.insecureSkipTLSVerify)
    #expect(dev.proxyURL?.text == "socks5://127.0.0.1:1080")
    #expect(dev.credentials == .token(Secret("0123456")))
  }
}
