import Glibc

/// A TLS configuration that has been read and checked as far as that is possible offline.
///
/// Everything is held as bytes: libcurl compares them when it looks for a connection to reuse, so
/// that a rotated certificate never travels over a connection made with the old one.
struct PreparedTLS: Sendable {
  let ca: [UInt8]?
  let certificate: [UInt8]?
  let key: [UInt8]?
  let serverName: String?
  let insecureSkipVerify: Bool

  init(_ configuration: TLSConfiguration) throws(HTTPError) {
    if let ca = configuration.caPEM {
      try Self.requirePEM(ca, "the CA certificate")
      self.ca = ca
    } else if let path = configuration.caFile {
      let bytes = try Self.read(path)
      try Self.requirePEM(bytes, "the CA file \(path)")
      ca = bytes
    } else {
      ca = nil
    }
    certificate = configuration.clientCertificatePEM
    key = configuration.clientKeyPEM
    if let certificate { try Self.requirePEM(certificate, "the client certificate") }
    if let key { try Self.requirePEM(key, "the client key") }
    guard (certificate == nil) == (key == nil) else {
      let missing = key == nil ? "key" : "certificate"
      throw HTTPError(.invalidRequest, message: "the TLS client \(missing) is missing")
    }
    serverName = configuration.serverName.flatMap { $0.isEmpty ? nil : $0 }
    if let serverName {
      guard serverName.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
      else {
        throw HTTPError(.invalidRequest, message: "the TLS server name is not a host name")
      }
    }
    insecureSkipVerify = configuration.insecureSkipVerify
  }

  /// libcurl would report a file without PEM only as a failed handshake.
  private static func requirePEM(_ bytes: [UInt8], _ what: String) throws(HTTPError) {
    guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
      throw HTTPError(.invalidRequest, message: "\(what) contains no PEM block (-----BEGIN ...)")
    }
  }

  private static func read(_ path: String) throws(HTTPError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw HTTPError(
        .invalidRequest,
        message: "cannot read the CA file \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return content }
      if count < 0 && errno == EINTR { continue }
      guard count > 0, content.count < 16 << 20 else {
        let reason = count < 0 ? String(cString: strerror(errno)) : "larger than 16 MiB"
        throw HTTPError(.invalidRequest, message: "cannot read the CA file \(path): \(reason)")
      }
      content += chunk[..<count]
    }
  }
}
