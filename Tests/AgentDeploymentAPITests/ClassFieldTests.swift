import Foundation
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentDeploymentAPI

/// Every field of an AgentClass: what it changes, that wrong values are refused at it, and that what it
/// fills in is the same as if the agent had said it.
@Suite struct ClassFieldTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden/class-field-effects.txt")

  /// As `Manifest.generousClass`.
  private static let generous: JSONValue = {
    var capabilities: JSONValue = [:]
    for capability in Capability.allCases where capability != .ambient {
      capabilities[capability.rawValue] = true
    }
    return [
      "capabilities": capabilities,
      "endpoints": [
        "prometheus": "http://prometheus.monitoring:9090",
        "aiGateway": [
          "url": "http://ai.envoy-gateway-system",
          "gatewayRef": ["name": "ai", "namespace": "envoy-gateway-system"],
        ],
      ],
    ]
  }()

  private static let restricted =
    #"{"security":{"egress":{"mode":"Restricted"},"rules":[\#(LeafCase.podRule)]}}"#
  private static let accelerated = #"{"resources":{"limits":{"nvidia.com/gpu":1}}}"#
  private static let routed =
    #"{"modelRouting":"Gateway","models":[{"name":"m","provider":"OpenAI","model":"gpt-5","credential":"a","key":"apiKey"}],"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"None"}]}"#

  /// The agent that a field is about, by the beginning of its path; elsewhere it has only an image.
  private static let agents: [(prefix: String, spec: String)] = [
    ("spec.capabilities.gatewayAPI", LeafCase.gatewayRoute),
    ("spec.capabilities.keda", LeafCase.queue),
    ("spec.capabilities.grafanaOperator", #"{"observability":{"dashboard":"Standard"}}"#),
    ("spec.capabilities.externalSecrets", LeafCase.external),
    ("spec.capabilities.aiGateway", routed),
    ("spec.capabilities.customMetrics", LeafCase.work),
    ("spec.capabilities.envoyFilters", LeafCase.limited),
    ("spec.guardRails.maxReplicas", #"{"scaling":{"maxReplicas":8}}"#),
    ("spec.guardRails.maxGrace", #"{"availability":{"drain":{"timeout":"2h"}}}"#),
    ("spec.guardRails.podSecurity", #"{"security":{"podSecurity":"Baseline"}}"#),
    ("spec.namespaces.dns", restricted), ("spec.namespaces.mesh", restricted),
    ("spec.namespaces.gateway", LeafCase.gateway),
    (
      "spec.endpoints.prometheus",
      #"{"scaling":{"metrics":[{"type":"Requests","target":"5"}],"schedule":[{"start":"0 8 * * *","end":"0 19 * * *","replicas":5}]}}"#
    ),
    ("spec.endpoints.apiServer", restricted), ("spec.endpoints.aiGateway", routed),
    ("spec.accelerators", accelerated), ("spec.reload.image", LeafCase.reloading),
    ("spec.state.image", #"{"state":{"type":"Managed"}}"#),
  ]

  /// What changes nothing, because nothing asks for it yet.
  private static let unasked: Set<String> = [
    "spec.capabilities.certManager", "spec.capabilities.cilium",
  ]

  @Test func everyFieldChangesWhatIsRecorded() throws {
    var text = ""
    for (path, value, context) in ClassDecodingTests.leaves {
      let value = path == "spec.capabilities.ambient" ? "true" : value
      let before = ["spec": Self.over(Self.generous, Manifest.json(context))] as JSONValue
      let after = ManifestPath(path).set(Manifest.json(value), in: before)
      let agent = Self.agents.first { path.hasPrefix($0.prefix) }?.spec ?? "{}"
      let effect = try Self.effect(on: agent, from: before["spec"], to: after["spec"])
      #expect(
        effect.isEmpty == Self.unasked.contains(path), "\(path) changes \(effect.count) lines")
      text += path + "\n" + effect.map { "  \($0)\n" }.joined()
    }
    try FieldEffectTests.expect(text, recordedIn: Self.file)
  }

  @Test(arguments: ClassDecodingTests.leaves.map(\.path) + defaulted.map(\.path))
  func everyBadValueIsAnErrorThatNamesTheField(_ path: String) throws {
    let path = ManifestPath(path)
    let node = try #require(Self.nodes.first { $0.path == path.schemaPath })
    let values = BadValues.of(node.schema)
    #expect(!values.isEmpty)
    for value in values {
      let manifest = path.set(value, in: ClassDecodingTests.json("{}"))
      let errors = ClassDecodingTests.errors(manifest)
      let shown = value.serialized().prefix(80)
      #expect(errors.contains { $0.path.description == "\(path)" }, "\(shown): \(errors)")
      for error in errors { #expect(error.description.utf8.count < 1000) }
    }
  }

  /// What no class can fill in by itself.
  private static let dependent: Set<String> = [
    // Needs protocol MCP, which is the agent's own.
    "spec.security.allowedCallers[0].tools[0]",
    // Gives way for a Secret that is made for the agent itself: see ModelRoutingTests.
    "spec.modelRouting",
  ]

  /// What a class fills in renders like what the agent says itself, but for the record of who said it.
  @Test(arguments: defaulted.map(\.leaf).filter { !dependent.contains($0.path) })
  func aDefaultIsAsGoodAsTheAgentsOwn(_ leaf: LeafCase)
    throws
  {
    let spec = leaf.with["spec"] ?? [:]
    var (own, defaults) = (spec, [:] as JSONValue)
    for section in AgentClassSpec.defaultedSections {
      guard let value = spec[section] else { continue }
      defaults[section] = value
      own[section] = nil
    }
    // A gateway only has an effect for agents with hosts, which are each agent's own.
    if let hosts = spec[path: "traffic", "hosts"] {
      defaults["traffic"]?["hosts"] = nil
      own["traffic"] = ["hosts": hosts]
    }
    let said = try Self.outcome(of: spec, Self.generous)
    let filled = try Self.outcome(of: own, Self.over(Self.generous, ["defaults": defaults]))
    let (first, second) = try (
      #require(said.rendering), #require(filled.rendering, "\(filled.lines)")
    )
    let effect = FieldEffectTests.effect(from: first, to: second).filter {
      !$0.contains("annotations[agentdeploy.dev/pod-input]")
        && !$0.contains("annotations[\(AppliedRendering.annotation)]")
    }
    #expect(effect == [])
  }

  // MARK: Helpers

  private static let nodes = SchemaNode.all(of: AgentClassSpec.schema)

  /// Leaves of an agent's spec that a class may fill in, and where.
  private static let defaulted: [(path: String, leaf: LeafCase)] = {
    let known = Set(nodes.map(\.path))
    return LeafCase.all.compactMap { leaf in
      let path = "spec.defaults." + leaf.path.dropFirst("spec.".count)
      return known.contains(ManifestPath(path).schemaPath) ? (path, leaf) : nil
    }
  }()

  private struct Outcome {
    /// Nil: the agent is refused.
    var rendering: Rendering?
    /// Why it is refused, and what its namespace gets.
    var lines: Set<String> = []
  }

  private static func outcome(of spec: JSONValue, _ classSpec: JSONValue?) throws -> Outcome {
    let agentClass = try AgentClass.decode(
      [
        "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass",
        "metadata": ["name": "production"], "spec": classSpec ?? [:],
      ]
    ).get()
    var outcome = Outcome()
    switch AgentDeployment.decode(Manifest.agent(spec), agentClass: agentClass) {
    case .failure(let failure):
      outcome.lines = Set(failure.errors.map { "refused: \($0.path): \($0.reason)" })
    case .success(let agent):
      var context = GeneratedSpecs.context
      context.agentClass = agentClass
      outcome.rendering = agent.render(context)
    }
    for rendered in NamespaceGovernance.objects(of: agentClass, in: "agents") {
      outcome.lines.insert(
        "\(rendered.object.kind): \(rendered.object.json["spec"]?.serialized() ?? "")")
    }
    if let level = NamespaceGovernance.podSecurity(of: [agentClass]) {
      outcome.lines.insert("the namespace enforces \(level)")
    }
    return outcome
  }

  private static func effect(
    on agent: String, from before: JSONValue?, to after: JSONValue?
  ) throws -> [String] {
    let spec = Manifest.json(agent)
    let (old, new) = (try outcome(of: spec, before), try outcome(of: spec, after))
    var lines = new.lines.subtracting(old.lines).map { "+ " + $0 }
    lines += old.lines.subtracting(new.lines).map { "- " + $0 }
    if let first = old.rendering, let second = new.rendering {
      lines += FieldEffectTests.effect(from: first, to: second)
    }
    return lines.sorted()
  }

  /// Objects member by member; elsewhere the second.
  private static func over(_ a: JSONValue, _ b: JSONValue) -> JSONValue {
    guard a.object != nil, let other = b.object else { return b }
    var all = a
    for (key, value) in other { all[key] = a[key].map { over($0, value) } ?? value }
    return all
  }
}
