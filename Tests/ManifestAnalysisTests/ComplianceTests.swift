import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import ManifestAnalysis

/// The compliance report: what objects show, by themselves.
@Suite struct ComplianceTests {
  /// Everything that can be enforced here is.
  static let confined: JSONValue = [
    "image": "registry.example.com/support@sha256:0123456789abcdef",
    "security": [
      "allowedCallers": [["agentRef": ["name": "planner"]]],
      "jwt": [["issuer": "https://login.example.com"]],
      "egress": ["namespaces": ["tools"]],
    ],
    "secrets": [["name": "key", "generate": ["rotateEvery": "720h"]]],
  ]

  private static func evidence(
    _ spec: JSONValue, _ capabilities: [Capability] = [.istio, .prometheusOperator]
  ) throws -> ComplianceEvidence {
    let agentClass = AgentClass(capabilities: Capabilities(discovered: Set(capabilities)))
    var spec = spec
    if spec["image"] == nil { spec["image"] = "registry.example.com/support:v1" }
    let agent = try AgentDeployment.decode(
      [
        "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
        "metadata": ["name": "support", "namespace": "agents"], "spec": spec,
      ], agentClass: agentClass
    ).get()
    let rendering = agent.render(RenderingContext(now: 1_795_219_200, agentClass: agentClass))
    return ComplianceEvidence(agent: agent, objects: rendering.objects.map(\.object))
  }

  private static func states(_ evidence: ComplianceEvidence) -> [ComplianceCheck:
    ComplianceAnswer.State]
  {
    Dictionary(
      uniqueKeysWithValues: ComplianceCheck.allCases.map { ($0, $0.answer(evidence).state) })
  }

  /// The checks that objects can answer.
  private static let ours: Set<ComplianceCheck> = [
    .transmission, .callers, .callerAuthentication, .inbound, .outbound, .leastPrivilege,
    .hardening, .credentialRotation, .pinnedImage, .versionedConfiguration, .driftCorrection,
    .alerts, .resilience,
  ]

  @Test func aConfinedAgentLacksNothing() throws {
    let states = Self.states(try Self.evidence(Self.confined))
    for check in ComplianceCheck.allCases {
      #expect(states[check] == (Self.ours.contains(check) ? .enforced : .notOurs), "\(check)")
    }
    for profile in ComplianceProfile.allCases {
      let report = ComplianceReport(profile, try Self.evidence(Self.confined))
      #expect(!report.hasGaps && report.count(.advisory) == 0, "\(profile): \(report.summary)")
    }
  }

  /// One thing is changed, and one answer with it.
  @Test(
    arguments: [
      (["security", "mtls"], "Permissive", .transmission, .advisory),
      (["traffic"], ["provider": "None"], .transmission, .missing),
      (["security", "egress"], ["hosts": ["api.example.com"]], .outbound, .advisory),
      (["security", "egress"], nil, .outbound, .missing),
      (["security", "podSecurity"], "Baseline", .hardening, .missing),
      (["secrets"], [["name": "a", "secretRef": ["name": "a"]]], .credentialRotation, .missing),
      (
        ["secrets"], [["name": "a", "secretRef": ["name": "a"], "maxAge": "24h"]],
        .credentialRotation, .advisory
      ),
      (["secrets"], nil, .credentialRotation, .enforced),
      (["image"], "registry.example.com/support:v1", .pinnedImage, .missing),
      (["paused"], true, .driftCorrection, .missing),
      (["observability"], ["alerts": ["preset": "None"]], .alerts, .missing),
      (["scaling"], ["minReplicas": 1, "maxReplicas": 3], .resilience, .missing),
      (["security", "jwt"], nil, .callerAuthentication, .advisory),
      (["security", "allowedCallers"], nil, .callers, .missing),
      (
        ["security", "rules"],
        [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]], .leastPrivilege, .enforced
      ),
    ] as [([String], JSONValue?, ComplianceCheck, ComplianceAnswer.State)])
  func oneChangeIsSeen(
    _ path: [String], _ value: JSONValue?, _ check: ComplianceCheck,
    _ expected: ComplianceAnswer.State
  ) throws {
    var spec = Self.confined
    if path == ["traffic"] {
      spec["security"]?["jwt"] = nil
    }
    if path.count == 1 {
      spec[path[0]] = value
    } else {
      spec[path[0]]?[path[1]] = value
    }
    let answer = check.answer(try Self.evidence(spec))
    #expect(answer.state == expected, "\(answer.detail)")
    #expect(!answer.detail.isEmpty)
  }

  /// A report about objects, not about wishes: what somebody changed in a cluster counts.
  @Test(
    arguments: [
      ("NetworkPolicy", ["spec", "ingress"], [[:]], .inbound),
      ("NetworkPolicy", ["spec", "egress"], [[:]], .outbound),
      ("PeerAuthentication", ["spec", "mtls", "mode"], "DISABLE", .transmission),
      (
        "Deployment", ["spec", "template", "spec", "automountServiceAccountToken"], true,
        .leastPrivilege
      ),
      ("ConfigMap", ["immutable"], false, .versionedConfiguration),
    ] as [(String, [String], JSONValue, ComplianceCheck)])
  func whatTheObjectsSayCounts(
    _ kind: String, _ path: [String], _ value: JSONValue, _ check: ComplianceCheck
  ) throws {
    var evidence = try Self.evidence(Self.confined)
    let i = try #require(evidence.objects.firstIndex { $0.kind == kind })
    func set(_ keys: ArraySlice<String>, _ json: JSONValue) -> JSONValue {
      guard let key = keys.first else { return value }
      var json = json
      json[key] = set(keys.dropFirst(), json[key] ?? [:])
      return json
    }
    evidence.objects[i] = KubernetesObject(set(path[...], evidence.objects[i].json))
    let answer = check.answer(evidence)
    #expect(answer.state == .missing, "\(answer)")
    #expect(answer.object?.hasPrefix(kind) == true)
  }

  /// Without any object nothing of ours is enforced, and the cluster's lack is named.
  @Test func whatIsNotInTheClusterIsMissing() throws {
    var evidence = try Self.evidence(Self.confined)
    evidence.absent = Set(evidence.objects.map { "\($0.kind) \($0.name)" })
    evidence.objects = []
    evidence.isLive = true
    for check in Self.ours.subtracting([.driftCorrection, .credentialRotation]) {
      let answer = check.answer(evidence)
      #expect(answer.state == .missing, "\(check): \(answer.detail)")
      #expect(answer.detail.contains("is not in the cluster"), "\(check): \(answer.detail)")
    }
  }

  @Test func aTokenThatNobodyAsksForIsNoAuthentication() throws {
    var evidence = try Self.evidence(Self.confined)
    evidence.objects.removeAll { $0.name == "support-jwt" }
    let answer = ComplianceCheck.callerAuthentication.answer(evidence)
    #expect(answer.state == .missing && answer.object == "RequestAuthentication support")
  }

  @Test(arguments: ComplianceProfile.allCases)
  func everyProfileSaysWhereItsControlsAreFrom(_ profile: ComplianceProfile) throws {
    #expect(profile.controls.count > 12)
    let names = profile.controls.map { "\($0.id) \($0.title)" }
    #expect(Set(names).count == names.count)
    let report = ComplianceReport(profile, try Self.evidence([:], []))
    #expect(report.hasGaps)
    let json = report.json
    #expect(json["controls"]?.array?.count == profile.controls.count)
    let counts = ComplianceAnswer.State.allCases.map { json["counts"]?[$0.rawValue]?.int ?? -1 }
    #expect(counts.reduce(0, +) == profile.controls.count)
    #expect(report.summary.contains("\(report.count(.notOurs)) not ours"))
  }

  @Test func everyCheckIsAskedForBySomeProfile() {
    let used = Set(ComplianceProfile.allCases.flatMap { $0.controls.map(\.check) })
    #expect(used == Set(ComplianceCheck.allCases))
  }
}
