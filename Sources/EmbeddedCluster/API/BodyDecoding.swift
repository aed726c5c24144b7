import JSON
import KubernetesAPI
import KubernetesClient

/// From the bytes of a request to an object of the resource.
extension APIServer {
  /// A decoded body and what has to be said about it.
  struct Body {
    /// In the form that is stored and patched, as this version shows it.
    var object: JSONValue
    var warnings: [String]
  }

  func decodeBody(
    _ call: ResourceCall, _ validation: WriteOptions.FieldValidation
  ) throws(StatusError) -> Body {
    let kind = call.definition.type.kind
    let bytes = call.request.body ?? []
    var duplicates: [String] = []
    var json: JSONValue
    switch call.contentType {
    case "application/json":
      (json, duplicates) = try Self.parseJSON(bytes) { why in
        "the object provided is unrecognized (must be of type \(kind)): couldn't get version/kind; json parse error: \(why) (\(Self.summary(bytes)))"
      }
    case "application/yaml": json = try YAMLBodies.json(fromYAML: bytes)
    case Self.protobufType where !call.definition.isCustom:
      json = try Self.parseProtobuf(bytes, call.definition.rules?.schema ?? .anything, kind)
    default:
      throw StatusError.unknownMediaType
    }
    guard json.object != nil else {
      throw StatusError.badRequest(
        "the object provided is unrecognized (must be of type \(kind)): couldn't get version/kind; json parse error: json: cannot unmarshal \(json.typeName) into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" } (\(Self.summary(bytes)))"
      )
    }
    try checkKind(&json, call, bytes)
    return try decode(json, call.definition, validation, duplicates)
  }

  /// Checks fields against the schema and brings the object into the form that is stored.
  func decode(
    _ json: JSONValue, _ definition: ResourceDefinition,
    _ validation: WriteOptions.FieldValidation, _ duplicates: [String] = []
  ) throws(StatusError) -> Body {
    guard let rules = definition.rules else { return Body(object: json, warnings: []) }
    var problems: [String] = []
    if validation != .ignore {
      problems = duplicates.map { "duplicate field \"\($0)\"" }
      problems += rules.unknownFields(in: json).map { "unknown field \"\($0)\"" }
    }
    let gvk = definition.gvk
    let prefix = "\(gvk.kind) in version \"\(gvk.version)\" cannot be handled as a \(gvk.kind): "
    if validation == .strict, !problems.isEmpty {
      throw StatusError.badRequest(
        prefix + "strict decoding error: " + problems.joined(separator: ", "))
    }
    do {
      return Body(object: try rules.decode(json), warnings: problems)
    } catch {
      throw StatusError.badRequest(prefix + error.message)
    }
  }

  private func checkKind(
    _ json: inout JSONValue, _ call: ResourceCall, _ bytes: [UInt8]
  ) throws(StatusError) {
    let gvk = call.definition.gvk
    let apiVersion = json["apiVersion"]?.string ?? ""
    let kind = json["kind"]?.string ?? ""
    if call.definition.isCustom {
      guard !kind.isEmpty else {
        throw StatusError.badRequest(
          "the object provided is unrecognized (must be of type \(gvk.kind)): Object 'Kind' is missing in '\(String(decoding: bytes, as: UTF8.self))' (\(Self.summary(bytes)))"
        )
      }
      if kind != gvk.kind {
        let group = GroupVersionKind(apiVersion: apiVersion, kind: kind).groupKind
        throw StatusError.invalid(
          kind: group, name: json["metadata"]?["name"]?.string ?? "",
          [.init("FieldValueInvalid", "kind", "Invalid value: \"\(kind)\": must be \(gvk.kind)")])
      }
      if apiVersion != gvk.apiVersion {
        var error = StatusError.badRequest(
          "the API version in the data (\(apiVersion)) does not match the expected API version (\(gvk.apiVersion))"
        )
        error.warnings = (json.object?.keys ?? [])
          .filter { !["apiVersion", "kind", "metadata"].contains($0) }
          .map { "unknown field \"\($0)\"" }
        throw error
      }
      return
    }
    let found = GroupVersionKind(
      apiVersion: apiVersion.isEmpty ? gvk.apiVersion : apiVersion,
      kind: kind.isEmpty ? gvk.kind : kind)
    guard found != gvk else {
      json["apiVersion"] = .string(gvk.apiVersion)
      json["kind"] = .string(gvk.kind)
      return
    }
    guard registry.knows(kind: found) else {
      throw StatusError.badRequest(
        "no kind \"\(found.kind)\" is registered for version \"\(found.apiVersion)\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
      )
    }
    throw StatusError.badRequest(
      "\(found.kind) in version \"\(found.version)\" cannot be handled as a \(gvk.kind): "
        + conversionFault(from: found, to: gvk))
  }

  static let protobufType = "application/vnd.kubernetes.protobuf"

  private static func parseProtobuf(
    _ bytes: [UInt8], _ schema: TypeSchema, _ kind: String
  ) throws(StatusError) -> JSONValue {
    do {
      return try ProtobufDecoding.object(from: bytes, schema)
    } catch {
      throw StatusError.badRequest(
        "the object provided is unrecognized (must be of type \(kind)): \(error.message)")
    }
  }

  /// The body of a subresource that has a kind of its own, or of a delete, as it was sent.
  ///
  /// - Parameter definition: the kind's name among the built-in definitions.
  static func parseBody(
    _ call: ResourceCall, _ definition: String
  ) throws(StatusError) -> JSONValue {
    let bytes = call.request.body ?? []
    let json: JSONValue
    switch call.contentType {
    case "application/json":
      json = try parseJSON(bytes) { "couldn't get version/kind; json parse error: \($0)" }.0
    case "application/yaml": json = try YAMLBodies.json(fromYAML: bytes)
    case protobufType:
      json = try parseProtobuf(
        bytes, BuiltInSchemas.definition(definition) ?? .anything, definition)
    default: throw StatusError.unknownMediaType
    }
    guard json.object != nil || json.isNull else {
      throw StatusError.badRequest(
        "couldn't get version/kind; json parse error: json: cannot unmarshal \(json.typeName) into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }"
      )
    }
    return json
  }

  /// The body of a subresource that has a kind of its own.
  ///
  /// - Parameter other: a version with the same fields.
  func decodedBody(
    _ call: ResourceCall, _ gvk: GroupVersionKind, orVersion other: String? = nil
  ) throws(StatusError) -> JSONValue {
    let json = try Self.parseBody(call, gvk.kind)
    func text(_ key: String, _ absent: String) -> String {
      let text = json[key]?.string ?? ""
      return text.isEmpty ? absent : text
    }
    let found = GroupVersionKind(
      apiVersion: text("apiVersion", gvk.apiVersion), kind: text("kind", gvk.kind))
    let prefix =
      "\(found.kind) in version \"\(found.version)\" cannot be handled as a \(gvk.kind): "
    guard found.groupKind == gvk.groupKind, [gvk.version, other].contains(found.version) else {
      throw StatusError.badRequest(prefix + conversionFault(from: found, to: gvk))
    }
    do {
      return try GoDecoding(root: gvk.kind).decode(
        json, as: BuiltInSchemas.definition(gvk.kind) ?? .anything)
    } catch {
      throw StatusError.badRequest(prefix + error.message)
    }
  }

  /// Why an object of one kind is none of another.
  func conversionFault(from found: GroupVersionKind, to gvk: GroupVersionKind) -> String {
    guard registry.knows(kind: found) else {
      return
        "no kind \"\(found.kind)\" is registered for version \"\(found.apiVersion)\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""
    }
    let group = gvk.group.isEmpty ? "core" : String(gvk.group.prefix { $0 != "." })
    return
      "converting (\(found.version).\(found.kind)) to (\(group).\(gvk.kind)): unknown conversion"
  }

  /// Parses with the last of several equal names winning, and says which names those are.
  static func parseJSON(
    _ bytes: [UInt8], _ message: (String) -> String
  ) throws(StatusError) -> (JSONValue, duplicates: [String]) {
    if let json = try? JSONValue(parsing: bytes) { return (json, []) }
    do {
      let json = try JSONValue(
        parsing: bytes, limits: JSONParseLimits(allowsDuplicateKeys: true))
      return (json, DuplicateFields.paths(in: bytes))
    } catch {
      let isCut = error.offset >= bytes.count
      let why =
        isCut
        ? "unexpected end of JSON input"
        : "invalid character '\(String(UnicodeScalar(bytes[error.offset])))' \(error.message)"
      throw StatusError.badRequest(message(why))
    }
  }

  /// The beginning of a body, for messages.
  private static func summary(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "<empty>" }
    let start = String(decoding: bytes.prefix(30), as: UTF8.self)
    return bytes.count > 30 ? start + " ..." : start
  }
}

/// Finds members that stand more than once in an object of valid JSON text.
enum DuplicateFields {
  /// In the order found, as `spec.ports[0].name`.
  static func paths(in bytes: [UInt8]) -> [String] {
    var scanner = Scanner(bytes: bytes)
    scanner.value("")
    return scanner.found
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0
    var found: [String] = []

    private mutating func skipBlanks() {
      while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
        position += 1
      }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipBlanks()
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func value(_ path: String) {
      skipBlanks()
      guard position < bytes.count else { return }
      switch bytes[position] {
      case UInt8(ascii: "{"):
        position += 1
        var names: Set<String> = []
        while position < bytes.count, !take("}") {
          skipBlanks()
          let name = string()
          let memberPath = path.isEmpty ? name : "\(path).\(name)"
          if !names.insert(name).inserted { found.append(memberPath) }
          guard take(":") else { return }
          value(memberPath)
          _ = take(",")
        }
      case UInt8(ascii: "["):
        position += 1
        var index = 0
        while position < bytes.count, !take("]") {
          value("\(path)[\(index)]")
          index += 1
          _ = take(",")
        }
      case UInt8(ascii: "\""): _ = string()
      default:
        while position < bytes.count, !",]} \t\r\n".utf8.contains(bytes[position]) { position += 1 }
      }
    }

    /// The text between the quotes, escapes as written.
    private mutating func string() -> String {
      position += 1
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      let end = min(position, bytes.count)
      position += 1
      return String(decoding: bytes[min(start, end)..<end], as: UTF8.self)
    }
  }
}
