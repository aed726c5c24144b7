import JSON
public import KubernetesAPI
public import KubernetesClient
import Synchronization

/// Records what happened to an object, for `kubectl describe` and `kubectl events`
/// (events.k8s.io/v1).
///
/// Equal events within six minutes become one with a count. At most `capacity` events wait to be
/// sent; the oldest are dropped then, because events are help, not truth.
public final class EventRecorder: Sendable {
  public enum Kind: String, Sendable { case normal = "Normal", warning = "Warning" }

  private struct Key: Hashable {
    var uid: String
    var kind: Kind
    var reason: String
    var note: String
  }

  private struct Series {
    var name: String
    var namespace: String
    var count: Int
    var lastSeen: Int64
  }

  private struct State {
    var series: [Key: Series] = [:]
    var pending: [Pending] = []
    var number: UInt64 = 0
    var wakeUp: CheckedContinuation<Void, Never>?
  }

  private enum Pending: Sendable {
    case create(KubernetesObject)
    case count(ObjectKey, JSONValue)
  }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let controller: String
  private let instance: String
  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - controller: for example `agentdeploy.dev/agent-operator`.
  ///   - instance: this process, for example the pod's name; also part of the events' names.
  public init(
    client: KubernetesClient, clock: any RuntimeClock, controller: String, instance: String,
    capacity: Int = 1000
  ) {
    self.client = client
    self.clock = clock
    self.controller = controller
    self.instance = instance
    self.capacity = capacity
  }

  private static let seriesSeconds: Int64 = 360

  /// - Parameters:
  ///   - reason: CamelCase, a stable API.
  ///   - note: for people, at most 1 kB; never a secret.
  public func record(
    _ kind: Kind, _ reason: String, action: String, regarding object: KubernetesObject, note: String
  ) {
    let note = String(decoding: note.utf8.prefix(1000), as: UTF8.self)
    let key = Key(uid: object.uid ?? "", kind: kind, reason: reason, note: note)
    let now = clock.wallTime
    let time = KubernetesTime(unixSeconds: now).microsecondsText
    let wakeUp = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.series = state.series.filter { now - $0.value.lastSeen < Self.seriesSeconds }
      if var series = state.series[key] {
        series.count += 1
        series.lastSeen = now
        state.series[key] = series
        state.pending.append(
          .count(
            ObjectKey(namespace: series.namespace, name: series.name),
            ["series": ["count": JSONValue(series.count), "lastObservedTime": .string(time)]]))
      } else {
        state.number += 1
        let namespace = object.namespace ?? "default"
        let suffix = String(UInt64(max(0, now)), radix: 16) + String(state.number, radix: 16)
        let name = "\(object.name).\(suffix)"
        state.series[key] = Series(name: name, namespace: namespace, count: 1, lastSeen: now)
        state.pending.append(
          .create(event(name, namespace, kind, reason, action, object, note, time)))
      }
      if state.pending.count > capacity { state.pending.removeFirst() }
      defer { state.wakeUp = nil }
      return state.wakeUp
    }
    wakeUp?.resume()
  }

  private func event(
    _ name: String, _ namespace: String, _ kind: Kind, _ reason: String, _ action: String,
    _ object: KubernetesObject, _ note: String, _ time: String
  ) -> KubernetesObject {
    var event = KubernetesObject(ResourceType.events.gvk, namespace: namespace, name: name)
    event["eventTime"] = .string(time)
    event["type"] = .string(kind.rawValue)
    event["reason"] = .string(reason)
    event["action"] = .string(action)
    event["note"] = .string(note)
    event["reportingController"] = .string(controller)
    event["reportingInstance"] = .string(instance)
    var regarding: JSONValue = [
      "apiVersion": .string(object.apiVersion), "kind": .string(object.kind),
      "name": .string(object.name),
    ]
    if let namespace = object.namespace { regarding["namespace"] = .string(namespace) }
    if let uid = object.uid { regarding["uid"] = .string(uid) }
    if let version = object.resourceVersion { regarding["resourceVersion"] = .string(version) }
    event["regarding"] = regarding
    return event
  }

  /// Sends until the task is cancelled. An event that the server refuses is dropped.
  public func run() async {
    while !Task.isCancelled {
      let batch = state.withLock { state in
        defer { state.pending = [] }
        return state.pending
      }
      for pending in batch {
        switch pending {
        case .create(let event): _ = try? await client.create(event, resource: .events)
        case .count(let key, let patch):
          _ = try? await client.patch(.events, key, .merge(patch))
        }
      }
      if batch.isEmpty { await waitForEvents() }
    }
  }

  private func waitForEvents() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if !state.pending.isEmpty || Task.isCancelled { return true }
          state.wakeUp = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      let wakeUp = state.withLock { state in
        defer { state.wakeUp = nil }
        return state.wakeUp
      }
      wakeUp?.resume()
    }
  }
}
