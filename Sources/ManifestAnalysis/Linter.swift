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
  /// - Returns: also what is ignored on purpose, marked so.
  public static func lint(
    _ set: ManifestSet, _ configuration: LintConfiguration = LintConfiguration()
  ) -> [Finding] {
    var set = set
    set.buckets = configuration.buckets
    let wanted = configuration.rules
    var rules = wanted
    if !set.ignores.isEmpty, wanted.contains(where: { $0.id == IgnoreRules.unused.id }) {
      // Whether something is there to be ignored only its own rule can tell.
      var everything = configuration
      everything.only = []
      rules = everything.rules
    }
    let ids = Set(wanted.map(\.id))
    var all = rules.flatMap { rule in
      var findings = RuleFindings(rule)
      rule.check(set, &findings)
      return findings.findings
    }
    IgnoreRules.apply(set.ignores, to: &all, rules)
    return all.filter { ids.contains($0.rule) }.sorted(by: Finding.precedes)
  }
}
