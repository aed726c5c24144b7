import CCurl
import Glibc

extension PreparedTLS {
  /// Throws when no handshake could even begin: something is damaged, or the key is that of another
  /// certificate, as between the writes of two files.
  ///
  /// libcurl looks at all this only once it has a connection. So it gets one to a peer that hangs up
  /// before it has said a word: nothing leaves the process, and it takes a few milliseconds.
  func tryOut() throws(HTTPError) {
    guard let peer = SilentPeer(), let handle = curl_easy_init() else { return }
    defer { curl_easy_cleanup(handle) }
    configure(handle)
    ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 5000)
    ccurl_set_string(handle, CURLOPT_PROXY, "")
    ccurl_set_string(handle, CURLOPT_ABSTRACT_UNIX_SOCKET, peer.name)
    ccurl_set_string(handle, CURLOPT_URL, "https://localhost/")
    switch Self.result(of: handle, with: peer) {
    case CURLE_SSL_CERTPROBLEM:
      throw HTTPError(
        .invalidRequest, message: "the client certificate cannot be used, or not with this key")
    case CURLE_SSL_CACERT_BADFILE:
      throw HTTPError(.invalidRequest, message: "the CA certificate cannot be used")
    default: break
    }
  }

  private static func result(
    of handle: UnsafeMutableRawPointer, with peer: SilentPeer
  ) -> CURLcode {
    guard let multi = curl_multi_init() else { return CURLE_OUT_OF_MEMORY }
    defer { curl_multi_cleanup(multi) }
    curl_multi_add_handle(multi, handle)
    defer { curl_multi_remove_handle(multi, handle) }
    var running: Int32 = 1
    while curl_multi_perform(multi, &running) == CURLM_OK, running > 0 {
      peer.hangUp()
      curl_multi_poll(multi, nil, 0, 100, nil)
    }
    var left: Int32 = 0
    return curl_multi_info_read(multi, &left).map { ccurl_message_result($0) } ?? CURLE_OK
  }
}

/// Accepts a connection on a Unix socket that has no file, and sends nothing but its end.
private final class SilentPeer {
  /// In the abstract namespace.
  private(set) var name = ""
  private let listener: Int32
  private var connection: Int32 = -1

  init?() {
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    listener = socket(AF_UNIX, Int32(type), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // With nothing but the family, the kernel chooses the name.
    let familySize = socklen_t(MemoryLayout<sa_family_t>.size)
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, familySize) == 0 && listen(listener, 1) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening, length > familySize + 1 else { return nil }
    // After the zero byte that tells such names from files.
    name = withUnsafeBytes(of: address.sun_path) {
      String(decoding: $0[1..<Int(length - familySize)], as: UTF8.self)
    }
  }

  deinit {
    for descriptor in [listener, connection] where descriptor >= 0 { close(descriptor) }
  }

  /// Once somebody has come. What they send is not read, but they may send it.
  func hangUp() {
    guard connection < 0 else { return }
    connection = accept(listener, nil, nil)
    guard connection >= 0 else { return }
    // The Glibc module has no accept4.
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    shutdown(connection, Int32(SHUT_WR))
  }
}
