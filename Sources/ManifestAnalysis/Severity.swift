/// How bad a finding is, from mild to grave.
public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
  /// Works today; the field or version is on its way out.
  case deprecated
  /// Accepted, but does something else than its author thinks.
  case warning
  /// Exposes something.
  case security
  /// Rejected, or never works.
  case error

  public static func < (a: Severity, b: Severity) -> Bool { a.order < b.order }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// SARIF 2.1.0, section 3.27.10.
  public var sarifLevel: String {
    switch self {
    case .deprecated: "note"
    case .warning: "warning"
    case .security, .error: "error"
    }
  }
}
