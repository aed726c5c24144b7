import JSON
import KubernetesAPI

/// Nobody grants what he has not got (kubernetes `pkg/registry/rbac`, `escalation_check.go`, and
/// `pkg/registry/rbac/validation/policy_compact.go`).
///
/// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
struct RoleEscalation {
  let access: AccessControl
  let store: ObjectStore
  let user: UserInfo
  let definition: ResourceDefinition
  let namespace: String

  /// - Parameter old: nil for an object that is created.
  func check(_ object: JSONValue, old: JSONValue?) throws(StatusError) {
    let type = definition.type
    let name = object["metadata"]?["name"]?.string ?? ""
    if user.groups.contains("system:masters") { return }
    if let old, Self.withoutOwners(old) == Self.withoutOwners(object) { return }
    let rules: [JSONValue]
    switch type.kind {
    case "Role", "ClusterRole":
      guard access.reason(user, wanted("escalate", type.plural, name)) == nil else { return }
      let hasAggregation = object["aggregationRule"]?.object != nil
      rules = (hasAggregation ? Self.everything : []) + (object["rules"]?.array ?? [])
    default:
      let reference = object["roleRef"] ?? [:]
      let role = reference["name"]?.string ?? ""
      let isNamespaced = reference["kind"] == "Role"
      let plural = isNamespaced ? "roles" : "clusterroles"
      guard access.reason(user, wanted("bind", plural, role)) == nil else { return }
      let path = StoredObject.path(namespace: isNamespaced ? namespace : nil, name: role)
      guard let found = store.get("\(plural).\(type.group)", path) else {
        throw StatusError(
          404, "NotFound", "\(plural).\(type.group) \"\(role)\" not found",
          details: [
            "name": .string(role), "group": .string(type.group), "kind": .string(plural),
          ])
      }
      rules = found.json["rules"]?.array ?? []
    }
    let own = access.rules(of: user, namespace: namespace)
    let missing = rules.flatMap(Self.parts).filter { part in
      !own.contains { Self.covers($0, part) }
    }
    guard !missing.isEmpty else { return }
    let groups = user.groups.map { JSONValue.string($0).serialized() }.joined(separator: " ")
    let texts = Set(Self.compact(missing).map(Self.text)).sorted().joined(separator: "\n")
    throw StatusError(
      403, "Forbidden",
      "\(definition.qualifiedName) \"\(name)\" is forbidden: user \"\(user.name)\" (groups=[\(groups)]) is attempting to grant RBAC permissions not currently held:\n\(texts)",
      details: definition.details(name: name))
  }

  /// Owners and finalizers may be changed by all, so that the object can go.
  private static func withoutOwners(_ object: JSONValue) -> JSONValue {
    var object = object
    for key in ["ownerReferences", "finalizers", "managedFields"] { object["metadata"]?[key] = nil }
    return object
  }

  private func wanted(_ verb: String, _ plural: String, _ name: String) -> RequestAttributes {
    RequestAttributes(
      verb: verb, group: definition.type.group, resource: plural, namespace: namespace, name: name)
  }

  private static let everything: [JSONValue] = [
    ["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]],
    ["nonResourceURLs": ["*"], "verbs": ["*"]],
  ]

  private static func texts(_ rule: JSONValue, _ key: String) -> [String] {
    rule[key]?.array?.compactMap(\.string) ?? []
  }

  /// The rule as rules with one verb on one thing each.
  private static func parts(_ rule: JSONValue) -> [JSONValue] {
    var parts: [JSONValue] = []
    let names = texts(rule, "resourceNames")
    for verb in texts(rule, "verbs") {
      for path in texts(rule, "nonResourceURLs") {
        parts.append(["nonResourceURLs": [.string(path)], "verbs": [.string(verb)]])
      }
      for group in texts(rule, "apiGroups") {
        for resource in texts(rule, "resources") {
          let part: JSONValue = [
            "apiGroups": [.string(group)], "resources": [.string(resource)],
            "verbs": [.string(verb)],
          ]
          guard !names.isEmpty else {
            parts.append(part)
            continue
          }
          for name in names {
            var named = part
            named["resourceNames"] = [.string(name)]
            parts.append(named)
          }
        }
      }
    }
    return parts
  }

  private static func covers(_ rule: JSONValue, _ part: JSONValue) -> Bool {
    func has(_ key: String) -> Bool {
      let (own, wanted) = (texts(rule, key), texts(part, key))
      return own.contains("*") || wanted.allSatisfy(own.contains)
    }
    guard has("verbs") else { return false }
    if let path = texts(part, "nonResourceURLs").first {
      return texts(rule, "nonResourceURLs").contains { own in
        own == path || own.hasSuffix("*") && path.hasPrefix(own.dropLast())
      }
    }
    guard has("apiGroups") else { return false }
    let resource = texts(part, "resources").first ?? ""
    let subresource = resource.split(separator: "/", maxSplits: 1).dropFirst().first
    let own = texts(rule, "resources")
    guard
      own.contains("*") || own.contains(resource)
        || subresource.map({ own.contains("*/\($0)") }) ?? false
    else { return false }
    let names = texts(rule, "resourceNames")
    guard !names.isEmpty else { return true }
    return texts(part, "resourceNames").first.map(names.contains) ?? false
  }

  /// Parts on the same thing as one rule with several verbs.
  private static func compact(_ parts: [JSONValue]) -> [JSONValue] {
    var rules: [JSONValue] = []
    var positions: [JSONValue: Int] = [:]
    for part in parts {
      var bare = part
      bare["verbs"] = nil
      guard part["nonResourceURLs"] == nil, let known = positions[bare] else {
        positions[bare] = rules.count
        rules.append(part)
        continue
      }
      let verb = part["verbs"]?[0] ?? ""
      let verbs = rules[known]["verbs"]?.array ?? []
      if !verbs.contains(verb) { rules[known]["verbs"] = .array(verbs + [verb]) }
    }
    return rules
  }

  /// As Go prints the rule: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`.
  private static func text(_ rule: JSONValue) -> String {
    let members = [
      ("APIGroups", "apiGroups"), ("Resources", "resources"),
      ("NonResourceURLs", "nonResourceURLs"), ("ResourceNames", "resourceNames"),
      ("Verbs", "verbs"),
    ].compactMap { name, key -> String? in
      let values = texts(rule, key).map { JSONValue.string($0).serialized() }
      return values.isEmpty ? nil : "\(name):[\(values.joined(separator: " "))]"
    }
    return "{\(members.joined(separator: ", "))}"
  }
}

extension APIServer {
  /// Refuses to create or change roles and bindings that give more than the caller has.
  func checkEscalation(
    _ object: JSONValue, old: JSONValue?, _ call: ResourceCall
  ) throws(StatusError) {
    guard access.isEnforced, call.definition.type.group == "rbac.authorization.k8s.io" else {
      return
    }
    try RoleEscalation(
      access: access, store: store, user: call.user, definition: call.definition,
      namespace: call.namespace ?? ""
    ).check(object, old: old)
  }
}
