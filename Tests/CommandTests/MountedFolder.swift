import Foundation

/// A folder with a Secret in it, as the kubelet mounts and changes it.
final class MountedFolder: Sendable {
  let url: URL

  var path: String { url.path }

  init(_ value: String) throws {
    url = FileManager.default.temporaryDirectory.appending(path: "mounted-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: path + "/token", withDestinationPath: "..data/token")
    try swap(to: value)
  }

  /// The new content in a folder of its own, then the link, by a rename: never half of it.
  func swap(to value: String) throws {
    let name = "..2026_11_21_\(UUID().uuidString)"
    let content = url.appending(path: name)
    try FileManager.default.createDirectory(at: content, withIntermediateDirectories: false)
    try Data(value.utf8).write(to: content.appending(path: "token"))
    try FileManager.default.createSymbolicLink(
      atPath: path + "/..data_tmp", withDestinationPath: name)
    guard rename(path + "/..data_tmp", path + "/..data") == 0 else { throw POSIXError(.EIO) }
  }

  /// What the agent would read now.
  var value: String? {
    (try? Data(contentsOf: url.appending(path: "token"))).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
