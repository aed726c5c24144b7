import JSON

/// `+ - * / %`, with errors instead of overflow.
enum CELArithmetic {
  static func apply(
    _ name: String, _ a: CELValue, _ b: CELValue
  ) throws(CELError) -> CELValue {
    switch (a, b) {
    case (.int(let a), .int(let b)): return .int(try integers(name, a, b, .overflow))
    case (.uint(let a), .uint(let b)): return .uint(try integers(name, a, b, .unsignedOverflow))
    case (.double(let a), .double(let b)):
      switch name {
      case "_+_": return .double(a + b)
      case "_-_": return .double(a - b)
      case "_*_": return .double(a * b)
      case "_/_": return .double(a / b)
      default: throw .noSuchOverload
      }
    case (.duration(let a), .duration(let b)) where name == "_+_" || name == "_-_":
      let (result, overflow) =
        name == "_+_" ? a.addingReportingOverflow(b) : a.subtractingReportingOverflow(b)
      guard !overflow else { throw .durationOverflow }
      return .duration(result)
    case (.timestamp(let time), .duration(let nanos)) where name == "_+_" || name == "_-_":
      return try sum(time, name == "_+_" ? nanos : 0 &- nanos)
    case (.duration(let nanos), .timestamp(let time)) where name == "_+_":
      return try sum(time, nanos)
    case (.timestamp(let a), .timestamp(let b)) where name == "_-_":
      guard let nanos = a.since(b) else { throw .durationOverflow }
      return .duration(nanos)
    default:
      guard name == "_+_" else { throw .noSuchOverload }
      return try concatenation(a, b)
    }
  }

  private static func integers<T: FixedWidthInteger>(
    _ name: String, _ a: T, _ b: T, _ failure: CELError
  ) throws(CELError) -> T {
    let result: (partialValue: T, overflow: Bool)
    switch name {
    case "_+_": result = a.addingReportingOverflow(b)
    case "_-_": result = a.subtractingReportingOverflow(b)
    case "_*_": result = a.multipliedReportingOverflow(by: b)
    case "_/_":
      guard b != 0 else { throw .divisionByZero }
      result = a.dividedReportingOverflow(by: b)
    default:
      guard b != 0 else { throw .modulusByZero }
      result = a.remainderReportingOverflow(dividingBy: b)
    }
    guard !result.overflow else { throw failure }
    return result.partialValue
  }

  private static func sum(_ time: CELTimestamp, _ nanos: Int64) throws(CELError) -> CELValue {
    guard let result = time.adding(nanoseconds: nanos) else { throw CELError("timestamp overflow") }
    return .timestamp(result)
  }

  private static func concatenation(_ a: CELValue, _ b: CELValue) throws(CELError) -> CELValue {
    switch (a, b) {
    case (.string(let a), .string(let b)): return .string(a + b)
    case (.bytes(let a), .bytes(let b)): return .bytes(a + b)
    case (.list(let a, let kind), .list(let b, _)):
      switch kind {
      case .atomic: return .list(a + b)
      case .set:
        // The union, which keeps the order of the left side.
        return .list(a + b.filter { !a.contains($0) }, kind)
      case .map(let keys):
        // Entries of the right side replace those with the same keys.
        var result = a
        for element in b {
          if let i = result.firstIndex(where: { CELValue.hasSameKeys($0, element, keys) }) {
            result[i] = element
          } else {
            result.append(element)
          }
        }
        return .list(result, kind)
      }
    default: throw .noSuchOverload
    }
  }
}
