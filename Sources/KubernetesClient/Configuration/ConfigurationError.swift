/// Why no configuration could be made: what is wrong where, and what to do about it.
///
/// Never holds credentials.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  public var file: String?
  /// Counted from 1.
  public var line: Int?
  /// For example `users[2].user.client-key-data`.
  public var field: String?
  public var problem: String
  public var fix: String?

  public init(
    file: String? = nil, line: Int? = nil, field: String? = nil, problem: String, fix: String? = nil
  ) {
    self.file = file
    self.line = line
    self.field = field
    self.problem = problem
    self.fix = fix
  }

  /// `FILE:LINE: FIELD: problem; fix`
  public var description: String {
    var text = ""
    if let file { text += line.map { "\(file):\($0): " } ?? "\(file): " }
    if let field, !field.isEmpty { text += "\(field): " }
    text += problem
    if let fix { text += "; \(fix)" }
    return text
  }
}
