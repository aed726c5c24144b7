import Glibc

/// Folders where the kubelet has mounted Secrets or ConfigMaps. It puts a new content into a folder
/// of its own and then swaps the link `..data` to it, so all files change at once, and where the link
/// leads says which content is there
/// (https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/volume/util/atomic_writer.go).
struct MountedVolumes {
  /// Where `..data` leads, by folder; folders without the link are left out.
  typealias Versions = [String: String]

  let folders: [String]

  init(_ folders: [String]) { self.folders = folders }

  /// What is there now. No file is opened.
  var versions: Versions {
    var versions: Versions = [:]
    for folder in folders { versions[folder] = Self.link(folder + "/..data") }
    return versions
  }

  func check() throws(CommandFailure) {
    for folder in folders {
      var info = stat()
      guard stat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
        throw CommandFailure("error: \(folder) is no folder: name where the volume is mounted")
      }
    }
  }

  private static func link(_ path: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink(path, &target, target.count)
    guard length > 0 else { return nil }
    return String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
