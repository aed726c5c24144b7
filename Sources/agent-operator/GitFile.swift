import Glibc

/// Files as a git revision has them, by running git.
enum GitFile {
  /// - Returns: nil when the revision has no such file.
  /// - Throws: `CommandFailure` when there is no git, no repository or no such revision.
  static func read(_ path: String, at revision: String) throws -> String? {
    let (folder, name) = split(path)
    return try read(name, in: folder, at: revision)
  }

  /// - Parameters:
  ///   - name: as `list` has it.
  ///   - folder: one that is there now; folders inside it need not be.
  static func read(
    _ name: String, in folder: String, at revision: String
  ) throws -> String? {
    try requireRevision(revision, in: folder)
    // Unlike `git show`, it answers a symbolic link with the file that the link leads to in the
    // revision.
    let found = try run(
      ["-C", folder, "cat-file", "--batch", "--follow-symlinks"],
      input: "\(revision):./\(name)\n")
    let end = found.output.firstIndex(of: UInt8(ascii: "\n")) ?? found.output.endIndex
    let header = String(decoding: found.output[..<end], as: UTF8.self).split(separator: " ")
    if header.first == "symlink" {
      throw CommandFailure(
        "error: \(name) in \(folder) at '\(revision)' is a link that leads out of the repository",
        exitCode: 2)
    }
    guard found.status == 0, header.count == 3, header[1] == "blob", let count = Int(header[2])
    else { return nil }
    return String(decoding: found.output[end...].dropFirst().prefix(count), as: UTF8.self)
  }

  /// The files that a revision has in a folder, and in the folders inside it, by their paths from
  /// there.
  ///
  /// - Throws: `CommandFailure` when there is no git, no repository or no such revision.
  static func list(_ folder: String, at revision: String) throws -> [String] {
    try requireRevision(revision, in: folder)
    let listed = try run(["-C", folder, "ls-tree", "-r", "-z", "--name-only", revision])
    guard listed.status == 0 else {
      throw CommandFailure("error: git cannot list \(folder) at '\(revision)'", exitCode: 2)
    }
    return listed.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the folder of a path is in a repository that has the revision.
  static func isKnown(_ revision: String, at path: String) throws -> Bool {
    try isKnown(revision, in: split(path).folder)
  }

  private static func isKnown(_ revision: String, in folder: String) throws -> Bool {
    try run(["-C", folder, "rev-parse", "--verify", "--quiet", "\(revision)^{commit}"]).status == 0
  }

  private static func requireRevision(_ revision: String, in folder: String) throws {
    guard try isKnown(revision, in: folder) else {
      throw CommandFailure(
        "error: git knows no revision '\(revision)' in \(folder)", exitCode: 2)
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }

  /// - Parameter input: at most a few kilobytes, which a pipe holds.
  private static func run(
    _ arguments: [String], input: String = ""
  ) throws -> (status: Int32, output: [UInt8]) {
    let ends = try pipeEnds()
    let source = try pipeEnds()
    _ = Array(input.utf8).withUnsafeBytes { Glibc.write(source[1], $0.baseAddress, $0.count) }
    close(source[1])
    defer { close(source[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, source[0], STDIN_FILENO)
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
    return (exitCode, bytes)
  }

  private static func pipeEnds() throws -> [Int32] {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failure() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  private static func failure() -> CommandFailure {
    CommandFailure("error: cannot run git: \(String(cString: strerror(errno)))", exitCode: 2)
  }
}
