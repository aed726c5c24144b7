import CCurl

/// Checks the address of a proxy before it is used. Problems never quote it: it may hold a password,
/// and libcurl quotes what it cannot parse as a whole.
enum ProxyURL {
  static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

  /// The URL as libcurl is to have it.
  ///
  /// - Parameter source: where it comes from, for people.
  static func check(_ text: String, from source: String) throws(HTTPError) -> String {
    // As Go; libcurl would guess from the host's name.
    let url = text.contains("://") ? text : "http://" + text
    if let problem = problem(url) {
      throw HTTPError(.invalidRequest, message: "\(source) \(problem)")
    }
    // Go lets SOCKS 5 proxies resolve the names of hosts. libcurl does so only for a scheme of its
    // own, and looks for names that only the proxy knows in the local DNS otherwise.
    return RequestURL.has("socks5:", url) ? "socks5h:" + url.dropFirst("socks5:".count) : url
  }

  private static func problem(_ url: String) -> String? {
    let scheme = url.prefix { $0 != ":" }.lowercased()
    guard schemes.contains(scheme) else {
      return "has another scheme than \(schemes.joined(separator: ", "))"
    }
    guard let authority = RequestURL.authority(of: url[...]) else { return "names no host" }
    if url[authority.endIndex...].contains("@") {
      return "has a user name or password with /, ? or # in it, which must be percent-encoded"
    }
    guard let parsed = curl_url() else { return "could not be checked: out of memory" }
    defer { curl_url_cleanup(parsed) }
    // What libcurl does with it once there is a request.
    let result = curl_url_set(parsed, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME))
    guard result == CURLUE_OK else {
      return "is no URL of a proxy: \(String(cString: curl_url_strerror(result)))"
    }
    return nil
  }
}
