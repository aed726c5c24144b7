extension CELFunctions {
  /// Methods of strings; positions count Unicode scalars.
  static func method(
    _ name: String, _ text: String, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch (name, rest.count) {
    case ("size", 0): return .int(Int64(text.unicodeScalars.count))
    case ("lowerAscii", 0): return .string(mapASCII(text, 0x41...0x5A, +32))
    case ("upperAscii", 0): return .string(mapASCII(text, 0x61...0x7A, -32))
    case ("trim", 0): return .string(trimmed(text))
    case ("reverse", 0): return .string(string(text.unicodeScalars.reversed()))
    default: break
    }
    switch rest.first {
    case .string(let argument): return try method(name, text, argument, Array(rest.dropFirst()))
    case .int(let position): return try method(name, text, at: position, Array(rest.dropFirst()))
    case .list(let arguments, _) where name == "format" && rest.count == 1:
      return .string(try CELFormatter.format(text, arguments))
    case .timestamp, .none: throw .noSuchOverload
    default: throw .noSuchOverload
    }
  }

  private static func method(
    _ name: String, _ text: String, _ argument: String, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch (name, rest.count) {
    case ("contains", 0): return .bool(text.isEmpty ? argument.isEmpty : contains(text, argument))
    case ("startsWith", 0): return .bool(text.utf8.starts(with: argument.utf8))
    case ("endsWith", 0):
      return .bool(text.utf8.reversed().starts(with: argument.utf8.reversed()))
    case ("matches", 0): return .bool(try expression(argument).matches(text))
    case ("find", 0):
      let scalars = Array(text.unicodeScalars)
      let range = try expression(argument).firstMatch(in: scalars, from: 0)
      return .string(range.map { string(scalars[$0]) } ?? "")
    case ("findAll", 0): return try findAll(text, argument, limit: -1)
    case ("findAll", 1):
      return try findAll(text, argument, limit: try int(rest[0]))
    case ("indexOf", 0), ("indexOf", 1):
      let from = rest.isEmpty ? 0 : try int(rest[0])
      return .int(try index(of: argument, in: text, from: from))
    case ("lastIndexOf", 0), ("lastIndexOf", 1):
      let from = rest.isEmpty ? nil : try int(rest[0])
      return .int(try lastIndex(of: argument, in: text, from: from))
    case ("split", 0): return .list(split(text, argument, limit: -1))
    case ("split", 1): return .list(split(text, argument, limit: try int(rest[0])))
    case ("replace", 1), ("replace", 2):
      guard case .string(let replacement) = rest[0] else { throw .noSuchOverload }
      let limit = rest.count == 2 ? try int(rest[1]) : -1
      return .string(replace(argument, in: text, with: replacement, limit: limit))
    default: throw .noSuchOverload
    }
  }

  private static func method(
    _ name: String, _ text: String, at position: Int64, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    let scalars = Array(text.unicodeScalars)
    let count = Int64(scalars.count)
    switch (name, rest.count) {
    case ("charAt", 0):
      guard (0...count).contains(position) else {
        throw CELError("index out of range: \(position)")
      }
      return .string(position == count ? "" : string(scalars[Int(position)...Int(position)]))
    case ("substring", 0), ("substring", 1):
      let end = rest.isEmpty ? count : try int(rest[0])
      guard (0...count).contains(position) else {
        throw CELError("index out of range: \(position)")
      }
      guard (0...count).contains(end) else { throw CELError("index out of range: \(end)") }
      guard position <= end else {
        throw CELError("invalid substring range. start: \(position), end: \(end)")
      }
      return .string(string(scalars[Int(position)..<Int(end)]))
    default: throw .noSuchOverload
    }
  }

  static func int(_ value: CELValue) throws(CELError) -> Int64 {
    guard case .int(let number) = value else { throw .noSuchOverload }
    return number
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static func mapASCII(
    _ text: String, _ range: ClosedRange<UInt8>, _ shift: Int
  ) -> String {
    let bytes = text.utf8.map { range.contains($0) ? UInt8(Int($0) + shift) : $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return string(scalars[first...last])
  }

  // MARK: Searching

  private static func places(of part: [UInt8], in text: [UInt8]) -> [Int] {
    guard !part.isEmpty, part.count <= text.count else { return [] }
    var result: [Int] = []
    var i = 0
    while i <= text.count - part.count {
      if text[i] == part[0], text[i..<i + part.count].elementsEqual(part) {
        result.append(i)
        i += part.count
      } else {
        i += 1
      }
    }
    return result
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    let text = Array(text.utf8)
    let part = Array(part.utf8)
    if part.isEmpty { return true }
    guard part.count <= text.count else { return false }
    return (0...text.count - part.count).contains { i in
      text[i] == part[0] && text[i..<i + part.count].elementsEqual(part)
    }
  }

  private static func index(
    of part: String, in text: String, from: Int64
  ) throws(CELError) -> Int64 {
    let text = Array(text.unicodeScalars)
    let part = Array(part.unicodeScalars)
    guard (0...Int64(text.count)).contains(from) || (part.isEmpty && from >= 0) else {
      throw CELError("index out of range: \(from)")
    }
    if part.isEmpty { return from }
    var i = Int(from)
    while i + part.count <= text.count {
      if text[i..<i + part.count].elementsEqual(part) { return Int64(i) }
      i += 1
    }
    return -1
  }

  private static func lastIndex(
    of part: String, in text: String, from: Int64?
  ) throws(CELError) -> Int64 {
    let text = Array(text.unicodeScalars)
    let part = Array(part.unicodeScalars)
    if let from, !(0...Int64(text.count)).contains(from) {
      throw CELError("index out of range: \(from)")
    }
    if part.isEmpty { return from ?? Int64(text.count) }
    var i = min(from.map { Int($0) } ?? text.count, text.count - part.count)
    while i >= 0 {
      if text[i..<i + part.count].elementsEqual(part) { return Int64(i) }
      i -= 1
    }
    return -1
  }

  private static func findAll(
    _ text: String, _ pattern: String, limit: Int64
  ) throws(CELError) -> CELValue {
    let compiled = try expression(pattern)
    let scalars = Array(text.unicodeScalars)
    var found: [CELValue] = []
    var position = 0
    while limit < 0 || found.count < limit,
      let range = compiled.firstMatch(in: scalars, from: position)
    {
      found.append(.string(string(scalars[range])))
      position = range.isEmpty ? range.upperBound + 1 : range.upperBound
      if position > scalars.count { break }
    }
    return .list(found)
  }

  // MARK: Splitting

  private static func split(_ text: String, _ separator: String, limit: Int64) -> [CELValue] {
    if limit == 0 { return [] }
    if limit == 1 { return [.string(text)] }
    if separator.isEmpty {
      let scalars = Array(text.unicodeScalars)
      let count = limit < 0 ? scalars.count : min(scalars.count, Int(clamping: limit))
      return (0..<count).map { i in
        .string(string(i == count - 1 ? scalars[i...] : scalars[i...i]))
      }
    }
    let bytes = Array(text.utf8)
    var parts: [CELValue] = []
    var start = 0
    for place in places(of: Array(separator.utf8), in: bytes) {
      if limit > 0, parts.count + 1 >= limit { break }
      parts.append(.string(String(decoding: bytes[start..<place], as: UTF8.self)))
      start = place + separator.utf8.count
    }
    parts.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
    return parts
  }

  private static func replace(
    _ part: String, in text: String, with replacement: String, limit: Int64
  ) -> String {
    if limit == 0 { return text }
    let most = limit < 0 ? Int.max : Int(clamping: limit)
    if part.isEmpty {
      var result = ""
      var count = 0
      for scalar in text.unicodeScalars {
        if count < most { result += replacement }
        count += 1
        result.unicodeScalars.append(scalar)
      }
      return count < most ? result + replacement : result
    }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var start = 0
    for place in places(of: Array(part.utf8), in: bytes).prefix(most) {
      result += bytes[start..<place]
      result += replacement.utf8
      start = place + part.utf8.count
    }
    result += bytes[start...]
    return String(decoding: result, as: UTF8.self)
  }
}
