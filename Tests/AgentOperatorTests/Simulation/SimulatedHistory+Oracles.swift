import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestRendering

@testable import AgentOperator

/// What must hold of every state that the cluster was in, and of the last one beside its objects.
extension SimulatedHistory {
  /// Somebody else's, on our objects.
  static let foreignLabel = "foreign"

  // MARK: All states

  /// So many changes of anything may be told before one that happened earlier (seed 5220).
  private static let longestDelay = 100

  /// Pods are restarted by what people change of their agents and of the Secrets that these restart
  /// for, and by nothing else: as many changes of a template as there were such changes.
  func checkRestarts() throws {
    var credit: [String: Int] = [:]
    var given: [String: JSONValue] = [:]
    var specs: [String: JSONValue] = [:]
    var templates: [String: JSONValue] = [:]
    var restarts: [String: [String]] = [:]
    var made: Set<String> = []
    /// When Secrets changed last, as the number of a change.
    var changed: [String: Int] = [:]
    for (number, change) in (harness.cluster?.everyChange ?? []).enumerated() {
      guard let object = change.new ?? change.old else { continue }
      switch change.type {
      case .agentDeployments where change.new != nil:
        let input = PodInput.given(object["spec"] ?? .null)
        if given[object.name] != input { credit[object.name, default: 0] += 1 }
        given[object.name] = input
        specs[object.name] = object["spec"]
      case .secrets:
        changed[object.name] = number
        for (agent, spec) in specs
        where Self.restartingSecrets(of: agent, spec).contains(object.name) {
          credit[agent, default: 0] += 1
        }
      case .deployments where change.new != nil:
        let template = object["spec"]?["template"] ?? .null
        let before = templates.updateValue(template, forKey: object.uid ?? "")
        guard before != template else { continue }
        // The first template of a Deployment restarts nothing. The first of an agent is what its
        // first spec was for, later ones are of the newest.
        guard let before else {
          // The event that was lost, or that a broken watch has not told yet, may be that of a Secret.
          let isBehind = Self.restartingSecrets(of: object.name, specs[object.name] ?? .null)
            .contains { changed[$0].map { number - $0 < Self.longestDelay } ?? false }
          if made.insert(object.name).inserted, !needsList, !isBehind {
            credit[object.name, default: 0] -= 1
          }
          continue
        }
        credit[object.name, default: 0] -= 1
        restarts[object.name, default: []] += Canonical.differences(
          ["template": before], ["template": template])
        guard credit[object.name, default: 0] >= 0 else {
          throw Wrong(
            description: "pods of \(object.name) were restarted without a change of theirs: "
              + "\(restarts[object.name, default: []])")
        }
      default: break
      }
    }
  }

  /// A store is restarted when `spec.state` changes, and for no other reason; what it holds, and the
  /// password that opens it, stays.
  func checkStores() throws {
    var credit: [String: Int] = [:]
    var states: [String: JSONValue] = [:]
    var made: Set<String> = []
    for change in harness.cluster?.everyChange ?? [] {
      guard let object = change.new ?? change.old else { continue }
      let isState = object.name.hasSuffix("-state")
      switch change.type {
      case .agentDeployments where change.new != nil:
        let state = object["spec"]?["state"]
        if let state, states[object.name] != state {
          credit["\(object.name)-state", default: 0] += 1
          states[object.name] = state
        }
      case .statefulSets:
        guard let new = change.new?["spec"]?["template"] else { continue }
        guard let old = change.old?["spec"]?["template"] else {
          if made.insert(object.name).inserted { credit[object.name, default: 0] -= 1 }
          continue
        }
        guard old != new else { continue }
        credit[object.name, default: 0] -= 1
        if credit[object.name, default: 0] < 0 {
          throw Wrong(description: "\(object.name) was restarted without a change of spec.state")
        }
      case .persistentVolumeClaims where change.new == nil && isState,
        .secrets where isState && change.old != nil && change.old?["data"] != change.new?["data"]:
        throw Wrong(description: "\(object.kind) \(object.name) was lost")
      default: break
      }
    }
  }

  func checkScalers() throws {
    let changes = harness.cluster?.everyChange ?? []
    if let wrong = ScalerOracle.twoScalers(of: names, in: changes) {
      throw Wrong(description: wrong)
    }
  }

  /// Pods get fewer where the spec fixes their number, by a person's hand, by the bounds of a scaler
  /// and when KEDA finds no work, never by anything that the operator does on the way.
  func checkReplicas() throws {
    var most: [String: Int] = [:]
    var idle: Set<String> = []
    for change in harness.cluster?.everyChange ?? [] {
      guard let object = change.new ?? change.old else { continue }
      switch change.type {
      case .horizontalPodAutoscalers:
        most[object.name] = change.new?["spec"]?["maxReplicas"]?.int
      case .scaledObjects:
        let isIdle = change.new?.annotations[SimulatedKEDA.active] == "false"
        if isIdle { idle.insert(object.name) } else { idle.remove(object.name) }
      case .deployments:
        guard let old = change.old?["spec"]?["replicas"]?.int,
          let new = change.new?["spec"]?["replicas"]?.int, new < old,
          object.annotations[ScalingAnnotation.name] != ScalingAnnotation.fixed
        else { continue }
        let name = object.name
        let bounds = [most[name], most["keda-hpa-\(name)"]]
        let isMeant =
          bounds.contains(new) || asked[name]?.contains(new) == true
          || new == 0 && idle.contains(name)
        if !isMeant {
          throw Wrong(description: "\(name) went from \(old) to \(new) replicas")
        }
      default: break
      }
    }
  }

  /// What others put on our objects stays there while these live.
  func checkForeign() throws {
    // Endpoints have the labels of their Service, which may be another one now.
    for change in harness.cluster?.everyChange ?? []
    where ClusterCache.everything.contains(change.type) {
      guard change.old?.labels[Self.foreignLabel] != nil, let new = change.new,
        new.uid == change.old?.uid, new.labels[Self.foreignLabel] == nil
      else { continue }
      throw Wrong(description: "\(new.kind) \(new.name) lost somebody else's label")
    }
  }

  // MARK: The last state

  /// What statuses have to say about what is around their agents.
  func checkConditions() async throws {
    for (name, spec) in specs.sorted(by: { $0.key < $1.key }) {
      var wanted = ["StateAtRisk": "StateAtRisk absent", "RenderPending": "RenderPending absent"]
      wanted["ScalingActive"] = "ScalingActive" + (try await scaling(of: name))
      var isFailing = false
      if let secret = Self.externalSecret(in: spec)?["name"]?.string {
        let external = try await harness.find(.externalSecrets, "\(name)-\(secret)")
        let ready = StatusBuilder.conditions(in: external?["status"])["Ready"]
        isFailing = ready?.status == .false
      }
      wanted["SecretSyncFailed"] =
        isFailing ? "SecretSyncFailed=True ExternalSecretNotReady" : "SecretSyncFailed absent"
      for (type, wanted) in wanted.sorted(by: { $0.key < $1.key }) {
        let said = try await harness.summary(type, of: name)
        if said != wanted {
          throw Wrong(description: "\(name) says \(said), not \(wanted)")
        }
      }
    }
  }

  /// What a spec asks for is there: an empty cluster lacks what nobody ever makes, too.
  func checkAsked() async throws {
    for (name, spec) in specs.sorted(by: { $0.key < $1.key }) {
      guard try await harness.condition("Accepted", of: name)?.status == .true else { continue }
      let asked: [(field: JSONValue?, resource: ResourceType, object: String)] = [
        (spec["traffic"]?["rateLimit"], .envoyFilters, name),
        (spec["security"]?["jwt"], .requestAuthentications, name),
        (spec["state"]?["managed"], .statefulSets, "\(name)-state"),
        (
          Self.externalSecret(in: spec), .externalSecrets, "\(name)-\(SpecGenerator.externalSecret)"
        ),
      ]
      for (field, resource, object) in asked where field != nil && harness.isServed(resource) {
        guard try await harness.find(resource, object) == nil else { continue }
        throw Wrong(description: "\(name) asks for \(resource.kind) \(object), which is not there")
      }
    }
  }

  private func scaling(of name: String) async throws -> String {
    if let scaled = try await harness.find(.scaledObjects, name) {
      guard try await harness.find(.horizontalPodAutoscalers, "keda-hpa-\(name)") != nil else {
        throw Wrong(description: "KEDA has no autoscaler for \(name)")
      }
      if scaled.annotations[SimulatedKEDA.broken] != nil { return "=False TriggerError" }
      let replicas = try await harness.get(.deployments, name)["spec"]?["replicas"]
      return replicas == 0 ? "=True Idle" : "=True Scaling"
    }
    return try await harness.find(.horizontalPodAutoscalers, name) == nil
      ? " absent" : "=True Scaling"
  }

  /// Pods run with the newest content of every Secret that they are restarted for.
  func checkSecrets() async throws {
    for (name, spec) in specs.sorted(by: { $0.key < $1.key }) {
      var context = RenderingContext(now: harness.clock.wallTime)
      for secret in Self.restartingSecrets(of: name, spec, generated: false) {
        let live = try await harness.get(.secrets, secret)
        context.secretVersions[secret] = "\(live.uid ?? "")/\(live.resourceVersion ?? "")"
      }
      for secret in Self.restartingSecrets(of: name, spec, generated: true) {
        let live = try await harness.get(.secrets, secret)
        context.secretVersions[secret] = live.annotation(SecretRotation.annotation)
      }
      var part: JSONValue = [:]
      for field in ["image", "secrets", "health"] { part[field] = spec[field] }
      let capabilities = Capabilities(discovered: [.externalSecrets])
      let agent = AgentDeployment.decode(
        Fixtures.agentObject(part, name: name).json,
        agentClass: AgentClass(capabilities: capabilities))
      let annotation = "agentdeploy.dev/secrets-hash"
      let wanted = try agent.get().render(context).template?["metadata"]?["annotations"]?[
        annotation]
      let live = try await harness.get(.deployments, name)["spec"]?["template"]?["metadata"]
      if live?["annotations"]?[annotation] != wanted {
        throw Wrong(description: "pods of \(name) were not restarted for their Secrets")
      }
    }
  }

  /// Secrets whose changes restart the pods of an agent.
  ///
  /// - Parameter generated: only those that the operator makes, or does not; nil: all.
  static func restartingSecrets(
    of agent: String, _ spec: JSONValue, generated: Bool? = nil
  ) -> Set<String> {
    let secrets = spec["secrets"]?.array ?? []
    let names = secrets.compactMap { secret -> String? in
      let isRestarting =
        secret["onChange"] == "Restart" || secret["expose"] == "Env" && secret["onChange"] == nil
      let isGenerated = secret["generate"] != nil
      guard isRestarting, generated ?? isGenerated == isGenerated else { return nil }
      return secret["secretRef"]?["name"]?.string ?? "\(agent)-\(secret["name"]?.string ?? "")"
    }
    return Set(names)
  }
}
