import CurlHTTP
import Testing

@Suite(.enabled(if: TLSFixture.isAvailable, "needs /usr/bin/openssl"))
struct TLSTests {
  private func client(_ tls: TLSConfiguration) throws -> CurlHTTPClient {
    try CurlHTTPClient(configuration: HTTPClientConfiguration(tls: tls, proxy: .none))
  }

  private func request(_ server: TLSServer, host: String = "127.0.0.1", isLongLived: Bool = false)
    -> HTTPRequest
  {
    HTTPRequest(
      url: "https://\(host):\(server.port)/", timeout: .seconds(20), isLongLived: isLongLived)
  }

  @Test(arguments: [true, false])
  func trustedServer(isLongLived: Bool) async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(certificates.server)
    let request = request(server, isLongLived: isLongLived)
    let byBytes = try await client(TLSConfiguration(caPEM: certificates.ca)).send(request)
    #expect(byBytes.status == 200)
    let byFile = try await client(TLSConfiguration(caFile: certificates.caPath)).send(request)
    #expect(byFile.status == 200)
    #expect(text(byFile.body).contains("TLSv1.3"))
  }

  @Test func unknownIssuer() async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(certificates.server)
    for tls in [TLSConfiguration(), TLSConfiguration(caPEM: certificates.otherCA)] {
      let error = await httpError { try await client(tls).send(request(server)) }
      #expect(error?.code == .tlsFailure)
      #expect(error?.message.contains("certificate") == true)
    }
    // Only when told so in so many words.
    let careless = try client(TLSConfiguration(insecureSkipVerify: true))
    #expect(try await careless.send(request(server)).status == 200)
  }

  @Test func expiredCertificate() async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(certificates.expired)
    let error = await httpError {
      try await client(TLSConfiguration(caPEM: certificates.ca)).send(request(server))
    }
    #expect(error?.code == .tlsFailure)
    #expect(error?.message.contains("expired") == true, "\(error?.message ?? "")")
  }

  @Test func wrongNameAndServerNameOverride() async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(
      certificates.server,
      [
        "-servername", "kubernetes.default.svc", "-cert2", certificates.cluster.certificatePath,
        "-key2", certificates.cluster.keyPath,
      ])
    let plain = TLSConfiguration(caPEM: certificates.ca)
    let elsewhere = try TLSServer(certificates.cluster)
    let error = await httpError { try await client(plain).send(request(elsewhere)) }
    #expect(error?.code == .tlsFailure)
    // The name is both sent (only then does the server show this certificate) and verified.
    var named = plain
    named.serverName = "kubernetes.default.svc"
    #expect(try await client(named).send(request(server)).status == 200)
    named.serverName = "other.default.svc"
    let refused = await httpError { try await client(named).send(request(server)) }
    #expect(refused?.code == .tlsFailure)
  }

  @Test func clientCertificate() async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(
      certificates.server, ["-Verify", "1", "-verify_return_error", "-CAfile", certificates.caPath])
    func attempt(_ identity: TLSFixture.Identity?) async throws -> HTTPResponse {
      try await client(
        TLSConfiguration(
          caPEM: certificates.ca, clientCertificatePEM: identity?.certificate,
          clientKeyPEM: identity?.key)
      ).send(request(server))
    }
    #expect(try await attempt(certificates.client).status == 200)
    for identity in [nil, certificates.foreignClient] {
      let error = await httpError { try await attempt(identity) }
      #expect(error?.code == .tlsFailure, "\(error?.description ?? "")")
    }
  }

  @Test func rotationUsesTheNewCertificateAtOnce() async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(
      certificates.server, ["-Verify", "1", "-verify_return_error", "-CAfile", certificates.caPath])
    func tls(_ identity: TLSFixture.Identity) -> TLSConfiguration {
      TLSConfiguration(
        caPEM: certificates.ca, clientCertificatePEM: identity.certificate,
        clientKeyPEM: identity.key)
    }
    let client = try client(tls(certificates.client))
    #expect(try await client.send(request(server)).status == 200)
    try client.replaceTLS(tls(certificates.foreignClient))
    #expect(await httpError { try await client.send(request(server)) }?.code == .tlsFailure)
    try client.replaceTLS(tls(certificates.client))
    #expect(try await client.send(request(server)).status == 200)
    // A configuration that cannot be read changes nothing.
    #expect(throws: HTTPError.self) {
      try client.replaceTLS(TLSConfiguration(caPEM: [UInt8]("junk".utf8)))
    }
    #expect(try await client.send(request(server)).status == 200)
  }

  /// As files are between the writes of two, or in the middle of one.
  @Test func whatDoesNotBelongTogetherChangesNothing() async throws {
    let certificates = try TLSFixture.certificates.get()
    let server = try TLSServer(
      certificates.server, ["-Verify", "1", "-verify_return_error", "-CAfile", certificates.caPath])
    let good = TLSConfiguration(
      caPEM: certificates.ca, clientCertificatePEM: certificates.client.certificate,
      clientKeyPEM: certificates.client.key)
    let client = try client(good)
    let cut = { (bytes: [UInt8]) in Array(bytes.prefix(bytes.count / 2)) }
    let changes: [(inout TLSConfiguration) -> Void] = [
      { $0.clientKeyPEM = certificates.server.key },
      { $0.clientCertificatePEM = certificates.server.certificate },
      { $0.clientCertificatePEM = cut(certificates.client.certificate) },
      { $0.clientKeyPEM = cut(certificates.client.key) },
      { $0.caPEM = cut(certificates.ca) },
    ]
    for change in changes {
      var changed = good
      change(&changed)
      let error = #expect(throws: HTTPError.self) { try client.replaceTLS(changed) }
      #expect(error?.code == .invalidRequest)
      #expect(try await client.send(request(server)).status == 200)
    }
    try client.replaceTLS(good)
    try client.replaceTLS(TLSConfiguration(caPEM: certificates.ca))
    #expect(await httpError { try await client.send(request(server)) }?.code == .tlsFailure)
  }

  @Test func handshakeWithSomethingElse() async throws {
    let plain = try HostileServer { _, peer in
      peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
      peer.waitForClient()
    }
    let silent = try HostileServer { _, peer in peer.waitForClient() }
    let closing = try HostileServer { _, _ in }
    let client = try client(TLSConfiguration())
    func code(_ port: Int, within limit: Duration = .seconds(20)) async -> HTTPError.Code? {
      await httpError {
        try await client.send(
          HTTPRequest(url: "https://127.0.0.1:\(port)/", connectTimeout: limit))
      }?.code
    }
    #expect(await code(plain.port) == .tlsFailure)
    #expect(await code(silent.port, within: .milliseconds(200)) == .cannotConnect)
    #expect(await code(closing.port) == .reset)
  }
}

@Suite struct TLSConfigurationTests {
  @Test func unreadableConfigurationsAreRefused() throws {
    let pem = [UInt8]("-----BEGIN CERTIFICATE-----\n".utf8)
    let cases: [(TLSConfiguration, String)] = [
      (TLSConfiguration(caFile: "/nonexistent/ca.crt"), "/nonexistent/ca.crt: No such file"),
      (TLSConfiguration(caFile: "/"), "/: Is a directory"),
      (TLSConfiguration(caPEM: [1, 2, 3]), "the CA certificate contains no PEM"),
      (TLSConfiguration(clientCertificatePEM: pem), "client key is missing"),
      (TLSConfiguration(clientKeyPEM: pem), "client certificate is missing"),
      (TLSConfiguration(serverName: "a/b"), "not a host name"),
    ]
    for (tls, message) in cases {
      let error = #expect(throws: HTTPError.self) {
        try CurlHTTPClient(configuration: HTTPClientConfiguration(tls: tls))
      }
      #expect(error?.code == .invalidRequest)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test(arguments: [true, false])
  func nonsenseInsidePEM(isCA: Bool) async throws {
    let junk = [UInt8]("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
    let tls =
      isCA
      ? TLSConfiguration(caPEM: junk)
      : TLSConfiguration(clientCertificatePEM: junk, clientKeyPEM: junk)
    let server = try HostileServer { _, peer in peer.waitForClient() }
    let client = try CurlHTTPClient(
      configuration: HTTPClientConfiguration(tls: tls, proxy: .none))
    let error = await httpError {
      try await client.send(
        HTTPRequest(url: "https://127.0.0.1:\(server.port)/", timeout: .seconds(5)))
    }
    #expect(error?.code == .tlsFailure)
  }
}
