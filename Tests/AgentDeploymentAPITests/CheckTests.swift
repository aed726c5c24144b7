import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

/// What the operator checks beyond the schema: the API server takes these, `Accepted` is False.
struct CheckCase: CustomStringConvertible, Sendable {
  var spec: String
  /// Nil: nothing is wrong.
  var path: String?
  var reason: FieldError.Reason?

  init(_ spec: String, _ path: String? = nil, _ reason: FieldError.Reason? = nil) {
    self.spec = spec
    self.path = path
    self.reason = reason
  }

  var description: String { spec }

  static let all: [CheckCase] =
    variables + resources + patches + pods + triggers + AvailabilityCases.checks
    + RuleCases.schedules + StateCases.checks
    + ModelCases.checks

  private static let variables = [
    CheckCase(#"{"config":{"a.b":"1","a_b":"2"}}"#, "spec.config.a_b", .duplicate),
    CheckCase(#"{"config":{"a.b":"1"},"env":[{"name":"A_B"}]}"#, "spec.config[a.b]", .duplicate),
    CheckCase(
      #"{"config":{"a":"1"},"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"k":"A"}}]}"#,
      "spec.secrets[0].keys.k", .duplicate),
    CheckCase(#"{"config":{"port":"1"}}"#, "spec.config.port", .forbidden),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"k":"PORT"}}]}"#,
      "spec.secrets[0].keys.k", .forbidden),
    CheckCase(#"{"env":[{"name":"PORT","value":"1"}]}"#),
    CheckCase(#"{"config":{"a b":"1"}}"#, "spec.config[a b]", .invalid),
    CheckCase(#"{"config":{"":"1"}}"#, "spec.config[]", .invalid),
    CheckCase(#"{"config":{"..a":"1"}}"#, "spec.config[..a]", .invalid),
    CheckCase(#"{"config":{"redis.host":"a","redis.port":"1"}}"#),
    CheckCase(
      #"{"secrets":[{"name":"s","secretRef":{"name":"s"},"expose":"Env","keys":{"k k":"A"}}]}"#,
      "spec.secrets[0].keys[k k]", .invalid),
  ]

  private static let resources = [
    CheckCase(#"{"resources":{"limits":{"nvidia.com/gpu":1}}}"#),
    CheckCase(#"{"resources":{"requests":{"nvidia.com/gpu":1}}}"#),
    CheckCase(
      #"{"resources":{"requests":{"nvidia.com/gpu":1},"limits":{"nvidia.com/gpu":2}}}"#,
      "spec.resources.requests[nvidia.com/gpu]", .invalid),
    CheckCase(
      #"{"resources":{"limits":{"nvidia.com/gpu":"500m"}}}"#,
      "spec.resources.limits[nvidia.com/gpu]", .invalid),
    CheckCase(
      #"{"resources":{"limits":{"Nvidia com/gpu":1}}}"#, "spec.resources.limits[Nvidia com/gpu]",
      .invalid),
    CheckCase(
      #"{"resources":{"requests":{"gpus":1}}}"#, "spec.resources.requests.gpus", .notSupported),
  ]

  private static func patch(_ kind: String, _ patch: String) -> String {
    #"{"overrides":[{"kind":"\#(kind)","patch":\#(patch)}]}"#
  }

  private static let patches: [CheckCase] =
    [
      CheckCase(patch("Service", #"{"metadata":{"annotations":{"a":"b"},"labels":{"team":"x"}}}"#)),
      CheckCase(patch("Service", #"{"spec":{"type":"LoadBalancer","ports":[]}}"#)),
      CheckCase(patch("Deployment", #"{"spec":{"template":{"metadata":{"labels":{"a":"b"}}}}}"#)),
    ]
    + [
      ("Service", #"{"spec":{"selector":{"a":"b"}}}"#, "spec.selector"),
      ("Service", #"{"spec":null}"#, "spec"),
      ("Service", #"{"spec":"x"}"#, "spec"),
      ("Service", #"{"kind":"Pod"}"#, "kind"),
      ("Service", #"{"apiVersion":"v2"}"#, "apiVersion"),
      ("Service", #"{"metadata":{"name":"x"}}"#, "metadata.name"),
      ("Service", #"{"metadata":{"namespace":"x"}}"#, "metadata.namespace"),
      ("Service", #"{"metadata":{"ownerReferences":[]}}"#, "metadata.ownerReferences"),
      (
        "Service", #"{"metadata":{"labels":{"agentdeploy.dev/agent":"x"}}}"#,
        "metadata.labels[agentdeploy.dev/agent]"
      ),
      ("Service", #"{"metadata":{"labels":null}}"#, "metadata.labels"),
      ("Deployment", #"{"spec":{"selector":null}}"#, "spec.selector"),
      ("Deployment", #"{"spec":{"replicas":3}}"#, "spec.replicas"),
      (
        "Deployment",
        #"{"spec":{"template":{"metadata":{"labels":{"agentdeploy.dev/revision":null}}}}}"#,
        "spec.template.metadata.labels[agentdeploy.dev/revision]"
      ),
      ("Deployment", #"{"spec":{"template":null}}"#, "spec.template"),
      (
        "HorizontalPodAutoscaler", #"{"spec":{"scaleTargetRef":{"name":"x"}}}"#,
        "spec.scaleTargetRef"
      ),
      ("ConfigMap", #"{"data":{"a":"b"}}"#, "data"),
      ("Secret", #"{"stringData":{"a":"b"}}"#, "stringData"),
      ("NetworkPolicy", #"{"spec":{"podSelector":{}}}"#, "spec.podSelector"),
      ("PodDisruptionBudget", #"{"status":{}}"#, "status"),
    ].map { CheckCase(patch($0.0, $0.1), "spec.overrides[0].patch.\($0.2)", .forbidden) }

  private static func pod(_ spec: String) -> String { #"{"podTemplate":{"spec":\#(spec)}}"# }

  private static let pods = [
    CheckCase(
      pod(
        #"{"nodeSelector":{"a":"b"},"containers":[{"name":"agent","tty":true},{"name":"side","image":"x"}]}"#
      )),
    CheckCase(
      pod(#"{"containers":[{"image":"x"}]}"#), "spec.podTemplate.spec.containers[0].name", .required
    ),
    CheckCase(
      pod(#"{"containers":[{"name":"agent","$patch":"delete"}]}"#),
      "spec.podTemplate.spec.containers[0]", .forbidden),
    CheckCase(
      pod(#"{"containers":[{"name":"agent","image":"x"}]}"#),
      "spec.podTemplate.spec.containers[0].image", .forbidden),
    CheckCase(
      pod(#"{"initContainers":[{"name":"agent-reload","resources":{"limits":{"cpu":"1"}}}]}"#)),
    CheckCase(
      pod(#"{"initContainers":[{"name":"a","image":"x"},{"name":"agent-reload","image":"x"}]}"#),
      "spec.podTemplate.spec.initContainers[1].image", .forbidden),
    CheckCase(
      pod(#"{"initContainers":[{"name":"agent-reload","$patch":"delete"}]}"#),
      "spec.podTemplate.spec.initContainers[0].$patch", .forbidden),
    CheckCase(
      pod(#"{"initContainers":null}"#), "spec.podTemplate.spec.initContainers", .forbidden),
    CheckCase(
      pod(#"{"volumes":[{"name":"a","$patch":"replace"}]}"#),
      "spec.podTemplate.spec.volumes[0].$patch", .forbidden),
    CheckCase(
      pod(
        #"{"affinity":{"$patch":"delete"},"securityContext":{"$patch":"replace","fsGroup":1},"volumes":[{"name":"tmp","$retainKeys":["name","emptyDir"],"emptyDir":{}}]}"#
      )),
    CheckCase(
      pod(#"{"$setElementOrder/containers":[{"name":"agent"}]}"#),
      "spec.podTemplate.spec[$setElementOrder/containers]", .forbidden),
    CheckCase(
      pod(#"{"securityContext":{"$patch":"merge"}}"#),
      "spec.podTemplate.spec.securityContext.$patch", .forbidden),
    CheckCase(
      pod(#"{"volumes":[{"name":"tmp","$retainKeys":["name"],"emptyDir":{}}]}"#),
      "spec.podTemplate.spec.volumes[0].$retainKeys", .forbidden),
    // What kubectl makes: a null beside it goes anyway.
    CheckCase(
      pod(
        #"{"volumes":[{"name":"tmp","$retainKeys":["name","emptyDir"],"emptyDir":{},"configMap":null}]}"#
      )),
    // Elsewhere it would take away what is protected by name.
    CheckCase(
      pod(#"{"$retainKeys":["nodeSelector"],"nodeSelector":{"disk":"ssd"}}"#),
      "spec.podTemplate.spec.$retainKeys", .forbidden),
    CheckCase(
      pod(#"{"containers":[{"name":"agent","$retainKeys":["name","stdin"],"stdin":true}]}"#),
      "spec.podTemplate.spec.containers[0].$retainKeys", .forbidden),
    CheckCase(
      pod(#"{"initContainers":[{"name":"agent-reload","$retainKeys":["name"]}]}"#),
      "spec.podTemplate.spec.initContainers[0].$retainKeys", .forbidden),
    CheckCase(
      pod(#"{"volumes":[{"name":"config","projected":{"$retainKeys":["x"],"x":1}}]}"#),
      "spec.podTemplate.spec.volumes[0].projected.$retainKeys", .forbidden),
    CheckCase(
      pod(#"{"tolerations":[{"key":"a","$patch":"delete"}]}"#),
      "spec.podTemplate.spec.tolerations[0].$patch", .forbidden),
    CheckCase(pod(#"{"containers":null}"#), "spec.podTemplate.spec.containers", .forbidden),
    CheckCase(pod(#"{"containers":{}}"#), "spec.podTemplate.spec.containers", .typeInvalid),
    CheckCase(
      pod(#"{"volumes":[{"name":"a"},{"name":"a"}]}"#), "spec.podTemplate.spec.volumes[1]",
      .duplicate),
    CheckCase(pod(#"{"$patch":"replace"}"#), "spec.podTemplate.spec.$patch", .forbidden),
    CheckCase(
      pod(#"{"restartPolicy":"Never"}"#), "spec.podTemplate.spec.restartPolicy", .forbidden),
    CheckCase(
      pod(#"{"serviceAccountName":"x"}"#), "spec.podTemplate.spec.serviceAccountName", .forbidden),
    // A null takes away what is rendered.
    CheckCase(
      pod(#"{"serviceAccountName":null}"#), "spec.podTemplate.spec.serviceAccountName", .forbidden),
    CheckCase(
      pod(#"{"serviceAccount":null}"#), "spec.podTemplate.spec.serviceAccount", .forbidden),
    CheckCase(
      pod(#"{"containers":[{"name":"agent","image":null}]}"#),
      "spec.podTemplate.spec.containers[0].image", .forbidden),
    CheckCase(
      pod(#"{"containers":[{"name":"agent","$patch":null}]}"#),
      "spec.podTemplate.spec.containers[0].$patch", .forbidden),
    // A directive is no entry without a name.
    CheckCase(
      pod(#"{"containers":[{"$patch":"replace"},{"name":"agent","stdin":true}]}"#),
      "spec.podTemplate.spec.containers[0].$patch", .forbidden),
    CheckCase(
      pod(#"{"volumes":[{"$patch":"replace"}]}"#), "spec.podTemplate.spec.volumes[0].$patch",
      .forbidden),
    CheckCase(pod(#"{"$patch":"merge"}"#), "spec.podTemplate.spec.$patch", .forbidden),
    CheckCase(
      #"{"podTemplate":{"metadata":{"labels":{"a b":"c"}}}}"#,
      "spec.podTemplate.metadata.labels[a b]", .invalid),
    CheckCase(
      #"{"podTemplate":{"metadata":{"annotations":{"a b":"c"}}}}"#,
      "spec.podTemplate.metadata.annotations[a b]", .invalid),
    CheckCase(
      #"{"security":{"serviceAccount":{"annotations":{"a b":"c"}}}}"#,
      "spec.security.serviceAccount.annotations[a b]", .invalid),
  ]
}

@Suite struct CheckTests {
  @Test(arguments: CheckCase.all) func checksBeyondTheSchema(_ check: CheckCase) {
    let errors = Manifest.errors(Manifest.agent(check.spec))
    #expect(errors.map(\.path.description) == (check.path.map { [$0] } ?? []), "\(errors)")
    #expect(errors.first?.reason == check.reason)
  }

  @Test func configIsBoundedAltogether() {
    var config: JSONValue = [:]
    for i in 0..<5 { config["key\(i)"] = .string(String(repeating: "x", count: 250_000)) }
    let errors = Manifest.errors(Manifest.agent(["config": config]))
    #expect(errors.map(\.path.description) == ["spec.config"])
    #expect(errors.first?.reason == .tooLong)
  }

  @Test func faultsExpireWithinADay() throws {
    let agent = try AgentDeployment.decode(Manifest.agent(LeafCase.delay)).get()
    let expiry = try #require(KubernetesTime("2026-12-01T00:00:00Z")).unixSeconds
    #expect(agent.validate(now: expiry - 24 * 3600) == [])
    #expect(agent.validate(now: expiry + 1) == [])
    let errors = agent.validate(now: expiry - 24 * 3600 - 1)
    #expect(errors.map(\.path.description) == ["spec.traffic.faultInjection.expiresAt"])
    #expect(errors.first?.fix == "the latest is 2026-11-30T23:59:59Z")
  }

  @Test func nobodyGetsCopiesOfItsOwnRequests() {
    let errors = Manifest.errors(Manifest.agent(LeafCase.mirrored, name: "next"))
    #expect(errors.map(\.path.description) == ["spec.traffic.mirror.agentRef.name"])
  }

  /// An older MCP server finds its sessions by a header, unless somebody wants otherwise.
  @Test(arguments: [
    (#"{"protocol":"MCP"}"#, Traffic.Affinity.none),
    (#"{"protocol":"MCP","protocolVersion":"2026-07-28"}"#, .none),
    (#"{"protocol":"MCP","protocolVersion":"2025-11-25"}"#, .header(name: "Mcp-Session-Id")),
    (
      #"{"protocol":"MCP","protocolVersion":"2025-11-25","traffic":{"affinity":{"type":"None"}}}"#,
      .none
    ),
    (
      #"{"protocol":"MCP","protocolVersion":"2025-11-25","traffic":{"loadBalancing":"Random"}}"#,
      .none
    ),
    (
      #"{"protocol":"MCP","protocolVersion":"2025-11-25","traffic":{"affinity":{"type":"Header","name":"x"}}}"#,
      .header(name: "x")
    ),
    (
      #"{"protocol":"MCP","protocolVersion":"2025-11-25","traffic":{"provider":"None"}}"#, .none
    ),
    (#"{"protocol":"A2A"}"#, .none),
  ]) func affinityFollowsTheProtocol(_ spec: String, _ affinity: Traffic.Affinity) throws {
    #expect(try #require(Manifest.spec(spec)).traffic.affinity == affinity)
  }
}
