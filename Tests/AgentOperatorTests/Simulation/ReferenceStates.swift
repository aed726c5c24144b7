import JSON
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle G: the same specs in an empty cluster give the same objects.
///
/// Agents do not depend on each other, so what each spec gives is found out once, outside of all
/// histories: these stay what their seeds make of them.
actor ReferenceStates {
  private var known: [String: [String: JSONValue]] = [:]

  func compare(_ record: SimulatedHistory.Record) async throws {
    let (specs, ending) = record.state.withLock { ($0.specs, $0.ending) }
    var expected: [String: JSONValue] = [:]
    for (name, spec) in specs {
      let state = try await state(of: name, spec)
      expected.merge(state) { old, _ in old }
    }
    let actual = Self.comparable(ending)
    let missing = Set(expected.keys).subtracting(actual.keys).sorted()
    let extra = Set(actual.keys).subtracting(expected.keys).sorted()
    var wrong = Canonical.differences(expected, actual)
    if !missing.isEmpty { wrong.append("missing \(missing)") }
    if !extra.isEmpty { wrong.append("left over \(extra)") }
    guard wrong.isEmpty else {
      throw SimulatedHistory.Wrong(description: wrong.joined(separator: "; "))
    }
  }

  private func state(of name: String, _ spec: JSONValue) async throws -> [String: JSONValue] {
    let key = "\(name) \(spec.serialized(.canonical))"
    if let state = known[key] { return state }
    var state: [String: JSONValue] = [:]
    try await withOperator { harness in
      try await harness.apply(name, spec)
      try await harness.settle()
      state = Self.comparable(try await harness.canonicalState())
    }
    known[key] = state
    return state
  }

  /// Without what depends on the history by design: replicas under a scaler, retained Secrets, copies
  /// of former revisions, foreign labels.
  private static func comparable(_ state: [String: JSONValue]) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    let deployments = state.values.filter { $0["kind"] == "Deployment" }
    let current = deployments.map { ownerAndRevision($0["spec"]?["template"]) }
    for (name, object) in state {
      var object = object
      switch object["kind"]?.string {
      case "Secret", "AgentDeployment": continue
      case "ConfigMap":
        guard current.contains(ownerAndRevision(object)) else { continue }
      case "Deployment":
        object["metadata"]?["labels"]?["foreign"] = nil
        if object["metadata"]?["annotations"]?["agentdeploy.dev/replicas"] == "Autoscaled" {
          object["spec"]?["replicas"] = nil
        }
      default: break
      }
      result[name] = object
    }
    return result
  }

  private static func ownerAndRevision(_ object: JSONValue?) -> [String?] {
    let labels = object?["metadata"]?["labels"]
    return ["agentdeploy.dev/agent", "agentdeploy.dev/revision"].map { labels?[$0]?.string }
  }
}
