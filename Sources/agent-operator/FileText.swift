import Glibc

/// Text files that commands read and change.
enum FileText {
  static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw failure("read", path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    if ferror(file) != 0 { throw failure("read", path) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// All or nothing: a new file takes the old one's place, with its permissions. Behind a symbolic
  /// link the file that it leads to is replaced.
  static func replace(_ path: String, with text: String) throws {
    guard let resolved = realpath(path, nil) else { throw failure("write", path) }
    let target = String(cString: resolved)
    free(resolved)
    var status = stat()
    guard stat(target, &status) == 0 else { throw failure("write", path) }
    var template = Array("\(target).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure("write", path) }
    let temporary = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let bytes = Array(text.utf8)
    var isWritten = fchmod(descriptor, status.st_mode & 0o7777) == 0
    var offset = 0
    while isWritten, offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      isWritten = count > 0
      offset += max(0, count)
    }
    let isDone = isWritten && fsync(descriptor) == 0 && rename(temporary, target) == 0
    let code = errno
    close(descriptor)
    guard isDone else {
      unlink(temporary)
      errno = code
      throw failure("write", path)
    }
  }

  private static func failure(_ verb: String, _ path: String) -> CommandFailure {
    CommandFailure(
      "error: cannot \(verb) \(path): \(String(cString: strerror(errno)))", exitCode: 2)
  }
}
