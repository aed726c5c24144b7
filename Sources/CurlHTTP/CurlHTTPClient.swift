import Glibc

/// An HTTP client: libcurl's multi interface, driven by one thread.
///
/// Calls that share connections and long-lived ones never meet in one multi handle. libcurl keeps one
/// idea per host of whether its connections can be shared, which each new connection overwrites:
/// beside HTTP/1.1 streams, calls that may use HTTP/2 waited for a stream's handshake or were sent
/// over a stream's connection (seen with 7.88).
///
/// Calls may be made from any task. Every call ends: with an answer, an `HTTPError`, or soon after
/// its task is cancelled. Redirects are not followed. As libcurl does, a call whose reused
/// connection turns out to be dead before any byte of the answer came is sent once more on a new
/// connection, whatever its method.
public final class CurlHTTPClient: Sendable {
  let loop: CurlLoop
  private let proxies: ProxyRules

  /// Throws `.invalidRequest` for a TLS configuration that cannot be read, and for a given proxy that
  /// cannot be used. Of the environment's, calls tell that would use it.
  public init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws(HTTPError)
  {
    proxies = try ProxyRules(configuration.proxy, noProxy: configuration.noProxy) { name in
      getenv(name).map { String(cString: $0) }
    }
    let settings = EasyHandle.Settings(
      tls: try PreparedTLS(configuration.tls), proxies: proxies,
      userAgent: configuration.userAgent, offersHTTP2: configuration.offersHTTP2)
    loop = try CurlEngine.start(
      settings, maximumConnections: max(1, configuration.maximumConnections))
  }

  /// Runs tasks on the client's own thread, between its looks at the network. A task that prefers it
  /// (`withTaskExecutorPreference`, SE-0417) reads answers and sends requests without waking another
  /// thread; in return, whatever it does for long delays all calls of this client. Once the client is
  /// shut down, the global executor takes over.
  public var taskExecutor: any TaskExecutor { loop }

  deinit { shutdown() }

  /// Throws `.invalidRequest`, as calls to the URL do, when their proxy cannot be used.
  public func checkProxy(for url: String) throws(HTTPError) { _ = try proxies.proxy(for: url) }

  /// Returns the complete answer.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let answer = try await transfer(request, isStream: false).call(on: loop)
    return HTTPResponse(status: answer.status, headers: answer.headers, body: answer.body)
  }

  /// Returns when the head of the answer has arrived; the body follows as it comes.
  public func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamingResponse {
    let transfer = try transfer(request, isStream: true)
    let answer = try await transfer.call(on: loop)
    return HTTPStreamingResponse(
      status: answer.status, headers: answer.headers, body: HTTPBodyStream(transfer, of: self))
  }

  /// Uses other certificates from the next call on, over new connections. Calls in flight finish on
  /// theirs. Throws, and changes nothing, when the configuration cannot be read or used, such as a
  /// certificate with the key of another one.
  public func replaceTLS(_ configuration: TLSConfiguration) throws(HTTPError) {
    let tls = try PreparedTLS(configuration)
    try tls.tryOut()
    _ = loop.submit(.replaceTLS(tls))
  }

  /// Ends every call with `.shutdown` and closes all connections; returns at once.
  public func shutdown() {
    _ = loop.submit(.shutdown)
  }

  /// Like `shutdown`, and returns when the connections are closed.
  public func shutdownAndWait() async {
    shutdown()
    await loop.waitUntilClosed()
  }

  private func transfer(_ request: HTTPRequest, isStream: Bool) throws(HTTPError) -> Transfer {
    if let defect = request.defect { throw HTTPError(.invalidRequest, request, defect) }
    return Transfer(request, isStream: isStream)
  }
}
