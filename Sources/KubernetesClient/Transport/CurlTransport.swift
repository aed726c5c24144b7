import CurlHTTP

/// The way to a real API server: libcurl with a configuration's trust, identity and proxy.
///
/// Certificates and tokens in files are read again every minute, so they can be replaced while the
/// program runs. A 401 renews the credentials and repeats the call once. Watches have an HTTP/1.1
/// connection each and end after 90 s without a byte (correctness rules 8 and 9).
public final class CurlTransport: APITransport {
  /// The API server ends unary calls after 60 s by itself.
  static let defaultTimeout: Duration = .seconds(65)
  /// Bookmarks come about every 60 s.
  static let watchInactivity: Duration = .seconds(90)

  private let configuration: ClientConfiguration
  private let http: CurlHTTPClient
  private let credentials: any CredentialSource
  private let fixedHeaders: [(name: String, value: String)]
  private let certificates: CertificateRenewal

  /// - Parameters:
  ///   - version: of the program, for the User-Agent.
  ///   - environment: of the program, for exec plugins.
  /// - Throws: `ConfigurationError` when a certificate or the server's proxy cannot be read or used.
  public convenience init(
    configuration: ClientConfiguration, version: String = "dev", environment: [String: String] = [:]
  ) throws(ConfigurationError) {
    let start = ContinuousClock.now
    try self.init(
      configuration: configuration, version: version, environment: environment,
      now: { start.duration(to: .now) })
  }

  init(
    configuration: ClientConfiguration, version: String, environment: [String: String],
    now: @escaping @Sendable () -> Duration
  ) throws(ConfigurationError) {
    self.configuration = configuration
    fixedHeaders = configuration.impersonation?.headers ?? []
    switch configuration.credentials {
    case .none: credentials = FixedCredentials(issued: .none)
    case .token(let token): credentials = FixedCredentials(issued: .bearer(token.text))
    case .tokenFile(let path): credentials = TokenFileCredentials(path: path, now: now)
    case .basic(let username, let password):
      let encoded = Base64.encode("\(username):\(password.text)".utf8)
      credentials = FixedCredentials(
        issued: IssuedCredentials(authorization: Secret("Basic \(encoded)")))
    case .exec(let plugin):
      credentials = ExecCredentials(plugin: plugin, environment: environment)
    }
    let material = try TLSMaterial(configuration, issued: nil)
    do {
      http = try CurlHTTPClient(
        configuration: HTTPClientConfiguration(
          tls: material.curlConfiguration(configuration),
          proxy: configuration.proxyURL.map { .url($0.text) } ?? .environment,
          userAgent: KubernetesClient.userAgent(version: version), offersHTTP2: false))
      try http.checkProxy(for: configuration.server)
    } catch {
      throw ConfigurationError(problem: "\(configuration): \(error.message)")
    }
    certificates = CertificateRenewal(configuration, material, now: now) { [http] in
      try http.replaceTLS($0.curlConfiguration(configuration))
    }
  }

  /// Runs tasks on the thread that talks to the server: see `CurlHTTPClient.taskExecutor`.
  public var taskExecutor: any TaskExecutor { http.taskExecutor }

  /// Sleeps by the timer of that thread: see `CurlHTTPClient.sleep`.
  public func sleep(for duration: Duration) async throws { try await http.sleep(for: duration) }

  /// Ends all calls and closes all connections.
  public func shutdown() async {
    await credentials.shutdown()
    await http.shutdownAndWait()
  }

  public func send(_ request: APIRequest) async throws -> APIResponse {
    let issued = try await credentials.current()
    let response = try await sendOnce(request, issued)
    guard response.status == 401, let renewed = try await credentials.renew(after: issued) else {
      return response
    }
    return try await sendOnce(request, renewed)
  }

  public func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    let issued = try await credentials.current()
    let response = try await streamOnce(request, issued)
    guard response.status == 401, let renewed = try await credentials.renew(after: issued) else {
      return response
    }
    return try await streamOnce(request, renewed)
  }

  private func sendOnce(_ request: APIRequest, _ issued: IssuedCredentials) async throws
    -> APIResponse
  {
    certificates.renew(issued.clientCertificate)
    do {
      let response = try await http.send(bound(request, issued))
      return APIResponse(
        status: response.status, headers: Self.headers(of: response), body: response.body)
    } catch {
      throw TransportError(error)
    }
  }

  /// Of a success, nothing but the warnings is ever read.
  private static func headers(of response: HTTPResponse) -> [(name: String, value: String)] {
    guard (200..<300).contains(response.status) else { return Array(response.headers) }
    return response.headers.values(of: "warning").map { ("warning", $0) }
  }

  private func streamOnce(_ request: APIRequest, _ issued: IssuedCredentials) async throws
    -> APIStreamingResponse
  {
    certificates.renew(issued.clientCertificate)
    var bound = bound(request, issued)
    bound.isLongLived = true
    bound.timeout = request.timeout
    bound.inactivityTimeout = Self.watchInactivity
    bound.maximumBodyBytes = HTTPRequest.defaultMaximumUnreadBytes
    do {
      let response = try await http.stream(bound)
      let body = response.body
      let chunks = AsyncThrowingStream<[UInt8], any Error> {
        var iterator = body.makeAsyncIterator()
        do {
          return try await iterator.next()
        } catch let error as HTTPError {
          throw TransportError(error)
        }
      }
      return APIStreamingResponse(
        status: response.status, headers: Array(response.headers), chunks: chunks)
    } catch {
      throw TransportError(error)
    }
  }

  private func bound(_ request: APIRequest, _ issued: IssuedCredentials) -> HTTPRequest {
    var headers = request.headers + fixedHeaders
    if let authorization = issued.authorization {
      headers.append(("authorization", authorization.text))
    }
    return HTTPRequest(
      method: request.method, url: configuration.server + request.path + Self.query(request.query),
      headers: headers, body: request.body, timeout: request.timeout ?? Self.defaultTimeout)
  }

  /// `?a=b&c=d` with everything but unreserved characters encoded (RFC 3986 section 2.3).
  static func query(_ items: [(name: String, value: String)]) -> String {
    var text: [UInt8] = []
    for (name, value) in items {
      text.append(text.isEmpty ? UInt8(ascii: "?") : UInt8(ascii: "&"))
      appendEncoded(name, to: &text)
      text.append(UInt8(ascii: "="))
      appendEncoded(value, to: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func appendEncoded(_ value: String, to text: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        text.append(byte)
      default:
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
  }
}

extension TransportError {
  init(_ error: HTTPError) {
    let code: Code =
      switch error.code {
      case .cannotResolve, .cannotConnect: .unreachable
      case .connectionRefused: .connectionRefused
      case .timeout: .timeout
      case .inactive: .inactive
      case .tlsFailure: .tls
      case .reset: .connectionLost
      case .bodyTooLarge: .tooLarge
      case .cancelled, .shutdown: .cancelled
      case .protocolViolation, .invalidRequest, .redirect, .other: .other
      }
    self.init(code, error.description)
  }
}
