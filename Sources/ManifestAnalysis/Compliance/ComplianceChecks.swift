import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// What objects can show about security. Each check looks at the objects, not at what the spec wishes.
enum ComplianceCheck: String, Sendable, CaseIterable {
  case transmission, callers, callerAuthentication, inbound, outbound, leastPrivilege, hardening
  case credentialRotation, pinnedImage, versionedConfiguration, driftCorrection, alerts, resilience
  case encryptionAtRest, auditLog, logRetention, backup, humanAccess, vulnerabilities, erasure
  case storedData, incidentProcess, separationOfDuties, testing

  func answer(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    switch self {
    case .transmission: Self.transmission(evidence)
    case .callers: Self.callers(evidence)
    case .callerAuthentication: Self.callerAuthentication(evidence)
    case .inbound: Self.inbound(evidence)
    case .outbound: Self.outbound(evidence)
    case .leastPrivilege: Self.leastPrivilege(evidence)
    case .hardening: Self.hardening(evidence)
    case .credentialRotation: Self.credentialRotation(evidence)
    case .pinnedImage: Self.pinnedImage(evidence)
    case .versionedConfiguration: Self.versionedConfiguration(evidence)
    case .driftCorrection: Self.driftCorrection(evidence)
    case .alerts: Self.alerts(evidence)
    case .resilience: Self.resilience(evidence)
    case .encryptionAtRest:
      .notOurs("the API server's EncryptionConfiguration and the volumes' StorageClass")
    case .auditLog: .notOurs("the API server's audit policy, and the application's own log")
    case .logRetention: .notOurs("where logs are kept, and for how long")
    case .backup: .notOurs("backups of volumes and outside stores, and trying to restore them")
    case .humanAccess:
      .notOurs(
        "who is bound to the ClusterRoles agents-admin, agents-operator and agents-viewer, which "
          + "come with the operator")
    case .vulnerabilities: .notOurs("scanning images where they are built and kept")
    case .erasure: .notOurs("the application's stores; deletionPolicy says what of ours goes")
    case .storedData: .notOurs("what the application stores, and whether it may")
    case .incidentProcess: .notOurs("who is told, and in which time; alerts are one source")
    case .separationOfDuties: .notOurs("reviews where manifests are kept; who may approve")
    case .testing: .notOurs("tests of the measures, by people")
    }
  }

  // MARK: Network

  private static func transmission(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let policy = evidence.object("PeerAuthentication") else {
      return .missing(
        nil, evidence.absence("PeerAuthentication") ?? "no mesh: requests come in plain text")
    }
    let mtls = policy["spec"]?["mtls"]?["mode"]?.string ?? "UNSET"
    switch mtls {
    case "STRICT":
      let open = policy["spec"]?["portLevelMtls"]?.object?.keys.sorted() ?? []
      return .enforced(
        policy,
        "mutual TLS, strict"
          + (open.isEmpty
            ? "" : "; but for port \(open.joined(separator: ", ")), of metrics for monitoring"))
    case "PERMISSIVE":
      return .advisory(policy, "plain text is accepted too: spec.security.mtls Strict")
    default: return .missing(policy, "mutual TLS is \(mtls): spec.security.mtls Strict")
    }
  }

  private static func allowPolicy(_ evidence: ComplianceEvidence) -> KubernetesObject? {
    evidence.object("AuthorizationPolicy") { $0["spec"]?["action"] == "ALLOW" }
  }

  private static func callers(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    if let policy = allowPolicy(evidence) {
      let count = policy["spec"]?["rules"]?.array?.count ?? 0
      return .enforced(policy, "\(count) rules; nobody else is let in")
    }
    if let absence = evidence.absence("AuthorizationPolicy") { return .missing(nil, absence) }
    if evidence.spec.security.allowedCallers != nil,
      let policy = evidence.object("NetworkPolicy")
    {
      return .advisory(policy, "by network address alone: without a mesh nobody knows identities")
    }
    return .missing(
      nil, "the whole namespace may call: name callers in spec.security.allowedCallers")
  }

  private static func callerAuthentication(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    if let check = evidence.object("RequestAuthentication") {
      let asks = evidence.object("AuthorizationPolicy") { policy in
        policy["spec"]?["action"] == "DENY"
          && (policy["spec"]?["rules"]?.array ?? []).contains { rule in
            (rule["from"]?.array ?? []).contains {
              $0["source"]?["notRequestPrincipals"]?.array?.contains("*") == true
            }
          }
      }
      return asks == nil
        ? .missing(check, "requests without a token pass: no policy asks for one")
        : .enforced(check, "a token of a known issuer, which \(asks?.name ?? "") asks for")
    }
    if let absence = evidence.absence("RequestAuthentication") { return .missing(nil, absence) }
    if let policy = allowPolicy(evidence) {
      return .advisory(policy, "workloads by mutual TLS; persons are not told apart")
    }
    return .missing(nil, "nobody is asked who they are: spec.security.jwt or allowedCallers")
  }

  private static func inbound(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let policy = evidence.object("NetworkPolicy"),
      policy["spec"]?["policyTypes"]?.array?.contains("Ingress") == true
    else {
      return .missing(
        nil, evidence.absence("NetworkPolicy") ?? "no NetworkPolicy for what comes in")
    }
    let isOpen = (policy["spec"]?["ingress"]?.array ?? []).contains { !$0.has("from") }
    return isOpen
      ? .missing(policy, "a rule lets everybody in")
      : .enforced(policy, "named sources and ports alone, where the network plugin enforces it")
  }

  /// What stands for the whole Internet in a rule.
  private static let everywhere: [JSONValue] = ["0.0.0.0/0", "::/0"]

  private static func outbound(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let policy = evidence.object("NetworkPolicy"),
      policy["spec"]?["policyTypes"]?.array?.contains("Egress") == true
    else {
      return .missing(
        nil, evidence.absence("NetworkPolicy") ?? "no NetworkPolicy for what goes out")
    }
    let wide = (policy["spec"]?["egress"]?.array ?? []).filter { rule in
      guard let peers = rule["to"]?.array else { return true }
      return peers.contains { peer in
        peer["namespaceSelector"]?.object?.isEmpty == true
          || peer["ipBlock"]?["cidr"].map(everywhere.contains) == true
      }
    }
    if wide.isEmpty {
      return .enforced(policy, "named targets alone, where the network plugin enforces it")
    }
    if wide.allSatisfy({ $0["ports"]?.array?.isEmpty == false }) {
      return .advisory(
        policy, "some ports are open to all addresses: a NetworkPolicy knows no host names")
    }
    return .missing(
      policy, "anywhere but the cloud's metadata address: name targets in spec.security.egress")
  }

  // MARK: Workload

  private static func leastPrivilege(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let pod = evidence.podSpec, let deployment = evidence.object("Deployment") else {
      return .missing(nil, evidence.absence("Deployment") ?? "no Deployment")
    }
    if pod["automountServiceAccountToken"] == false {
      return .enforced(deployment, "no token for the API server")
    }
    guard let role = evidence.object("Role"), !evidence.spec.security.rules.isEmpty else {
      return .missing(deployment, "a token for the API server, and no Role that says what for")
    }
    let rules = role["rules"]?.array ?? []
    let isWide = rules.contains { rule in
      ["apiGroups", "resources", "verbs"].contains {
        rule[$0]?.array?.contains("*") == true
      }
    }
    return isWide
      ? .missing(role, "a rule with a wildcard")
      : .enforced(role, "\(rules.count) rules, in its own namespace, without wildcards")
  }

  private static func hardening(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let pod = evidence.podSpec, let container = evidence.container,
      let deployment = evidence.object("Deployment")
    else { return .missing(nil, evidence.absence("Deployment") ?? "no Deployment") }
    let own = container["securityContext"]
    var lacks: [String] = []
    if (own?["runAsNonRoot"] ?? pod["securityContext"]?["runAsNonRoot"]) != true {
      lacks.append("runAsNonRoot")
    }
    if own?["allowPrivilegeEscalation"] != false { lacks.append("allowPrivilegeEscalation: false") }
    if own?["readOnlyRootFilesystem"] != true { lacks.append("readOnlyRootFilesystem") }
    if own?["capabilities"]?["drop"]?.array?.contains("ALL") != true {
      lacks.append("capabilities.drop: [ALL]")
    }
    let type = own?["seccompProfile"]?["type"] ?? pod["securityContext"]?["seccompProfile"]?["type"]
    if type == nil || type == "Unconfined" { lacks.append("seccompProfile") }
    return lacks.isEmpty
      ? .enforced(deployment, "Pod Security restricted, and a read-only root file system")
      : .missing(deployment, "without \(lacks.joined(separator: ", "))")
  }

  private static func pinnedImage(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let image = evidence.container?["image"]?.string,
      let deployment = evidence.object("Deployment")
    else { return .missing(nil, evidence.absence("Deployment") ?? "no Deployment") }
    return image.contains("@sha256:")
      ? .enforced(deployment, "the image is named by its digest")
      : .missing(deployment, "a tag can be moved to another image: name the digest")
  }

  // MARK: Operation

  private static func credentialRotation(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    let secrets = evidence.spec.secrets
    guard !secrets.isEmpty else {
      return .enforced(nil, "the spec names no credentials")
    }
    var unwatched: [String] = []
    var watched: [String] = []
    for secret in secrets {
      if secret.generation?.rotateEvery != nil { continue }
      if secret.maxAge == nil { unwatched.append(secret.name) } else { watched.append(secret.name) }
    }
    if !unwatched.isEmpty {
      return .missing(
        nil,
        "neither maxAge nor rotateEvery: \(unwatched.joined(separator: ", ")) in spec.secrets")
    }
    if !watched.isEmpty {
      return .advisory(
        nil, "an alert at maxAge, somebody has to act: \(watched.joined(separator: ", "))")
    }
    return .enforced(evidence.object("Secret"), "all are replaced at the age of rotateEvery")
  }

  private static func versionedConfiguration(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    let maps = evidence.objects("ConfigMap").filter {
      $0.labels["agentdeploy.dev/revision"] != nil
    }
    guard let map = maps.first else {
      return .missing(nil, evidence.absence("ConfigMap") ?? "no ConfigMap of a revision")
    }
    if !evidence.isLive, let open = maps.first(where: { $0["immutable"] != true }) {
      return .missing(open, "it can be changed in place")
    }
    return .enforced(map, "immutable, one for each revision; a change is a new revision")
  }

  private static func driftCorrection(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    let deployment = evidence.object("Deployment")
    return evidence.spec.paused
      ? .missing(deployment, "spec.paused: nothing is put right")
      : .enforced(deployment, "the operator puts back what others change, and says so in an event")
  }

  private static func alerts(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    guard let rule = evidence.object("PrometheusRule") else {
      return .missing(
        nil,
        evidence.absence("PrometheusRule") ?? "no alerts: they need the Prometheus operator, and "
          + "spec.observability.alerts not to be None")
    }
    let count = (rule["spec"]?["groups"]?.array ?? []).reduce(0) { sum, group in
      sum + (group["rules"]?.array ?? []).filter { $0["alert"] != nil }.count
    }
    return count > 0 ? .enforced(rule, "\(count) alerts") : .missing(rule, "it has no alert")
  }

  private static func resilience(_ evidence: ComplianceEvidence) -> ComplianceAnswer {
    let least =
      evidence.object("HorizontalPodAutoscaler")?["spec"]?["minReplicas"]?.int
      ?? evidence.object("ScaledObject")?["spec"]?["minReplicaCount"]?.int
      ?? evidence.object("Deployment")?["spec"]?["replicas"]?.int ?? 0
    guard let budget = evidence.object("PodDisruptionBudget") else {
      return .missing(
        nil, evidence.absence("PodDisruptionBudget") ?? "one replica, and no disruption budget")
    }
    return least > 1
      ? .enforced(budget, "at least \(least) replicas, which are not drained together")
      : .missing(budget, "\(least) replicas at times: spec.scaling.minReplicas 2")
  }
}

extension JSONValue {
  fileprivate func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }
}
