public import KubernetesAPI

/// How much of an object is asked for.
public enum Representation: Sendable, Hashable {
  case object
  /// `metadata` alone (PartialObjectMetadata), under the kind of the resource that was asked for.
  case metadata

  static let metadataForm = "g=meta.k8s.io;v=v1"

  /// Both end in plain JSON for servers that know no partial objects.
  func accept(isList: Bool) -> String {
    switch self {
    case .object: "application/json"
    case .metadata:
      "application/json;as=PartialObjectMetadata\(isList ? "List" : "");\(Self.metadataForm),"
        + "application/json"
    }
  }
}

public struct ListOptions: Sendable, Hashable {
  public enum ResourceVersionMatch: String, Sendable {
    case exact = "Exact"
    case notOlderThan = "NotOlderThan"
  }

  public var labelSelector: LabelSelector?
  /// In text form: `metadata.name=x,status.phase!=Running`.
  public var fieldSelector: String?
  /// Objects a page; nil asks for all of them at once.
  public var limit: Int?
  /// Nil means the most recent state; `"0"` any state from the server's cache, which it does not
  /// page, so `limit` is not sent then.
  public var resourceVersion: String?
  public var resourceVersionMatch: ResourceVersionMatch?
  public var representation: Representation

  public init(
    labelSelector: LabelSelector? = nil, fieldSelector: String? = nil, limit: Int? = 500,
    resourceVersion: String? = nil, resourceVersionMatch: ResourceVersionMatch? = nil,
    representation: Representation = .object
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.limit = limit
    self.resourceVersion = resourceVersion
    self.resourceVersionMatch = resourceVersionMatch
    self.representation = representation
  }

  func query(continueToken: String?) -> [(name: String, value: String)] {
    var query = selectorQuery(labelSelector, fieldSelector)
    if let continueToken {
      // The token holds the resource version; the server refuses both together.
      query.append(("continue", continueToken))
    } else if let resourceVersion, !resourceVersion.isEmpty {
      query.append(("resourceVersion", resourceVersion))
      if let resourceVersionMatch {
        query.append(("resourceVersionMatch", resourceVersionMatch.rawValue))
      }
    }
    if let limit, resourceVersion != "0" || continueToken != nil {
      query.append(("limit", String(limit)))
    }
    return query
  }
}

public struct WatchOptions: Sendable, Hashable {
  public var labelSelector: LabelSelector?
  public var fieldSelector: String?
  /// Where to start: what a list, an event or a bookmark said. Nil starts at the most recent state
  /// with synthetic ADDED events for what exists.
  public var resourceVersion: String?
  /// When the server is to end the stream; nil picks 290 to 590 s at random (correctness rule 6).
  public var timeoutSeconds: Int?
  /// Streams the existing objects first, ended by a bookmark with the annotation
  /// `k8s.io/initial-events-end` (KEP-3157). Servers without it answer 400 or 422.
  public var sendInitialEvents: Bool
  public var representation: Representation

  public init(
    labelSelector: LabelSelector? = nil, fieldSelector: String? = nil,
    resourceVersion: String? = nil, timeoutSeconds: Int? = nil, sendInitialEvents: Bool = false,
    representation: Representation = .object
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.resourceVersion = resourceVersion
    self.timeoutSeconds = timeoutSeconds
    self.sendInitialEvents = sendInitialEvents
    self.representation = representation
  }

  func query(jitter: Double) -> [(name: String, value: String)] {
    var query = selectorQuery(labelSelector, fieldSelector)
    query.append(("watch", "true"))
    query.append(("allowWatchBookmarks", "true"))
    if let resourceVersion, !resourceVersion.isEmpty {
      query.append(("resourceVersion", resourceVersion))
    }
    if sendInitialEvents {
      query.append(("sendInitialEvents", "true"))
      query.append(("resourceVersionMatch", ListOptions.ResourceVersionMatch.notOlderThan.rawValue))
    }
    query.append(("timeoutSeconds", String(timeoutSeconds ?? 290 + Int(jitter * 300))))
    return query
  }
}

private func selectorQuery(_ labels: LabelSelector?, _ fields: String?) -> [(
  name: String, value: String
)] {
  var query: [(name: String, value: String)] = []
  if let labels, !labels.isEmpty { query.append(("labelSelector", labels.description)) }
  if let fields, !fields.isEmpty { query.append(("fieldSelector", fields)) }
  return query
}

/// What the server does about fields it does not know, or knows twice.
public enum FieldValidation: String, Sendable {
  case strict = "Strict"
  case warn = "Warn"
  case ignore = "Ignore"
}

/// A delete happens only to the object that was looked at (correctness rule 22).
public struct Preconditions: Sendable, Hashable {
  public var uid: String?
  public var resourceVersion: String?

  public init(uid: String? = nil, resourceVersion: String? = nil) {
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

/// What happens to the objects that a deleted object owns.
public enum DeletionPropagation: String, Sendable {
  case background = "Background"
  case foreground = "Foreground"
  case orphan = "Orphan"
}
