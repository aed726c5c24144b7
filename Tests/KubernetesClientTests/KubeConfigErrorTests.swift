import Glibc
import Testing

@testable import KubernetesClient

/// Bad kubeconfigs: each error names the file, the line, the field and what to do.
@Suite struct KubeConfigErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var cluster = #"server: "https://h""#
    var context = "cluster: c, user: u"
    var user = "{}"
    var text: String?
    /// Each must be in the message.
    var expected: [String]

    var testDescription: String { name }

    /// The server stands on line 5, the context on line 8, the user on line 11.
    var kubeconfig: String {
      text ?? """
        current-context: a
        clusters:
        - name: c
          cluster:
            \(cluster)
        contexts:
        - name: a
          context: {\(context)}
        users:
        - name: u
          user: \(user)
        """
    }
  }

  static let certificate = Base64.encode(certificatePEM.utf8)
  static let key = Base64.encode(keyPEM.utf8)
  static let exec = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never"

  static let cases: [Case] = [
    Case(name: "list", text: "- a", expected: [":1:", "expected an object, got array"]),
    Case(name: "text", text: "hello", expected: [":1:", "expected an object, got string"]),
    Case(name: "syntax", text: "a: [1", expected: ["/config:"]),
    Case(name: "garbage", text: "\u{1}\u{2}", expected: ["/config"]),
    Case(
      name: "manifest", text: "apiVersion: apps/v1\nkind: Deployment",
      expected: ["config:2: kind:", "Deployment", "kind Config"]),
    Case(
      name: "version", text: "apiVersion: v2\nkind: Config",
      expected: ["config:1: apiVersion:", "only v1"]),
    Case(
      name: "two documents", text: "kind: Config\n---\nkind: Config\n",
      expected: ["config:3:", "more than one document"]),
    Case(name: "empty", text: "", expected: ["holds no contexts"]),
    Case(
      name: "no current context",
      text: "clusters: []\ncontexts: [{name: p, context: {cluster: c}}, {name: q}]",
      expected: ["current-context", "--context", "known: p, q"]),
    Case(
      name: "unknown context", text: "current-context: z\ncontexts: [{name: x}]",
      expected: ["no context \"z\"", "known: x"]),
    Case(
      name: "clusters of the wrong type", text: "clusters: 5",
      expected: ["config:1: clusters:", "expected a list, got integer"]),
    Case(
      name: "cluster of the wrong type", text: "clusters: [{name: a, cluster: b}]",
      expected: ["clusters[0].cluster", "expected an object, got string"]),
    Case(
      name: "nameless", text: "users:\n- user: {}",
      expected: ["config:2: users[0].name: is required"]),
    Case(
      name: "null entry", text: "users: [null]", expected: ["users[0]", "expected an object"]),
    Case(
      name: "name twice", text: "users:\n- name: a\n- name: b\n- name: a\n",
      expected: ["config:4: users[2].name:", "\"a\" is already the name of users[0]", "rename"]),
    Case(
      name: "number as name", text: "users: [{name: 7}]",
      expected: ["users[0].name", "expected a string, got integer", "quotes"]),
    Case(
      name: "unknown cluster", context: "cluster: zz",
      expected: ["config:8: contexts[0].context.cluster:", "no cluster \"zz\"", "known: c"]),
    Case(
      name: "unknown user", context: "cluster: c, user: zz",
      expected: ["config:8: contexts[0].context.user:", "no user \"zz\"", "known: u"]),
    Case(
      name: "no cluster", context: "user: u", expected: ["contexts[0].context.cluster: is required"]
    ),
    Case(
      name: "no server", cluster: "tls-server-name: x",
      expected: ["clusters[0].cluster.server: is required"]),
    Case(
      name: "server without scheme", cluster: "server: example.test:6443",
      expected: ["config:5: clusters[0].cluster.server:", "no scheme", "https://"]),
    Case(
      name: "server with another scheme", cluster: "server: ftp://h", expected: ["scheme \"ftp\""]),
    Case(
      name: "server with credentials", cluster: "server: https://u:hush@h",
      expected: ["contains credentials"]),
    Case(name: "server without host", cluster: "server: https://", expected: ["names no host"]),
    Case(name: "server with query", cluster: "server: https://h/?a", expected: ["no query"]),
    Case(
      name: "server with odd port", cluster: "server: https://h:99999", expected: ["port outside"]),
    Case(
      name: "server with bare IPv6", cluster: "server: 'https://::1'",
      expected: ["without brackets"]
    ),
    Case(
      name: "server with a space", cluster: "server: 'https://h h'", expected: ["contains a space"]),
    Case(
      name: "missing CA", cluster: "{server: 'https://h', certificate-authority: nowhere.crt}",
      expected: [
        "config:5: clusters[0].cluster.certificate-authority:", "/nowhere.crt does not exist",
      ]
    ),
    Case(
      name: "CA that is none", cluster: "{server: 'https://h', certificate-authority: config}",
      expected: ["certificate-authority", "does not hold a certificate"]),
    Case(
      name: "CA that is a directory", cluster: "{server: 'https://h', certificate-authority: .}",
      expected: ["is a directory"]),
    Case(
      name: "CA not in base64",
      cluster: "{server: 'https://h', certificate-authority-data: '%%%'}",
      expected: ["certificate-authority-data: is not valid base64", "base64 -w0"]),
    Case(
      name: "CA in plain PEM",
      cluster: "{server: 'https://h', certificate-authority-data: '-----BEGIN CERTIFICATE-----'}",
      expected: ["plain PEM"]),
    Case(
      name: "CA in base64 of something else",
      cluster: "{server: 'https://h', certificate-authority-data: aGVsbG8=}",
      expected: ["decoded, it does not hold a certificate"]),
    Case(
      name: "insecure with a CA",
      cluster:
        "{server: 'https://h', insecure-skip-tls-verify: true, certificate-authority-data: \(certificate)}",
      expected: ["insecure-skip-tls-verify", "remove"]),
    Case(
      name: "insecure in quotes",
      cluster: "{server: 'https://h', insecure-skip-tls-verify: 'true'}",
      expected: ["insecure-skip-tls-verify", "expected true or false, got string"]),
    Case(
      name: "proxy of another kind", cluster: "{server: 'https://h', proxy-url: 'ftp://u:hush@p'}",
      expected: ["proxy-url", "scheme \"ftp\"", "socks5"]),
    Case(
      name: "proxy without an address in brackets",
      cluster: "{server: 'https://h', proxy-url: 'http://u:hush@[zz]:1'}",
      expected: ["proxy-url", "something else than an IPv6 address"]),
    Case(
      name: "proxy with a character that no host has",
      cluster: "{server: 'https://h', proxy-url: 'http://u:hush@ho^st:1'}",
      expected: ["proxy-url", "a character in its host name"]),
    Case(
      name: "proxy with a signed port",
      cluster: "{server: 'https://h', proxy-url: 'http://u:hush@h:+5'}",
      expected: ["proxy-url", "port outside 1 to 65535"]),
    Case(
      name: "certificate without key", user: "{client-certificate-data: \(certificate)}",
      expected: ["users[0].user:", "without its key", "client-key"]),
    Case(
      name: "key without certificate", user: "{client-key-data: \(key)}",
      expected: ["without its certificate"]),
    Case(
      name: "key that is a certificate",
      user: "{client-certificate-data: \(certificate), client-key-data: \(certificate)}",
      expected: ["client-key-data", "does not hold a private key"]),
    Case(
      name: "encrypted key",
      user: "{client-certificate-data: \(certificate), client-key-data: "
        + Base64.encode("-----BEGIN ENCRYPTED PRIVATE KEY-----\nx\n-----END".utf8) + "}",
      expected: ["encrypted private key"]),
    Case(
      name: "missing key file",
      user: "{client-certificate-data: \(certificate), client-key: nowhere.key}",
      expected: ["config:11: users[0].user.client-key:", "does not exist"]),
    Case(
      name: "missing token file", user: "{tokenFile: nowhere}",
      expected: ["users[0].user.tokenFile:", "does not exist"]),
    Case(
      name: "token with a line break", user: #"{token: "hush\nhush"}"#,
      expected: ["users[0].user.token", "line breaks"]),
    Case(
      name: "token as a number", user: "{token: 123456}",
      expected: ["users[0].user.token", "expected a string, got integer", "quotes"]),
    Case(
      name: "token that YAML versions read differently", user: "{token: 0777123}",
      expected: ["users[0].user.token", "quotes"]),
    Case(
      name: "variable that YAML versions read differently",
      user: "{exec: {\(exec), command: x, env: [{name: A, value: 0777123}]}}",
      expected: ["users[0].user.exec.env[0].value", "quotes"]),
    Case(
      name: "two ways to authenticate", user: "{token: hush, username: u, password: hush}",
      expected: ["more than one way", "token, username"]),
    Case(name: "password alone", user: "{password: hush}", expected: ["no username"]),
    Case(name: "username with a colon", user: "{username: 'a:b'}", expected: ["colon"]),
    Case(
      name: "auth provider", user: "{auth-provider: {name: gcp}}",
      expected: ["users[0].user.auth-provider", "\"gcp\" was removed", "exec plugin"]),
    Case(
      name: "groups without a user", user: "{as-groups: [a]}",
      expected: ["without a user", "with as"]),
    Case(
      name: "groups of the wrong type", user: "{as: x, as-groups: [1]}",
      expected: ["users[0].user.as-groups[0]", "expected a string"]),
    Case(
      name: "impersonation that smuggles a header", user: #"{as: "a\r\nx: y"}"#,
      expected: ["control character"]),
    Case(
      name: "exec without command", user: "{exec: {\(exec)}}",
      expected: ["users[0].user.exec.command: is required"]),
    Case(
      name: "old exec",
      user: "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}",
      expected: ["exec.apiVersion", "v1alpha1", "update"]),
    Case(
      name: "exec v1 without mode",
      user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x}}",
      expected: ["interactiveMode: is required"]),
    Case(
      name: "exec with an unknown mode",
      user:
        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Maybe}}",
      expected: ["\"Maybe\"", "IfAvailable"]),
    Case(
      name: "exec with a nameless variable",
      user: "{exec: {\(exec), command: x, env: [{value: hush}]}}",
      expected: ["exec.env[0].name: is required"]),
    Case(
      name: "duplicate key", text: "kind: Config\ncurrent-context: a\ncurrent-context: b\n",
      expected: ["config:3"]),
  ]

  @Test(arguments: cases)
  func refused(_ one: Case) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("config", one.kubeconfig)
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(kubeconfig: path, environment: [:]).load()
    }
    let message = error?.description ?? ""
    for part in one.expected { #expect(message.contains(part), "\(message)") }
    #expect(message.contains("\(directory.path)/config"), "\(message)")
    #expect(!message.contains("hush") && !message.contains("777123"), "\(message)")
  }

  @Test func aNamedFileMustExist() throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(kubeconfig: "\(directory.path)/no", environment: [:]).load()
    }
    #expect(error?.description == "\(directory.path)/no: does not exist")
  }

  @Test func aListOfMissingFilesIsAnError() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(environment: ["KUBECONFIG": "/no/a:/no/b"]).load()
    }
    #expect(error?.description.contains("/no/a, /no/b") == true)
  }

  @Test func anUnreadableFileOfAListIsNotPassedOver() throws {
    let directory = try TemporaryDirectory()
    let good = try directory.write("good", KubeConfigTests.minimal)
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(environment: ["KUBECONFIG": "\(directory.path):\(good)"]).load()
    }
    #expect(error?.description.contains("is a directory") == true)
  }

  @Test func hugeFilesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("config", String(repeating: "# padding\n", count: 500_000))
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(kubeconfig: path, environment: [:]).load()
    }
    #expect(error?.description.contains("larger than 4 MiB") == true)
  }
}
