import CCurl
import Glibc

/// Translates libcurl's results: https://curl.se/libcurl/c/libcurl-errors.html
extension HTTPError {
  /// - Parameters:
  ///   - systemError: `CURLINFO_OS_ERRNO`, 0 when none.
  ///   - detail: libcurl's error buffer; empty when it said nothing.
  init(_ result: CURLcode, systemError: Int32, detail: String, request: HTTPRequest) {
    let generic = String(cString: curl_easy_strerror(result))
    let text = detail.isEmpty ? generic : Self.withoutProxyURL(detail)
    self.init(
      Self.code(for: result, systemError: systemError, detail: detail), request,
      text.contains(generic) ? text : "\(generic): \(text)")
  }

  /// libcurl quotes a proxy's URL, with its password, where it cannot use it.
  static func withoutProxyURL(_ detail: String) -> String {
    detail.contains("Unsupported proxy") ? "the proxy's URL cannot be used" : detail
  }

  static func code(for result: CURLcode, systemError: Int32, detail: String) -> Code {
    switch result {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      .cannotResolve
    case CURLE_COULDNT_CONNECT:
      systemError == ECONNREFUSED ? .connectionRefused : .cannotConnect
    // The timeout of the whole call is ours, so libcurl's own can only be that of connecting.
    case CURLE_OPERATION_TIMEDOUT, CURLE_PROXY, CURLE_INTERFACE_FAILED:
      .cannotConnect
    // A server that is restarting cuts handshakes: the next attempt may well succeed.
    case CURLE_SSL_CONNECT_ERROR
    where detail.contains("reset by peer") || detail.contains("SSL_ERROR_SYSCALL")
      || detail.contains("unexpected eof"):
      .reset
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
      .tlsFailure
    // TLS 1.3 servers reject a client certificate after the handshake, so it shows as a read error.
    case CURLE_RECV_ERROR where detail.contains("alert"):
      .tlsFailure
    // The proxy answered, but does not lead to the server.
    case CURLE_RECV_ERROR where detail.contains("CONNECT"):
      .cannotConnect
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
      CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND, CURLE_AGAIN, CURLE_SSL_SHUTDOWN_FAILED:
      .reset
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      .protocolViolation
    case CURLE_FILESIZE_EXCEEDED:
      .bodyTooLarge
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT:
      .invalidRequest
    default:
      .other
    }
  }
}
