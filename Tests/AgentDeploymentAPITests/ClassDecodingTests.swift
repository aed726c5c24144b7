import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

/// AgentClass manifests: what they hold, and what is refused.
@Suite struct ClassDecodingTests {
  static func json(_ spec: String, name: String = "production") -> JSONValue {
    [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass",
      "metadata": ["name": .string(name)], "spec": Manifest.json(spec),
    ]
  }

  static func agentClass(_ spec: String) throws -> AgentClass {
    try AgentClass.decode(json(spec)).get()
  }

  /// For each leaf of the schema a value that changes the class.
  static let leaves: [(path: String, value: String, context: String)] =
    Capability.allCases.map { ("spec.capabilities.\($0.rawValue)", "false", "{}") } + [
      ("spec.guardRails.maxReplicas", "5", "{}"),
      ("spec.guardRails.maxGrace", #""1h""#, "{}"),
      ("spec.guardRails.requireDigest", "true", "{}"),
      ("spec.guardRails.allowedRegistries[0]", #""registry.example.com/team""#, "{}"),
      ("spec.guardRails.podSecurity", #""Restricted""#, "{}"),
      ("spec.namespaces.monitoring[0]", #""observability""#, "{}"),
      ("spec.namespaces.gateway[0]", #""ingress""#, "{}"),
      ("spec.namespaces.mesh[0]", #""mesh""#, "{}"),
      ("spec.namespaces.dns.peers[0].namespace", #""dns""#, "{}"),
      (
        "spec.namespaces.dns.peers[0].labels{app}", #""dns""#,
        #"{"namespaces":{"dns":{"peers":[{"namespace":"dns"}]}}}"#
      ),
      ("spec.namespaces.dns.ports[0]", "5353", "{}"),
      ("spec.endpoints.prometheus", #""http://prometheus:9090""#, "{}"),
      ("spec.endpoints.otlp", #""http://otel:4317""#, "{}"),
      ("spec.endpoints.runbooks", #""https://runbooks.example.com""#, "{}"),
      ("spec.endpoints.apiServer.cidrs[0]", #""10.0.0.1/32""#, "{}"),
      ("spec.endpoints.apiServer.ports[0]", "16443", "{}"),
      ("spec.endpoints.aiGateway.url", #""http://ai2.gateways""#, aiGateway),
      ("spec.endpoints.aiGateway.gatewayRef.name", #""ai2""#, aiGateway),
      ("spec.endpoints.aiGateway.gatewayRef.namespace", #""other""#, aiGateway),
      ("spec.accelerators{nvidia.com/gpu}.nodeSelector{pool}", #""gpu""#, "{}"),
      (
        "spec.accelerators{nvidia.com/gpu}.tolerations[0].key", #""gpu""#, tolerated
      ),
      ("spec.accelerators{nvidia.com/gpu}.tolerations[0].operator", #""Equal""#, tolerated),
      ("spec.accelerators{nvidia.com/gpu}.tolerations[0].value", #""yes""#, tolerated),
      ("spec.accelerators{nvidia.com/gpu}.tolerations[0].effect", #""NoExecute""#, tolerated),
      ("spec.quota.hard{requests.nvidia.com/gpu}", "20", "{}"),
      ("spec.reload.image", #""registry.example.com/agent-operator:v1""#, "{}"),
      ("spec.state.image", #""registry.example.com/valkey:8""#, "{}"),
      ("spec.quota.limitRange", "true", "{}"),
      ("spec.quota.podSecurity", #""Baseline""#, "{}"),
    ]
  private static let aiGateway =
    #"{"endpoints":{"aiGateway":{"url":"http://ai.gateways","gatewayRef":{"name":"ai","namespace":"gateways"}}}}"#
  private static let tolerated =
    #"{"accelerators":{"nvidia.com/gpu":{"tolerations":[{"key":"a"}]}}}"#

  /// What is wrong, and where.
  static let wrong: [(String, String)] = [
    (
      #"{"defaults":{"scaling":{"minReplicas":9,"maxReplicas":3}}}"#,
      "spec.defaults.scaling.minReplicas"
    ),
    (
      #"{"defaults":{"traffic":{"provider":"None","timeout":"5s"}}}"#,
      "spec.defaults.traffic.provider"
    ),
    (
      #"{"defaults":{"observability":{"tracing":{"samplePercent":"5"}}}}"#,
      "spec.defaults.observability.tracing.endpoint"
    ),
    (#"{"defaults":{"resources":{"limits":{"gpu":1}}}}"#, "spec.defaults.resources.limits.gpu"),
    (#"{"defaults":{"image":"a"}}"#, "spec.defaults.image"),
    (#"{"defaults":{"traffic":{"hosts":["a.b"]}}}"#, "spec.defaults.traffic.hosts"),
    (
      #"{"defaults":{"scaling":{"maxReplicas":50}},"guardRails":{"maxReplicas":5}}"#,
      "spec.defaults.scaling.maxReplicas"
    ),
    (
      #"{"capabilities":{"istio":false},"defaults":{"traffic":{"timeout":"5s"}}}"#,
      "spec.defaults.traffic.timeout"
    ),
    (#"{"quota":{"hard":{"nvidia.com/gpu":"20"}}}"#, "spec.quota.hard[nvidia.com/gpu]"),
    (
      #"{"quota":{"hard":{"limits.nvidia.com/gpu":"20"}}}"#,
      "spec.quota.hard[limits.nvidia.com/gpu]"
    ),
    (#"{"quota":{"hard":{"cpus":"20"}}}"#, "spec.quota.hard.cpus"),
    (#"{"quota":{"hard":{"requests.cpu":"lots"}}}"#, "spec.quota.hard[requests.cpu]"),
    (#"{"accelerators":{"cpu":{}}}"#, "spec.accelerators.cpu"),
    (
      #"{"accelerators":{"nvidia.com/gpu":{"nodeSelector":{"a b":"c"}}}}"#,
      "spec.accelerators[nvidia.com/gpu].nodeSelector[a b]"
    ),
    (
      #"{"accelerators":{"nvidia.com/gpu":{"tolerations":[{"operator":"Exists","value":"x","key":"k"}]}}}"#,
      "spec.accelerators[nvidia.com/gpu].tolerations[0].value"
    ),
    (#"{"guardRails":{"maxGrace":"10s"}}"#, "spec.guardRails.maxGrace"),
    (#"{"guardRails":{"maxReplica":3}}"#, "spec.guardRails.maxReplica"),
    (#"{"endpoints":{"otlp":"otel:4317"}}"#, "spec.endpoints.otlp"),
    (#"{"capabilities":{"istio":"v1"}}"#, "spec.capabilities.istio"),
    (#"{"defaults":{"modelRouting":"Gateway"}}"#, "spec.defaults"),
    (
      #"{"capabilities":{"aiGateway":false},"defaults":{"modelRouting":"Gateway"},"endpoints":{"aiGateway":{"url":"http://ai.gateways","gatewayRef":{"name":"ai","namespace":"gateways"}}}}"#,
      "spec.defaults.modelRouting"
    ),
    (
      #"{"endpoints":{"aiGateway":{"url":"http://ai.gateways"}}}"#,
      "spec.endpoints.aiGateway.gatewayRef"
    ),
    (#"{"prices":[{"provider":"Anthropic","model":"m"}]}"#, "spec.prices"),
  ]

  static func errors(_ manifest: JSONValue) -> [FieldError] {
    switch AgentClass.decode(manifest) {
    case .success: []
    case .failure(let failure): failure.errors
    }
  }

  @Test func everyFieldReachesTheClass() throws {
    for (path, value, context) in Self.leaves {
      let without = Self.json(context)
      let with = ManifestPath(path).set(Manifest.json(value), in: without)
      var before = try AgentClass.decode(without).get()
      var after = try AgentClass.decode(with).get()
      (before.object, after.object) = (nil, nil)
      #expect(before != after, "\(path) changes nothing")
    }
    let known = Set(Self.leaves.map { ManifestPath($0.path).schemaPath })
    let schema = SchemaNode.all(of: AgentClassSpec.schema).filter(\.isLeaf).map(\.path)
      .filter { !$0.hasPrefix("spec.defaults") }
    #expect(Set(schema) == known)
  }

  /// An agent's own fields, with the class's under them, are the same fields.
  @Test func defaultsAreFieldsOfTheSpecAndHaveNoDefaultsThemselves() {
    let spec = Dictionary(uniqueKeysWithValues: SchemaNode.all().map { ($0.path, $0.schema) })
    let nodes = SchemaNode.all(of: AgentClassSpec.schema).filter {
      $0.path.hasPrefix("spec.defaults.")
    }
    #expect(nodes.count > 60)
    for node in nodes {
      let path = node.path.replacing("spec.defaults.", with: "spec.")
      #expect(spec[path] != nil, "\(path)")
      // In a cluster the API server would have filled it in, and the class's would never hold.
      if !path.contains("[]") { #expect(spec[path]?.defaultValue == nil, "\(path)") }
    }
  }

  @Test(arguments: wrong) func whatCannotHoldIsRefusedAtItsField(_ spec: String, _ path: String) {
    guard case .failure(let failure) = AgentClass.decode(Self.json(spec)) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.map(\.path.description).contains(path), "\(failure)")
  }

  @Test func quotasOfExtendedResourcesAreToldTheirName() {
    guard
      case .failure(let failure) = AgentClass.decode(
        Self.json(#"{"quota":{"hard":{"nvidia.com/gpu":"20"}}}"#))
    else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.first?.fix == "write requests.nvidia.com/gpu")
  }

  /// But for the weakest level, which is Baseline where there is a class.
  @Test func anEmptyClassIsTheBuiltInOne() throws {
    var empty = try Self.agentClass("{}")
    empty.object = nil
    #expect(empty.guardRails.podSecurity == .baseline)
    empty.guardRails.podSecurity = nil
    #expect(empty == .builtIn)
    var json = Self.json("{}")
    json["spec"] = nil
    #expect((try? AgentClass.decode(json).get()) != nil)
  }

  @Test func allErrorsAreReportedAtOnce() {
    let spec = #"{"guardRails":{"maxReplicas":0},"quota":{"limitRange":"yes"},"zz":1}"#
    guard case .failure(let failure) = AgentClass.decode(Self.json(spec, name: "A_b")) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.count == 4, "\(failure)")
  }

  /// Leaves of an agent's spec that ask for monitoring.
  static let monitoring = LeafCase.all.filter { leaf in
    let fields = ["metrics.interval", "alerts.", "dashboard", "labels"]
    return leaf.path.hasPrefix("spec.slos")
      || fields.contains { leaf.path.hasPrefix("spec.observability.\($0)") }
  }

  @Test(arguments: monitoring) func monitoringNeedsThePrometheusOperator(_ leaf: LeafCase) throws {
    // Turning something off needs nothing.
    if leaf.value == #""None""# {
      #expect((try? AgentDeployment.decode(leaf.with).get()) != nil)
      return
    }
    guard case .failure(let failure) = AgentDeployment.decode(leaf.with) else {
      Issue.record("\(leaf) was accepted")
      return
    }
    #expect(failure.errors.map(\.reason) == [.unsupportedByClass])
    #expect(leaf.path.hasPrefix(failure.errors.first?.path.description ?? "-"))
    #expect(failure.errors.first?.message.contains("the Prometheus operator") == true)
  }
}
