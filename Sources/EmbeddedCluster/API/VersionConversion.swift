import JSON
import KubernetesAPI

/// One object in the versions that show it.
///
/// Definitions convert by name only (strategy None); of the built-in kinds, events are served by two
/// groups with different field names, and autoscalers in two versions.
enum VersionConversion {
  static func convert(
    _ object: JSONValue, from old: GroupVersionKind, to new: GroupVersionKind
  ) -> JSONValue {
    if old.kind == "HorizontalPodAutoscaler", old.group == "autoscaling", new.group == old.group {
      return new.version == "v1"
        ? AutoscalerConversion.toV1(object) : AutoscalerConversion.toV2(object)
    }
    var object = object
    object["apiVersion"] = .string(new.apiVersion)
    if old.kind == "Event", new.kind == "Event", old.group != new.group {
      return rename(object, new.group.isEmpty ? toCore : fromCore, isCore: new.group.isEmpty)
    }
    return object
  }

  private static let names: [(core: String, events: String)] = [
    ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
  ]
  private static let fromCore = Dictionary(uniqueKeysWithValues: names.map { ($0.core, $0.events) })
  private static let toCore = Dictionary(uniqueKeysWithValues: names.map { ($0.events, $0.core) })

  private static func rename(
    _ object: JSONValue, _ names: [String: String], isCore: Bool
  ) -> JSONValue {
    var renamed: JSONObject = [:]
    for (key, value) in object.object ?? [:] { renamed[names[key] ?? key] = value }
    // Fields without omitempty in the one version only.
    let always: [(String, JSONValue)] =
      isCore
      ? [
        ("source", [:]), ("firstTimestamp", nil), ("lastTimestamp", nil), ("eventTime", nil),
        ("reportingComponent", ""), ("reportingInstance", ""),
      ]
      : [
        ("eventTime", nil), ("deprecatedSource", [:]), ("deprecatedFirstTimestamp", nil),
        ("deprecatedLastTimestamp", nil),
      ]
    for (key, value) in always where renamed[key] == nil { renamed[key] = value }
    if !isCore {
      for key in ["reportingController", "reportingInstance", "note"]
      where renamed[key] == "" {
        renamed[key] = nil
      }
    }
    return .object(renamed)
  }
}
