import KubernetesAPI
import KubernetesClient

/// Typed access to a request's query and headers.
struct RequestQuery: Sendable {
  private let items: [(name: String, value: String)]

  init(_ request: APIRequest) { items = request.query }

  subscript(name: String) -> String? { items.first { $0.name == name }?.value }

  func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

  /// Set, and neither `false` nor `0`.
  func flag(_ name: String) -> Bool? {
    guard let value = self[name] else { return nil }
    return value != "false" && value != "0"
  }

  func integer(_ name: String) throws(StatusError) -> Int? {
    guard let text = self[name], !text.isEmpty else { return nil }
    guard let value = Int(text) else {
      throw StatusError.badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    return value
  }
}

/// The options of a write: CreateOptions, UpdateOptions and PatchOptions have these in common.
struct WriteOptions: Sendable {
  enum FieldValidation: Sendable { case ignore, warn, strict }

  var isDryRun = false
  var fieldValidation = FieldValidation.warn
  var fieldManager: String?
  var force: Bool?

  /// - Parameter kind: `CreateOptions`, as messages name it.
  init(_ query: RequestQuery, kind: String) throws(StatusError) {
    var causes: [StatusError.Cause] = []
    fieldManager = query["fieldManager"]
    if let manager = fieldManager, manager.utf8.count > 128 {
      causes.append(
        .init("FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes"))
    }
    let dryRun = query.all("dryRun").filter { !$0.isEmpty }
    if dryRun.allSatisfy({ $0 == "All" }) {
      isDryRun = !dryRun.isEmpty
    } else {
      causes.append(Self.unsupportedDryRun(dryRun))
    }
    switch query["fieldValidation"] ?? "" {
    case "", "Warn": fieldValidation = .warn
    case "Ignore": fieldValidation = .ignore
    case "Strict": fieldValidation = .strict
    case let other:
      causes.append(
        .init(
          "FieldValueNotSupported", "fieldValidation",
          "Unsupported value: \"\(other)\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
        ))
    }
    force = query.flag("force")
    if !causes.isEmpty { throw StatusError.invalidOption(kind, causes) }
  }

  static func unsupportedDryRun(_ values: [String]) -> StatusError.Cause {
    let list = values.map { "\"\($0)\"" }.joined(separator: ",")
    return .init(
      "FieldValueNotSupported", "dryRun",
      "Unsupported value: [\(list)]: supported values: \"All\"")
  }
}

/// The options of a list or watch.
struct ListOptions: Sendable {
  enum Match: Sendable { case exact, notOlderThan }

  var labelSelector = LabelSelector()
  var fieldSelector = FieldSelector()
  var limit = 0
  var continueToken: String?
  /// As sent: empty and `0` have meanings of their own.
  var resourceVersion: String
  var match: Match?
  var isWatch: Bool
  var allowsBookmarks: Bool
  var sendInitialEvents: Bool?
  var timeoutSeconds: Int?

  init(_ query: RequestQuery, isWatch: Bool, definition: ResourceDefinition) throws(StatusError) {
    self.isWatch = isWatch
    limit = max(0, try query.integer("limit") ?? 0)
    timeoutSeconds = try query.integer("timeoutSeconds")
    continueToken = query["continue"].flatMap { $0.isEmpty ? nil : $0 }
    resourceVersion = query["resourceVersion"] ?? ""
    allowsBookmarks = query.flag("allowWatchBookmarks") ?? false
    sendInitialEvents = query.flag("sendInitialEvents")
    let causes = Self.problems(
      query["resourceVersionMatch"] ?? "", version: resourceVersion, isWatch: isWatch,
      sendInitialEvents: sendInitialEvents)
    if !causes.isEmpty { throw StatusError.invalidOption("ListOptions", causes) }
    switch query["resourceVersionMatch"] {
    case "Exact": match = .exact
    case "NotOlderThan": match = .notOlderThan
    default: break
    }
    if let text = query["labelSelector"] { labelSelector = try SelectorParsing.labels(text) }
    if let text = query["fieldSelector"] { fieldSelector = try FieldSelector.parse(text) }
    try fieldSelector.check(for: definition)
  }

  /// The rules of apimachinery `pkg/apis/meta/internalversion/validation`.
  private static func problems(
    _ match: String, version: String, isWatch: Bool, sendInitialEvents: Bool?
  ) -> [StatusError.Cause] {
    func forbidden(_ field: String, _ message: String) -> StatusError.Cause {
      .init("FieldValueForbidden", field, "Forbidden: \(message)")
    }
    var causes: [StatusError.Cause] = []
    if isWatch {
      if sendInitialEvents != nil {
        if match != "NotOlderThan" {
          causes.append(
            forbidden(
              "resourceVersionMatch",
              "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
          if !match.isEmpty {
            causes.append(
              .init(
                "FieldValueNotSupported", "resourceVersionMatch",
                "Unsupported value: \"\(match)\": supported values: \"NotOlderThan\""))
          }
        }
      } else if !match.isEmpty {
        causes.append(
          forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
      }
      return causes
    }
    if !match.isEmpty {
      if version.isEmpty {
        causes.append(
          forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden unless resourceVersion is provided"))
      } else if !["Exact", "NotOlderThan"].contains(match) {
        causes.append(
          .init(
            "FieldValueNotSupported", "resourceVersionMatch",
            "Unsupported value: \"\(match)\": supported values: \"Exact\", \"NotOlderThan\", \"\""))
      } else if match == "Exact", version == "0" {
        causes.append(
          forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
      }
    }
    if sendInitialEvents != nil {
      causes.append(
        forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    }
    return causes
  }
}
