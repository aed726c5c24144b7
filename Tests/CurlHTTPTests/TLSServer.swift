import Foundation
import Glibc
import Synchronization

/// Certificates made for one test run, and `openssl s_server` processes that use them.
enum TLSFixture {
  static let isAvailable = FileManager.default.isExecutableFile(atPath: openssl)
  static let openssl = "/usr/bin/openssl"

  struct Identity: Sendable {
    var certificate: [UInt8]
    var key: [UInt8]
    var certificatePath: String
    var keyPath: String
  }

  struct Certificates: Sendable {
    var caPath: String
    var ca: [UInt8]
    var otherCA: [UInt8]
    /// For localhost and 127.0.0.1.
    var server: Identity
    /// For kubernetes.default.svc only.
    var cluster: Identity
    var expired: Identity
    var client: Identity
    var foreignClient: Identity
  }

  /// Made once, on first use.
  static let certificates = Result { try makeCertificates() }

  private static func makeCertificates() throws -> Certificates {
    let folder = NSTemporaryDirectory() + "curl-http-tests-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    atexit {
      try? FileManager.default.removeItem(
        atPath: NSTemporaryDirectory() + "curl-http-tests-\(getpid())")
    }
    func bytes(_ path: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    func authority(_ name: String) throws -> String {
      try run(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem", "-days", "2",
        "-subj", "/CN=\(name)")
      return "\(folder)/\(name)"
    }
    func identity(_ name: String, _ alternatives: String, by ca: String, days: Int = 2) throws
      -> Identity
    {
      let path = "\(folder)/\(name)"
      try run(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", path + ".key", "-out", path + ".csr", "-subj", "/CN=\(name)",
        "-addext", "subjectAltName=\(alternatives)")
      try run(
        "x509", "-req", "-in", path + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key",
        "-set_serial", "\(abs(name.hashValue % 1_000_000) + 2)", "-days", "\(days)",
        "-copy_extensions", "copy", "-out", path + ".pem")
      return Identity(
        certificate: try bytes(path + ".pem"), key: try bytes(path + ".key"),
        certificatePath: path + ".pem", keyPath: path + ".key")
    }
    let ca = try authority("ca")
    let other = try authority("other")
    return Certificates(
      caPath: ca + ".pem", ca: try bytes(ca + ".pem"), otherCA: try bytes(other + ".pem"),
      server: try identity("server", "DNS:localhost,IP:127.0.0.1", by: ca),
      cluster: try identity("cluster", "DNS:kubernetes.default.svc", by: ca),
      expired: try identity("expired", "DNS:localhost,IP:127.0.0.1", by: ca, days: -1),
      client: try identity("client", "DNS:client", by: ca),
      foreignClient: try identity("foreign", "DNS:client", by: other))
  }

  private static func run(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: openssl)
    process.arguments = arguments
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CocoaError(
        .executableLoad,
        userInfo: [NSLocalizedDescriptionKey: String(decoding: text, as: UTF8.self)])
    }
  }
}

/// An `openssl s_server` that answers every request with a page about the TLS session.
final class TLSServer: @unchecked Sendable {
  let port: Int
  private let process = Process()
  private let output = Pipe()

  init(_ identity: TLSFixture.Identity, _ arguments: [String] = []) throws {
    process.executableURL = URL(fileURLWithPath: TLSFixture.openssl)
    process.arguments =
      [
        "s_server", "-accept", "127.0.0.1:0", "-cert", identity.certificatePath, "-key",
        identity.keyPath, "-www",
      ] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = Pipe()
    try process.run()
    var text = ""
    let marker = "ACCEPT 127.0.0.1:"
    while true {
      let data = output.fileHandleForReading.availableData
      text += String(decoding: data, as: UTF8.self)
      if let range = text.range(of: marker),
        let end = text[range.upperBound...].firstIndex(of: "\n"),
        let port = Int(text[range.upperBound..<end])
      {
        self.port = port
        return
      }
      if data.isEmpty { throw CocoaError(.executableLoad) }
    }
  }

  deinit { process.terminate() }
}
