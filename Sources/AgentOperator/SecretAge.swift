import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Synchronization

/// How old the content of one of an agent's Secrets is, for those whose age the spec cares about.
struct SecretAge: Sendable, Hashable {
  /// As the spec calls it.
  var name: String
  var secretName: String
  /// `spec.secrets[0].maxAge`
  var field: String
  /// Seconds since 1970.
  var changedAt: Int64
  var maxAge: KubernetesDuration?
  /// When the operator replaces it; nil: somebody else's work.
  var rotatesAt: Int64?
  /// It is too old.
  var isDue = false

  /// When it is too old, in seconds since 1970; nil: never.
  var dueAt: Int64? { maxAge.map { changedAt + $0.seconds } }

  /// When something about it changes by itself; in the past when it has to be done at once.
  func nextMoment(after now: Int64) -> Int64? {
    [rotatesAt, dueAt.flatMap { $0 > now ? $0 : nil }].compactMap { $0 }.min()
  }
}

/// When the contents of Secrets changed. Metadata tells: each field manager's entry has the time of
/// its last change and the fields that it set; so a new label alone does not make an old value look
/// new, unless the same manager set both. Asked for once per version: watches leave these entries out,
/// which are often the larger part of an object.
final class SecretTimes: Sendable {
  private struct Entry {
    var uid: String
    var resourceVersion: String
    var changedAt: Int64
  }

  private let client: KubernetesClient
  private let entries = Mutex<[ObjectKey: Entry]>([:])

  init(client: KubernetesClient) { self.client = client.includingManagedFields() }

  /// - Parameter metadata: as the watch knows it.
  /// - Returns: seconds since 1970; nil when it is gone meanwhile: its event will follow.
  func changedAt(of metadata: KubernetesObject) async throws -> Int64? {
    let key = metadata.key
    let known = entries.withLock { $0[key] }
    if let known, known.uid == metadata.uid, known.resourceVersion == metadata.resourceVersion {
      return known.changedAt
    }
    let live = try await client.getIfPresent(.secrets, key, representation: .metadata)
    guard let live, let changedAt = Self.changedAt(live) else { return nil }
    entries.withLock {
      $0[key] = Entry(
        uid: live.uid ?? "", resourceVersion: live.resourceVersion ?? "", changedAt: changedAt)
    }
    return changedAt
  }

  func forget(_ key: ObjectKey) { entries.withLock { $0[key] = nil } }

  /// - Parameter secret: with its managed fields; without any it is as old as the object.
  static func changedAt(_ secret: KubernetesObject) -> Int64? {
    let times = (secret.metadata["managedFields"]?.array ?? []).compactMap { entry -> Int64? in
      let fields = entry["fieldsV1"]
      guard fields?["f:data"] != nil || fields?["f:stringData"] != nil else { return nil }
      return entry["time"]?.string.flatMap { KubernetesTime($0) }?.unixSeconds
    }
    let created = secret.metadata["creationTimestamp"]?.string.flatMap { KubernetesTime($0) }
    return times.max() ?? created?.unixSeconds
  }
}

/// The ages as metrics, from which the alert is made: an alert outlives the operator that way.
final class SecretAgeMetrics: Sendable {
  private let ages = Mutex<[ObjectKey: [SecretAge]]>([:])

  static let changed = MetricsRegistry.Name(
    SecretAlerts.changedMetric, .gauge,
    "When the content of a Secret with a maxAge changed last, in seconds since 1970.")

  init(_ metrics: RuntimeMetrics) {
    metrics.registry.collect { [weak self] registry in
      guard let self else { return }
      registry.replace(Self.changed, with: series)
    }
  }

  func set(_ ages: [SecretAge], of agent: ObjectKey) {
    let limited = ages.filter { $0.maxAge != nil }
    self.ages.withLock { $0[agent] = limited.isEmpty ? nil : limited }
  }

  private var series: [(labels: [(String, String)], value: Double)] {
    ages.withLock { $0 }.flatMap { agent, ages in
      ages.map { age in
        // Not `namespace`, which a scrape would take for the operator's own.
        (
          [
            ("agent_namespace", agent.namespace ?? ""), ("agent", agent.name), ("secret", age.name),
          ], Double(age.changedAt)
        )
      }
    }
  }
}
