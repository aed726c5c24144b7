import JSON
import KubernetesAPI

extension CELValue: Equatable {
  /// CEL equality: numbers of different types compare by value, other types are never equal.
  ///
  /// Lists of `x-kubernetes-list-type` set and map compare without order.
  static func == (a: CELValue, b: CELValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.bytes(let a), .bytes(let b)): a == b
    case (.duration(let a), .duration(let b)): a == b
    case (.timestamp(let a), .timestamp(let b)): a == b
    case (.list(let a, let kind), .list(let b, _)): equal(a, b, kind)
    case (.map(let a), .map(let b)): equal(a, b)
    case (.object(let a, let type), .object(let b, _)): equal(a, b, type)
    case (.type(let a), .type(let b)): a == b
    case (.optional(let a), .optional(let b)): a == b
    case (.quantity(let a), .quantity(let b)): a == b
    case (.url(let a), .url(let b)): a == b
    case (.address(let a), .address(let b)): a == b
    case (.network(let a), .network(let b)): a == b
    case (.semver(let a), .semver(let b)): a == b
    case (.format(let a), .format(let b)): a == b
    default: numericOrder(a, b) == .some(.equal)
    }
  }

  private static func equal(_ a: [CELValue], _ b: [CELValue], _ kind: CELListKind) -> Bool {
    guard a.count == b.count else { return false }
    switch kind {
    case .atomic: return zip(a, b).allSatisfy { $0 == $1 }
    case .set: return a.allSatisfy { b.contains($0) }
    case .map(let keys):
      return a.allSatisfy { element in
        b.contains { hasSameKeys(element, $0, keys) && element == $0 }
      }
    }
  }

  /// Whether two elements of a list of type map stand for the same entry.
  static func hasSameKeys(_ a: CELValue, _ b: CELValue, _ keys: [String]) -> Bool {
    guard case .object(let a, _) = a, case .object(let b, _) = b else { return false }
    return keys.allSatisfy { a[$0] == b[$0] }
  }

  private static func equal(_ a: CELMap, _ b: CELMap) -> Bool {
    if case .json(let a, _) = a.storage, case .json(let b, .dyn) = b.storage { return a == b }
    guard a.count == b.count else { return false }
    return a.keys.allSatisfy { key in
      guard let left = try? a.value(for: key), let right = try? b.value(for: key) else {
        return false
      }
      return left == right
    }
  }

  private static func equal(_ a: JSONObject, _ b: JSONObject, _ type: CELObjectType) -> Bool {
    guard a.count == b.count else { return false }
    for (key, left) in a {
      guard let right = b[key] else { return false }
      if left == right { continue }
      // Different texts may be the same: times, durations, lists without order.
      guard let field = type.fields[key], let left = try? CELValue(left, field),
        let right = try? CELValue(right, field), left == right
      else { return false }
    }
    return true
  }
}

/// How two values stand to each other.
enum CELOrder: Sendable, Equatable {
  case less, equal, greater
  /// One of them is not a number (NaN).
  case unordered

  init<T: Comparable>(_ a: T, _ b: T) {
    self = a < b ? .less : a == b ? .equal : a > b ? .greater : .unordered
  }
}

extension CELValue {
  /// The order of two values of the same type, or of two numbers.
  static func order(_ a: CELValue, _ b: CELValue) throws(CELError) -> CELOrder {
    switch (a, b) {
    case (.bool(let a), .bool(let b)): return CELOrder(a ? 1 : 0, b ? 1 : 0)
    case (.string(let a), .string(let b)):
      if a.utf8.elementsEqual(b.utf8) { return .equal }
      return a.utf8.lexicographicallyPrecedes(b.utf8) ? .less : .greater
    case (.bytes(let a), .bytes(let b)):
      if a == b { return .equal }
      return a.lexicographicallyPrecedes(b) ? .less : .greater
    case (.duration(let a), .duration(let b)): return CELOrder(a, b)
    case (.timestamp(let a), .timestamp(let b)): return CELOrder(a, b)
    case (.quantity(let a), .quantity(let b)): return CELOrder(a, b)
    case (.semver(let a), .semver(let b)): return CELOrder(a, b)
    default:
      guard let order = numericOrder(a, b) else { throw .noSuchOverload }
      return order
    }
  }

  /// The exact order of two numbers of any types; nil when one is no number.
  private static func numericOrder(_ a: CELValue, _ b: CELValue) -> CELOrder? {
    switch (a, b) {
    case (.int(let a), .int(let b)): CELOrder(a, b)
    case (.uint(let a), .uint(let b)): CELOrder(a, b)
    case (.double(let a), .double(let b)): CELOrder(a, b)
    // Heterogeneous comparison of the standard library's integers is exact.
    case (.int(let a), .uint(let b)): a == b ? .equal : a < b ? .less : .greater
    case (.uint(let a), .int(let b)): a == b ? .equal : a < b ? .less : .greater
    case (.int(let a), .double(let b)): order(Int128(a), b)
    case (.uint(let a), .double(let b)): order(Int128(a), b)
    case (.double(let a), .int(let b)): order(Int128(b), a).reversed
    case (.double(let a), .uint(let b)): order(Int128(b), a).reversed
    default: nil
    }
  }

  private static func order(_ a: Int128, _ b: Double) -> CELOrder {
    if b.isNaN { return .unordered }
    if b >= 0x1p64 { return .less }
    if b < -0x1p63 { return .greater }
    let whole = Int128(b.rounded(.down))
    if a != whole { return a < whole ? .less : .greater }
    return b > b.rounded(.down) ? .less : .equal
  }
}

extension CELOrder {
  var reversed: CELOrder {
    switch self {
    case .less: .greater
    case .greater: .less
    default: self
    }
  }
}
