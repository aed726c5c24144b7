/// One check, with everything that a person wants to know of it.
public struct LintRule: Sendable, Identifiable {
  /// Stable: for `--rule`, `--ignore` and reports.
  public let id: String
  /// The numbers of the faults in the requirement documents' analysis that it stands for, such as
  /// `I1`; empty for rules of our own.
  public let faults: [String]
  public let severity: Severity
  public let title: String
  /// Why it is a fault.
  public let explanation: String
  public let fix: String
  /// Where the rule comes from.
  public let source: String?
  /// Whether it looks for things in other files, so that it can be wrong on a part of a namespace.
  public let needsEverything: Bool
  let check: @Sendable (ManifestSet, inout RuleFindings) -> Void

  init(
    _ id: String, _ faults: [String] = [], _ severity: Severity, _ title: String, why: String,
    fix: String, source: String? = nil, needsEverything: Bool = false,
    check: @escaping @Sendable (ManifestSet, inout RuleFindings) -> Void
  ) {
    self.id = id
    self.faults = faults
    self.severity = severity
    self.title = title
    self.explanation = why
    self.fix = fix
    self.source = source
    self.needsEverything = needsEverything
    self.check = check
  }
}

/// All rules, family by family.
public enum LintRules {
  public static let all: [LintRule] =
    IstioDestinationRules.all + IstioRouteRules.all + IstioSecurityRules.all + NamespaceRules.all
    + ReferenceRules.all + SecretRules.all + WorkloadRules.all + ProbeRules.all + ScalingRules.all
    + HardeningRules.all + ConfigRules.all + AlertRules.all + AgentRules.all
    + AgentTrafficRules.all + IgnoreRules.all

  /// By id, or by the number of a fault, in whatever case; several rules may share a number.
  public static func named(_ name: String) -> [LintRule] {
    let name = name.lowercased()
    return all.filter { $0.id == name || $0.faults.contains { $0.lowercased() == name } }
  }
}
