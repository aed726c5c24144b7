import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle G: the same specs in an empty cluster give the same objects.
///
/// Agents do not depend on each other, so what each spec gives is found out alone, outside of all
/// histories: these stay what their seeds make of them.
enum ReferenceStates {
  static func compare(_ record: SimulatedHistory.Record) async throws {
    let end = record.state.withLock { $0 }
    var expected = ["Namespace": NamespaceState.untouched]
    for (name, spec) in end.specs {
      let given = spec.without(end.lostHosts[name] ?? [])
      let state = try await state(of: name, given, end.classes, end.installed)
      expected.merge(Self.comparable(state, end.specs)) { NamespaceState.merged($0, $1) ?? $0 }
    }
    let actual = Self.comparable(end.ending, end.specs)
    let missing = Set(expected.keys).subtracting(actual.keys).sorted()
    let extra = Set(actual.keys).subtracting(expected.keys).subtracting(end.orphans).sorted()
      .filter { actual[$0]?["kind"] != "PersistentVolumeClaim" || !isRetained(actual[$0]) }
    var wrong = Canonical.differences(expected, actual)
    if !missing.isEmpty { wrong.append("missing \(missing)") }
    if !extra.isEmpty { wrong.append("left over \(extra)") }
    guard wrong.isEmpty else {
      throw SimulatedHistory.Wrong(description: wrong.joined(separator: "; "))
    }
  }

  private static func state(
    of name: String, _ spec: JSONValue, _ classes: [String: SimulatedHistory.ClassSpec],
    _ installs: [ResourceType]
  ) async throws -> [String: JSONValue] {
    var state: [String: JSONValue] = [:]
    // What is asked for does not depend on pods.
    try await withOperator(
      installs: installs, bookmarkInterval: .seconds(1800), runsControllers: false
    ) { harness in
      for (name, agentClass) in classes.sorted(by: { $0.key < $1.key }) {
        try await harness.applyClass(name, agentClass.spec, isDefault: agentClass.isDefault)
      }
      try await harness.apply(name, spec)
      try await harness.settle()
      if let end = SpecGenerator.end(of: spec) {
        try await harness.advance(by: .seconds(end + 60 - harness.clock.wallTime))
      }
      state = try await harness.wholeState()
    }
    return state
  }

  private static func isRetained(_ object: JSONValue?) -> Bool {
    object?["metadata"]?["owners"]?.array?.isEmpty == true
  }

  /// Without what depends on the history by design: replicas under a scaler, retained Secrets, copies
  /// of former revisions, versions of Secrets, and what others put into our objects.
  private static func comparable(
    _ state: [String: JSONValue], _ specs: [String: JSONValue]
  ) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    let deployments = state.values.filter { $0["kind"] == "Deployment" }
    let current = deployments.map { ownerAndRevision($0["spec"]?["template"]) }
    for (name, object) in state {
      var object = object
      object["metadata"]?["labels"]?[SimulatedHistory.foreignLabel] = nil
      switch object["kind"]?.string {
      case "Secret", "AgentDeployment": continue
      case "ConfigMap":
        guard current.contains(ownerAndRevision(object)) else { continue }
        leaveOutVersions(&object, specs)
      case "Deployment":
        leaveOutVersions(&object, specs)
        if object["metadata"]?["annotations"]?["agentdeploy.dev/replicas"] == "Autoscaled" {
          object["spec"]?["replicas"] = nil
        }
      case "ScaledObject":
        object["metadata"]?["finalizers"] = nil
        object["metadata"]?["labels"]?["scaledobject.keda.sh/name"] = nil
        object["spec"]?["advanced"]?["scalingModifiers"] = nil
        for note in [SimulatedKEDA.active, SimulatedKEDA.broken] {
          object["metadata"]?["annotations"]?[note] = nil
        }
      case "HorizontalPodAutoscaler":
        // KEDA's: see `checkScalers`.
        if object["metadata"]?["name"]?.string?.hasPrefix("keda-hpa-") == true { continue }
      case "PersistentVolumeClaim": object["spec"]?["volumeName"] = nil
      default: break
      }
      result[name] = object
    }
    return result
  }

  /// Hashes over the versions of Secrets that restart pods: `checkSecrets` knows what they have to be.
  private static func leaveOutVersions(_ object: inout JSONValue, _ specs: [String: JSONValue]) {
    guard let agent = ownerAndRevision(object)[0], let spec = specs[agent],
      !SimulatedHistory.restartingSecrets(of: agent, spec).isEmpty
    else { return }
    for annotation in [
      RenderHash.annotation, AppliedRendering.annotation, AppliedRendering.inputAnnotation,
    ] {
      object["metadata"]?["annotations"]?[annotation] = nil
    }
  }

  private static func ownerAndRevision(_ object: JSONValue?) -> [String?] {
    let labels = object?["metadata"]?["labels"]
    return ["agentdeploy.dev/agent", "agentdeploy.dev/revision"].map { labels?[$0]?.string }
  }
}

extension OperatorHarness {
  /// With what classes give namespaces.
  func wholeState() async throws -> [String: JSONValue] {
    var all = try await canonicalState()
    for resource in [ResourceType.resourceQuotas, .limitRanges] {
      for object in try await list(resource) {
        all["\(resource.kind) \(object.name)"] = Canonical.form(of: object)
      }
    }
    let namespace = try await client.get(
      .namespaces, ObjectKey(namespace: nil, name: namespace))
    all["Namespace"] = NamespaceState.form(of: namespace)
    return all
  }
}

private enum NamespaceState {
  static let untouched: JSONValue = ["kind": "Namespace", "enforces": nil, "ours": nil]

  static func form(of namespace: KubernetesObject) -> JSONValue {
    [
      "kind": "Namespace",
      "enforces": namespace.labels[NamespaceGovernance.enforceLabel].map { .string($0) } ?? .null,
      "ours":
        namespace.annotations[NamespaceGovernance.podSecurityAnnotation].map { .string($0) }
        ?? .null,
    ]
  }

  /// Of two agents whose classes ask for different things the stricter holds; nil for other kinds.
  static func merged(_ a: JSONValue, _ b: JSONValue) -> JSONValue? {
    guard a["kind"] == "Namespace" else { return nil }
    let levels = ["restricted", "baseline"]
    return levels.lazy.compactMap { level in [a, b].first { $0["enforces"]?.string == level } }
      .first ?? a
  }
}

extension JSONValue {
  /// A spec without hosts that another agent has. Without any host it has no gateways either.
  fileprivate func without(_ lost: Set<String>) -> JSONValue {
    guard !lost.isEmpty, var traffic = self["traffic"], let hosts = traffic["hosts"]?.array else {
      return self
    }
    let left = hosts.filter { !lost.contains($0.string ?? "") }
    traffic["hosts"] = .array(left)
    if left.isEmpty { for field in ["hosts", "gatewayRefs"] { traffic[field] = nil } }
    var spec = self
    spec["traffic"] = traffic
    if traffic == [:] { spec["traffic"] = nil }
    return spec
  }
}
