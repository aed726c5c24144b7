/// A function's type: what it takes and gives.
struct CELSignature: Sendable {
  var parameters: [CELType]
  var result: CELType
}

/// The functions that rules may call: CEL's standard ones and those of Kubernetes' libraries.
///
/// cel-spec `doc/langdef.md`, List of Standard Definitions; https://kubernetes.io/docs/reference/using-api/cel/
enum CELSignatures {
  /// By name; methods are named `.size` and have their target as first parameter.
  static let all: [String: [CELSignature]] = {
    var result: [String: [CELSignature]] = [:]
    for line in declarations.split(separator: "\n") {
      guard let (name, signature) = parse(line) else { continue }
      result[name, default: []].append(signature)
    }
    return result
  }()

  /// `name(types) -> type` or `type.name(types) -> type`.
  private static func parse(_ line: Substring) -> (String, CELSignature)? {
    guard let arrow = line.firstRange(of: " -> "), let open = callOpening(line[..<arrow.lowerBound])
    else { return nil }
    let head = line[..<open]
    let inner = line[line.index(after: open)..<line.index(before: arrow.lowerBound)]
    var parameters = types(inner)
    var name = String(head)
    if head.hasPrefix("<"), let close = head.firstRange(of: ">.") {
      parameters.insert(type(head[head.index(after: head.startIndex)..<close.lowerBound]), at: 0)
      name = "." + head[close.upperBound...]
    }
    return (name, CELSignature(parameters: parameters, result: type(line[arrow.upperBound...])))
  }

  /// The parenthesis that opens the parameters, which is the partner of the last one.
  private static func callOpening(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for i in text.indices.reversed() {
      if text[i] == ")" { depth += 1 }
      if text[i] == "(" {
        depth -= 1
        if depth == 0 { return i }
      }
    }
    return nil
  }

  private static func types(_ text: Substring) -> [CELType] {
    var result: [CELType] = []
    var depth = 0
    var start = text.startIndex
    for i in text.indices {
      if text[i] == "(" { depth += 1 }
      if text[i] == ")" { depth -= 1 }
      if text[i] == ",", depth == 0 {
        result.append(type(text[start..<i]))
        start = text.index(after: i)
      }
    }
    if !text.isEmpty { result.append(type(text[start...])) }
    return result
  }

  private static func type(_ text: Substring) -> CELType {
    let text = text.drop { $0 == " " }
    if let open = text.firstIndex(of: "("), text.hasSuffix(")") {
      let arguments = types(text[text.index(after: open)...].dropLast())
      switch (text[..<open], arguments.count) {
      case ("list", 1): return .list(arguments[0])
      case ("map", 2): return .map(arguments[0], arguments[1])
      case ("optional", 1): return .optional(arguments[0])
      default: return .dyn
      }
    }
    switch text {
    case "dyn": return .dyn
    case "null": return .null
    case "bool": return .bool
    case "int": return .int
    case "uint": return .uint
    case "double": return .double
    case "string": return .string
    case "bytes": return .bytes
    case "duration": return .duration
    case "timestamp": return .timestamp
    case "type": return .type
    case "quantity": return .opaque("kubernetes.Quantity")
    case "url": return .opaque("kubernetes.URL")
    case "ip": return .opaque("net.IP")
    case "cidr": return .opaque("net.CIDR")
    case "format": return .opaque("kubernetes.NamedFormat")
    case "semver": return .opaque("kubernetes.Semver")
    default: return .parameter(String(text))
    }
  }

  private static var declarations: String {
    operators + conversions + times + strings + collections + libraries + comparisons
  }

  /// Every pair of numeric types, and equal pairs of the other ordered types.
  private static var comparisons: String {
    let numbers = ["int", "uint", "double"]
    var pairs = numbers.flatMap { a in numbers.map { (a, $0) } }
    pairs += ["bool", "string", "bytes", "timestamp", "duration"].map { ($0, $0) }
    return ["_<_", "_<=_", "_>_", "_>=_"].flatMap { name in
      pairs.map { "\(name)(\($0.0), \($0.1)) -> bool\n" }
    }.joined()
  }
}
