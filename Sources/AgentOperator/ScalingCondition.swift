import JSON
import KubernetesAPI
import ManifestRendering

/// `ScalingActive`: whether the agent's scaler does its work, in the words of the scaler itself. There
/// is none without a scaler, or before it has said anything; but until the last one is gone.
struct ScalingCondition {
  static let type = "ScalingActive"

  let report: ReconcileReport
  let observed: ObservedState

  var condition: Condition? {
    guard
      let scaler = report.rendering.objects.first(where: {
        ScalerHandOver.kinds.contains($0.resource)
      })
    else { return report.awaited.isEmpty ? nil : handingOver("the fixed number of pods") }
    let name = "\(scaler.object.kind) \(scaler.object.name)"
    if let failure = report.failures.first(where: { $0.object == name }) {
      return make(.false, "ApplyFailed", "\(name): \(failure.message)")
    }
    if report.skipped.contains(where: { $0.resource == scaler.resource }) {
      return make(.false, "KindNotInstalled", "\(name) waits for \(scaler.resource)")
    }
    if !report.awaited.isEmpty { return handingOver(name) }
    guard let live = observed[scaler.resource, scaler.object.key] else { return nil }
    return scaler.resource == .scaledObjects
      ? scaledObject(live, name) : autoscaler(live, name)
  }

  private func handingOver(_ name: String) -> Condition {
    make(
      .false, "HandingOver",
      "\(name) waits until \(report.awaitedText); the number of pods stays as it is")
  }

  /// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#horizontal-pod-autoscaler-status-conditions
  private func autoscaler(_ live: KubernetesObject, _ name: String) -> Condition? {
    let said = Said(live)
    if let able = said["AbleToScale"], able.status == .false { return pass(able) }
    guard let active = said["ScalingActive"] else { return nil }
    return active.status == .true
      ? make(.true, "Scaling", "\(name) sets the number of pods") : pass(active)
  }

  /// https://keda.sh/docs/2.20/reference/scaledobject-spec/; `HPAActive` since KEDA 2.20.2, which
  /// its autoscaler says itself, and before.
  private func scaledObject(_ live: KubernetesObject, _ name: String) -> Condition? {
    let said = Said(live)
    guard let ready = said["Ready"] else { return nil }
    if ready.status != .true { return pass(ready) }
    if let paused = said["Paused"], paused.status == .true {
      return make(.false, "Paused", "\(name) is paused by an annotation")
    }
    if let fallback = said["Fallback"], fallback.status == .true {
      return make(.false, "Fallback", "metrics cannot be read: \(name) uses onMetricsFailure")
    }
    let made = observed[
      .horizontalPodAutoscalers, ScalerHandOver.autoscalerOfKEDA(live.key)]
    let isIdle = observed[.deployments, live.key]?["spec"]?["replicas"] == 0
    // What KEDA repeats of it is up to 30 seconds old.
    if let active = made.map(Said.init)?["ScalingActive"] ?? said["HPAActive"],
      active.status == .false, active.reason != "ScalingDisabled", !isIdle
    {
      return pass(active)
    }
    return isIdle
      ? make(.true, "Idle", "there is no work and no pod; \(name) starts them again")
      : make(.true, "Scaling", "\(name) sets the number of pods")
  }

  private func make(_ status: Condition.Status, _ reason: String, _ message: String) -> Condition {
    Condition(
      type: Self.type, status: status, reason: reason,
      message: String(decoding: message.utf8.prefix(2000), as: UTF8.self))
  }

  /// Another's reason may be none that our own schema has.
  private func pass(_ condition: Condition) -> Condition {
    let isReason =
      condition.reason.utf8.first.map { Self.isLetter($0) } == true
      && condition.reason.utf8.count <= 100
      && condition.reason.utf8.allSatisfy { Self.isLetter($0) || (0x30...0x39).contains($0) }
    return make(
      condition.status, isReason ? condition.reason : "ScalerNotReady", condition.message)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// The conditions of an object that is not ours: less than metav1.Condition.
  private struct Said {
    private let conditions: [JSONValue]

    init(_ object: KubernetesObject) {
      conditions = object["status"]?["conditions"]?.array ?? []
    }

    subscript(type: String) -> Condition? {
      guard let json = conditions.first(where: { $0["type"]?.string == type }) else { return nil }
      return Condition(
        type: type, status: json["status"]?.string.flatMap(Condition.Status.init) ?? .unknown,
        reason: json["reason"]?.string ?? "", message: json["message"]?.string ?? "")
    }
  }
}
