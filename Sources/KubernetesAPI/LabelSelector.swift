public import JSON

/// Which objects are meant, by their labels. Without requirements it means all of them.
public struct LabelSelector: Sendable, Hashable {
  public enum Operator: String, Sendable {
    case `in` = "In"
    case notIn = "NotIn"
    case exists = "Exists"
    case doesNotExist = "DoesNotExist"
    /// Only in the text form: both sides must be whole numbers.
    case greaterThan = "Gt"
    case lessThan = "Lt"
  }

  public struct Requirement: Sendable, Hashable {
    public var key: String
    public var `operator`: Operator
    /// Empty for `exists` and `doesNotExist`.
    public var values: [String]

    public init(key: String, operator: Operator, values: [String] = []) {
      self.key = key
      self.operator = `operator`
      self.values = values
    }
  }

  /// All of them must hold.
  public var requirements: [Requirement]

  public init(_ requirements: [Requirement] = []) { self.requirements = requirements }

  /// Requires each label to have exactly this value.
  public init(matchLabels: [String: String]) {
    requirements = matchLabels.sorted { $0.key < $1.key }
      .map { Requirement(key: $0.key, operator: .in, values: [$0.value]) }
  }

  public var isEmpty: Bool { requirements.isEmpty }

  /// `NotIn` also holds for objects without the label.
  public func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { $0.matches(labels) }
  }
}

extension LabelSelector.Requirement {
  public func matches(_ labels: [String: String]) -> Bool {
    let value = labels[key]
    switch `operator` {
    case .in: return value.map(values.contains) ?? false
    case .notIn: return !(value.map(values.contains) ?? false)
    case .exists: return value != nil
    case .doesNotExist: return value == nil
    case .greaterThan, .lessThan:
      guard let value = value.flatMap({ Int64($0) }),
        let bound = values.first.flatMap({ Int64($0) })
      else { return false }
      return `operator` == .greaterThan ? value > bound : value < bound
    }
  }
}

extension LabelSelector: CustomStringConvertible {
  /// The text form, as it is sent in `labelSelector=`.
  public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector.Requirement: CustomStringConvertible {
  public var description: String {
    switch `operator` {
    case .in where values.count == 1: "\(key)=\(values[0])"
    case .notIn where values.count == 1: "\(key)!=\(values[0])"
    case .in: "\(key) in (\(values.joined(separator: ",")))"
    case .notIn: "\(key) notin (\(values.joined(separator: ",")))"
    case .exists: key
    case .doesNotExist: "!\(key)"
    case .greaterThan: "\(key)>\(values.first ?? "")"
    case .lessThan: "\(key)<\(values.first ?? "")"
    }
  }
}

extension LabelSelector {
  /// Reads the object form: `matchLabels` and `matchExpressions`.
  ///
  /// - Throws: `SelectorError` with the field at fault.
  public init(_ json: JSONValue) throws(SelectorError) {
    guard let object = json.object else {
      throw SelectorError("expected an object, got \(json.typeName)")
    }
    self.init()
    for (key, value) in object {
      switch key {
      case "matchLabels":
        guard let labels = value.object else {
          throw SelectorError("matchLabels: expected an object, got \(value.typeName)")
        }
        for (label, value) in labels.sortedByKey() {
          guard let text = value.string else {
            throw SelectorError("matchLabels[\(label)]: expected a string, got \(value.typeName)")
          }
          requirements.append(try .checked(label, .in, [text]))
        }
      case "matchExpressions":
        guard let expressions = value.array else {
          throw SelectorError("matchExpressions: expected an array, got \(value.typeName)")
        }
        for (i, expression) in expressions.enumerated() {
          do {
            requirements.append(try Self.expression(expression))
          } catch {
            throw SelectorError("matchExpressions[\(i)]: \(error.message)")
          }
        }
      default:
        throw SelectorError("unknown field \"\(key)\" (expected matchLabels or matchExpressions)")
      }
    }
  }

  private static func expression(_ json: JSONValue) throws(SelectorError) -> Requirement {
    guard let key = json["key"]?.string else { throw SelectorError("key is required") }
    let name = json["operator"]?.string ?? ""
    guard let found = Operator(rawValue: name), found != .greaterThan, found != .lessThan else {
      throw SelectorError(
        "operator \"\(name)\" is not one of In, NotIn, Exists, DoesNotExist")
    }
    return try .checked(key, found, json["values"]?.array?.compactMap(\.string) ?? [])
  }

  /// The object form; nil when `Gt` or `Lt` are used, which it cannot express.
  public var json: JSONValue? {
    var selector: JSONObject = [:]
    var labels: [String: String] = [:]
    var expressions: [JSONValue] = []
    for requirement in requirements {
      switch requirement.operator {
      case .greaterThan, .lessThan: return nil
      case .in where requirement.values.count == 1 && labels[requirement.key] == nil:
        labels[requirement.key] = requirement.values[0]
      default:
        var expression: JSONObject = [
          "key": .string(requirement.key), "operator": .string(requirement.operator.rawValue),
        ]
        if !requirement.values.isEmpty { expression["values"] = JSONValue(requirement.values) }
        expressions.append(.object(expression))
      }
    }
    if !labels.isEmpty { selector["matchLabels"] = JSONValue(labels) }
    if !expressions.isEmpty { selector["matchExpressions"] = .array(expressions) }
    return .object(selector)
  }
}

extension LabelSelector.Requirement {
  /// A requirement that keeps the API server's rules for its operator, key and values.
  static func checked(_ key: String, _ operator: LabelSelector.Operator, _ values: [String])
    throws(SelectorError) -> Self
  {
    if let problem = NameFormat.labelKey.problem(in: key) {
      throw SelectorError("label key \"\(key)\" \(problem)")
    }
    switch `operator` {
    case .in, .notIn:
      guard !values.isEmpty else { throw SelectorError("\(`operator`.rawValue) needs values") }
    case .exists, .doesNotExist:
      guard values.isEmpty else { throw SelectorError("\(`operator`.rawValue) takes no values") }
    case .greaterThan, .lessThan:
      guard values.count == 1, Int64(values[0]) != nil else {
        throw SelectorError("\(`operator`.rawValue) needs one whole number")
      }
    }
    for value in values {
      if let problem = NameFormat.labelValue.problem(in: value) {
        throw SelectorError("label value \"\(value)\" \(problem)")
      }
    }
    return Self(key: key, operator: `operator`, values: values)
  }
}

/// Why a selector cannot be read.
public struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
