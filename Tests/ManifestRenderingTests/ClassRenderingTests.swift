import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// What a class changes in what is rendered.
@Suite struct ClassRenderingTests {
  static func agentClass(_ spec: JSONValue) throws -> AgentClass {
    try AgentClass.decode([
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass",
      "metadata": ["name": "production"], "spec": spec,
    ]).get()
  }

  static func render(_ spec: JSONValue, _ agentClass: AgentClass, uid: String? = nil) throws
    -> Rendering
  {
    let json = try Samples.agent(spec, uid: uid).object.json
    return try AgentDeployment.decode(json, agentClass: agentClass).get()
      .render(RenderingContext(now: Samples.now, agentClass: agentClass))
  }

  @Test func anEmptyClassRendersWhatTheBuiltInOneDoes() throws {
    for name in Samples.names {
      for agent in try Samples.agents(name) {
        let empty = try Self.agentClass([:])
        let other = try AgentDeployment.decode(agent.object.json, agentClass: empty).get()
          .render(RenderingContext(now: Samples.now, agentClass: empty))
        #expect(other == agent.render(Samples.context))
      }
    }
  }

  @Test func acceleratorsPlaceThoseWhoAskForThem() throws {
    let agentClass = try Self.agentClass([
      "accelerators": [
        "nvidia.com/gpu": [
          "nodeSelector": ["pool": "gpu"],
          "tolerations": [["key": "gpu", "operator": "Equal", "value": "yes"]],
        ],
        "amd.com/gpu": ["nodeSelector": ["pool": "amd"]],
      ]
    ])
    let plain = try Self.render([:], agentClass)
    #expect(plain.podSpec?["nodeSelector"] == nil && plain.podSpec?["tolerations"] == nil)
    let nvidia = try Self.render(["resources": ["limits": ["nvidia.com/gpu": 1]]], agentClass)
    #expect(nvidia.podSpec?["nodeSelector"] == ["pool": "gpu"])
    #expect(
      nvidia.podSpec?["tolerations"]
        == [["key": "gpu", "operator": "Equal", "value": "yes"]])
    // Also from requests alone, and with the customary taint where the class names none.
    let amd = try Self.render(["resources": ["requests": ["amd.com/gpu": 1]]], agentClass)
    #expect(amd.podSpec?["nodeSelector"] == ["pool": "amd"])
    #expect(
      amd.podSpec?["tolerations"]
        == [["key": "amd.com/gpu", "operator": "Exists", "effect": "NoSchedule"]])
  }

  @Test func namespacesShapeTheNetworkPolicy() throws {
    let agentClass = try Self.agentClass([
      "namespaces": [
        "monitoring": ["observing"], "gateway": [],
        "dns": ["peers": [["namespace": "dns", "labels": ["app": "coredns"]]], "ports": [5353]],
      ]
    ])
    let policy = try #require(try Self.render([:], agentClass)["NetworkPolicy"]?["spec"])
    let text = policy.serialized()
    #expect(text.contains("observing") && !text.contains("istio-system"))
    #expect(
      policy["egress"]?[0] == [
        "to": [
          [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "dns"]],
            "podSelector": ["matchLabels": ["app": "coredns"]],
          ]
        ],
        "ports": [["protocol": "UDP", "port": 5353], ["protocol": "TCP", "port": 5353]],
      ])
  }

  @Test func tracesGoToTheClassesEndpointUnlessToldOtherwise() throws {
    let agentClass = try Self.agentClass([
      "endpoints": ["otlp": "http://otel:4317"],
      "defaults": ["observability": ["tracing": ["samplePercent": "5"]]],
    ])
    func data(_ spec: JSONValue) throws -> JSONValue? {
      try Self.render(spec, agentClass)["ConfigMap"]?["data"]
    }
    #expect(try data([:])?["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://otel:4317")
    #expect(try data([:])?["OTEL_TRACES_SAMPLER_ARG"] == "0.05")
    let own: JSONValue = ["observability": ["tracing": ["endpoint": "http://own:4317"]]]
    #expect(try data(own)?["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://own:4317")
  }

  @Test func withoutAMeshNothingOfItIsRendered() throws {
    let kinds = try Self.render([:], Self.agentClass(["capabilities": ["istio": false]])).objects
      .map(\.object.kind)
    #expect(
      Set(kinds).isDisjoint(with: ["VirtualService", "DestinationRule", "PeerAuthentication"]))
    #expect(kinds.contains("Deployment"))
  }

  // MARK: What the pods run on

  /// The other side of `PodInput.elsewhere`: none of it may change the pods, or a change of it would
  /// not arrive while a template waits.
  @Test(
    arguments: [
      ["scaling": ["maxReplicas": 3, "metrics": [["type": "Memory", "target": "50"]]]],
      ["scaling": ["minReplicas": 3, "maxReplicas": 3]],
      ["traffic": ["provider": "None"]],
      ["traffic": ["timeout": "9s", "hosts": ["a.example.com"], "connections": ["perPod": 7]]],
      ["rollout": ["type": "RollingUpdate"]], ["paused": true],
      ["deletionPolicy": ["state": "Delete"]], ["security": ["mtls": "Disabled"]],
      ["security": ["allowedCallers": [["agentRef": ["name": "planner"]]]]],
      ["security": ["jwt": [["issuer": "https://login.example.com"]]]],
      ["security": ["egress": ["hosts": ["api.example.com"]]]],
      ["security": ["compliance": ["HIPAA"]]],
      ["availability": ["maxUnavailable": 3]],
      ["overrides": [["kind": "Service", "patch": ["metadata": ["annotations": ["a": "b"]]]]]],
    ] as [JSONValue]) func whatIsNoInputOfThePodsDoesNotChangeThem(_ spec: JSONValue) throws
  {
    let before = try Self.render([:], .builtIn, uid: "1")
    let after = try Self.render(spec, .builtIn, uid: "1")
    #expect(before.template == after.template)
    #expect(before.revision == after.revision)
    #expect(
      AppliedRendering.input(of: try Samples.agent(spec), Samples.context)
        == AppliedRendering.input(of: try Samples.agent(), Samples.context))
  }

  @Test(
    arguments: [
      ["image": "a:2"], ["config": ["a": "b"]], ["env": [["name": "A", "value": "1"]]],
      ["resources": ["limits": ["memory": "3Gi"]]], ["security": ["podSecurity": "Baseline"]],
      ["availability": ["drain": ["timeout": "9s"]]], ["availability": ["spread": "None"]],
      ["observability": ["logLevel": "Debug"]], ["observability": ["metrics": ["port": 9]]],
      ["podTemplate": ["metadata": ["labels": ["a": "b"]]]], ["imagePullSecrets": [["name": "a"]]],
      ["overrides": [["kind": "Deployment", "patch": ["metadata": ["annotations": ["a": "b"]]]]]],
      ["port": 81], ["health": ["livePath": "/x"]], ["className": "other"],
    ] as [JSONValue]) func whatShapesThePodsIsTheirInput(_ spec: JSONValue) throws
  {
    #expect(
      AppliedRendering.input(of: try Samples.agent(spec), Samples.context)
        != AppliedRendering.input(of: try Samples.agent(), Samples.context))
  }

  /// What a label or a name cannot hold is left out or made shorter.
  @Test(
    arguments: [
      ("x:1.0", "1.0"), ("x:1.0+build", nil), ("x:_1", nil),
      ("x@sha256:0123456789abcdef", "0123456789ab"),
      ("x@sha256:!!", nil), ("x@sha256:", nil), ("x", nil), ("registry:5000/x", nil),
    ] as [(String, String?)]) func theVersionIsALabel(_ image: String, _ version: String?) throws
  {
    let labels = try Samples.render(["image": .string(image)])["Deployment"]?.labels
    #expect(labels?["app.kubernetes.io/version"] == version)
  }

  @Test(arguments: [246, 247, 253]) func aLongClassesQuotaHasAName(_ length: Int) throws {
    let agentClass = try AgentClass.decode([
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass",
      "metadata": ["name": .string(String(repeating: "a", count: length))],
      "spec": ["quota": ["hard": ["pods": 3]]],
    ]).get()
    let quota = try #require(NamespaceGovernance.objects(of: agentClass, in: "agents").first)
    #expect(NameFormat.dns1123Subdomain.accepts(quota.object.name))
    #expect(quota.object.name.utf8.count == (length > 246 ? 23 : 253))
  }

  /// The API server fills in defaults, and another version of it may fill in more.
  @Test func defaultsAreNoInput() throws {
    let given: JSONValue = [
      "port": 8080, "protocol": "HTTP", "paused": false,
      "secrets": [["name": "a", "generate": ["length": 32], "expose": "Files"]],
    ]
    let short: JSONValue = ["secrets": [["name": "a", "generate": [:]]]]
    #expect(
      AppliedRendering.input(of: try Samples.agent(given), Samples.context)
        == AppliedRendering.input(of: try Samples.agent(short), Samples.context))
  }

  @Test func aClassKeepsItsPodPart() throws {
    let old = try Self.agentClass([
      "defaults": [
        "resources": ["limits": ["memory": "2Gi"]], "security": ["mtls": "Permissive"],
        "scaling": ["maxReplicas": 3],
      ], "accelerators": ["nvidia.com/gpu": ["nodeSelector": ["pool": "old"]]],
      "endpoints": ["otlp": "http://old:4317"],
    ])
    let new = try Self.agentClass([
      "defaults": [
        "resources": ["limits": ["memory": "4Gi"]], "security": ["podSecurity": "Baseline"],
        "scaling": ["maxReplicas": 5],
      ], "accelerators": ["nvidia.com/gpu": ["nodeSelector": ["pool": "new"]]],
      "endpoints": ["otlp": "http://new:4317"],
    ])
    let spec: JSONValue = ["resources": ["limits": ["nvidia.com/gpu": 1]]]
    let before = try Self.render(spec, old)
    let kept = try Self.render(spec, new.keeping(.init(old.podPart.json)))
    #expect(kept.template == before.template && kept.revision == before.revision)
    #expect(kept["HorizontalPodAutoscaler"]?["spec"]?["maxReplicas"] == 5)
    #expect(kept["PeerAuthentication"]?["spec"]?["mtls"]?["mode"] == "STRICT")
    #expect(try Self.render(spec, new).template != before.template)
  }

  @Test func outsideAClusterThereIsNothingToKeep() throws {
    func record(_ uid: String?) throws -> (of: String?, input: String?) {
      let rendering = try Self.render([:], .builtIn, uid: uid)
      let sent = rendering.objects.first { $0.object.kind == "ConfigMap" }?.sent
      return (
        sent?.annotations[AppliedRendering.annotation],
        rendering["Deployment"]?.annotations[AppliedRendering.inputAnnotation]
      )
    }
    #expect(try record(nil) == (nil, nil))
    let (text, input) = try record("1")
    #expect(input?.utf8.count == 16 && text?.contains(input ?? "?") == true)
  }

  /// What goes with the ConfigMap is not in the rendering, so the hash alone tells that it is old.
  @Test func whatPodsRunOnIsInTheHashOfTheConfigMap() throws {
    let spec: JSONValue = [
      "secrets": [
        ["name": "llm", "secretRef": ["name": "llm"], "expose": "Env", "keys": ["k": "K"]]
      ]
    ]
    let agent = try Samples.agent(spec, uid: "1")
    func map(_ version: String) throws -> KubernetesObject {
      var context = Samples.context
      context.secretVersions["llm"] = version
      return try #require(agent.render(context)["ConfigMap"])
    }
    let (a, b) = (try map("1/1"), try map("1/2"))
    #expect(a.name == b.name)
    #expect(a.annotations[RenderHash.annotation] != b.annotations[RenderHash.annotation])
  }
}
