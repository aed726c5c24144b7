public import AgentDeploymentAPI
public import JSON

/// What one agent has to show for one profile. Evidence, never a claim: who has to comply is people.
public struct ComplianceReport: Sendable {
  public struct Row: Sendable, Hashable {
    public var control: String
    public var title: String
    public var answer: ComplianceAnswer
  }

  public var profile: ComplianceProfile
  public var namespace: String
  public var agent: String
  public var isLive: Bool
  public var rows: [Row]

  public init(_ profile: ComplianceProfile, _ evidence: ComplianceEvidence) {
    self.profile = profile
    namespace = evidence.agent.namespace
    agent = evidence.agent.name
    isLive = evidence.isLive
    rows = profile.controls.map {
      Row(control: $0.id, title: $0.title, answer: $0.answer(evidence))
    }
  }

  public func count(_ state: ComplianceAnswer.State) -> Int {
    rows.count { $0.answer.state == state }
  }

  /// Something could be enforced here and is not.
  public var hasGaps: Bool { count(.missing) > 0 }

  /// `6 enforced, 1 advisory, 2 missing, 4 not ours`
  public var summary: String {
    let words: [(ComplianceAnswer.State, String)] = [
      (.enforced, "enforced"), (.advisory, "advisory"), (.missing, "missing"),
      (.notOurs, "not ours"),
    ]
    return words.map { "\(count($0.0)) \($0.1)" }.joined(separator: ", ")
  }

  /// For programs; the members' names are stable.
  public var json: JSONValue {
    var counts: JSONValue = [:]
    for state in ComplianceAnswer.State.allCases {
      counts[state.rawValue] = JSONValue(count(state))
    }
    return [
      "profile": .string(profile.rawValue), "source": .string(profile.title),
      "namespace": .string(namespace), "agent": .string(agent),
      "evidence": isLive ? "Live" : "Rendered", "counts": counts,
      "controls": .array(
        rows.map { row in
          var json: JSONValue = [
            "control": .string(row.control), "title": .string(row.title),
            "state": .string(row.answer.state.rawValue),
          ]
          if let object = row.answer.object { json["object"] = .string(object) }
          json["detail"] = .string(row.answer.detail)
          return json
        }),
    ]
  }
}
