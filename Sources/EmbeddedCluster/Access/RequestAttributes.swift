import JSON
import KubernetesClient

/// What a request wants to do, as authorizers see it: read from the method, path and query alone,
/// before anybody knows whether the resource exists.
///
/// Follows apiserver `pkg/endpoints/request/requestinfo.go`.
struct RequestAttributes: Sendable, Hashable {
  var verb: String
  var group = ""
  var resource = ""
  var subresource = ""
  var namespace = ""
  var name = ""
  /// Set for what is no resource: discovery, version, health.
  var path: String?

  init(verb: String, path: String) {
    self.verb = verb
    self.path = path
  }

  init(
    verb: String, group: String, resource: String, subresource: String = "",
    namespace: String = "", name: String = ""
  ) {
    self.verb = verb
    self.group = group
    self.resource = resource
    self.subresource = subresource
    self.namespace = namespace
    self.name = name
  }

  /// - Parameter segments: the decoded path.
  init(_ request: APIRequest, _ segments: [String]) {
    let isCore = segments.first == "api"
    let prefix = isCore ? 2 : 3
    guard isCore || segments.first == "apis", segments.count > prefix else {
      self.init(verb: request.method.lowercased(), path: "/" + segments.joined(separator: "/"))
      return
    }
    var rest = segments.dropFirst(prefix)
    let isOldWatch = rest.first == "watch"
    if isOldWatch { rest.removeFirst() }
    var namespace = ""
    if rest.first == "namespaces", rest.count > 1 {
      namespace = rest[rest.startIndex + 1]
      if rest.count > 2, !["status", "finalize"].contains(rest[rest.startIndex + 2]) {
        rest = rest.dropFirst(2)
      }
    }
    let resource = rest.popFirst() ?? ""
    var name = rest.popFirst() ?? ""
    let query = RequestQuery(request)
    let verb: String
    switch request.method {
    case "POST": verb = "create"
    case "PUT": verb = "update"
    case "PATCH": verb = "patch"
    case "DELETE": verb = name.isEmpty ? "deletecollection" : "delete"
    case _ where isOldWatch: verb = "watch"
    case _ where !name.isEmpty: verb = "get"
    case _ where query.flag("watch") == true: verb = "watch"
    default: verb = "list"
    }
    // Who asks for the one object by its name needs no right to the others.
    if name.isEmpty, !isOldWatch, verb == "list" || verb == "watch",
      let selector = query["fieldSelector"].flatMap({ try? FieldSelector.parse($0) })
    {
      name = selector.name ?? ""
    }
    self.init(
      verb: verb, group: isCore ? "" : segments[1], resource: resource,
      subresource: rest.popFirst() ?? "", namespace: namespace, name: name)
  }

  /// `deployments/status`, as rules name it.
  var qualifiedSubresource: String {
    subresource.isEmpty ? resource : "\(resource)/\(subresource)"
  }
}

extension StatusError {
  static let unauthorized = StatusError(401, "Unauthorized", "Unauthorized")

  static func forbidden(_ user: UserInfo, _ attributes: RequestAttributes) -> StatusError {
    if let path = attributes.path {
      return StatusError(
        403, "Forbidden",
        "forbidden: User \"\(user.name)\" cannot \(attributes.verb) path \"\(path)\"", details: [:])
    }
    let group = attributes.group
    let qualified = group.isEmpty ? attributes.resource : "\(attributes.resource).\(group)"
    let place =
      attributes.namespace.isEmpty
      ? "at the cluster scope" : "in the namespace \"\(attributes.namespace)\""
    let name = attributes.name.isEmpty ? "" : " \"\(attributes.name)\""
    var error = StatusError(
      403, "Forbidden",
      "\(qualified)\(name) is forbidden: User \"\(user.name)\" cannot \(attributes.verb) resource \"\(attributes.qualifiedSubresource)\" in API group \"\(group)\" \(place)"
    )
    error.details = [:]
    if !attributes.name.isEmpty { error.details?["name"] = .string(attributes.name) }
    if !group.isEmpty { error.details?["group"] = .string(group) }
    error.details?["kind"] = .string(attributes.resource)
    return error
  }
}
