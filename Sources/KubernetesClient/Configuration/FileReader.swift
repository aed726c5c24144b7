import Glibc

/// Reads small files whole.
enum FileReader {
  /// Larger files are refused: no kubeconfig, token or certificate comes near.
  static let maximumBytes = 4 << 20

  struct Failure: Error {
    var isMissing: Bool
    /// For people, without the file's name.
    var problem: String
  }

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw failure(errno) }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(isMissing: false, problem: "is a directory, not a file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(errno)
      }
      bytes += chunk[..<count]
      guard bytes.count <= maximumBytes else {
        throw Failure(isMissing: false, problem: "is larger than \(maximumBytes >> 20) MiB")
      }
    }
  }

  private static func failure(_ code: Int32) -> Failure {
    switch code {
    case ENOENT, ENOTDIR: Failure(isMissing: true, problem: "does not exist")
    case EACCES, EPERM:
      Failure(isMissing: false, problem: "cannot be read: permission denied")
    default:
      Failure(isMissing: false, problem: "cannot be read: \(String(cString: strerror(code)))")
    }
  }

  /// The directory part, `.` when there is none.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path as it is meant by a file in `directory`.
  static func resolve(_ path: String, in directory: String) -> String {
    path.hasPrefix("/")
      ? path : directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
  }
}
