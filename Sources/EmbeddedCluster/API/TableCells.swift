import JSON
import KubernetesAPI

/// The texts in the cells of built-in kinds' tables.
enum Cells {
  static func joined(_ texts: [String], limit: Int = 3) -> String {
    if texts.isEmpty { return "<none>" }
    let shown = texts.prefix(limit).joined(separator: ",")
    return texts.count > limit ? "\(shown) + \(texts.count - limit) more..." : shown
  }

  static func labels(_ value: JSONValue?) -> String {
    let pairs = (value?.object?.sortedByKey() ?? []).map { "\($0.key)=\($0.value.string ?? "")" }
    return pairs.isEmpty ? "<none>" : pairs.joined(separator: ",")
  }

  static func selector(_ value: JSONValue?) -> String {
    let text = value.flatMap { try? LabelSelector($0) }?.description ?? ""
    return text.isEmpty ? "<none>" : text
  }

  /// Containers, images and selector.
  static func workload(_ object: JSONValue) -> [JSONValue] {
    let containers =
      object["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
    let names = containers.map { $0["name"]?.string ?? "" }.joined(separator: ",")
    let images = containers.map { $0["image"]?.string ?? "" }.joined(separator: ",")
    return [.string(names), .string(images), .string(selector(object["spec"]?["selector"]))]
  }

  static func podStatus(_ object: JSONValue) -> String {
    if object["metadata"]?["deletionTimestamp"] != nil { return "Terminating" }
    for container in object["status"]?["containerStatuses"]?.array ?? [] {
      let state = container["state"]
      let reason = (state?["waiting"] ?? state?["terminated"])?["reason"]?.string
      if let reason, !reason.isEmpty { return reason }
    }
    return object["status"]?["reason"]?.string ?? object["status"]?["phase"]?.string ?? "Unknown"
  }

  static func ports(_ spec: JSONValue?) -> String {
    let ports = (spec?["ports"]?.array ?? []).map { port in
      let node = port["nodePort"]?.int.map { ":\($0)" } ?? ""
      return "\(port["port"]?.int ?? 0)\(node)/\(port["protocol"]?.string ?? "TCP")"
    }
    return ports.isEmpty ? "<none>" : ports.joined(separator: ",")
  }

  static func externalAddress(_ object: JSONValue) -> String {
    let spec = object["spec"]
    switch spec?["type"]?.string {
    case "ExternalName": return spec?["externalName"]?.string ?? ""
    case "LoadBalancer":
      let ingress = object["status"]?["loadBalancer"]?["ingress"]?.array ?? []
      let addresses = ingress.compactMap { ($0["ip"] ?? $0["hostname"])?.string }
      return addresses.isEmpty ? "<pending>" : addresses.joined(separator: ",")
    default: return joined(spec?["externalIPs"]?.array?.compactMap(\.string) ?? [])
    }
  }

  static func nodeStatus(_ object: JSONValue) -> String {
    let ready = (object["status"]?["conditions"]?.array ?? [])
      .first { $0["type"]?.string == "Ready" }?["status"]?.string
    let text = ready == "True" ? "Ready" : ready == nil ? "Unknown" : "NotReady"
    return object["spec"]?["unschedulable"]?.bool == true ? text + ",SchedulingDisabled" : text
  }

  static func nodeRoles(_ object: JSONValue) -> String {
    let prefix = "node-role.kubernetes.io/"
    let roles = (object["metadata"]?["labels"]?.object?.keys ?? [])
      .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    return roles.isEmpty ? "<none>" : roles.joined(separator: ",")
  }

  static func nodeInfo(_ object: JSONValue) -> [JSONValue] {
    let info = object["status"]?["nodeInfo"]
    let address = (object["status"]?["addresses"]?.array ?? [])
      .first { $0["type"]?.string == "InternalIP" }?["address"]
    return [
      info?["kubeletVersion"] ?? "", address ?? "<none>", "<none>", info?["osImage"] ?? "<unknown>",
      info?["kernelVersion"] ?? "<unknown>", info?["containerRuntimeVersion"] ?? "<unknown>",
    ]
  }

  static func autoscalerTargets(_ object: JSONValue) -> String {
    let current = object["status"]?["currentMetrics"]?.array ?? []
    let texts = (object["spec"]?["metrics"]?.array ?? []).enumerated().map { i, metric in
      let type = metric["type"]?.string ?? ""
      let key = type.prefix(1).lowercased() + type.dropFirst()
      let target = metric[key]?["target"]
      let found = i < current.count ? current[i][key]?["current"] : nil
      let name = metric[key]?["name"]?.string.map { "\($0): " } ?? ""
      if let wanted = target?["averageUtilization"]?.int {
        let now = found?["averageUtilization"]?.int.map { "\($0)%" } ?? "<unknown>"
        return "\(name)\(now)/\(wanted)%"
      }
      let average = target?["averageValue"]?.string.map { "\($0) (avg)" }
      let wanted = average ?? target?["value"]?.string ?? "<auto>"
      let now = (found?["averageValue"] ?? found?["value"])?.string ?? "<unknown>"
      return "\(name)\(now)/\(wanted)"
    }
    return joined(texts, limit: 2)
  }

  static func endpoints(_ object: JSONValue) -> String {
    var texts: [String] = []
    for subset in object["subsets"]?.array ?? [] {
      let ports = (subset["ports"]?.array ?? []).compactMap { $0["port"]?.int }
      for address in subset["addresses"]?.array ?? [] {
        let ip = address["ip"]?.string ?? ""
        texts += ports.isEmpty ? [ip] : ports.map { "\(ip):\($0)" }
      }
    }
    return joined(texts)
  }

  /// Works for both forms of events.
  static func event(_ object: JSONValue, now: Int64) -> [JSONValue] {
    func first(_ keys: String...) -> String? {
      keys.lazy.compactMap { object[$0]?.string }.first { !$0.isEmpty }
    }
    let created = object["metadata"]?["creationTimestamp"]?.string
    let began = first("firstTimestamp", "deprecatedFirstTimestamp", "eventTime") ?? created
    let last =
      object["series"]?["lastObservedTime"]?.string
      ?? first("lastTimestamp", "deprecatedLastTimestamp") ?? began
    let regarding = object["involvedObject"] ?? object["regarding"]
    let kind = (regarding?["kind"]?.string ?? "").lowercased()
    let source =
      object["source"]?["component"]?.string
      ?? first("reportingComponent", "reportingController") ?? ""
    let count = object["series"]?["count"]?.int ?? object["count"]?.int ?? 1
    return [
      .string(Age.text(since: last, now: now)), object["type"] ?? "", object["reason"] ?? "",
      .string("\(kind)/\(regarding?["name"]?.string ?? "")"),
      .string(first("message", "note") ?? ""), regarding?["fieldPath"] ?? "", .string(source),
      .string(Age.text(since: began, now: now)), JSONValue(count),
      object["metadata"]?["name"] ?? "",
    ]
  }
}
