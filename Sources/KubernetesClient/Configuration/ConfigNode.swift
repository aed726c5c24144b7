import JSON
import KubernetesAPI

/// A parsed configuration file.
struct ConfigDocument: Sendable {
  var file: String
  var root: JSONValue
  /// The line at which a field stands, counted from 1, if known.
  var line: @Sendable (FieldPath) -> Int?

  init(file: String, root: JSONValue, line: @escaping @Sendable (FieldPath) -> Int? = { _ in nil })
  {
    self.file = file
    self.root = root
    self.line = line
  }

  /// Relative paths in a kubeconfig are relative to it.
  var directory: String { FileReader.directory(of: file) }
}

/// A value in a configuration file that knows where it stands.
struct ConfigNode: Sendable {
  var value: JSONValue
  var path: FieldPath
  var document: ConfigDocument

  init(_ document: ConfigDocument) {
    value = document.root
    path = FieldPath()
    self.document = document
  }

  private init(_ value: JSONValue, _ path: FieldPath, _ document: ConfigDocument) {
    self.value = value
    self.path = path
    self.document = document
  }

  func error(_ problem: String, fix: String? = nil) -> ConfigurationError {
    ConfigurationError(
      file: document.file, line: document.line(path), field: path.description, problem: problem,
      fix: fix)
  }

  /// A member, or nil when it is absent or null.
  func member(_ key: String) throws(ConfigurationError) -> ConfigNode? {
    guard value.object != nil else { throw error("expected an object, got \(value.typeName)") }
    guard let member = value[key], !member.isNull else { return nil }
    return ConfigNode(member, path.appending(key), document)
  }

  /// For errors about a field that may be missing.
  func field(_ key: String) -> ConfigNode {
    ConfigNode(value[key] ?? .null, path.appending(key), document)
  }

  func elements(_ key: String) throws(ConfigurationError) -> [ConfigNode] {
    guard let list = try member(key) else { return [] }
    guard let values = list.value.array else {
      throw list.error("expected a list, got \(list.value.typeName)")
    }
    return values.enumerated().map {
      ConfigNode($0.element, list.path.appending($0.offset), document)
    }
  }

  /// The text of a member; nil when it is absent, null or empty.
  func text(_ key: String) throws(ConfigurationError) -> String? {
    guard let member = try member(key) else { return nil }
    guard let text = member.value.string else {
      // Why the value is not shown: it may be a credential.
      throw member.error(
        "expected a string, got \(member.value.typeName)",
        fix: member.value.array == nil && member.value.object == nil ? "put it in quotes" : nil)
    }
    return text.isEmpty ? nil : text
  }

  func requiredText(_ key: String) throws(ConfigurationError) -> String {
    guard let text = try text(key) else { throw field(key).error("is required") }
    return text
  }

  func bool(_ key: String) throws(ConfigurationError) -> Bool {
    guard let member = try member(key) else { return false }
    guard let value = member.value.bool else {
      throw member.error("expected true or false, got \(member.value.typeName)")
    }
    return value
  }

  func texts(_ key: String) throws(ConfigurationError) -> [String] {
    var texts: [String] = []
    for element in try elements(key) {
      guard let text = element.value.string else {
        throw element.error("expected a string, got \(element.value.typeName)")
      }
      texts.append(text)
    }
    return texts
  }

  /// The decoded bytes of a base64 member.
  func base64(_ key: String) throws(ConfigurationError) -> [UInt8]? {
    guard let text = try text(key) else { return nil }
    guard let bytes = Base64.decode(text) else {
      let fix =
        text.contains("-----BEGIN")
        ? "it holds plain PEM; encode it with base64 -w0 or name a file instead"
        : "encode the file's content with base64 -w0"
      throw field(key).error("is not valid base64", fix: fix)
    }
    return bytes
  }

  /// The path of the file that a member names, made absolute to the configuration file.
  func filePath(_ key: String) throws(ConfigurationError) -> String? {
    try text(key).map { FileReader.resolve($0, in: document.directory) }
  }
}
