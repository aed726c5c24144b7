import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `secrets[].onChange: Reload`: a container in the pod that tells the agent.
@Suite struct ReloadTests {
  static let spec: JSONValue = [
    "port": 9000, "health": ["reloadPath": "/-/reload"],
    "secrets": [
      ["name": "llm", "secretRef": ["name": "support-llm"], "onChange": "Reload"],
      ["name": "session", "generate": ["rotateEvery": "24h"], "onChange": "Reload"],
      ["name": "crm", "secretRef": ["name": "support-crm"], "onChange": "Restart"],
      ["name": "other", "secretRef": ["name": "support-other"]],
    ],
  ]

  private func sidecar(_ rendering: Rendering) -> JSONValue? {
    rendering.podSpec?["initContainers"]?[0]
  }

  @Test func itIsThereForThatAlone() throws {
    var spec = Self.spec
    let container = try #require(sidecar(try Samples.render(spec)))
    #expect(container["name"] == "agent-reload")
    #expect(
      container["args"] == [
        "reload", "--watch", "/etc/agent/secrets/llm", "--watch", "/etc/agent/secrets/session",
        "--url", "http://127.0.0.1:9000/-/reload",
        "--record", "/var/lib/agent-reload/versions.json", "--log-format", "json",
      ])
    spec["health"] = nil
    spec["secrets"] = .array(
      (Self.spec["secrets"]?.array ?? []).map { secret in
        var secret = secret
        if secret["onChange"] == "Reload" { secret["onChange"] = "Ignore" }
        return secret
      })
    let without = try Samples.render(spec)
    #expect(without.podSpec?["initContainers"] == nil)
    #expect(without.podSpec?["volumes"]?.array?.contains { $0["name"] == "reload-record" } == false)
  }

  /// A native sidecar: the agent waits for it, and it ends after the agent. Nothing may hold up the
  /// pod or be asked from outside.
  @Test func itIsASidecarThatNobodyAsks() throws {
    let container = try #require(sidecar(try Samples.render(Self.spec)))
    #expect(container["restartPolicy"] == "Always")
    for field in ["ports", "livenessProbe", "readinessProbe", "startupProbe", "env", "lifecycle"] {
      #expect(container[field] == nil, "\(field)")
    }
  }

  /// Quotas ask for both; different ones would make a Guaranteed pod Burstable.
  @Test func whatItNeedsIsItsLimit() throws {
    let resources = try #require(sidecar(try Samples.render(Self.spec)))["resources"]
    #expect(resources?["requests"] == resources?["limits"])
    #expect(Set(resources?["limits"]?.object?.keys.map { $0 } ?? []) == ["cpu", "memory"])
  }

  /// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, also where the
  /// agent itself is only held to Baseline.
  @Test(arguments: ["Restricted", "Baseline"]) func itIsRestricted(_ level: String) throws {
    var spec = Self.spec
    spec["security"] = ["podSecurity": .string(level)]
    let rendering = try Samples.render(spec)
    let context = try #require(sidecar(rendering)?["securityContext"])
    #expect(context["runAsNonRoot"] == true && context["runAsUser"] != 0)
    #expect(context["readOnlyRootFilesystem"] == true)
    #expect(context["allowPrivilegeEscalation"] == false)
    #expect(context["capabilities"] == ["drop": ["ALL"]])
    #expect(rendering.podSpec?["securityContext"]?["seccompProfile"] == ["type": "RuntimeDefault"])
  }

  /// It sees what it watches, read-only, where the agent sees it, and no other secret.
  @Test func itSeesOnlyWhatItWatches() throws {
    let rendering = try Samples.render(Self.spec)
    let mounts = sidecar(rendering)?["volumeMounts"]?.array ?? []
    #expect(
      mounts == [
        ["name": "secret-llm", "mountPath": "/etc/agent/secrets/llm", "readOnly": true],
        ["name": "secret-session", "mountPath": "/etc/agent/secrets/session", "readOnly": true],
        ["name": "reload-record", "mountPath": "/var/lib/agent-reload"],
      ])
    let agents = rendering.container?["volumeMounts"]?.array ?? []
    #expect(agents.contains(mounts[0]) && agents.contains(mounts[1]))
    #expect(!agents.contains { $0["name"] == "reload-record" })
  }

  /// Contents that reload leave the template alone; those that restart do not.
  @Test func onlyWhatRestartsChangesTheTemplate() throws {
    func template(_ versions: [String: String]) throws -> JSONValue? {
      let context = RenderingContext(secretVersions: versions, now: Samples.now)
      return try Samples.render(Self.spec, context).template
    }
    let before = try template(["support-crm": "1"])
    #expect(
      try template(["support-crm": "1", "support-llm": "2", "support-session": "2"]) == before)
    #expect(try template(["support-crm": "2"]) != before)
    let needed = try Samples.render(Self.spec).references.filter { $0.kind == .secret }
    #expect(needed.filter(\.restartsOnChange).map(\.name) == ["support-crm"])
  }

  @Test func theClassNamesItsImage() throws {
    #expect(
      sidecar(try Samples.render(Self.spec))?["image"] == .string(AgentClass.defaultReloadImage))
    let agentClass = try ClassRenderingTests.agentClass([
      "capabilities": ["istio": true], "reload": ["image": "registry.example.com/op@sha256:01"],
    ])
    let rendering = try Samples.render(
      Self.spec, RenderingContext(now: Samples.now, agentClass: agentClass))
    #expect(sidecar(rendering)?["image"] == "registry.example.com/op@sha256:01")
    // Which image it is says nothing about the agent.
    #expect(try rendering.revision == Samples.render(Self.spec).revision)
  }

  @Test func itsResourcesMayBeChanged() throws {
    var spec = Self.spec
    spec["podTemplate"] = [
      "spec": [
        "initContainers": [
          ["name": "agent-reload", "resources": ["limits": ["cpu": "100m"]]],
          ["name": "fetch", "image": "fetch:1"],
        ]
      ]
    ]
    let containers = try Samples.render(spec).podSpec?["initContainers"]?.array ?? []
    #expect(containers.map { $0["name"] } == ["agent-reload", "fetch"])
    #expect(containers[0]["resources"]?["limits"] == ["cpu": "100m", "memory": "32Mi"])
  }

  /// Scalers count the agent's container alone.
  @Test func scalersDoNotCountIt() throws {
    let metrics = try Samples.render(Self.spec)["HorizontalPodAutoscaler"]?["spec"]?["metrics"]
    #expect(metrics?.array?.map { $0["containerResource"]?["container"] } == ["agent"])
  }
}
