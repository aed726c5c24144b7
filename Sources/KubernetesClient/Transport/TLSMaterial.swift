import CurlHTTP

/// The certificates in use, read from where the configuration says they are.
struct TLSMaterial: Sendable, Hashable {
  var ca: Secret?
  var certificate: IssuedCertificate?

  /// - Parameter issued: a certificate from an exec plugin; it wins.
  /// - Throws: `ConfigurationError` naming the file that cannot be read or holds something else.
  init(_ configuration: ClientConfiguration, issued: IssuedCertificate?) throws(ConfigurationError)
  {
    ca = try configuration.certificateAuthority.map { ca throws(ConfigurationError) in
      try Self.read(ca, expecting: .certificate)
    }
    if let issued {
      certificate = issued
    } else if let own = configuration.clientCertificate {
      certificate = IssuedCertificate(
        certificate: try Self.read(own.certificate, expecting: .certificate),
        key: try Self.read(own.key, expecting: .privateKey))
    }
  }

  func curlConfiguration(_ configuration: ClientConfiguration) -> TLSConfiguration {
    TLSConfiguration(
      caPEM: ca.map { Array($0.text.utf8) },
      clientCertificatePEM: certificate.map { Array($0.certificate.text.utf8) },
      clientKeyPEM: certificate.map { Array($0.key.text.utf8) },
      serverName: configuration.tlsServerName,
      insecureSkipVerify: configuration.insecureSkipTLSVerify)
  }

  private static func read(_ source: PEMSource, expecting content: PEM.Content)
    throws(ConfigurationError) -> Secret
  {
    switch source {
    case .inline(let pem): return pem
    case .file(let path):
      let bytes: [UInt8]
      do {
        bytes = try FileReader.read(path)
      } catch {
        throw ConfigurationError(file: path, problem: error.problem)
      }
      if let problem = PEM.problem(in: bytes, expecting: content) {
        throw ConfigurationError(file: path, problem: problem)
      }
      return Secret(String(decoding: bytes, as: UTF8.self))
    }
  }
}
