import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentDeploymentAPI

/// What a class's `guardRails` make of pods that `podTemplate` and `overrides` change.
@Suite struct PodSecurityTests {
  private static let pod = "spec.podTemplate.spec."
  private static let agent = "spec.podTemplate.spec.containers[0]."

  /// The paths of what is refused.
  private func refused(_ spec: JSONValue, _ classSpec: String) throws -> [String] {
    let agentClass = try ClassDecodingTests.agentClass(classSpec)
    guard
      case .failure(let failure) = AgentDeployment.decode(
        Manifest.agent(spec), agentClass: agentClass)
    else { return [] }
    #expect(failure.conditionReason == "ForbiddenByClass", "\(failure)")
    return failure.errors.map(\.path.description)
  }

  private func refused(pod: String, _ classSpec: String) throws -> [String] {
    try refused(["podTemplate": ["spec": Manifest.json(pod)]], classSpec)
  }

  private static let restricted = #"{"guardRails":{"podSecurity":"Restricted"}}"#

  /// What Restricted asks of each container.
  private static let hardened =
    #""allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}"#

  private static let beyondBaseline: [(String, String)] = [
    (
      #"{"securityContext":{"windowsOptions":{"hostProcess":true}}}"#,
      pod + "securityContext.windowsOptions.hostProcess"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"windowsOptions":{"hostProcess":true}}}]}"#,
      agent + "securityContext.windowsOptions.hostProcess"
    ),
    (#"{"hostNetwork":true}"#, pod + "hostNetwork"),
    (#"{"hostPID":true}"#, pod + "hostPID"),
    (#"{"hostIPC":true}"#, pod + "hostIPC"),
    (
      #"{"containers":[{"name":"agent","securityContext":{"privileged":true}}]}"#,
      agent + "securityContext.privileged"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"capabilities":{"add":["SYS_ADMIN"]}}}]}"#,
      agent + "securityContext.capabilities.add"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"capabilities":{"add":["ALL"]}}}]}"#,
      agent + "securityContext.capabilities.add"
    ),
    (#"{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}"#, pod + "volumes[0].hostPath"),
    // A volume of the agent's own.
    (
      #"{"volumes":[{"name":"tmp","emptyDir":null,"hostPath":{"path":"/"}}]}"#,
      pod + "volumes[0].hostPath"
    ),
    (
      #"{"containers":[{"name":"agent","ports":[{"containerPort":8080,"hostPort":80}]}]}"#,
      agent + "ports[0].hostPort"
    ),
    (
      #"{"containers":[{"name":"agent","livenessProbe":{"httpGet":{"host":"10.0.0.1"}}}]}"#,
      agent + "livenessProbe.httpGet.host"
    ),
    (
      #"{"containers":[{"name":"agent","lifecycle":{"preStop":{"tcpSocket":{"host":"x","port":1}}}}]}"#,
      agent + "lifecycle.preStop.tcpSocket.host"
    ),
    (
      #"{"securityContext":{"appArmorProfile":{"type":"Unconfined"}}}"#,
      pod + "securityContext.appArmorProfile.type"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"appArmorProfile":{"type":"Unconfined"}}}]}"#,
      agent + "securityContext.appArmorProfile.type"
    ),
    (
      #"{"securityContext":{"seLinuxOptions":{"user":"system_u"}}}"#,
      pod + "securityContext.seLinuxOptions.user"
    ),
    (
      #"{"securityContext":{"seLinuxOptions":{"role":"r"}}}"#,
      pod + "securityContext.seLinuxOptions.role"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"seLinuxOptions":{"type":"spc_t"}}}]}"#,
      agent + "securityContext.seLinuxOptions.type"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"procMount":"Unmasked"}}]}"#,
      agent + "securityContext.procMount"
    ),
    (
      #"{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}"#,
      pod + "securityContext.seccompProfile.type"
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"seccompProfile":{"type":"Unconfined"}}}]}"#,
      agent + "securityContext.seccompProfile.type"
    ),
    (
      #"{"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]}}"#,
      pod + "securityContext.sysctls"
    ),
    (
      #"{"initContainers":[{"name":"i","image":"i","securityContext":{"privileged":true,\#(hardened)}}]}"#,
      pod + "initContainers[0].securityContext.privileged"
    ),
    (
      #"{"ephemeralContainers":[{"name":"e","image":"e","securityContext":{"privileged":true,\#(hardened)}}]}"#,
      pod + "ephemeralContainers[0].securityContext.privileged"
    ),
    (
      #"{"containers":[{"name":"side","image":"s","ports":[{"containerPort":1,"hostPort":1}],"securityContext":{\#(hardened)}}]}"#,
      agent + "ports[0].hostPort"
    ),
  ]

  /// Baseline is what a class asks that says nothing.
  @Test(
    arguments: beyondBaseline,
    ["{}", #"{"guardRails":{"podSecurity":"Baseline"}}"#, Self.restricted])
  func whatBaselineForbidsIsRefused(_ example: (String, String), _ classSpec: String) throws {
    #expect(try refused(pod: example.0, classSpec) == [example.1])
  }

  private static let beyondRestricted: [(String, [String])] = [
    (#"{"securityContext":null}"#, [pod + "securityContext.seccompProfile.type"]),
    (
      #"{"securityContext":null,"containers":[{"name":"agent","securityContext":null}]}"#,
      [
        pod + "securityContext.runAsNonRoot", pod + "securityContext.seccompProfile.type",
        agent + "securityContext.allowPrivilegeEscalation",
        agent + "securityContext.capabilities.drop",
      ]
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"allowPrivilegeEscalation":null,"capabilities":null}}]}"#,
      [
        agent + "securityContext.allowPrivilegeEscalation",
        agent + "securityContext.capabilities.drop",
      ]
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"allowPrivilegeEscalation":true}}]}"#,
      [agent + "securityContext.allowPrivilegeEscalation"]
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"capabilities":{"drop":["NET_RAW"]}}}]}"#,
      [agent + "securityContext.capabilities.drop"]
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"capabilities":{"add":["CHOWN"]}}}]}"#,
      [agent + "securityContext.capabilities.add"]
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"runAsNonRoot":false}}]}"#,
      [agent + "securityContext.runAsNonRoot"]
    ),
    (
      #"{"containers":[{"name":"agent","securityContext":{"runAsUser":0}}]}"#,
      [agent + "securityContext.runAsUser"]
    ),
    (#"{"securityContext":{"runAsUser":0}}"#, [pod + "securityContext.runAsUser"]),
    (
      #"{"hostUsers":false,"securityContext":{"runAsUser":0}}"#,
      [pod + "securityContext.runAsUser"]
    ),
    (
      #"{"securityContext":{"seccompProfile":null}}"#,
      [pod + "securityContext.seccompProfile.type"]
    ),
    (#"{"volumes":[{"name":"v","nfs":{"server":"s","path":"/"}}]}"#, [pod + "volumes[0].nfs"]),
    (#"{"volumes":[{"name":"v","flexVolume":{"driver":"d"}}]}"#, [pod + "volumes[0].flexVolume"]),
    (
      #"{"containers":[{"name":"side","image":"s","securityContext":{\#(hardened),"runAsNonRoot":false}}]}"#,
      [agent + "securityContext.runAsNonRoot"]
    ),
    (
      #"{"initContainers":[{"name":"i","image":"i"}]}"#,
      [
        pod + "initContainers[0].securityContext.allowPrivilegeEscalation",
        pod + "initContainers[0].securityContext.capabilities.drop",
      ]
    ),
  ]

  @Test(arguments: beyondRestricted)
  func whatRestrictedAsksIsRefused(_ podSpec: String, _ paths: [String]) throws {
    #expect(try refused(pod: podSpec, Self.restricted) == paths)
    #expect(try refused(pod: podSpec, "{}") == [])
  }

  private static let withinRestricted = [
    #"{"hostNetwork":false,"hostPID":null}"#,
    #"{"securityContext":{"fsGroup":1,"runAsUser":1000,"sysctls":[{"name":"net.ipv4.tcp_syncookies","value":"1"}]}}"#,
    #"{"securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"p"},"seLinuxOptions":{"type":"container_t","level":"s0"}}}"#,
    #"{"containers":[{"name":"agent","securityContext":{"capabilities":{"add":["NET_BIND_SERVICE"]}}}]}"#,
    #"{"containers":[{"name":"agent","ports":[{"containerPort":9,"hostPort":0}]}]}"#,
    #"{"volumes":[{"name":"a","ephemeral":{}},{"name":"b","csi":{"driver":"d"}},{"name":"c","image":{"reference":"r"}},{"name":"d"}]}"#,
    #"{"containers":[{"name":"side","image":"s","securityContext":{\#(hardened)}}]}"#,
  ]

  @Test(arguments: withinRestricted) func whatRestrictedAllowsPasses(_ podSpec: String) throws {
    #expect(try refused(pod: podSpec, Self.restricted) == [])
  }

  /// Since Kubernetes 1.35, whose server validates that the two go together. Apart from what is compared
  /// with a real one: an older one has no such rule.
  @Test func theOwnUserNamespaceUnmasksProc() throws {
    func unmasked(_ hostUsers: String) -> String {
      #"{"hostUsers":\#(hostUsers),"containers":[{"name":"agent","securityContext":{"procMount":"Unmasked"}}]}"#
    }
    let place = Self.agent + "securityContext.procMount"
    #expect(try refused(pod: unmasked("false"), "{}") == [])
    #expect(try refused(pod: unmasked("true"), "{}") == [place])
    #expect(try refused(pod: unmasked("false"), Self.restricted) == [place])
  }

  private func problems(pod: String, _ classSpec: String) throws -> [FieldError] {
    let agentClass = try ClassDecodingTests.agentClass(classSpec)
    let agent = Manifest.agent(["podTemplate": ["spec": Manifest.json(pod)]])
    guard case .failure(let failure) = AgentDeployment.decode(agent, agentClass: agentClass) else {
      return []
    }
    return failure.errors
  }

  @Test func rootIsRefusedInPlainWords() throws {
    let error = try problems(pod: #"{"securityContext":{"runAsUser":0}}"#, Self.restricted).first
    #expect(
      error?.message == "class production asks for Restricted, which does not allow user 0")
    #expect(error?.fix == "name another user, or remove it")
  }

  /// Who reads the class finds no Baseline in it.
  @Test func aClassThatNamesNoLevelIsToldSo() throws {
    let host = #"{"hostPID":true}"#
    #expect(
      try problems(pod: host, "{}").map(\.message) == [
        "class production names no level, and so asks for Baseline, which does not allow it"
      ])
    #expect(
      try problems(pod: host, #"{"guardRails":{"podSecurity":"Baseline"}}"#).map(\.message) == [
        "class production asks for Baseline, which does not allow it"
      ])
  }

  /// As what the schema says is.
  @Test func hundredsOfProblemsAreCutOff() throws {
    let ports = (1...300).map { #"{"containerPort":\#($0),"hostPort":\#($0)}"# }
      .joined(separator: ",")
    let side = #"{"name":"side","image":"s","ports":[\#(ports)]}"#
    let found = try problems(pod: #"{"containers":[\#(side)]}"#, "{}")
    #expect(found.count == FieldValidator.errorLimit)
  }

  @Test func annotationsCountToo() throws {
    let key = "container.apparmor.security.beta.kubernetes.io/agent"
    for (profile, isAllowed) in [("unconfined", false), ("localhost/x", true)] {
      let paths = try refused(
        ["podTemplate": ["metadata": ["annotations": [key: .string(profile)]]]], "{}")
      #expect(paths == (isAllowed ? [] : ["spec.podTemplate.metadata.annotations[\(key)]"]))
    }
  }

  /// An override replaces lists as a whole, the agent's container with them.
  @Test func overridesAreJudgedByWhatTheyLeave() throws {
    func override(_ kind: String, _ pod: String, name: String? = nil) -> JSONValue {
      var override: JSONValue = [
        "kind": .string(kind), "patch": ["spec": ["template": ["spec": Manifest.json(pod)]]],
      ]
      if let name { override["name"] = .string(name) }
      return override
    }
    let bare = #"{"containers":[{"name":"agent","image":"i"}]}"#
    let path = "spec.overrides[0].patch.spec.template.spec."
    #expect(
      try refused(["overrides": [override("Deployment", bare)]], Self.restricted) == [
        path + "containers[0].securityContext.allowPrivilegeEscalation",
        path + "containers[0].securityContext.capabilities.drop",
      ])
    // The last word counts, and whose it is.
    let host = #"{"hostNetwork":true}"#
    let both = [override("Deployment", host), override("Deployment", #"{"hostNetwork":false}"#)]
    #expect(try refused(["overrides": .array(both)], "{}") == [])
    let elsewhere = [
      override("Deployment", host),
      override("Deployment", #"{"hostNetwork":false}"#, name: "other"),
    ]
    #expect(try refused(["overrides": .array(elsewhere)], "{}") == [path + "hostNetwork"])
    #expect(try refused(["overrides": [override("Deployment", host, name: "other")]], "{}") == [])
    // The agent's pod is what the pod template made of it.
    #expect(
      try refused(
        [
          "podTemplate": ["spec": ["hostPID": true]],
          "overrides": [override("Deployment", #"{"hostPID":null}"#)],
        ], "{}") == [])
    let state: JSONValue = ["type": "Managed"]
    #expect(
      try refused(
        ["state": state, "overrides": [override("StatefulSet", #"{"securityContext":null}"#)]],
        Self.restricted) == [
          path + "securityContext.runAsNonRoot", path + "securityContext.seccompProfile.type",
        ])
    #expect(
      try refused(
        ["state": state, "overrides": [override("StatefulSet", host, name: "agent-state")]], "{}")
        == [path + "hostNetwork"])
  }

  @Test func imagesInVolumesAreImages() throws {
    let classSpec = #"{"guardRails":{"allowedRegistries":["registry.example.com"]}}"#
    func volume(_ image: String) -> String {
      #"{"volumes":[{"name":"v","image":{"reference":"\#(image)"}}]}"#
    }
    #expect(
      try refused(pod: volume("evil.io/x"), classSpec) == [Self.pod + "volumes[0].image.reference"])
    #expect(try refused(pod: volume("registry.example.com/x"), classSpec) == [])
    let byDigest = #"{"guardRails":{"requireDigest":true}}"#
    #expect(
      try refused(pod: volume("x:1"), byDigest)
        == ["spec.image", Self.pod + "volumes[0].image.reference"])
  }

  /// KEDA takes 100 for no number.
  @Test func aNumberThatIsTakenOffIsKEDAsOwn() throws {
    let spec: JSONValue = [
      "overrides": [["kind": "ScaledObject", "patch": ["spec": ["maxReplicaCount": nil]]]]
    ]
    #expect(
      try refused(spec, #"{"guardRails":{"maxReplicas":20}}"#) == [
        "spec.overrides[0].patch.spec.maxReplicaCount"
      ])
    #expect(try refused(spec, #"{"guardRails":{"maxReplicas":100}}"#) == [])
  }

  /// "No limits": what no AgentClass asks, nobody asks.
  @Test(arguments: beyondBaseline)
  func theBuiltInClassAsksNothing(_ podSpec: String, _ path: String) throws {
    let agent = Manifest.agent(["podTemplate": ["spec": Manifest.json(podSpec)]])
    #expect(throws: Never.self) { try AgentDeployment.decode(agent).get() }
  }

  /// What is rendered keeps to its level, whatever the guard rails take it for.
  @Test(arguments: Security.PodSecurity.allCases)
  func whatIsRenderedKeepsToItsLevel(_ level: Security.PodSecurity) throws {
    let agent = try AgentDeployment.decode(
      Manifest.agent([
        "security": ["podSecurity": .string(level.rawValue)], "state": ["type": "Managed"],
        "extraPorts": [["name": "grpc", "port": 8081]], "health": ["reloadPath": "/reload"],
        "secrets": [["name": "key", "generate": [:], "expose": "Files", "onChange": "Reload"]],
        "configFrom": [
          [
            "name": "prompts", "configMapRef": ["name": "prompts"],
            "mountPath": "/etc/agent/prompts",
          ]
        ],
      ])
    ).get()
    let templates = agent.render(RenderingContext(now: 0)).objects
      .compactMap { $0.object["spec"]?["template"] }
    #expect(templates.count == 2)
    for template in templates {
      #expect(PodSecurityStandard(level: level).problems(of: template) == [])
    }
  }

  /// What an API server that enforces the levels says of the same pods, where it takes them for pods.
  @Test(.enabled(if: RealAPIServer.assets != nil, "needs KUBEBUILDER_ASSETS"))
  func agreesWithPodSecurityAdmission() throws {
    let server = try RealAPIServer()
    defer { server.stop() }
    func create(_ objects: [JSONValue], _ options: [String] = []) throws -> RealAPIServer.Output {
      try server.write("objects.json", objects.map { $0.serialized() }.joined(separator: "\n"))
      return try server.kubectl(
        ["create", "-o", "name", "-f", server.path("objects.json")] + options)
    }
    let levels = Security.PodSecurity.allCases.map { ($0, $0.rawValue.lowercased()) }
    let places: [JSONValue] = levels.flatMap { _, name -> [JSONValue] in
      [
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": [
            "name": .string(name),
            "labels": ["pod-security.kubernetes.io/enforce": .string(name)],
          ],
        ],
        [
          "apiVersion": "v1", "kind": "ServiceAccount",
          "metadata": ["name": "agent", "namespace": .string(name)],
        ],
      ]
    }
    let prepared = try create(places)
    try #require(prepared.status == 0, "\(prepared.err)")

    // Stricter than the server where a cluster may not know user namespaces.
    let specs =
      (Self.beyondBaseline.map(\.0) + Self.beyondRestricted.map(\.0) + Self.withinRestricted)
      .filter { !$0.contains("hostUsers") }
    var pods: [(name: String, problems: [PodProblem], pod: JSONValue)] = []
    for (i, spec) in specs.enumerated() {
      let agent = Manifest.agent(["podTemplate": ["spec": Manifest.json(spec)]])
      let rendering = try AgentDeployment.decode(agent).get().render(RenderingContext(now: 0))
      let template = try #require(rendering.template)
      for (level, place) in levels {
        let name = "c\(i)-\(place)"
        pods.append(
          (
            name, PodSecurityStandard(level: level).problems(of: template),
            [
              "apiVersion": "v1", "kind": "Pod",
              "metadata": ["name": .string(name), "namespace": .string(place)],
              "spec": template["spec"] ?? [:],
            ]
          ))
      }
    }
    let output = try create(pods.map(\.pod), ["--dry-run=server"])
    var judged = 0
    for (name, problems, pod) in pods {
      let isAccepted = output.out.contains("pod/\(name)\n")
      guard isAccepted || output.err.contains("pods \"\(name)\" is forbidden: violates") else {
        continue
      }
      judged += 1
      #expect(problems.isEmpty == isAccepted, "\(name): \(problems), \(pod)")
    }
    #expect(judged > pods.count * 2 / 3, "\(output.err)")
  }
}
