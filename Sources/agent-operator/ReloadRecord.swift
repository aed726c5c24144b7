import Glibc
import JSON

/// What an agent has been told, in a file: a change that comes while the container restarts is told
/// when it is back.
struct ReloadRecord {
  let path: String

  init(_ path: String) { self.path = path }

  /// - Returns: nil when nothing has been recorded, or nothing that makes sense.
  func read() throws -> MountedVolumes.Versions? {
    if access(path, F_OK) != 0, errno == ENOENT { return nil }
    let text = try FileText.read(path)
    guard let members = try? JSONValue(parsing: text).object else { return nil }
    var versions: MountedVolumes.Versions = [:]
    for (folder, version) in members { versions[folder] = version.string }
    return versions
  }

  /// The old content or the new one is there at any time.
  func write(_ versions: MountedVolumes.Versions) throws(CommandFailure) {
    var json: JSONObject = [:]
    for (folder, version) in versions { json[folder] = .string(version) }
    let bytes = JSONValue.object(json).serializedBytes(.canonical)
    let draft = path + ".new"
    guard let file = fopen(draft, "w") else { throw failure() }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count, rename(draft, path) == 0 else {
      throw failure()
    }
  }

  private func failure() -> CommandFailure {
    CommandFailure("error: cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
