import JSON
package import KubernetesAPI
package import ManifestRendering

/// What the ResourceQuotas of a namespace leave for an agent at its largest: all replicas that its
/// scaler may ask for, and the pods that a rollout adds to them.
///
/// Counts what quotas count of pods
/// (https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota), by the rendered
/// template: containers that others inject, such as a mesh's proxy, come on top.
package struct QuotaHeadroom: Sendable, Equatable {
  package struct Line: Sendable, Equatable {
    package var quota: String
    /// As the quota names it: `requests.cpu`, `pods`.
    package var resource: String
    package var hard: Quantity
    /// By everybody, now.
    package var used: Quantity
    /// By everybody, with the agent at its largest.
    package var most: Quantity

    /// What is missing then; nil when it is enough.
    package var missing: Quantity? {
      most > hard ? Quantity(nanos: most.nanos - hard.nanos, format: hard.format) : nil
    }
  }

  /// Of the agent, at once, at most.
  package var pods: Int
  package var lines: [Line] = []
  /// Quotas that count some pods only: not judged.
  package var scoped: [String] = []

  /// - Parameters:
  ///   - live: the Deployment as it is, whose pods are among what is used.
  ///   - quotas: the ResourceQuotas of the namespace.
  /// - Returns: nil without a Deployment in the rendering, or without quotas.
  package init?(_ rendering: Rendering, live: KubernetesObject?, quotas: [KubernetesObject]) {
    guard let deployment = rendering.objects.first(where: { $0.resource == .deployments })?.object,
      !quotas.isEmpty
    else { return nil }
    let present = live?["status"]?["replicas"]?.int ?? 0
    let asked = Self.mostReplicas(rendering) ?? deployment["spec"]?["replicas"]?.int
    let replicas = max(asked ?? 1, present)
    let surge = Self.surge(deployment, replicas)
    pods = replicas + surge
    let new = PodDemand(deployment["spec"]?["template"]?["spec"])
    let old = PodDemand(live?["spec"]?["template"]?["spec"])
    for quota in quotas.sorted(by: { $0.name < $1.name }) {
      if quota["spec"]?["scopes"]?.array?.isEmpty == false || quota["spec"]?["scopeSelector"] != nil
      {
        scoped.append(quota.name)
        continue
      }
      for (resource, json) in quota["spec"]?["hard"]?.object?.sortedByKey() ?? [] {
        guard let hard = try? Quantity(json), let wanted = new.amount(resource) else { continue }
        let used = quota["status"]?["used"]?[resource].flatMap { try? Quantity($0) } ?? .zero
        let before = old.amount(resource)?.nanos ?? 0
        let others = max(0, used.nanos - before * Int128(present))
        // While they are replaced, the pods that go count as well as those that come.
        let most =
          others + max(wanted.nanos, before) * Int128(replicas) + wanted.nanos * Int128(surge)
        lines.append(
          Line(
            quota: quota.name, resource: resource, hard: hard, used: used,
            most: Quantity(nanos: most, format: hard.format)))
      }
    }
  }

  /// What the agent's scaler may ask for; nil without one.
  private static func mostReplicas(_ rendering: Rendering) -> Int? {
    for rendered in rendering.objects {
      switch rendered.object.kind {
      case "HorizontalPodAutoscaler":
        return rendered.object["spec"]?["maxReplicas"]?.int
      case "ScaledObject": return rendered.object["spec"]?["maxReplicaCount"]?.int
      default: continue
      }
    }
    return nil
  }

  /// Pods beside the replicas while they are replaced; rounded up, as the controller does.
  private static func surge(_ deployment: KubernetesObject, _ replicas: Int) -> Int {
    let strategy = deployment["spec"]?["strategy"]
    if strategy?["type"] == "Recreate" { return 0 }
    let surge = strategy?["rollingUpdate"]?["maxSurge"] ?? "25%"
    if let pods = surge.int { return pods }
    let percent = surge.string.flatMap { Int($0.prefix { $0 != "%" }) } ?? 25
    return (replicas * percent + 99) / 100
  }
}

/// What one pod counts for in quotas.
private struct PodDemand {
  private var requests: [String: Quantity] = [:]
  private var limits: [String: Quantity] = [:]

  init(_ spec: JSONValue?) {
    for (list, total) in [("requests", \PodDemand.requests), ("limits", \PodDemand.limits)] {
      var together: [String: Quantity] = [:]
      for container in spec?["containers"]?.array ?? [] {
        Self.add(Self.amounts(container, list), to: &together)
      }
      var alone: [String: Quantity] = [:]
      for container in spec?["initContainers"]?.array ?? [] {
        let amounts = Self.amounts(container, list)
        if container["restartPolicy"] == "Always" {
          Self.add(amounts, to: &together)
        } else {
          alone.merge(amounts) { max($0, $1) }
        }
      }
      self[keyPath: total] = together.merging(alone) { max($0, $1) }
    }
  }

  private static func add(_ amounts: [String: Quantity], to total: inout [String: Quantity]) {
    total.merge(amounts) { $0 + $1 }
  }

  /// A limit without a request is a request too.
  private static func amounts(_ container: JSONValue, _ list: String) -> [String: Quantity] {
    func read(_ list: String) -> [String: Quantity] {
      var amounts: [String: Quantity] = [:]
      for (name, json) in container["resources"]?[list]?.object ?? [:] {
        amounts[name] = try? Quantity(json)
      }
      return amounts
    }
    return list == "requests" ? read("limits").merging(read("requests")) { $1 } : read(list)
  }

  /// Nil for what has nothing to do with pods.
  func amount(_ resource: String) -> Quantity? {
    switch resource {
    case "pods", "count/pods": return Quantity(milli: 1000)
    case "cpu", "memory", "ephemeral-storage": return requests[resource] ?? .zero
    default:
      if let name = resource.removing(prefix: "requests.") {
        // Claims of volumes, not of pods.
        return name == "storage" ? nil : requests[name] ?? .zero
      }
      return resource.removing(prefix: "limits.").map { limits[$0] ?? .zero }
    }
  }
}

extension String {
  fileprivate func removing(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
