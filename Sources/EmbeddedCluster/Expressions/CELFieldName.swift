/// How a field whose name is no CEL identifier is written in a rule.
///
/// Kubernetes `apiserver/pkg/cel/escaping.go`: `__dash__`, `__dot__`, `__slash__`,
/// `__underscores__` and `__<keyword>__`.
enum CELFieldName {
  private static let keywords: Set<String> = [
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
    "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
  ]
  private static let escapes: [(text: String, escape: String)] = [
    (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"), ("__", "__underscores__"),
  ]

  /// The name in the object; nil when the identifier is no valid escape of one.
  static func unescaped(_ identifier: String) -> String? {
    guard identifier.utf8.count >= 5, identifier.contains("__") else {
      return keywords.contains(identifier) ? nil : identifier
    }
    if identifier.hasPrefix("__"), identifier.hasSuffix("__"), identifier.utf8.count > 4 {
      let word = String(identifier.dropFirst(2).dropLast(2))
      if keywords.contains(word) { return word }
    }
    var name = ""
    var rest = identifier[...]
    while !rest.isEmpty {
      if rest.hasPrefix("__") {
        guard let found = escapes.first(where: { rest.hasPrefix($0.escape) }) else { return nil }
        name += found.text
        rest = rest.dropFirst(found.escape.count)
      } else {
        name.append(rest.removeFirst())
      }
    }
    return name
  }
}
