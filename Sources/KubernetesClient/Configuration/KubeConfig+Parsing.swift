import JSON
import KubernetesAPI
import YAML

extension KubeConfig {
  /// Reads one file: YAML, of which JSON is a part. An empty file is a configuration without
  /// entries, as for kubectl.
  ///
  /// - Throws: `ConfigurationError` with the line of the first fault.
  public init(parsing bytes: [UInt8], file: String) throws(ConfigurationError) {
    let result = YAML.parse(bytes, file: file, limits: YAMLLimits(maximumDepth: 50))
    if let first = result.errors.first {
      throw ConfigurationError(first, others: result.errors.count - 1)
    }
    guard let document = result.documents.first else {
      try self.init(ConfigDocument(file: file, root: .null))
      return
    }
    if result.documents.count > 1 {
      throw ConfigurationError(
        file: file, line: result.documents[1].line,
        problem: "holds more than one document, and only the first would be used",
        fix: "split it into several files and list them in KUBECONFIG")
    }
    try self.init(
      ConfigDocument(file: file, root: document.value) { path in
        document.nearestLocation(of: JSONPointer(tokens: path.components.map(\.token))).value.line
      })
  }
}

extension FieldPath.Component {
  fileprivate var token: String {
    switch self {
    case .key(let key): key
    case .index(let index): String(index)
    }
  }
}

extension ConfigurationError {
  init(_ error: YAMLError, others: Int) {
    // Why: such a message may quote the value.
    let isSecret =
      error.path.contains(".args[")
      || ["token", "password", "-data", ".value", ".proxy-url"].contains(
        where: error.path.hasSuffix)
    var problem =
      isSecret ? "holds a value that YAML tools do not agree on; put it in quotes" : error.message
    if others > 0 { problem += " (and \(others) more errors)" }
    self.init(
      file: error.file, line: error.line, field: error.path, problem: problem,
      fix: isSecret ? nil : error.hint)
  }
}
