import JSON
import KubernetesAPI

extension TypeSchema {
  func checkType(_ value: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    func mismatch(_ wanted: String, _ actual: String) {
      causes.append(
        .typeInvalid(
          path.isEmpty ? "<nil>" : path, "\"\(actual)\"",
          "\(path) in body must be of type \(wanted): \"\(actual)\""))
    }
    switch (type, value) {
    case (.any, _), (.object, .object), (.array, .array), (.string, .string),
      (.boolean, .bool), (.integer, .int), (.number, .int), (.number, .double),
      (.intOrString, .int), (.intOrString, .string):
      break
    case (.integer, .double(let number)):
      if Int64(exactly: number) != nil { break }
      guard let format else {
        mismatch("integer", "number")
        break
      }
      mismatch(format, "float64")
      causes.append(
        .invalid(
          "<nil>", "\"\"",
          "Checked value must be of type integer with format \(format) in \(path)"))
    case (.intOrString, _): mismatch("integer,string", value.typeName)
    default: mismatch(type.rawValue, value.typeName)
    }
    if let format, case .string(let text) = value, type == .string,
      !ValueFormat.accepts(text, format)
    {
      causes.append(
        .typeInvalid(
          path, value.serialized(),
          "\(path) in body must be of type \(format): \(value.serialized())"))
    }
  }

  func checkEnumeration(_ value: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    guard !enumeration.isEmpty, !enumeration.contains(value) else { return }
    causes.append(
      .notSupported(path, value.serialized(), enumeration.map { $0.serialized() }))
  }

  func checkBounds(
    _ value: JSONValue, _ bounds: ValueBounds, _ path: String, _ causes: inout [FieldCause]
  ) {
    func invalid(_ text: String) {
      causes.append(.invalid(path, value.serialized(), "\(path) in body \(text)"))
    }
    func text(_ number: Double) -> String {
      Int64(exactly: number).map(String.init) ?? String(number)
    }
    switch value {
    case .int, .double:
      guard type == .integer || type == .number || type == .intOrString || type == .any,
        let number = value.double
      else { return }
      if let factor = bounds.multipleOf {
        if case .int(let whole) = value {
          // Why: the server compares whole values by a whole factor.
          let factor = Int64(exactly: factor.rounded(.towardZero)) ?? .max
          if factor <= 0 {
            causes.append(
              .invalid(
                path, String(factor),
                "factor MultipleOf declared for \(path) must be positive: \(factor)"))
          } else if whole % factor != 0 {
            invalid("should be a multiple of \(factor)")
          }
        } else if let quotient = Optional(number / factor), quotient != quotient.rounded() {
          invalid("should be a multiple of \(text(factor))")
        }
      }
      if let maximum = bounds.maximum {
        if bounds.isMaximumExclusive ? number >= maximum : number > maximum {
          invalid(
            "should be less than \(bounds.isMaximumExclusive ? "" : "or equal to ")\(text(maximum))"
          )
        }
      }
      if let minimum = bounds.minimum {
        if bounds.isMinimumExclusive ? number <= minimum : number < minimum {
          invalid(
            "should be greater than \(bounds.isMinimumExclusive ? "" : "or equal to ")"
              + text(minimum))
        }
      }
    case .string(let string):
      let length = string.unicodeScalars.count
      if let maximum = bounds.maxLength, length > maximum {
        causes.append(.tooLong(path, maximum))
      }
      if let minimum = bounds.minLength, length < minimum {
        invalid("should be at least \(minimum) chars long")
      } else if let pattern = bounds.pattern, !Self.matches(string, pattern) {
        invalid("should match '\(pattern)'")
      }
    case .array(let elements):
      if let maximum = bounds.maxItems, elements.count > maximum {
        causes.append(.tooMany(path, elements.count, maximum))
      }
      if let minimum = bounds.minItems, elements.count < minimum {
        invalid("should have at least \(minimum) items")
      }
      if bounds.hasUniqueItems, Set(elements).count < elements.count {
        causes.append(
          .duplicate(path, value.serialized() + ": \(path) in body shouldn't contain duplicates"))
      }
    case .object(let object):
      if let maximum = bounds.maxProperties, object.count > maximum {
        causes.append(.tooMany(path, object.count, maximum))
      }
      if let minimum = bounds.minProperties, object.count < minimum {
        invalid("should have at least \(minimum) properties")
      }
    case .null, .bool: break
    }
  }

  /// A pattern that does not compile holds: the definition's own validation reports it.
  private static func matches(_ text: String, _ pattern: String) -> Bool {
    guard let expression = try? RegularExpression.cached(pattern) else { return true }
    return expression.matches(text)
  }

  func checkCombinations(_ value: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    func fault(_ text: String) {
      causes.append(.invalid("<nil>", "\"\"", "\"\(path)\" must \(text)"))
    }
    func accepts(_ schema: TypeSchema) -> Bool {
      schema.validate(value, old: nil, rules: nil).isEmpty
    }
    for schema in site.allOf {
      causes += schema.prefixed(value, path)
    }
    if !site.anyOf.isEmpty, !site.anyOf.contains(where: accepts) {
      fault("validate at least one schema (anyOf)")
    }
    if !site.oneOf.isEmpty {
      let count = site.oneOf.filter(accepts).count
      if count == 0 { fault("validate one and only one schema (oneOf). Found none valid") }
      if count > 1 {
        fault("validate one and only one schema (oneOf). Found \(count) valid alternatives")
      }
    }
    if let excluded = site.not, accepts(excluded) { fault("not validate the schema (not)") }
  }

  private func prefixed(_ value: JSONValue, _ path: String) -> [FieldCause] {
    validate(value, old: nil, rules: nil).map { cause in
      FieldCause(
        reason: cause.reason,
        field: cause.field.isEmpty || cause.field == "<nil>"
          ? path : Self.join(path, cause.field), message: cause.message)
    }
  }
}

/// The string formats that a definition's schema can ask for.
enum ValueFormat {
  /// Unknown formats accept everything.
  static func accepts(_ text: String, _ format: String) -> Bool {
    switch format {
    case "date-time": KubernetesTime(text) != nil
    case "date": KubernetesTime("\(text)T00:00:00Z") != nil
    case "uuid", "uuid3", "uuid4", "uuid5":
      text.utf8.count == 36 && text.split(separator: "-").map(\.utf8.count) == [8, 4, 4, 4, 12]
        && text.allSatisfy { $0.isHexDigit || $0 == "-" }
    case "byte": Base64.faultOffset(text) == nil
    case "ipv4": IPText.isIPv4(text)
    case "ipv6": IPText.isIPv6(text)
    case "cidr": IPText.isCIDR(text)
    case "email": text.split(separator: "@", omittingEmptySubsequences: false).count == 2
    default: true
    }
  }
}

/// Addresses as text.
enum IPText {
  static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part == "0" || part.first != "0")
          && UInt8(part) != nil
      }
  }

  /// RFC 4291 section 2.2, without zones.
  static func isIPv6(_ text: String) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2, text.contains(":") else { return false }
    var count = 0
    for (position, half) in halves.enumerated() where !half.isEmpty {
      let groups = half.split(separator: ":", omittingEmptySubsequences: false)
      for (index, group) in groups.enumerated() {
        let isLast = position == halves.count - 1 && index == groups.count - 1
        if isLast, group.contains(".") {
          guard isIPv4(String(group)) else { return false }
          count += 2
        } else {
          guard (1...4).contains(group.utf8.count), group.allSatisfy(\.isHexDigit) else {
            return false
          }
          count += 1
        }
      }
    }
    return halves.count == 2 ? count < 8 : count == 8
  }

  static func isCIDR(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let length = Int(parts[1]), parts[1] == String(length) else {
      return false
    }
    return isIPv4(parts[0]) && (0...32).contains(length)
      || isIPv6(parts[0]) && (0...128).contains(length)
  }
}
