import AgentDeploymentAPI
import JSON
import KubernetesAPI
import Testing

@testable import ManifestRendering

/// `spec.state`: what is made for the store, and what the agent is told of it.
@Suite struct StateTests {
  static let managed: JSONValue = ["state": ["type": "Managed"]]

  private func config(_ rendering: Rendering) -> JSONValue? {
    rendering.objects.first { $0.object.name.hasSuffix("-config") }?.object["data"]
  }

  private func statePod(_ rendering: Rendering) -> JSONValue? {
    rendering["StatefulSet"]?["spec"]?["template"]
  }

  @Test func withoutTheSectionNothingIsMade() throws {
    for spec in [[:], ["state": ["type": "None"]]] as [JSONValue] {
      let rendering = try Samples.render(spec)
      #expect(!rendering.objects.contains { $0.object.name.hasSuffix("-state") })
      #expect(config(rendering)?["REDIS_HOST"] == nil)
      #expect(rendering.revision == (try Samples.render([:]).revision))
    }
  }

  /// The agent's Service, budget and policies select by a label that the store's pod must not have.
  @Test func theStoresPodIsNoneOfTheAgents() throws {
    let rendering = try Samples.render(Self.managed)
    let labels = try #require(statePod(rendering)?["metadata"]?["labels"])
    #expect(labels["agentdeploy.dev/agent"] == nil)
    #expect(labels["agentdeploy.dev/state"] == "support")
    for kind in ["StatefulSet", "PodDisruptionBudget"] {
      let selector = rendering[kind, "support-state"]?["spec"]?["selector"]?["matchLabels"]
      #expect(selector == ["agentdeploy.dev/state": "support"])
    }
    #expect(
      rendering["Service", "support-state"]?["spec"]?["selector"]
        == ["agentdeploy.dev/state": "support"])
    // The objects themselves are the agent's.
    for object in rendering.objects where object.object.name == "support-state" {
      #expect(object.object.labels["agentdeploy.dev/agent"] == "support")
      #expect(object.object.labels["app.kubernetes.io/managed-by"] == "agent-operator")
    }
  }

  @Test func theAgentIsToldWhereAndNeverWhat() throws {
    let rendering = try Samples.render(Self.managed)
    let told = config(rendering)
    #expect(told?["REDIS_HOST"] == "support-state.agents.svc.cluster.local")
    #expect(told?["REDIS_URL"] == "redis://support-state.agents.svc.cluster.local:6379")
    #expect(told?["REDIS_TLS"] == "false" && told?["REDIS_CLUSTER"] == "false")
    #expect(told?["REDIS_PASSWORD_FILE"] == "/etc/agent/state/password")
    let names = Set(rendering.variables.keys)
    #expect(names.isSuperset(of: ["REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD_FILE"]))
    let volume = rendering.podSpec?["volumes"]?.array?.first { $0["name"] == "state-password" }
    #expect(
      volume?["secret"] == [
        "secretName": "support-state", "items": [["key": "password", "path": "password"]],
      ])
    let password = try #require(rendering.objects.first { $0.object.kind == "Secret" })
    #expect(password.generatedKeys == ["password": 32] && password.object["data"] == nil)
  }

  @Test func anExternalStoreIsBoundByItsCredential() throws {
    let rendering = try Samples.render([
      "secrets": [
        ["name": "redis", "secretRef": ["name": "shared"], "expose": "Env", "keys": ["a": "A"]],
        ["name": "own", "generate": [:]],
      ],
      "state": [
        "type": "External",
        "external": [
          "address": "redis.shared.svc:6380", "tls": true, "credential": "redis", "cluster": true,
        ],
      ],
    ])
    let told = config(rendering)
    #expect(told?["REDIS_HOST"] == "redis.shared.svc" && told?["REDIS_PORT"] == "6380")
    #expect(told?["REDIS_URL"] == "rediss://redis.shared.svc:6380")
    #expect(told?["REDIS_TLS"] == "true" && told?["REDIS_CLUSTER"] == "true")
    let volume = rendering.podSpec?["volumes"]?.array?.first { $0["name"] == "state-password" }
    #expect(
      volume?["secret"] == [
        "secretName": "shared", "items": [["key": "password", "path": "password"]],
      ])
    #expect(rendering["StatefulSet"] == nil)
  }

  @Test func aGeneratedCredentialHasOneKeyAndNoneIsNoFile() throws {
    var spec: JSONValue = [
      "secrets": [["name": "own", "generate": [:]]],
      "state": ["type": "External", "external": ["address": "a:1", "credential": "own"]],
    ]
    let volume = try Samples.render(spec).podSpec?["volumes"]?.array?
      .first { $0["name"] == "state-password" }
    #expect(volume?["secret"]?["items"]?[0]?["key"] == "value")
    spec["state"] = ["type": "External", "external": ["address": "a:1"]]
    let open = try Samples.render(spec)
    #expect(config(open)?["REDIS_PASSWORD_FILE"] == nil)
    #expect(open.podSpec?["volumes"]?.array?.contains { $0["name"] == "state-password" } == false)
  }

  @Test func whereTheStoreIsBelongsToTheRevision() throws {
    func revision(_ state: JSONValue) throws -> String {
      try Samples.render(["state": state]).revision
    }
    let small = try revision(["type": "Managed"])
    #expect(small == (try revision(["type": "Managed", "managed": ["storage": "9Gi"]])))
    #expect(small != (try revision(["type": "None"])))
    #expect(
      try revision(["type": "External", "external": ["address": "a:1"]])
        != revision(["type": "External", "external": ["address": "a:2"]]))
  }

  @Test(arguments: ["Retain", "Delete"]) func thePolicySaysWhatStays(_ policy: String) throws {
    let rendering = try Samples.agent(
      ["state": ["type": "Managed"], "deletionPolicy": ["state": .string(policy)]], uid: "1"
    ).render(Samples.context)
    for kind in ["PersistentVolumeClaim", "Secret"] {
      let owners = rendering[kind]?.metadata["ownerReferences"]
      #expect((owners == nil) == (policy == "Retain"), "\(kind)")
    }
    #expect(rendering["StatefulSet"]?.metadata["ownerReferences"] != nil)
  }

  @Test(arguments: [
    ("AppendOnly", "appendonly yes", "536870912"), ("Snapshot", "save 900 1", "536870912"),
    ("None", "save \"\"", "805306368"),
  ]) func persistenceAndMemoryShapeTheConfiguration(
    _ persistence: String, _ line: String, _ memory: String
  ) throws {
    let rendering = try Samples.render([
      "state": [
        "type": "Managed",
        "managed": [
          "persistence": .string(persistence), "resources": ["limits": ["memory": "1Gi"]],
        ],
      ]
    ])
    let text =
      statePod(rendering)?["spec"]?["containers"]?[0]?["command"]?[2]?.string ?? ""
    #expect(text.contains(line) && text.contains("maxmemory \(memory)\n"))
    #expect((rendering["PersistentVolumeClaim"] == nil) == (persistence == "None"))
    let data = statePod(rendering)?["spec"]?["volumes"]?[0]
    #expect((data?["emptyDir"] != nil) == (persistence == "None"))
  }

  @Test func theImageIsTheAgentsElseTheClasss() throws {
    func image(_ state: JSONValue, _ agentClass: JSONValue) throws -> String? {
      let rendering = try ClassRenderingTests.render(
        ["state": state], try ClassRenderingTests.agentClass(agentClass))
      return statePod(rendering)?["spec"]?["containers"]?[0]?["image"]?.string
    }
    #expect(try image(["type": "Managed"], [:]) == StateStore.Managed.defaultImage)
    let platform: JSONValue = ["state": ["image": "registry/valkey:8"]]
    #expect(try image(["type": "Managed"], platform) == "registry/valkey:8")
    let own: JSONValue = ["type": "Managed", "managed": ["image": "redis:7.2"]]
    #expect(try image(own, platform) == "redis:7.2")
  }

  @Test func guardRailsHoldForTheStoreToo() throws {
    let agentClass = try ClassRenderingTests.agentClass([
      "guardRails": ["allowedRegistries": ["registry"]]
    ])
    let json = try Samples.agent(Self.managed).object.json
    guard case .failure(let failure) = AgentDeployment.decode(json, agentClass: agentClass) else {
      Issue.record("accepted")
      return
    }
    let error = failure.errors.first { $0.path == ["spec", "state", "managed", "image"] }
    #expect(error?.reason == .forbiddenByClass && error?.fix != nil)
  }

  /// The rule of `AppliedRendering`, for the store's pod.
  @Test func onlyTheUsersOwnChangesRestartTheStore() throws {
    func render(_ spec: JSONValue, _ image: String, _ applied: AppliedRendering?) throws
      -> Rendering
    {
      let agentClass = try ClassRenderingTests.agentClass(["state": ["image": .string(image)]])
      let json = try Samples.agent(spec, uid: "1").object.json
      return try AgentDeployment.decode(json, agentClass: agentClass).get().render(
        RenderingContext(appliedState: applied, now: Samples.now, agentClass: agentClass))
    }
    let first = try render(Self.managed, "valkey:1", nil)
    let applied = try #require(first.objects.first { $0.object.kind == "StatefulSet" }?.record)
    let edited = try render(Self.managed, "valkey:2", applied)
    #expect(statePod(edited) == statePod(first) && edited.holdsState)
    let more: JSONValue = [
      "state": ["type": "Managed", "managed": ["resources": ["limits": ["memory": "2Gi"]]]]
    ]
    let changed = try render(more, "valkey:2", applied)
    #expect(statePod(changed)?["spec"]?["containers"]?[0]?["image"] == "valkey:2")
    #expect(!changed.holdsState && !first.holdsState)
    // Of the agent's own, nothing matters to the store.
    var scaled = Self.managed
    scaled["image"] = "registry/support:v2"
    #expect(try statePod(render(scaled, "valkey:2", applied)) == statePod(first))
  }

  @Test func onlyTheAgentsPodsReachIt() throws {
    let policy = try #require(
      try Samples.render(Self.managed)["NetworkPolicy", "support-state"]?["spec"])
    #expect(
      policy["ingress"] == [
        [
          "from": [["podSelector": ["matchLabels": ["agentdeploy.dev/agent": "support"]]]],
          "ports": [["protocol": "TCP", "port": 6379], ["protocol": "TCP", "port": 15008]],
        ]
      ])
    var plain = Self.managed
    plain["traffic"] = ["provider": "None"]
    #expect(
      try Samples.render(plain)["NetworkPolicy", "support-state"]?["spec"]?["egress"] == [])
  }

  @Test func anAgentThatIsConfinedReachesItsStore() throws {
    func egress(_ state: JSONValue) throws -> [JSONValue] {
      let policy = try Samples.render([
        "state": state, "traffic": ["provider": "None"],
        "security": ["egress": ["mode": "Restricted"]],
      ])["NetworkPolicy", "support"]
      return Array((policy?["spec"]?["egress"]?.array ?? []).dropFirst())
    }
    #expect(
      try egress(["type": "Managed"]) == [
        [
          "to": [["podSelector": ["matchLabels": ["agentdeploy.dev/state": "support"]]]],
          "ports": [["protocol": "TCP", "port": 6379]],
        ]
      ])
    let near = try egress(["type": "External", "external": ["address": "redis.shared.svc:6379"]])
    #expect(
      near == [
        [
          "to": [
            ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "shared"]]]
          ]
        ]
      ])
    let far = try egress(["type": "External", "external": ["address": "r.example.com:6380"]])
    #expect(far.first?["ports"] == [["protocol": "TCP", "port": 6380]])
  }
}
