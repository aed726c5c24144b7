import JSON
import KubernetesAPI

/// Tables (meta.k8s.io/v1), which `kubectl get` prints.
struct TableRendering: Sendable {
  struct Column: Sendable {
    var name: String
    var type = "string"
    var format = ""
    var priority = 0
  }

  private let definition: ResourceDefinition
  private let includeObject: String
  private let now: Int64

  /// - Parameter includeObject: the query option: `None`, `Metadata` (the default) or `Object`.
  init(_ definition: ResourceDefinition, includeObject: String?, now: Int64) {
    self.definition = definition
    self.includeObject = includeObject ?? "Metadata"
    self.now = now
  }

  /// - Parameter objects: as the asked version shows them.
  func table(_ objects: [JSONValue], metadata: JSONObject) -> JSONValue {
    let columns: [Column]
    let rows: [JSONValue]
    if definition.isCustom {
      columns =
        [Column(name: "Name", format: "name")]
        + definition.columns.map {
          Column(name: $0.name, type: $0.type, format: $0.format, priority: $0.priority)
        }
      rows = objects.map { row($0, customCells(of: $0)) }
    } else {
      let printer = TableColumns(definition, now: now)
      columns = printer.columns
      rows = objects.map { row($0, printer.cells(of: $0)) }
    }
    return [
      "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": .object(metadata),
      "columnDefinitions": .array(
        columns.map {
          [
            "name": .string($0.name), "type": .string($0.type), "format": .string($0.format),
            "description": "", "priority": JSONValue($0.priority),
          ]
        }), "rows": .array(rows),
    ]
  }

  private func row(_ object: JSONValue, _ cells: [JSONValue]) -> JSONValue {
    let shown: JSONValue =
      switch includeObject {
      case "None": .null
      case "Object": object
      default: MetadataOnly.object(object)
      }
    return ["cells": .array(cells), "object": shown]
  }

  private func customCells(of object: JSONValue) -> [JSONValue] {
    let name = object["metadata"]?["name"] ?? ""
    return [name]
      + definition.columns.map { column in
        let found = ColumnPath.values(at: column.path, in: object)
        guard let value = found.first else { return .null }
        if column.type == "date" { return .string(Age.text(since: value.string, now: now)) }
        switch (column.type, value) {
        case ("integer", .int), ("number", .int), ("number", .double), ("boolean", .bool):
          return value
        case ("integer", .double(let number)): return .int(Int64(number))
        case ("string", .string): return value
        case ("string", _):
          return .string(found.map { $0.string ?? $0.serialized() }.joined(separator: ","))
        default: return .null
        }
      }
  }
}

/// How long ago something was, as kubectl writes it (apimachinery `duration.HumanDuration`).
enum Age {
  static func text(since time: String?, now: Int64) -> String {
    guard let time = time.flatMap({ KubernetesTime($0) }) else { return "<unknown>" }
    return text(seconds: (now - time.unixMicroseconds) / 1_000_000)
  }

  static func text(seconds: Int64) -> String {
    if seconds < -1 { return "<invalid>" }
    if seconds < 0 { return "0s" }
    let minutes = seconds / 60
    let hours = seconds / 3600
    let days = hours / 24
    func both(_ a: Int64, _ x: String, _ b: Int64, _ y: String) -> String {
      b == 0 ? "\(a)\(x)" : "\(a)\(x)\(b)\(y)"
    }
    switch true {
    case seconds < 120: return "\(seconds)s"
    case minutes < 10: return both(minutes, "m", seconds % 60, "s")
    case minutes < 180: return "\(minutes)m"
    case hours < 8: return both(hours, "h", minutes % 60, "m")
    case hours < 48: return "\(hours)h"
    case days < 8: return both(days, "d", hours % 24, "h")
    case days < 730: return "\(days)d"
    case days < 8 * 365: return both(days / 365, "y", days % 365, "d")
    default: return "\(days / 365)y"
    }
  }
}

/// The JSONPath of printer columns: members, indices, wildcards and one comparison per filter.
enum ColumnPath {
  /// - Parameter path: `.status.conditions[?(@.type=="Ready")].status`
  static func values(at path: String, in object: JSONValue) -> [JSONValue] {
    var values = [object]
    for step in steps(of: path) {
      switch step {
      case .member(let name): values = values.compactMap { $0[name] }
      case .index(let i):
        values = values.compactMap { value in
          let array = value.array ?? []
          return value[i < 0 ? array.count + i : i]
        }
      case .all: values = values.flatMap { $0.array ?? $0.object?.values ?? [] }
      case .filter(let member, let text, let isEqual):
        values = values.flatMap { $0.array ?? [] }.filter { element in
          let found = member.reduce(Optional(element)) { $0?[$1] }
          let shown = found?.string ?? found?.serialized()
          return (shown == text) == isEqual
        }
      }
    }
    return values.filter { !$0.isNull }
  }

  private enum Step {
    case member(String)
    case index(Int)
    case all
    case filter([String], String, isEqual: Bool)
  }

  private static func steps(of path: String) -> [Step] {
    var steps: [Step] = []
    var rest = Array(path)[...]
    while let character = rest.popFirst() {
      switch character {
      case ".":
        var name = ""
        while let next = rest.first, next != ".", next != "[" {
          rest.removeFirst()
          if next == "\\", let escaped = rest.popFirst() {
            name.append(escaped)
          } else {
            name.append(next)
          }
        }
        if name == "*" { steps.append(.all) } else if !name.isEmpty { steps.append(.member(name)) }
      case "[":
        var depth = 1
        var inner = ""
        while let next = rest.popFirst() {
          if next == "[" { depth += 1 }
          if next == "]" { depth -= 1 }
          if depth == 0 { break }
          inner.append(next)
        }
        steps.append(bracket(inner))
      default: break
      }
    }
    return steps
  }

  private static func bracket(_ inner: String) -> Step {
    if inner == "*" { return .all }
    if let index = Int(inner) { return .index(index) }
    guard inner.hasPrefix("?("), inner.hasSuffix(")") else {
      return .member(inner.filter { $0 != "'" && $0 != "\"" })
    }
    let condition = String(inner.dropFirst(2).dropLast())
    for (mark, isEqual) in [("==", true), ("!=", false)] {
      guard let range = condition.firstRange(of: mark) else { continue }
      let left = condition[..<range.lowerBound].filter { $0 != " " && $0 != "@" }
      let right = condition[range.upperBound...].filter { $0 != "'" && $0 != "\"" }
      return .filter(
        left.split(separator: ".").map(String.init), ResponseFormat.trimmed(right[...]),
        isEqual: isEqual)
    }
    return .all
  }
}
