import JSON
import KubernetesAPI

extension CELFunctions {
  /// Functions of the Kubernetes libraries and of cel-go's extensions; nil when unknown.
  static func library(_ name: String, _ arguments: [CELValue]) throws(CELError) -> CELValue? {
    if let dot = name.firstRange(of: "format.")?.upperBound {
      return try format(String(name[dot...]), arguments)
    }
    switch (name, arguments.first) {
    case ("optional.none", nil): return .optional(nil)
    case ("optional.of", let value?): return .optional(value)
    case ("optional.ofNonZeroValue", let value?): return .optional(isZero(value) ? nil : value)
    case ("lists.range", .int(let count)):
      return .list((0..<max(0, count)).map { .int($0) })
    case (_, .list(let a, _)):
      guard arguments.count == 2, case .list(let b, _) = arguments[1] else { return nil }
      return try sets(name, a, b)
    case ("base64.encode", .bytes(let bytes)): return .string(Base64.encoded(bytes))
    case (_, .string(let text)): return try library(name, text, Array(arguments.dropFirst()))
    default: return nil
    }
  }

  private static func library(
    _ name: String, _ text: String, _ rest: [CELValue]
  ) throws(CELError) -> CELValue? {
    switch name {
    case "isURL": return .bool(CELURL(text) != nil)
    case "isIP": return .bool(CELAddress(text) != nil)
    case "isCIDR": return .bool(CELNetwork(text) != nil)
    case "isQuantity": return .bool(Quantity(text) != nil)
    case "ip.isCanonical": return .bool(try address(text).text == text)
    case "ip": return .address(try address(text))
    case "cidr":
      guard let network = CELNetwork(text) else {
        throw CELError("network address parse error during conversion from string: \(text)")
      }
      return .network(network)
    case "url":
      guard let url = CELURL(text) else {
        throw CELError(
          "URL parse error during conversion from string: parse \"\(text)\": "
            + "invalid URI for request")
      }
      return .url(url)
    case "quantity":
      do {
        return .quantity(try Quantity(parsing: text))
      } catch {
        throw CELError(
          "quantities must match the regular expression "
            + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
      }
    case "semver", "isSemver":
      var normalizes = false
      if case .bool(let value) = rest.first { normalizes = value }
      let version = CELSemanticVersion(text, normalizes: normalizes)
      if name == "isSemver" { return .bool(version != nil) }
      guard let version else {
        throw CELError("parse error during conversion from string: invalid semver \"\(text)\"")
      }
      return .semver(version)
    case "base64.decode":
      guard let bytes = Base64.decoded(text) else { throw CELError("illegal base64 data") }
      return .bytes(bytes)
    case "strings.quote": return .string(quoted(text))
    default: return nil
    }
  }

  private static func address(_ text: String) throws(CELError) -> CELAddress {
    guard let address = CELAddress(text) else {
      throw CELError(
        "IP Address \"\(text)\" parse error during conversion from string: ParseAddr(\"\(text)\"): "
          + "unable to parse IP")
    }
    return address
  }

  private static func format(
    _ name: String, _ arguments: [CELValue]
  ) throws(CELError) -> CELValue {
    if name == "named" {
      guard case .string(let text) = arguments.first else { throw .noSuchOverload }
      return .optional(CELFormat(text).map { .format($0) })
    }
    guard arguments.isEmpty, let format = CELFormat(name) else { throw .noSuchOverload }
    return .format(format)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{07}": result += "\\a"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0B}": result += "\\v"
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func isZero(_ value: CELValue) -> Bool {
    switch value {
    case .null: true
    case .bool(let value): !value
    case .int(let number): number == 0
    case .uint(let number): number == 0
    case .double(let number): number == 0
    case .string(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    case .duration(let nanos): nanos == 0
    case .list(let elements, _): elements.isEmpty
    case .map(let map): map.count == 0
    case .object(let object, _): object.isEmpty
    case .optional(let wrapped): wrapped == nil
    default: false
    }
  }

  // MARK: Methods

  static func libraryMethod(
    _ name: String, _ target: CELValue, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch target {
    case .quantity(let quantity): return try method(name, quantity, rest)
    case .url(let url): return try method(name, url)
    case .address(let address): return try method(name, address)
    case .network(let network): return try method(name, network, rest)
    case .semver(let version): return try method(name, version, rest)
    case .format(let format):
      guard name == "validate", case .string(let text) = rest.first else { throw .noSuchOverload }
      let problems = format.problems(in: text)
      return .optional(problems.isEmpty ? nil : .list(problems.map { .string($0) }))
    default: throw .noSuchOverload
    }
  }

  private static func compared<T: Comparable>(
    _ name: String, _ a: T, _ b: T
  ) throws(CELError) -> CELValue {
    switch name {
    case "compareTo": .int(a < b ? -1 : a > b ? 1 : 0)
    case "isLessThan": .bool(a < b)
    case "isGreaterThan": .bool(a > b)
    default: throw .noSuchOverload
    }
  }

  private static func method(
    _ name: String, _ quantity: Quantity, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    let (whole, fraction) = quantity.nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
    switch (name, rest.first) {
    case ("sign", nil): return .int(Int64(quantity.nanos.signum()))
    case ("isInteger", nil): return .bool(fraction == 0 && Int64(exactly: whole) != nil)
    case ("asInteger", nil):
      guard fraction == 0, let value = Int64(exactly: whole) else {
        throw CELError("cannot convert value to integer")
      }
      return .int(value)
    case ("asApproximateFloat", nil): return .double(Double(quantity.nanos) / 1_000_000_000)
    case ("add", .quantity(let other)): return .quantity(quantity + other)
    case ("add", .int(let number)): return .quantity(quantity + Quantity(number))
    case ("sub", .quantity(let other)): return .quantity(quantity + negated(other))
    case ("sub", .int(let number)): return .quantity(quantity + negated(Quantity(number)))
    case (_, .quantity(let other)): return try compared(name, quantity, other)
    default: throw .noSuchOverload
    }
  }

  private static func negated(_ quantity: Quantity) -> Quantity {
    Quantity(nanos: quantity.nanos == .min ? .max : -quantity.nanos, format: quantity.format)
  }

  private static func method(_ name: String, _ url: CELURL) throws(CELError) -> CELValue {
    switch name {
    case "getScheme": return .string(url.scheme)
    case "getHost": return .string(url.host)
    case "getHostname": return .string(url.hostname)
    case "getPort": return .string(url.port)
    case "getEscapedPath": return .string(url.escapedPath)
    case "getQuery":
      let entries: [(key: CELValue, value: CELValue)] = url.query.map {
        (.string($0.name), .list($0.values.map { .string($0) }))
      }
      return .map(CELMap(storage: .entries(entries)))
    default: throw .noSuchOverload
    }
  }

  private static func method(_ name: String, _ address: CELAddress) throws(CELError) -> CELValue {
    switch name {
    case "family": .int(address.isIPv4 ? 4 : 6)
    case "isUnspecified": .bool(address.isUnspecified)
    case "isLoopback": .bool(address.isLoopback)
    case "isLinkLocalMulticast": .bool(address.isLinkLocalMulticast)
    case "isLinkLocalUnicast": .bool(address.isLinkLocalUnicast)
    case "isGlobalUnicast": .bool(address.isGlobalUnicast)
    default: throw .noSuchOverload
    }
  }

  private static func method(
    _ name: String, _ network: CELNetwork, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch (name, rest.first) {
    case ("ip", nil): return .address(network.address)
    case ("masked", nil): return .network(network.masked)
    case ("prefixLength", nil): return .int(Int64(network.prefixLength))
    case ("containsIP", .address(let other)): return .bool(network.contains(other))
    case ("containsIP", .string(let text)): return .bool(network.contains(try address(text)))
    case ("containsCIDR", .network(let other)): return .bool(network.contains(other))
    case ("containsCIDR", .string(let text)):
      guard let other = CELNetwork(text) else {
        throw CELError("network address parse error during conversion from string: \(text)")
      }
      return .bool(network.contains(other))
    default: throw .noSuchOverload
    }
  }

  private static func method(
    _ name: String, _ version: CELSemanticVersion, _ rest: [CELValue]
  ) throws(CELError) -> CELValue {
    switch (name, rest.first) {
    case ("major", nil): return .int(version.major)
    case ("minor", nil): return .int(version.minor)
    case ("patch", nil): return .int(version.patch)
    case (_, .semver(let other)): return try compared(name, version, other)
    default: throw .noSuchOverload
    }
  }
}
