import KubernetesAPI

extension CELFunctions {
  /// Methods of lists (Kubernetes `apiserver/pkg/cel/library/lists.go`, cel-go `ext/lists.go`).
  static func method(
    _ name: String, _ elements: [CELValue], _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch (name, rest.count) {
    case ("size", 0): return .int(Int64(elements.count))
    case ("isSorted", 0):
      for (a, b) in zip(elements, elements.dropFirst())
      where try CELValue.order(a, b) == .greater { return .bool(false) }
      return .bool(true)
    case ("sum", 0): return try sum(elements)
    case ("min", 0): return try extreme(elements, "min", keeping: .less)
    case ("max", 0): return try extreme(elements, "max", keeping: .greater)
    case ("indexOf", 1): return .int(Int64(elements.firstIndex(of: rest[0]) ?? -1))
    case ("lastIndexOf", 1): return .int(Int64(elements.lastIndex(of: rest[0]) ?? -1))
    case ("distinct", 0):
      var result: [CELValue] = []
      for element in elements where !result.contains(element) { result.append(element) }
      return .list(result)
    case ("sort", 0): return .list(try sorted(elements))
    case ("reverse", 0): return .list(elements.reversed())
    case ("slice", 2):
      let (start, end) = (try int(rest[0]), try int(rest[1]))
      guard start >= 0, end >= start, end <= elements.count else {
        throw CELError("cannot slice(\(start), \(end)), list is length \(elements.count)")
      }
      return .list(Array(elements[Int(start)..<Int(end)]))
    case ("flatten", 0):
      var result: [CELValue] = []
      for element in elements {
        if case .list(let inner, _) = element { result += inner } else { result.append(element) }
      }
      return .list(result)
    case ("join", 0), ("join", 1):
      var separator = ""
      if let argument = rest.first {
        guard case .string(let text) = argument else { throw .noSuchOverload }
        separator = text
      }
      var texts: [String] = []
      for element in elements {
        guard case .string(let text) = element else { throw .noSuchOverload }
        texts.append(text)
      }
      return .string(texts.joined(separator: separator))
    default: throw .noSuchOverload
    }
  }

  private static func sum(_ elements: [CELValue]) throws(CELError) -> CELValue {
    guard var total = elements.first else { return .int(0) }
    switch total {
    case .int, .uint, .double, .duration: break
    default: throw .noSuchOverload
    }
    for element in elements.dropFirst() {
      total = try CELArithmetic.apply("_+_", total, element)
    }
    return total
  }

  private static func extreme(
    _ elements: [CELValue], _ name: String, keeping order: CELOrder
  ) throws(CELError) -> CELValue {
    guard var result = elements.first else { throw CELError("\(name) called on empty list") }
    for element in elements.dropFirst() where try CELValue.order(element, result) == order {
      result = element
    }
    return result
  }

  private static func sorted(_ elements: [CELValue]) throws(CELError) -> [CELValue] {
    do {
      return try elements.sorted { try CELValue.order($0, $1) == .less }
    } catch {
      throw (error as? CELError) ?? .noSuchOverload
    }
  }

  static func sets(
    _ name: String, _ a: [CELValue], _ b: [CELValue]
  ) throws(CELError) -> CELValue {
    switch name {
    case "sets.contains": return .bool(b.allSatisfy(a.contains))
    case "sets.equivalent": return .bool(b.allSatisfy(a.contains) && a.allSatisfy(b.contains))
    case "sets.intersects": return .bool(a.contains(where: b.contains))
    default: throw .noSuchOverload
    }
  }
}
