public import PromQL

/// Which rules run, and what they are told.
public struct LintConfiguration: Sendable {
  /// Only these, by id or fault number; all when empty.
  public var only: Set<String>
  public var ignored: Set<String>
  /// The input is not all of its namespaces: rules that would miss the rest do not run.
  public var isPartial: Bool
  public var buckets: HistogramBuckets

  public init(
    only: Set<String> = [], ignored: Set<String> = [], isPartial: Bool = false,
    buckets: HistogramBuckets = HistogramBuckets()
  ) {
    self.only = only
    self.ignored = ignored
    self.isPartial = isPartial
    self.buckets = buckets
  }

  public var rules: [LintRule] {
    let wanted = Set(only.flatMap { LintRules.named($0).map(\.id) })
    let unwanted = Set(ignored.flatMap { LintRules.named($0).map(\.id) })
    return LintRules.all.filter { rule in
      (only.isEmpty || wanted.contains(rule.id)) && !unwanted.contains(rule.id)
        && !(isPartial && rule.needsEverything)
    }
  }
}

/// Runs the rules: objects in, findings out, nothing else.
public enum Linter {
  public static func lint(
    _ set: ManifestSet, _ configuration: LintConfiguration = LintConfiguration()
  ) -> [Finding] {
    var set = set
    set.buckets = configuration.buckets
    return configuration.rules.flatMap { rule in
      var findings = RuleFindings(rule)
      rule.check(set, &findings)
      return findings.findings
    }.sorted(by: Finding.precedes)
  }
}
