import CCurl
import Glibc

/// One libcurl easy handle, configured once for a client and reused for many requests.
///
/// Confined to the owner thread. Reuse saves the setup of some thirty options per call, certificates
/// among them; connections and the DNS cache belong to the multi handle, not to this one.
final class EasyHandle {
  /// Everything about a client that its handles depend on.
  struct Settings {
    var tls: PreparedTLS
    /// Connections and handles of an older generation are not reused. Counts the replacements of
    /// `tls` and the times when the shared connections were given up.
    var generation = 0
    var proxies: ProxyRules
    var userAgent: String
    /// Whether servers are offered HTTP/2 for calls that may share a connection.
    var offersHTTP2: Bool
  }

  let pointer: UnsafeMutableRawPointer
  private let settings: Settings
  private let errorBuffer: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var connectTo: UnsafeMutablePointer<curl_slist>?

  /// - Parameter poll: told about the sockets of connections; has to live as long as they do.
  init?(_ settings: Settings, _ poll: SocketPoll) {
    guard let pointer = curl_easy_init() else { return nil }
    self.pointer = pointer
    self.settings = settings
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configureOnce()
    configureSockets(poll)
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(headerList)
    curl_slist_free_all(connectTo)
    errorBuffer.deallocate()
  }

  func isUsable(for current: Settings) -> Bool { settings.generation == current.generation }

  /// libcurl's words for the last failure; may be empty.
  var errorDetail: String { String(cString: errorBuffer) }

  var systemError: Int32 {
    var value = 0
    ccurl_get_long(pointer, CURLINFO_OS_ERRNO, &value)
    return Int32(truncatingIfNeeded: value)
  }

  /// The `content-length` of the answer; -1 when it has none.
  var contentLength: Int {
    var value: curl_off_t = -1
    ccurl_get_offset(pointer, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &value)
    return Int(value)
  }

  var hasSentRequest: Bool {
    var bytes = 0
    ccurl_get_long(pointer, CURLINFO_REQUEST_SIZE, &bytes)
    return bytes > 0
  }

  /// Whether the request may share a connection at the same time as others.
  func isMultiplexed(_ request: HTTPRequest) -> Bool {
    settings.offersHTTP2 && request.isMultiplexed
  }

  // MARK: Options for all requests

  private func configureOnce() {
    set(CURLOPT_NOSIGNAL, 1)
    // Without it, removing a handle waits for a name resolution that may take a minute.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_USERAGENT, settings.userAgent)
    ccurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorBuffer)
    set(CURLOPT_TCP_NODELAY, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_TCP_KEEPIDLE, 30)
    set(CURLOPT_TCP_KEEPINTVL, 10)
    ccurl_set_data_callback(pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      ActiveTransfer.from(context)?.receiveBody(bytes, size * count) ?? 0
    }
    ccurl_set_data_callback(pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      ActiveTransfer.from(context)?.receiveHeader(bytes, size * count) ?? 0
    }
    // Empty strings keep libcurl from reading the environment itself, and NO_PROXY even for a proxy
    // that it was given.
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NOPROXY, "")
    configureTLS()
  }

  private func configureSockets(_ poll: SocketPoll) {
    let context = Unmanaged.passUnretained(poll).toOpaque()
    ccurl_set_opened_callback(
      pointer,
      { context, socket, _ in
        // A peer that stops acknowledging is dead after 30 s; the kernel's default is 15 minutes.
        var milliseconds: UInt32 = 30_000
        setsockopt(
          socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds,
          socklen_t(MemoryLayout<UInt32>.size))
        SocketPoll.from(context)?.opened(socket)
        return Int32(CURL_SOCKOPT_OK)
      }, context)
    ccurl_set_closing_callback(
      pointer,
      { context, socket in
        SocketPoll.from(context)?.closed(socket)
        return close(socket)
      }, context)
  }

  private func configureTLS() {
    settings.tls.configure(pointer)
    // libcurl has no option to leave its old connections alone. But it reuses one only for the same
    // TLS options, and these three bits concern nothing but Windows' Schannel.
    let tags = [CURLSSLOPT_NO_REVOKE, CURLSSLOPT_REVOKE_BEST_EFFORT, CURLSSLOPT_AUTO_CLIENT_CERT]
    let chosen = tags.enumerated().filter { settings.generation >> $0.offset & 1 == 1 }
    set(CURLOPT_SSL_OPTIONS, chosen.reduce(0) { $0 | Int($1.element) })
  }

  // MARK: Options of one request

  /// Throws `.invalidRequest` when the URL or its proxy cannot be used.
  func prepare(
    _ request: HTTPRequest, isStream: Bool, context: UnsafeMutableRawPointer
  ) throws(HTTPError) {
    func invalid() -> HTTPError { HTTPError(.invalidRequest, request, "the URL is not valid") }
    errorBuffer.pointee = 0
    let isTLS = RequestURL.isTLS(request.url)
    var url = request.url
    var hostHeader: String?
    if isTLS, let name = settings.tls.serverName {
      guard let (host, port) = RequestURL.endpoint(url),
        let authority = RequestURL.authority(of: url[...]),
        let renamed = RequestURL.replacingHost(url, with: name)
      else { throw invalid() }
      // The URL names what SNI and verification use; the connection still goes to the real host.
      hostHeader = String(authority)
      url = renamed
      connectTo = curl_slist_append(nil, "::\(host.contains(":") ? "[\(host)]" : host):\(port)")
    }
    ccurl_set_list(pointer, CURLOPT_CONNECT_TO, connectTo)
    guard set(CURLOPT_URL, url) == CURLE_OK else { throw invalid() }
    if !settings.proxies.isEmpty {
      do {
        set(CURLOPT_PROXY, try settings.proxies.proxy(for: request.url) ?? "")
      } catch {
        throw HTTPError(error.code, request, error.message)
      }
    }
    setMethodAndBody(request)
    setHeaders(request, host: hostHeader, mayCompress: !isStream)
    let isMultiplexed = isMultiplexed(request)
    set(
      CURLOPT_HTTP_VERSION,
      isMultiplexed ? Int(CURL_HTTP_VERSION_2TLS) : Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_PIPEWAIT, isMultiplexed ? 1 : 0)
    set(CURLOPT_FRESH_CONNECT, request.isLongLived ? 1 : 0)
    set(CURLOPT_FORBID_REUSE, request.isLongLived ? 1 : 0)
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.connectTimeout.wholeMilliseconds))
    ccurl_set_pointer(pointer, CURLOPT_WRITEDATA, context)
    ccurl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
    ccurl_set_pointer(pointer, CURLOPT_PRIVATE, context)
  }

  /// Lets go of the request's memory, which may hold credentials.
  func release() {
    ccurl_set_list(pointer, CURLOPT_HTTPHEADER, nil)
    ccurl_set_list(pointer, CURLOPT_CONNECT_TO, nil)
    ccurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, nil)
    ccurl_set_pointer(pointer, CURLOPT_WRITEDATA, nil)
    ccurl_set_pointer(pointer, CURLOPT_HEADERDATA, nil)
    ccurl_set_pointer(pointer, CURLOPT_PRIVATE, nil)
    curl_slist_free_all(headerList)
    curl_slist_free_all(connectTo)
    headerList = nil
    connectTo = nil
  }

  private func setMethodAndBody(_ request: HTTPRequest) {
    if let body = request.body {
      set(CURLOPT_POST, 1)
      ccurl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      body.withUnsafeBytes { bytes in
        var nothing: UInt8 = 0
        withUnsafeMutablePointer(to: &nothing) { empty in
          let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
          ccurl_set_pointer(
            pointer, CURLOPT_COPYPOSTFIELDS, start ?? UnsafeMutableRawPointer(empty))
        }
      }
      set(CURLOPT_CUSTOMREQUEST, request.method)
    } else if request.method == "HEAD" {
      set(CURLOPT_CUSTOMREQUEST, nil)
      set(CURLOPT_NOBODY, 1)
    } else {
      // Also undoes the POST or HEAD of an earlier request.
      set(CURLOPT_HTTPGET, 1)
      set(CURLOPT_CUSTOMREQUEST, request.method == "GET" ? nil : request.method)
    }
  }

  private func setHeaders(_ request: HTTPRequest, host: String?, mayCompress: Bool) {
    var hasContentType = false
    var hasHost = false
    var choosesEncoding = false
    for (name, value) in request.headers {
      switch name.lowercased() {
      case "content-type": hasContentType = true
      case "host": hasHost = true
      case "accept-encoding": choosesEncoding = true
      default: break
      }
      // libcurl's way to write a header without a value.
      append(header: value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    if request.body != nil {
      if !hasContentType { append(header: "Content-Type:") }
      // Waiting for "100 Continue" costs a round trip, or a second where a server ignores it.
      append(header: "Expect:")
    }
    if let host, !hasHost { append(header: "Host: \(host)") }
    ccurl_set_list(pointer, CURLOPT_HTTPHEADER, headerList)
    set(CURLOPT_ACCEPT_ENCODING, mayCompress && !choosesEncoding ? "gzip" : nil)
  }

  private func append(header: String) {
    if let list = curl_slist_append(headerList, header) { headerList = list }
  }

  private func set(_ option: CURLoption, _ value: Int) { ccurl_set_long(pointer, option, value) }

  @discardableResult
  private func set(_ option: CURLoption, _ value: String?) -> CURLcode {
    ccurl_set_string(pointer, option, value)
  }
}

extension Duration {
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue)
      + Int(attoseconds / 1_000_000_000_000_000)
  }
}
