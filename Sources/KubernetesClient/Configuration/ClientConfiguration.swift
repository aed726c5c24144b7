/// Where an API server is, how to trust it and who to be there: everything that a transport needs.
///
/// Safe to print: every credential is a `Secret` or the path of a file.
public struct ClientConfiguration: Sendable, Hashable {
  /// `http(s)://host[:port][/path]` without a slash at the end.
  public var server: String
  /// The namespace of the context or of the pod; nil means `default`.
  public var namespace: String?
  /// Where this came from, for the log: `context "a" of /home/x/.kube/config`.
  public var source: String
  /// Trusted issuers; nil means the system's.
  public var certificateAuthority: PEMSource?
  public var clientCertificate: ClientCertificate?
  /// Verified instead of the server's host name.
  public var tlsServerName: String?
  /// Only ever true because the user's kubeconfig says so.
  public var insecureSkipTLSVerify: Bool
  /// Nil means the proxies of the environment. May hold the proxy's credentials.
  public var proxyURL: Secret?
  public var credentials: Credentials
  public var impersonation: Impersonation?
  /// From the service account of the pod that this program runs in.
  public var isInCluster: Bool

  public init(
    server: String, namespace: String? = nil, source: String = "",
    certificateAuthority: PEMSource? = nil, clientCertificate: ClientCertificate? = nil,
    tlsServerName: String? = nil, insecureSkipTLSVerify: Bool = false, proxyURL: Secret? = nil,
    credentials: Credentials = .none, impersonation: Impersonation? = nil,
    isInCluster: Bool = false
  ) {
    self.server = server
    self.namespace = namespace
    self.source = source
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.tlsServerName = tlsServerName
    self.insecureSkipTLSVerify = insecureSkipTLSVerify
    self.proxyURL = proxyURL
    self.credentials = credentials
    self.impersonation = impersonation
    self.isInCluster = isInCluster
  }
}

extension ClientConfiguration {
  /// `host:port` of the server, with the scheme's port where the URL has none; for metrics.
  public var serverHost: String {
    let isPlain = server.hasPrefix("http://")
    let authority = server.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
    // A colon inside brackets belongs to an IPv6 address.
    let hasPort =
      authority.drop { $0 != "]" }.contains(":")
      || authority.first != "[" && authority.contains(":")
    return hasPort ? String(authority) : "\(authority):\(isPlain ? 80 : 443)"
  }
}

extension ClientConfiguration: CustomStringConvertible {
  public var description: String { "\(server) (\(source))" }
}

/// PEM text, or the file that holds it and may be replaced while the program runs.
public enum PEMSource: Sendable, Hashable {
  case inline(Secret)
  case file(String)
}

public struct ClientCertificate: Sendable, Hashable {
  public var certificate: PEMSource
  public var key: PEMSource

  public init(certificate: PEMSource, key: PEMSource) {
    self.certificate = certificate
    self.key = key
  }
}

/// What is sent with each request, besides a client certificate.
public enum Credentials: Sendable, Hashable {
  case none
  case token(Secret)
  /// Read again every minute and after a 401.
  case tokenFile(String)
  case basic(username: String, password: Secret)
  case exec(ExecPlugin)
}

/// Whom to act as: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
public struct Impersonation: Sendable, Hashable {
  public var user: String
  public var uid: String?
  public var groups: [String]
  public var extra: [String: [String]]

  public init(
    user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]
  ) {
    self.user = user
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }

  /// The request headers, in a stable order.
  public var headers: [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = [("impersonate-user", user)]
    if let uid { headers.append(("impersonate-uid", uid)) }
    headers += groups.map { ("impersonate-group", $0) }
    for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
      headers += values.map { ("impersonate-extra-\(Self.headerName(key))", $0) }
    }
    return headers
  }

  /// In lower case, with every byte that no header name may hold percent-encoded
  /// (client-go `transport/round_trippers.go`, `headerKeyEscape`).
  private static func headerName(_ key: String) -> String {
    var name = ""
    for byte in key.lowercased().utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      case _ where "!#$&'*+-.^_`|~".utf8.contains(byte):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        name += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return name
  }
}

/// A command that prints credentials:
/// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
public struct ExecPlugin: Sendable, Hashable {
  public enum InteractiveMode: String, Sendable {
    case never = "Never"
    case ifAvailable = "IfAvailable"
    case always = "Always"
  }

  /// `client.authentication.k8s.io/v1` or `client.authentication.k8s.io/v1beta1`.
  public var apiVersion: String
  /// Found on the PATH when it has no slash.
  public var command: String
  public var args: [Secret]
  /// On top of the program's environment.
  public var environment: [Variable]
  public var interactiveMode: InteractiveMode
  /// The cluster as the plugin is told about it, when it asks for that: the text of
  /// `spec.cluster` of the ExecCredential.
  public var cluster: Secret?
  /// What to tell the user when the command is missing.
  public var installHint: String?

  public struct Variable: Sendable, Hashable {
    public var name: String
    public var value: Secret

    public init(name: String, value: Secret) {
      self.name = name
      self.value = value
    }
  }

  public init(
    apiVersion: String, command: String, args: [Secret] = [], environment: [Variable] = [],
    interactiveMode: InteractiveMode = .never, cluster: Secret? = nil, installHint: String? = nil
  ) {
    self.apiVersion = apiVersion
    self.command = command
    self.args = args
    self.environment = environment
    self.interactiveMode = interactiveMode
    self.cluster = cluster
    self.installHint = installHint
  }
}
