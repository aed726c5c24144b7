import JSON
public import KubernetesAPI
public import KubernetesClient
import Synchronization

/// Records what happened to an object, for `kubectl describe` and `kubectl events`
/// (events.k8s.io/v1).
///
/// Equal events, none more than six minutes after the one before, are one event with a count; the
/// count is written at the second one and then at most once a minute, so it may lag behind. At most
/// `capacity` events wait to be sent; the oldest are dropped then, because events are help, not
/// truth. The same bound holds for the events that are remembered.
public final class EventRecorder: Sendable {
  public enum Kind: String, Sendable { case normal = "Normal", warning = "Warning" }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let controller: String
  private let instance: String
  private let state: Mutex<State>

  private struct State {
    var series: EventSeries
    var wakeUp: CheckedContinuation<Void, Never>?
    var isFinishing = false
  }

  /// - Parameters:
  ///   - controller: for example `agentdeploy.dev/agent-operator`.
  ///   - instance: this process, for example the pod's name; its hash is part of the events' names.
  public init(
    client: KubernetesClient, clock: any RuntimeClock, controller: String, instance: String,
    capacity: Int = 1000
  ) {
    self.client = client
    self.clock = clock
    self.controller = controller
    self.instance = instance
    state = Mutex(
      State(series: EventSeries(capacity: capacity, instanceHash: Self.hash(instance))))
  }

  /// Events that wait to be sent.
  public var pendingCount: Int { state.withLock { $0.series.pendingCount } }

  /// - Parameters:
  ///   - reason: CamelCase, a stable API; at most 128 bytes.
  ///   - action: what was tried; at most 128 bytes.
  ///   - note: for people, cut to 1 kB; never a secret.
  public func record(
    _ kind: Kind, _ reason: String, action: String, regarding object: KubernetesObject, note: String
  ) {
    let identity = EventSeries.Identity(
      object: object.key, uid: object.uid ?? "", kind: object.kind, type: kind.rawValue,
      reason: Self.cut(reason, to: 128), note: Self.cut(note, to: 1000))
    let occurrence = EventSeries.Occurrence(
      action: Self.cut(action, to: 128), apiVersion: object.apiVersion,
      resourceVersion: object.resourceVersion, time: clock.wallTime)
    let wakeUp = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.series.record(identity, occurrence)
      defer { state.wakeUp = nil }
      return state.wakeUp
    }
    wakeUp?.resume()
  }

  private func body(
    _ identity: EventSeries.Identity, _ key: ObjectKey, _ occurrence: EventSeries.Occurrence
  ) -> KubernetesObject {
    let object = identity.object
    var event = KubernetesObject(
      ResourceType.events.gvk, namespace: key.namespace, name: key.name)
    event["eventTime"] = .string(KubernetesTime(unixSeconds: occurrence.time).microsecondsText)
    event["type"] = .string(identity.type)
    event["reason"] = .string(identity.reason)
    event["action"] = .string(occurrence.action)
    event["note"] = .string(identity.note)
    event["reportingController"] = .string(controller)
    event["reportingInstance"] = .string(Self.cut(instance, to: 128))
    var regarding: JSONValue = [
      "apiVersion": .string(occurrence.apiVersion), "kind": .string(identity.kind),
      "name": .string(object.name),
    ]
    if let namespace = object.namespace { regarding["namespace"] = .string(namespace) }
    if !identity.uid.isEmpty { regarding["uid"] = .string(identity.uid) }
    if let version = occurrence.resourceVersion { regarding["resourceVersion"] = .string(version) }
    event["regarding"] = regarding
    return event
  }

  /// Lets `run` return once everything that waits is sent.
  public func finish() {
    let wakeUp = state.withLock { state in
      state.isFinishing = true
      defer { state.wakeUp = nil }
      return state.wakeUp
    }
    wakeUp?.resume()
  }

  /// Sends until the task is cancelled, or until nothing waits after `finish`. A server that is away
  /// is waited for. What it answers to one event holds up no other for long. An event that the server
  /// refuses is dropped; if it happens again, it is tried as a new one.
  public func run() async {
    var failures = 0
    while !Task.isCancelled {
      if let pending = state.withLock({ $0.series.next() }) {
        guard let pause = await send(pending) else {
          failures = 0
          continue
        }
        failures += 1
        let delay = max(pause, Backoff.reflector.delay(failures: failures, jitter: 1))
        guard (try? await clock.sleep(for: delay)) != nil else { return }
      } else if state.withLock({ $0.isFinishing }) {
        return
      } else {
        await waitForEvents()
      }
    }
  }

  /// - Returns: how long to wait at least, when it has to be sent again.
  private func send(_ pending: EventSeries.Pending) async -> Duration? {
    do {
      switch pending.request {
      case .create(let occurrence):
        _ = try await client.create(
          body(pending.identity, pending.key, occurrence), resource: .events)
      case .count(let count, let lastSeen):
        let time = KubernetesTime(unixSeconds: lastSeen).microsecondsText
        _ = try await client.patch(
          .events, pending.key,
          .merge(["series": ["count": JSONValue(count), "lastObservedTime": .string(time)]]))
      }
      state.withLock { $0.series.sent(pending) }
    } catch let status as APIStatus where status.isAlreadyExists {
      state.withLock { state in
        // Of a process before this one with the same name, unless an answer was lost.
        if pending.failures == 0 {
          state.series.renamed(pending)
        } else {
          state.series.sent(pending)
        }
      }
    } catch {
      let status = error as? APIStatus
      let isTriedAgain =
        status.map { Self.mayBeTaken(after: $0, pending) } ?? (error is TransportError)
      state.withLock {
        if isTriedAgain {
          $0.series.postponed(pending, isAnswered: status != nil)
        } else {
          $0.series.failed(pending)
        }
      }
      if isTriedAgain { return status?.pauseBeforeRetry ?? .zero }
    }
    return nil
  }

  /// A 500 may be for this event alone, such as from an admission webhook that cannot cope with it.
  private static func mayBeTaken(
    after status: APIStatus, _ pending: EventSeries.Pending
  ) -> Bool {
    switch status.code {
    case 429, 502, 503, 504: true
    case 500...: pending.failures + 1 < EventSeries.triesInARow
    default: false
    }
  }

  private func waitForEvents() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.series.pendingCount > 0 || state.isFinishing || Task.isCancelled { return true }
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

  /// At most `limit` bytes, cut between characters.
  private static func cut(_ text: String, to limit: Int) -> String {
    if text.utf8.count <= limit { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: limit)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// FNV-1a, so that two processes do not choose the same names.
  private static func hash(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
