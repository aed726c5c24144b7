import Glibc

extension YAML {
  /// Reads the documents of files, folders and, for `-`, standard input, in the given order.
  ///
  /// A folder stands for its `*.yaml`, `*.yml` and `*.json` files sorted by name; files and folders
  /// in it whose names begin with a dot are left out, and folders in it that are symbolic links are
  /// not entered. What cannot be read becomes an error that names it; the rest is read all the same.
  public static func loadDocuments(
    paths: [String], recursive: Bool = false, limits: YAMLLimits = YAMLLimits(),
    keepingComments: Bool = false
  ) -> YAMLParseResult {
    var result = YAMLParseResult()
    for path in paths {
      if path == "-" {
        load(
          descriptor: STDIN_FILENO, name: "<stdin>", limits, keepingComments, into: &result)
      } else {
        load(path: path, recursive: recursive, limits, keepingComments, into: &result)
      }
    }
    return result
  }

  private static func load(
    path: String, recursive: Bool, _ limits: YAMLLimits, _ keepingComments: Bool,
    into result: inout YAMLParseResult
  ) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      result.errors.append(YAMLError(file: path, message: "cannot be opened: \(errnoText())"))
      return
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      load(descriptor: descriptor, name: path, limits, keepingComments, into: &result)
      return
    }
    var files: [String] = []
    let errorsBefore = result.errors.count
    collectFiles(in: path, recursive: recursive, &files, &result.errors)
    if files.isEmpty, result.errors.count == errorsBefore {
      result.errors.append(
        YAMLError(
          file: path, message: "the folder holds no .yaml, .yml or .json files",
          hint: recursive ? nil : "folders inside it are read only when asked for"))
    }
    for file in files {
      load(path: file, recursive: false, limits, keepingComments, into: &result)
    }
  }

  static func load(
    descriptor: Int32, name: String, _ limits: YAMLLimits, _ keepingComments: Bool = false,
    into result: inout YAMLParseResult
  ) {
    // One byte more than allowed shows that a file is too large, without reading all of it.
    let (bytes, problem) = read(descriptor, atMost: limits.maximumBytes + 1)
    if let problem {
      result.errors.append(YAMLError(file: name, message: "cannot be read: \(problem)"))
      return
    }
    let parsed = parse(bytes, file: name, limits: limits)
    result.documents += parsed.documents
    result.errors += parsed.errors
    if keepingComments { result.comments += comments(in: bytes, file: name) }
  }

  /// Files of the folder, then of the folders in it, each sorted by their names' bytes.
  private static func collectFiles(
    in folder: String, recursive: Bool, _ files: inout [String], _ errors: inout [YAMLError]
  ) {
    guard let directory = opendir(folder) else {
      errors.append(YAMLError(file: folder, message: "cannot be listed: \(errnoText())"))
      return
    }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    closedir(directory)
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    var folders: [String] = []
    for name in names {
      var status = stat()
      guard lstat(prefix + name, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        folders.append(prefix + name)
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json") {
        files.append(prefix + name)
      }
    }
    guard recursive else { return }
    for folder in folders { collectFiles(in: folder, recursive: true, &files, &errors) }
  }

  private static func read(
    _ descriptor: Int32, atMost limit: Int
  ) -> (bytes: [UInt8], problem: String?) {
    var bytes: [UInt8] = []
    var chunk = 64 << 10
    while bytes.count < limit {
      let wanted = min(chunk, limit - bytes.count)
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: wanted))
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + start }, wanted)
      }
      let code = errno
      bytes.removeLast(wanted - max(0, count))
      if count == 0 { break }
      if count < 0, code != EINTR { return ([], errnoText(code)) }
      chunk = min(chunk * 2, 4 << 20)
    }
    return (bytes, nil)
  }

  private static func errnoText(_ code: Int32 = errno) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
