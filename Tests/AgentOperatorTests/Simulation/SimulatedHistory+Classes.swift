import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Synchronization

@testable import AgentOperator

/// What platform people do to classes while agents run, and what must hold of it.
extension SimulatedHistory {
  static let classNames = ["default", "gold", "plain"]

  /// Says what holds anyway: an apply that leaves nothing of a spec makes it null.
  private static let plainClass: JSONValue = ["namespaces": ["monitoring": ["monitoring"]]]

  /// One class as it was applied last.
  struct ClassSpec: Sendable, Hashable {
    var spec: JSONValue
    var isDefault: Bool

    var json: JSONValue { ["spec": spec, "isDefault": .bool(isDefault)] }
  }

  mutating func editClass() async throws {
    if !harness.installed.contains(.agentClasses) { try await install([.agentClasses]) }
    let name = anyClassName()
    if Int.random(in: 0..<5, using: &random) == 0 {
      note("class \(name) deleted")
      classes[name] = nil
      _ = try? await harness.deleteClass(name)
      return
    }
    // One default: which of several holds depends on their age, and so on the history.
    let others = classes.contains { $0.key != name && $0.value.isDefault }
    let edit = ClassSpec(spec: anyClass(), isDefault: !others && Bool.random(using: &random))
    try await apply(edit, to: name)
  }

  /// Mostly one that an agent is of.
  private mutating func anyClassName() -> String {
    let fallback = classes.first { $0.value.isDefault }?.key
    let used = specs.sorted { $0.key < $1.key }.compactMap { $1["className"]?.string ?? fallback }
    let names = used.isEmpty || Int.random(in: 0..<3, using: &random) == 0 ? Self.classNames : used
    return names.randomElement(using: &random) ?? "default"
  }

  /// Classes that allow agents to limit rates.
  var limitingClasses: Set<String> {
    let limiting = classes.filter { $0.value.spec["capabilities"]?["envoyFilters"] == true }
    let fallback = limiting.values.contains(where: \.isDefault) ? [SpecGenerator.noClass] : []
    return Set(limiting.keys).union(fallback)
  }

  private mutating func apply(_ edit: ClassSpec, to name: String) async throws {
    note("class \(name) = \(edit.json.serialized())")
    classes[name] = edit
    try await harness.applyClass(name, edit.spec, isDefault: edit.isDefault)
  }

  private mutating func anyClass() -> JSONValue {
    var spec = Self.plainClass
    var defaults: JSONValue = [:]
    if Bool.random(using: &random) {
      let memory = Int.random(in: 1...3, using: &random)
      defaults["resources"] = ["limits": ["memory": .string("\(memory)Gi")]]
    }
    if Bool.random(using: &random) {
      defaults["observability"] = ["logLevel": Bool.random(using: &random) ? "Warn" : "Debug"]
    }
    if Int.random(in: 0..<3, using: &random) == 0 {
      defaults["scaling"] = ["maxReplicas": JSONValue(Int.random(in: 3...8, using: &random))]
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: spec["guardRails"] = ["maxReplicas": JSONValue(Int.random(in: 2...6, using: &random))]
    case 1: spec["guardRails"] = ["maxGrace": "30s"]
    case 2: spec["capabilities"] = ["istio": .bool(Bool.random(using: &random))]
    case 3: spec["capabilities"] = ["istio": false]
    case 5: spec["capabilities"] = ["keda": .bool(Bool.random(using: &random))]
    // No agent can be of it: a default that has no effect.
    case 4: defaults["scaling"] = ["minReplicas": 9, "maxReplicas": 3]
    default: break
    }
    if Int.random(in: 0..<3, using: &random) == 0 {
      spec["quota"] = [
        "hard": ["pods": 50], "limitRange": .bool(Bool.random(using: &random)),
        "podSecurity": Bool.random(using: &random) ? "Baseline" : "Restricted",
      ]
    }
    if harness.installed.contains(.aiGatewayRoutes), Int.random(in: 0..<6, using: &random) > 0 {
      let place = Bool.random(using: &random) ? "a" : "b"
      spec["endpoints"] = [
        "aiGateway": [
          "url": .string("http://ai.\(place)"),
          "gatewayRef": ["name": "ai", "namespace": .string(place)],
        ]
      ]
      if Int.random(in: 0..<3, using: &random) > 0 { defaults["modelRouting"] = "Gateway" }
    }
    if harness.installed.contains(.envoyFilters), Int.random(in: 0..<4, using: &random) > 0 {
      var capabilities = spec["capabilities"] ?? [:]
      capabilities["envoyFilters"] = true
      spec["capabilities"] = capabilities
    }
    // Neither restarts anything by itself.
    for section in ["state", "reload"]
    where section == focus || Int.random(in: 0..<4, using: &random) == 0 {
      spec[section] = [
        "image": .string("registry/\(section):\(Int.random(in: 1...3, using: &random))")
      ]
    }
    if defaults != [:] { spec["defaults"] = defaults }
    return spec
  }

  /// Ends what depends on the history by design: agents that are refused, all of those whose class
  /// contradicts itself, keep what they had, and pods that wait for a change keep their template.
  mutating func endClasses() async throws {
    for (name, known) in classes.sorted(by: { $0.key < $1.key }) {
      let scaling = known.spec["defaults"]?["scaling"]
      let most = known.spec["guardRails"]?["maxReplicas"]?.int ?? .max
      guard scaling?["minReplicas"] != nil || (scaling?["maxReplicas"]?.int ?? 0) > most else {
        continue
      }
      try await apply(ClassSpec(spec: Self.plainClass, isDefault: known.isDefault), to: name)
    }
    for name in specs.keys.sorted() {
      try await harness.until("\(name) is looked at", within: .seconds(1200)) {
        let agent = try await harness.get(.agentDeployments, name)
        return agent["status"]?["observedGeneration"]?.int == agent.generation
      }
    }
    try await harness.advance(by: .seconds(400))
    for name in specs.keys.sorted() {
      let accepted = try await harness.condition("Accepted", of: name)
      let isRefused = accepted?.status == .false && accepted?.reason != "Conflict"
      let waits = try await harness.condition("RenderPending", of: name)?.status == .true
      guard isRefused || waits else { continue }
      // Nothing that any class forbids.
      try await apply(name, ["image": "registry/x:last"])
    }
  }
}
