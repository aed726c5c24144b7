import JSON
public import KubernetesAPI

/// Objects of one resource as they were at one resource version.
public struct ObjectList: Sendable {
  public var items: [KubernetesObject]
  /// Where a watch continues from.
  public var resourceVersion: String
}

/// A part of a list.
public struct ObjectPage: Sendable {
  public var items: [KubernetesObject]
  public var resourceVersion: String
  /// How many come after this page, if the server says so.
  public var remainingItemCount: Int?
  /// True when all pages before this one are void: the server forgot the state that they came from.
  public var startsOver: Bool
}

extension KubernetesClient {
  /// One object.
  ///
  /// - Throws: `APIStatus` 404 when there is none; its `isUnknownResource` says whether the kind
  ///   is not installed.
  public func get(
    _ resource: ResourceType, _ key: ObjectKey, representation: Representation = .object,
    subresource: String? = nil
  ) async throws -> KubernetesObject {
    let json = try await sendJSON(
      "GET", try resource.objectPath(key, subresource: subresource),
      accept: representation.accept(isList: false), omitting: omitted())
    return subresource == nil ? resource.object(json) : KubernetesObject(json)
  }

  /// One object's metadata only (PartialObjectMetadata), for kinds such as Secrets.
  public func getMetadata(_ resource: ResourceType, _ key: ObjectKey) async throws
    -> KubernetesObject
  {
    try await get(resource, key, representation: .metadata)
  }

  /// One object, or nil when it does not exist although its kind is installed.
  public func getIfPresent(
    _ resource: ResourceType, _ key: ObjectKey, representation: Representation = .object
  ) async throws -> KubernetesObject? {
    do {
      return try await get(resource, key, representation: representation)
    } catch let status as APIStatus where status.isNotFound && !status.isUnknownResource {
      return nil
    }
  }

  /// All objects of a resource, in one namespace or (nil) in all. For large sets `listPages` keeps
  /// less in memory.
  public func list(
    _ resource: ResourceType, namespace: String? = nil, options: ListOptions = ListOptions()
  ) async throws -> ObjectList {
    var items: [KubernetesObject] = []
    let resourceVersion = try await listPages(resource, namespace: namespace, options: options) {
      if $0.startsOver { items.removeAll() }
      items += $0.items
    }
    return ObjectList(items: items, resourceVersion: resourceVersion)
  }

  /// Hands over a list page by page; only one page is in memory at a time.
  ///
  /// All pages show the same state. When the server forgets that state before the last page, one
  /// unpaged list follows with `startsOver` set, as client-go's `tools/pager` does.
  ///
  /// - Returns: the list's resource version.
  @discardableResult
  public func listPages(
    _ resource: ResourceType, namespace: String? = nil, options: ListOptions = ListOptions(),
    onPage: (ObjectPage) async throws -> Void
  ) async throws -> String {
    var options = options
    var continueToken: String?
    var startsOver = false
    while true {
      let json: JSONValue
      do {
        json = try await sendJSON(
          "GET", try resource.collectionPath(namespace: namespace),
          query: options.query(continueToken: continueToken),
          accept: options.representation.accept(isList: true), omitting: omitted(in: "items"))
      } catch let status as APIStatus where status.isExpired && continueToken != nil {
        options.limit = nil
        continueToken = nil
        startsOver = true
        continue
      }
      let metadata = json["metadata"]
      let page = ObjectPage(
        items: json["items"]?.array?.map(resource.object) ?? [],
        resourceVersion: metadata?["resourceVersion"]?.string ?? "",
        remainingItemCount: metadata?["remainingItemCount"]?.int, startsOver: startsOver)
      try await onPage(page)
      startsOver = false
      guard let token = metadata?["continue"]?.string, !token.isEmpty else {
        return page.resourceVersion
      }
      continueToken = token
    }
  }

  /// The version that a list would have now: of the newest change, of this resource or another one.
  ///
  /// Costs the server next to nothing.
  public func newestVersion(
    of resource: ResourceType, namespace: String? = nil
  ) async throws -> String {
    let json = try await sendJSON(
      "GET", try resource.collectionPath(namespace: namespace),
      query: ListOptions(limit: 1).query(continueToken: nil),
      accept: Representation.metadata.accept(isList: true), omitting: omitted(in: "items"))
    return json["metadata"]?["resourceVersion"]?.string ?? ""
  }

  /// What `GET /version` says.
  public func serverVersion() async throws -> ServerVersion {
    let json = try await sendJSON("GET", "/version")
    return ServerVersion(
      major: json["major"]?.string ?? "", minor: json["minor"]?.string ?? "",
      gitVersion: json["gitVersion"]?.string ?? "")
  }
}

public struct ServerVersion: Sendable, Hashable, CustomStringConvertible {
  public var major: String
  /// May end in `+`.
  public var minor: String
  public var gitVersion: String

  public var description: String { gitVersion }
}
