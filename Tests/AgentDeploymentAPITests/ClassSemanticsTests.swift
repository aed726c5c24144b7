import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

/// What a class does to an agent: fills in, refuses, is chosen.
@Suite struct ClassSemanticsTests {
  private func agent(_ spec: String, _ classSpec: String) throws -> AgentDeployment {
    try AgentDeployment.decode(
      Manifest.agent(spec), agentClass: ClassDecodingTests.agentClass(classSpec)
    ).get()
  }

  private func errors(_ spec: String, _ classSpec: String) throws -> FieldErrors? {
    let agentClass = try ClassDecodingTests.agentClass(classSpec)
    switch AgentDeployment.decode(Manifest.agent(spec), agentClass: agentClass) {
    case .success: return nil
    case .failure(let failure): return failure
    }
  }

  // MARK: Defaults

  @Test func theUsersFieldWinsAndTheRestIsFilledIn() throws {
    let filled = try agent(
      #"{"resources":{"requests":{"cpu":"1"}},"traffic":{"timeout":"9s"}}"#,
      #"{"defaults":{"resources":{"requests":{"cpu":"2","memory":"2Gi"},"limits":{"memory":"4Gi"}},"traffic":{"timeout":"5s","loadBalancing":"Random"}}}"#
    )
    #expect(filled.spec.resources.requests == ["cpu": "1", "memory": "2Gi"])
    #expect(filled.spec.resources.limits == ["memory": "4Gi"])
    #expect(filled.spec.traffic.timeout == KubernetesDuration(seconds: 9))
    #expect(filled.spec.traffic.loadBalancing == .random)
    #expect(
      filled.classDefaults.map(\.description) == [
        "spec.resources.requests.memory", "spec.resources.limits.memory",
        "spec.traffic.loadBalancing",
      ])
  }

  /// A default gives way where it would contradict; the others stay.
  @Test(
    arguments: [
      // user, class, what is filled in
      (
        #"{"traffic":{"provider":"None"}}"#,
        #"{"defaults":{"traffic":{"timeout":"5s"},"security":{"mtls":"Permissive","podSecurity":"Baseline"}}}"#,
        ["spec.security.podSecurity"]
      ),
      (
        #"{"traffic":{"affinity":{"type":"Header","name":"x"}}}"#,
        #"{"defaults":{"traffic":{"loadBalancing":"Random","timeout":"5s"}}}"#,
        ["spec.traffic.timeout"]
      ),
      (
        #"{"traffic":{"affinity":{"type":"None"}}}"#,
        #"{"defaults":{"traffic":{"affinity":{"type":"Header","name":"x"}}}}"#, []
      ),
      (
        "{}", #"{"defaults":{"traffic":{"affinity":{"type":"Header","name":"x"}}}}"#,
        ["spec.traffic.affinity"]
      ),
      (#"{"scaling":{"minReplicas":8}}"#, #"{"defaults":{"scaling":{"maxReplicas":5}}}"#, []),
      (
        #"{"scaling":{"minReplicas":4}}"#, #"{"defaults":{"scaling":{"maxReplicas":5}}}"#,
        ["spec.scaling.maxReplicas"]
      ),
      (
        #"{"resources":{"requests":{"memory":"8Gi"}}}"#,
        #"{"defaults":{"resources":{"limits":{"memory":"4Gi","cpu":"2"}}}}"#,
        ["spec.resources.limits.cpu"]
      ),
      (
        "{}", #"{"defaults":{"traffic":{"gatewayRefs":[{"name":"g"}],"timeout":"5s"}}}"#,
        ["spec.traffic.timeout"]
      ),
      (
        #"{"traffic":{"hosts":["a.example.com"]}}"#,
        #"{"defaults":{"traffic":{"gatewayRefs":[{"name":"g"}]}}}"#, ["spec.traffic.gatewayRefs"]
      ),
      (
        #"{"security":{"serviceAccount":{"name":"mine"}}}"#,
        #"{"defaults":{"security":{"serviceAccount":{"annotations":{"a":"b"}}}}}"#, []
      ),
      (
        #"{"observability":{"tracing":{"endpoint":"http://own:1"}}}"#,
        #"{"defaults":{"observability":{"tracing":{"endpoint":"http://c:1","samplePercent":"5"}}}}"#,
        []
      ),
      ("{}", #"{"guardRails":{"maxReplicas":3}}"#, ["spec.scaling.maxReplicas"]),
      (#"{"scaling":{"maxReplicas":2}}"#, #"{"guardRails":{"maxReplicas":3}}"#, []),
      ("{}", #"{"guardRails":{"maxReplicas":20}}"#, []),
      ("{}", #"{"guardRails":{"maxGrace":"30s"}}"#, ["spec.availability.drain.timeout"]),
      ("{}", #"{"guardRails":{"maxGrace":"75s"}}"#, []),
    ] as [(String, String, [String])])
  func defaultsGiveWayOneByOne(_ spec: String, _ classSpec: String, _ filled: [String]) throws {
    #expect(try agent(spec, classSpec).classDefaults.map(\.description) == filled)
  }

  @Test func whatIsFilledInKeepsWithinTheGuardRails() throws {
    let spec = try agent("{}", #"{"guardRails":{"maxReplicas":1,"maxGrace":"16s"}}"#).spec
    #expect(spec.scaling.maxReplicas == 1 && spec.scaling.minReplicas == 1)
    #expect(spec.availability.drainTimeout == KubernetesDuration(seconds: 1))
  }

  // MARK: Refusals

  @Test(arguments: [
    (
      #"{"traffic":{"provider":"Istio"}}"#, #"{"capabilities":{"istio":false}}"#,
      "spec.traffic.provider"
    ),
    (
      #"{"traffic":{"hosts":["a.example.com"]}}"#, #"{"capabilities":{"istio":false}}"#,
      "spec.traffic.hosts"
    ),
    (
      #"{"traffic":{"faultInjection":{"percent":"1","delay":"1s","expiresAt":"2026-12-01T00:00:00Z"}}}"#,
      #"{"capabilities":{"istio":false}}"#, "spec.traffic.faultInjection"
    ),
    (
      #"{"security":{"mtls":"Strict"}}"#, #"{"capabilities":{"istio":false}}"#,
      "spec.security.mtls"
    ),
    (
      LeafCase.work, #"{"capabilities":{"customMetrics":false}}"#,
      "spec.scaling.metrics[0].type"
    ),
    (LeafCase.mirrored, #"{"capabilities":{"istio":false}}"#, "spec.traffic.mirror"),
    (LeafCase.toolRule, #"{"capabilities":{"istio":false}}"#, "spec.traffic.tools"),
  ]) func whatTheClassLacksIsRefusedByName(_ spec: String, _ classSpec: String, _ path: String)
    throws
  {
    let failure = try #require(try errors(spec, classSpec))
    #expect(failure.errors.map(\.path.description) == [path])
    #expect(failure.conditionReason == "UnsupportedByClass")
    #expect(try errors(spec, "{}") == nil)
  }

  /// EnvoyFilter is never taken for granted, and needs sidecars.
  @Test(arguments: [
    ("{}", false), (#"{"capabilities":{"envoyFilters":true}}"#, true),
    (#"{"capabilities":{"envoyFilters":true,"ambient":true}}"#, false),
    (#"{"capabilities":{"envoyFilters":true,"istio":false}}"#, false),
  ]) func aRateLimitNeedsPermission(_ classSpec: String, _ isAllowed: Bool) throws {
    let failure = try errors(LeafCase.limited, classSpec)
    #expect((failure == nil) == isAllowed)
    #expect(
      failure?.errors.allSatisfy { $0.path.description == "spec.traffic.rateLimit" } != false)
    let manifest = ClassDecodingTests.json(
      #"{"defaults":{"traffic":{"rateLimit":{"requests":5,"per":"Hour"}}}}"#)
    #expect(
      ClassDecodingTests.errors(manifest).map(\.path.description) == [
        "spec.defaults.traffic.rateLimit"
      ])
  }

  @Test func defaultsFallBackQuietly() throws {
    let plain = #"{"capabilities":{"istio":false}}"#
    #expect(try agent("{}", plain).spec.traffic.provider == .none)
    #expect(try errors(#"{"security":{"mtls":"Disabled"}}"#, plain) == nil)
    #expect(try errors(#"{"traffic":{"provider":"None"}}"#, plain) == nil)
    #expect(try errors(#"{"traffic":{}}"#, plain) == nil)
  }

  @Test(
    arguments: [
      (
        #"{"scaling":{"maxReplicas":9}}"#, #"{"guardRails":{"maxReplicas":5}}"#,
        ["spec.scaling.maxReplicas"]
      ),
      (
        #"{"scaling":{"minReplicas":9}}"#, #"{"guardRails":{"maxReplicas":5}}"#,
        ["spec.scaling.minReplicas"]
      ),
      (
        #"{"availability":{"drain":{"timeout":"46s"}}}"#, #"{"guardRails":{"maxGrace":"1m"}}"#,
        ["spec.availability.drain.timeout"]
      ),
      (
        #"{"image":"registry.example.com/a:1"}"#, #"{"guardRails":{"requireDigest":true}}"#,
        ["spec.image"]
      ),
      (
        #"{"image":"registry.example.com.evil.org/a:1"}"#,
        #"{"guardRails":{"allowedRegistries":["registry.example.com"]}}"#, ["spec.image"]
      ),
      (
        #"{"image":"agent"}"#, #"{"guardRails":{"allowedRegistries":["docker.io/team"]}}"#,
        ["spec.image"]
      ),
      (
        #"{"image":"ghcr.io/teamster/a"}"#,
        #"{"guardRails":{"allowedRegistries":["ghcr.io/team"]}}"#, ["spec.image"]
      ),
      (
        #"{"security":{"podSecurity":"Baseline"}}"#,
        #"{"guardRails":{"podSecurity":"Restricted"}}"#,
        ["spec.security.podSecurity"]
      ),
      // Past the fields, through the escape hatches.
      (
        #"{"podTemplate":{"spec":{"terminationGracePeriodSeconds":90}}}"#,
        #"{"guardRails":{"maxGrace":"80s"}}"#,
        ["spec.podTemplate.spec.terminationGracePeriodSeconds"]
      ),
      (
        #"{"podTemplate":{"spec":{"initContainers":[{"name":"i","image":"quay.io/i"}]}}}"#,
        #"{"guardRails":{"allowedRegistries":["registry.example.com"],"requireDigest":true}}"#,
        [
          "spec.image", "spec.podTemplate.spec.initContainers[0].image",
          "spec.podTemplate.spec.initContainers[0].image",
        ]
      ),
      (
        #"{"podTemplate":{"spec":{"hostNetwork":true,"volumes":[{"name":"v","hostPath":{"path":"/"}}],"securityContext":{"runAsNonRoot":false}}}}"#,
        #"{"guardRails":{"podSecurity":"Restricted"}}"#,
        [
          "spec.podTemplate.spec.hostNetwork",
          "spec.podTemplate.spec.securityContext.runAsNonRoot",
          "spec.podTemplate.spec.volumes[0].hostPath",
        ]
      ),
      (
        #"{"podTemplate":{"spec":{"containers":[{"name":"agent","securityContext":{"privileged":true}}]}}}"#,
        #"{"guardRails":{"podSecurity":"Restricted"}}"#,
        ["spec.podTemplate.spec.containers[0].securityContext.privileged"]
      ),
      (
        #"{"podTemplate":{"spec":{"containers":[{"name":"side","image":"s"}]}}}"#,
        #"{"guardRails":{"podSecurity":"Restricted"}}"#,
        [
          "spec.podTemplate.spec.containers[0].securityContext.allowPrivilegeEscalation",
          "spec.podTemplate.spec.containers[0].securityContext.capabilities.drop",
        ]
      ),
      (
        #"{"overrides":[{"kind":"HorizontalPodAutoscaler","patch":{"spec":{"maxReplicas":500}}}]}"#,
        #"{"guardRails":{"maxReplicas":20}}"#, ["spec.overrides[0].patch.spec.maxReplicas"]
      ),
      (
        #"{"overrides":[{"kind":"Deployment","patch":{"spec":{"template":{"spec":{"hostPID":true}}}}}]}"#,
        #"{"guardRails":{"podSecurity":"Restricted"}}"#,
        ["spec.overrides[0].patch.spec.template.spec.hostPID"]
      ),
    ] as [(String, String, [String])])
  func guardRailsRefuseAtTheField(_ spec: String, _ classSpec: String, _ paths: [String]) throws {
    let failure = try #require(try errors(spec, classSpec))
    #expect(failure.errors.map(\.path.description) == paths, "\(failure)")
    #expect(failure.conditionReason == "ForbiddenByClass")
    #expect(failure.errors.allSatisfy { $0.message.contains("production") })
  }

  @Test(arguments: [
    (#"{"scaling":{"maxReplicas":5}}"#, #"{"guardRails":{"maxReplicas":5}}"#),
    (#"{"availability":{"drain":{"timeout":"45s"}}}"#, #"{"guardRails":{"maxGrace":"1m"}}"#),
    (#"{"image":"agent"}"#, #"{"guardRails":{"allowedRegistries":["docker.io"]}}"#),
    (
      #"{"image":"ghcr.io/team/a@sha256:0"}"#,
      #"{"guardRails":{"allowedRegistries":["ghcr.io/team"],"requireDigest":true}}"#
    ),
    (
      #"{"podTemplate":{"spec":{"containers":[{"name":"side","image":"s","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}}"#,
      #"{"guardRails":{"podSecurity":"Restricted"}}"#
    ),
    (#"{"security":{"podSecurity":"Baseline"}}"#, #"{"guardRails":{"podSecurity":"Baseline"}}"#),
  ]) func whatKeepsWithinThemPasses(_ spec: String, _ classSpec: String) throws {
    #expect(try errors(spec, classSpec) == nil)
  }

  // MARK: Which class

  private func object(_ name: String, created: String?, isDefault: Bool, _ spec: String = "{}")
    -> KubernetesObject
  {
    var json = ClassDecodingTests.json(spec, name: name)
    if isDefault { json["metadata"]?["annotations"] = [AgentClass.isDefaultAnnotation: "true"] }
    if let created { json["metadata"]?["creationTimestamp"] = .string(created) }
    return KubernetesObject(json)
  }

  @Test func theOldestDefaultHoldsWhateverTheOrder() throws {
    let objects = [
      object("b", created: "2026-01-02T00:00:00Z", isDefault: true),
      object("a", created: "2026-01-02T00:00:00Z", isDefault: true),
      object("c", created: "2026-01-03T00:00:00Z", isDefault: true),
      object("d", created: "2026-01-01T00:00:00Z", isDefault: false),
    ]
    for list in [objects, objects.reversed()] {
      let catalog = AgentClassCatalog(list)
      #expect(catalog.defaultNames == ["a", "b", "c"])
      #expect(try catalog.agentClass(named: nil).get().name == "a")
      #expect(try catalog.agentClass(named: "d").get().name == "d")
    }
  }

  @Test func theBuiltInClassHoldsWhereThereIsNoOther() throws {
    let catalog = AgentClassCatalog([object("production", created: nil, isDefault: false)])
    #expect(try catalog.agentClass(named: nil).get() == .builtIn)
    #expect(try catalog.agentClass(named: "default").get() == .builtIn)
    guard case .failure(let failure) = catalog.agentClass(named: "prodution") else {
      Issue.record("found")
      return
    }
    #expect(failure.conditionReason == "ClassNotFound")
    #expect(failure.errors.first?.path.description == "spec.className")
    #expect(failure.errors.first?.fix == "did you mean production?")
  }

  @Test func anInvalidClassIsNotReplacedByAnother() {
    let catalog = AgentClassCatalog([
      object("a", created: nil, isDefault: true, #"{"guardRails":{"maxReplicas":0}}"#)
    ])
    for name in [nil, "a"] {
      guard case .failure(let failure) = catalog.agentClass(named: name) else {
        Issue.record("found")
        continue
      }
      #expect(failure.conditionReason == "ClassInvalid")
      #expect(failure.description.contains("spec.guardRails.maxReplicas"))
    }
  }

  @Test func discoveryFillsInWhatTheClassLeavesOut() throws {
    let catalog = AgentClassCatalog([
      object(
        "a", created: nil, isDefault: true, #"{"capabilities":{"keda":false,"cilium":true}}"#)
    ])
    let found = try catalog.agentClass(named: nil, discovered: [.keda, .prometheusOperator]).get()
      .capabilities
    #expect(found.prometheusOperator && found.cilium && !found.keda && !found.istio)
  }
}
