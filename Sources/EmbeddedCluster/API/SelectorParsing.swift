import JSON
import KubernetesAPI

/// Selectors as query options, with the API server's messages
/// (apimachinery `pkg/labels/selector.go`, `pkg/fields/selector.go`).
enum SelectorParsing {
  static func labels(_ text: String) throws(StatusError) -> LabelSelector {
    var parser = LabelParser(tokens: tokens(of: text))
    do {
      return LabelSelector(try parser.requirements())
    } catch {
      throw StatusError.badRequest(error.message)
    }
  }

  private static func tokens(of text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    var characters = Array(text)[...]
    func flush() {
      if !word.isEmpty { tokens.append(word) }
      word = ""
    }
    while let character = characters.popFirst() {
      switch character {
      case " ", "\t", "\n", "\r": flush()
      case "(", ")", ",", ">", "<":
        flush()
        tokens.append(String(character))
      case "=", "!":
        flush()
        if characters.first == "=" {
          characters.removeFirst()
          tokens.append(String(character) + "=")
        } else {
          tokens.append(String(character))
        }
      default: word.append(character)
      }
    }
    flush()
    return tokens
  }

  private struct LabelParser {
    var tokens: [String]
    var position = 0

    private var next: String? { position < tokens.count ? tokens[position] : nil }

    private mutating func take() -> String? {
      defer { position += 1 }
      return next
    }

    private static func isSign(_ token: String) -> Bool {
      ["(", ")", ",", "!", "=", "==", "!=", "<", ">"].contains(token)
    }

    /// Keys and values that no label can have are no selectors.
    private static func check(_ requirement: LabelSelector.Requirement) throws(SelectorError) {
      var faults: [String] = []
      func invalid(_ field: String, _ value: String, _ why: String) {
        faults.append("\(field): Invalid value: \(JSONValue.string(value).serialized()): \(why)")
      }
      let name = NameMessages.qualifiedName(requirement.key)
      if !name.isEmpty { invalid("<nil>", requirement.key, name.joined(separator: "; ")) }
      for (position, value) in requirement.values.enumerated() {
        if [.greaterThan, .lessThan].contains(requirement.operator), Int64(value) == nil {
          invalid(
            "values[\(position)]", value,
            "for 'Gt', 'Lt' operators, the value must be an integer")
        } else if let fault = NameMessages.labelValue(value) {
          invalid("values[\(position)][\(requirement.key)]", value, fault)
        }
      }
      guard !faults.isEmpty else { return }
      let text = faults.count == 1 ? faults[0] : "[\(faults.joined(separator: ", "))]"
      throw SelectorError("unable to parse requirement: \(text)")
    }

    mutating func requirements() throws(SelectorError) -> [LabelSelector.Requirement] {
      var requirements: [LabelSelector.Requirement] = []
      guard next != nil else { return [] }
      while true {
        let token = next ?? ""
        guard !Self.isSign(token) || token == "!" else {
          throw SelectorError("found '\(token)', expected: !, identifier, or 'end of string'")
        }
        let found = try requirement()
        try Self.check(found)
        requirements.append(found)
        guard let token = take() else { return requirements }
        guard token == "," else {
          throw SelectorError("found '\(token)', expected: ',' or 'end of string'")
        }
        guard let token = next, !["(", ")", ","].contains(token) else {
          throw SelectorError("found '\(next ?? "")', expected: identifier after ','")
        }
      }
    }

    private mutating func requirement() throws(SelectorError) -> LabelSelector.Requirement {
      let isNegated = next == "!"
      if isNegated { position += 1 }
      let key = take() ?? ""
      guard !key.isEmpty, !Self.isSign(key) else {
        throw SelectorError("unable to parse requirement: found '\(key)', expected: identifier")
      }
      if isNegated { return .init(key: key, operator: .doesNotExist) }
      guard let token = next, token != "," else { return .init(key: key, operator: .exists) }
      position += 1
      switch token {
      case "=", "==": return .init(key: key, operator: .in, values: [value()])
      case "!=": return .init(key: key, operator: .notIn, values: [value()])
      case ">": return .init(key: key, operator: .greaterThan, values: [value()])
      case "<": return .init(key: key, operator: .lessThan, values: [value()])
      case "in": return .init(key: key, operator: .in, values: try values())
      case "notin": return .init(key: key, operator: .notIn, values: try values())
      default:
        throw SelectorError(
          "unable to parse requirement: found '\(token)', expected: in, notin, =, ==, !=, gt, lt")
      }
    }

    private mutating func value() -> String {
      guard let token = next, token != "," else { return "" }
      position += 1
      return token
    }

    private mutating func values() throws(SelectorError) -> [String] {
      guard next == "(" else {
        throw SelectorError("unable to parse requirement: found '\(next ?? "")' expected: '('")
      }
      position += 1
      var values: Set<String> = []
      var last = ""
      while let token = take() {
        switch token {
        case ")":
          values.insert(last)
          return values.sorted()
        case ",":
          values.insert(last)
          last = ""
        default:
          guard last.isEmpty, !Self.isSign(token) else {
            throw SelectorError(
              "unable to parse requirement: found '\(token)', expected: ',' or ')'")
          }
          last = token
        }
      }
      throw SelectorError("unable to parse requirement: found '', expected: ',', ')' or identifier")
    }
  }
}

/// `metadata.name=a,type!=b`: equality of a few fields.
struct FieldSelector: Sendable {
  struct Term: Sendable {
    var path: String
    var value: String
    var isEqual: Bool
  }

  var terms: [Term] = []

  static func parse(_ text: String) throws(StatusError) -> FieldSelector {
    var selector = FieldSelector()
    for part in text.split(separator: ",") where !part.isEmpty {
      let (operators, found) = (["!=", "==", "="], part)
      guard let match = operators.lazy.compactMap({ split(found, at: $0) }).first else {
        throw StatusError.badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
      }
      selector.terms.append(match)
    }
    return selector
  }

  private static func split(_ part: Substring, at separator: String) -> Term? {
    let bytes = Array(part.utf8)
    let mark = Array(separator.utf8)
    guard bytes.count >= mark.count else { return nil }
    for i in 0...(bytes.count - mark.count) where Array(bytes[i..<i + mark.count]) == mark {
      return Term(
        path: String(decoding: bytes[..<i], as: UTF8.self),
        value: String(decoding: bytes[(i + mark.count)...], as: UTF8.self),
        isEqual: separator != "!=")
    }
    return nil
  }

  /// The object's name when exactly one is asked for.
  var name: String? { terms.first { $0.path == "metadata.name" && $0.isEqual }?.value }

  /// - Parameter object: as the asked version shows it.
  func matches(_ object: JSONValue) -> Bool {
    terms.allSatisfy { term in
      var value: JSONValue? = object
      for key in term.path.split(separator: ".") { value = value?[String(key)] }
      let text: String =
        switch value {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        default: term.path == "spec.unschedulable" || term.path == "spec.hostNetwork" ? "false" : ""
        }
      return (text == term.value) == term.isEqual
    }
  }

  /// Refuses fields that cannot be selected: an unsupported selector never gives an unfiltered list.
  func check(for definition: ResourceDefinition) throws(StatusError) {
    let supported = Self.supportedFields(of: definition)
    for term in terms where !supported.contains(term.path) {
      if definition.isCustom {
        throw StatusError.badRequest("field label not supported: \(term.path)")
      }
      if supported.count == 2 {
        throw StatusError.badRequest(
          "\"\(term.path)\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        )
      }
      throw StatusError.badRequest("field label not supported: \(term.path)")
    }
  }

  private static func supportedFields(of definition: ResourceDefinition) -> [String] {
    let fields = ["metadata.name", "metadata.namespace"]
    guard !definition.isCustom else { return fields + definition.selectableFields }
    func object(_ prefix: String) -> [String] {
      ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
        .map { "\(prefix).\($0)" }
    }
    switch (definition.type.group, definition.type.plural) {
    case ("", "secrets"): return fields + ["type"]
    case ("", "pods"):
      return fields + [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs",
        "status.nominatedNodeName",
      ]
    case ("", "events"):
      return fields + object("involvedObject")
        + ["reason", "reportingComponent", "source", "type"]
    case ("events.k8s.io", "events"):
      return fields + object("regarding") + ["reason", "reportingController", "type"]
    case ("", "namespaces"): return fields + ["status.phase"]
    case ("", "nodes"): return fields + ["spec.unschedulable"]
    case ("", "services"): return fields + ["spec.clusterIP", "spec.type"]
    case ("apps", "replicasets"): return fields + ["status.replicas"]
    case ("batch", "jobs"): return fields + ["status.successful"]
    default: return fields
    }
  }
}
