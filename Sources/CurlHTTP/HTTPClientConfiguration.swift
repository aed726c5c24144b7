/// Whom to trust and whom to be. Certificates and keys are PEM and stay in memory.
public struct TLSConfiguration: Sendable {
  /// Trusted issuers. When this or `caFile` is set, the system's certificates are not trusted.
  public var caPEM: [UInt8]?
  /// Read when the configuration is put to use; `caPEM` wins.
  public var caFile: String?
  public var clientCertificatePEM: [UInt8]?
  public var clientKeyPEM: [UInt8]?
  /// The name to send (SNI) and to verify instead of the URL's host; the address stays the URL's.
  public var serverName: String?
  /// Encrypts without knowing to whom. Never set except by explicit wish of the user.
  public var insecureSkipVerify: Bool

  public init(
    caPEM: [UInt8]? = nil, caFile: String? = nil, clientCertificatePEM: [UInt8]? = nil,
    clientKeyPEM: [UInt8]? = nil, serverName: String? = nil, insecureSkipVerify: Bool = false
  ) {
    self.caPEM = caPEM
    self.caFile = caFile
    self.clientCertificatePEM = clientCertificatePEM
    self.clientKeyPEM = clientKeyPEM
    self.serverName = serverName
    self.insecureSkipVerify = insecureSkipVerify
  }
}

public enum ProxySetting: Sendable, Equatable {
  case none
  /// HTTP_PROXY, HTTPS_PROXY and NO_PROXY (or lower case), read once when the client is made.
  case environment
  /// http, https, socks5 or socks5h.
  case url(String)
}

public struct HTTPClientConfiguration: Sendable {
  public var tls: TLSConfiguration
  public var proxy: ProxySetting
  /// Hosts reached directly, in NO_PROXY syntax, in addition to those of the environment.
  public var noProxy: String
  public var userAgent: String
  /// Shared connections at most; long-lived requests come on top. Further calls wait their turn.
  public var maximumConnections: Int
  /// Whether calls may be multiplexed by HTTP/2. Without it each call has one of the shared
  /// connections to itself while it lasts.
  public var offersHTTP2: Bool

  public init(
    tls: TLSConfiguration = TLSConfiguration(), proxy: ProxySetting = .environment,
    noProxy: String = "", userAgent: String = "agent-operator", maximumConnections: Int = 32,
    offersHTTP2: Bool = true
  ) {
    self.tls = tls
    self.proxy = proxy
    self.noProxy = noProxy
    self.userAgent = userAgent
    self.maximumConnections = maximumConnections
    self.offersHTTP2 = offersHTTP2
  }
}
