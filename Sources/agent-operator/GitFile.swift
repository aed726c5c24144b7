import Glibc

/// Files as a git revision has them, by running git.
enum GitFile {
  /// - Returns: nil when the revision has no such file.
  /// - Throws: `CommandFailure` when there is no git, no repository or no such revision.
  static func read(_ path: String, at revision: String) throws -> String? {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let directory = folder.isEmpty ? "/" : folder
    let known = try run([
      "-C", directory, "rev-parse", "--verify", "--quiet", "\(revision)^{commit}",
    ])
    guard known.status == 0 else {
      throw CommandFailure(
        "error: git knows no revision '\(revision)' in \(directory)", exitCode: 2)
    }
    let shown = try run(["-C", directory, "show", "\(revision):./\(name)"])
    return shown.status == 0 ? shown.output : nil
  }

  private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failure() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = (["git"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, "git", &actions, nil, &words, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard code == 0 else {
      errno = code
      throw failure()
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(ends[0], &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let exitCode = status & 0x7f == 0 ? (status >> 8) & 0xff : 1
    return (exitCode, String(decoding: bytes, as: UTF8.self))
  }

  private static func failure() -> CommandFailure {
    CommandFailure("error: cannot run git: \(String(cString: strerror(errno)))", exitCode: 2)
  }
}
