public import JSON

/// `metav1.Condition`: one observation of an object's state.
public struct Condition: Sendable, Hashable {
  public enum Status: String, Sendable {
    case `true` = "True"
    case `false` = "False"
    case unknown = "Unknown"
  }

  public var type: String
  public var status: Status
  /// CamelCase, machine-readable, never empty.
  public var reason: String
  public var message: String
  /// The generation of the spec that this was observed for.
  public var observedGeneration: Int
  /// RFC 3339, seconds. Changes only when `status` does.
  public var lastTransitionTime: String

  public init(
    type: String, status: Status, reason: String, message: String, observedGeneration: Int = 0,
    lastTransitionTime: String = ""
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = lastTransitionTime
  }

  public init?(_ json: JSONValue) {
    guard let type = json["type"]?.string,
      let status = json["status"]?.string.flatMap(Status.init(rawValue:))
    else { return nil }
    self.init(
      type: type, status: status, reason: json["reason"]?.string ?? "",
      message: json["message"]?.string ?? "",
      observedGeneration: json["observedGeneration"]?.int ?? 0,
      lastTransitionTime: json["lastTransitionTime"]?.string ?? "")
  }

  public var json: JSONValue {
    [
      "type": .string(type), "status": .string(status.rawValue),
      "observedGeneration": JSONValue(observedGeneration),
      "lastTransitionTime": .string(lastTransitionTime), "reason": .string(reason),
      "message": .string(message),
    ]
  }
}

extension [Condition] {
  public subscript(type: String) -> Condition? { first { $0.type == type } }

  /// Replaces the condition of the same type or appends it; its `lastTransitionTime` becomes `now`
  /// only when the status flips (apimachinery `meta.SetStatusCondition`).
  public mutating func set(_ condition: Condition, now: String) {
    var condition = condition
    if let i = firstIndex(where: { $0.type == condition.type }) {
      let old = self[i]
      condition.lastTransitionTime =
        old.status == condition.status && !old.lastTransitionTime.isEmpty
        ? old.lastTransitionTime : now
      self[i] = condition
    } else {
      condition.lastTransitionTime = now
      append(condition)
    }
  }
}
