/// Decides for each request in turn what goes wrong with it. A value: the same rules, seed and
/// requests give the same faults.
public struct FaultPlan: Sendable {
  public struct Entry: Sendable, Hashable {
    public var rule: FaultRule
    /// Requests that matched, and those of them that were hit.
    public fileprivate(set) var matched = 0
    public fileprivate(set) var hits = 0
  }

  public private(set) var entries: [Entry]
  private var random: UInt64

  public init(_ rules: [FaultRule] = [], seed: UInt64 = 1) {
    entries = rules.map { Entry(rule: $0) }
    random = seed
  }

  public var isEmpty: Bool { entries.isEmpty }

  mutating func effects(on request: RequestAttributes) -> [FaultRule.Effect] {
    var effects: [FaultRule.Effect] = []
    for i in entries.indices where entries[i].rule.matches(request) {
      let rule = entries[i].rule
      entries[i].matched += 1
      guard entries[i].matched > rule.skip, entries[i].hits < rule.times ?? .max else { continue }
      if rule.probability < 1, draw() >= rule.probability { continue }
      entries[i].hits += 1
      effects.append(rule.effect)
    }
    return effects
  }

  /// Uniform in 0..<1, by SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
  private mutating func draw() -> Double {
    random &+= 0x9E37_79B9_7F4A_7C15
    var z = random
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }
}
