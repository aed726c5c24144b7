import Glibc

/// A kubeconfig in a file of its own, for the time that an embedded cluster runs.
struct TemporaryKubeconfig {
  let path: String

  /// - Throws: `CommandFailure` when the file cannot be written.
  init(_ text: String, name: String) throws {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/agent-operator-\(name)-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try Self.write(text, to: path, descriptor)
  }

  /// Writes to a file that the user has named; it stays.
  static func write(_ text: String, to path: String) throws {
    try write(text, to: path, open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
  }

  private static func write(_ text: String, to path: String, _ descriptor: Int32) throws {
    guard descriptor >= 0 else {
      throw CommandFailure("error: cannot write \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    // Why: a file that is there keeps its mode when it is opened. Others than files have none to set.
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    guard !isFile || fchmod(descriptor, 0o600) == 0,
      Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    else {
      throw CommandFailure("error: cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }

  func remove() { unlink(path) }
}
