import Foundation
import Glibc

/// A directory for one test, gone with it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/kubernetes-client-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure() }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  struct Failure: Error {}

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    let temporary = file + ".new"
    guard let handle = fopen(temporary, "w") else { throw Failure() }
    let bytes = Array(text.utf8)
    fwrite(bytes, 1, bytes.count, handle)
    fclose(handle)
    guard rename(temporary, file) == 0 else { throw Failure() }
    return file
  }

  func makeDirectory(_ name: String) throws {
    guard mkdir("\(path)/\(name)", 0o755) == 0 else { throw Failure() }
  }

  func remove(_ name: String) { unlink("\(path)/\(name)") }
}

/// Well-formed PEM and DER, but no TLS library takes them.
let certificatePEM = """
  -----BEGIN CERTIFICATE-----
  MBQEEm5vdCBhIGNlcnRpZmljYXRlIQ==
  -----END CERTIFICATE-----

  """
let keyPEM = """
  -----BEGIN PRIVATE KEY-----
  MBIEEHNlY3JldC1rZXktYnl0ZXM=
  -----END PRIVATE KEY-----

  """
