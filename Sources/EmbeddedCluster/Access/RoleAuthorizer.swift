import JSON

/// Role-based access control from the objects in the store, read anew for each question: a simulated
/// cluster has few of them.
///
/// https://kubernetes.io/docs/reference/access-authn-authz/rbac/
struct RoleAuthorizer: Sendable {
  let store: ObjectStore

  /// Why it is allowed; nil when it is not. Empty for the group that may do everything.
  func reason(_ user: UserInfo, _ wanted: RequestAttributes) -> String? {
    if user.groups.contains("system:masters") { return "" }
    for binding in store.snapshot("clusterrolebindings.rbac.authorization.k8s.io").objects {
      if let reason = reason(user, wanted, binding, kind: "ClusterRoleBinding") { return reason }
    }
    guard !wanted.namespace.isEmpty else { return nil }
    for binding in store.snapshot("rolebindings.rbac.authorization.k8s.io").objects
    where binding.namespace == wanted.namespace {
      if let reason = reason(user, wanted, binding, kind: "RoleBinding") { return reason }
    }
    return nil
  }

  private func reason(
    _ user: UserInfo, _ wanted: RequestAttributes, _ binding: StoredObject, kind: String
  ) -> String? {
    let subjects = binding.json["subjects"]?.array ?? []
    guard let subject = subjects.first(where: { Self.isMeant($0, user, binding.namespace) }),
      let roleKind = binding.json["roleRef"]?["kind"]?.string,
      let roleName = binding.json["roleRef"]?["name"]?.string
    else { return nil }
    let isNamespaced = roleKind == "Role"
    let role = store.get(
      isNamespaced
        ? "roles.rbac.authorization.k8s.io" : "clusterroles.rbac.authorization.k8s.io",
      StoredObject.path(namespace: isNamespaced ? binding.namespace : nil, name: roleName))
    let rules = role?.json["rules"]?.array ?? []
    guard rules.contains(where: { Self.allows($0, wanted) }) else { return nil }
    let place = binding.namespace.map { "\(binding.name)/\($0)" } ?? binding.name
    return
      "RBAC: allowed by \(kind) \"\(place)\" of \(roleKind) \"\(roleName)\" to \(subject["kind"]?.string ?? "") \"\(subject["name"]?.string ?? "")\""
  }

  private static func isMeant(_ subject: JSONValue, _ user: UserInfo, _ namespace: String?) -> Bool
  {
    let name = subject["name"]?.string ?? ""
    switch subject["kind"]?.string {
    case "User": return user.name == name
    case "Group": return user.groups.contains(name)
    case "ServiceAccount":
      let own = subject["namespace"]?.string ?? namespace ?? ""
      return user.name == "system:serviceaccount:\(own):\(name)"
    default: return false
    }
  }

  static func allows(_ rule: JSONValue, _ wanted: RequestAttributes) -> Bool {
    func values(_ key: String) -> [String] { rule[key]?.array?.compactMap(\.string) ?? [] }
    func has(_ key: String, _ value: String) -> Bool {
      let values = values(key)
      return values.contains("*") || values.contains(value)
    }
    guard has("verbs", wanted.verb) else { return false }
    if let path = wanted.path {
      return values("nonResourceURLs").contains { pattern in
        pattern == "*" || pattern == path
          || (pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast()))
      }
    }
    guard has("apiGroups", wanted.group) else { return false }
    let resources = values("resources")
    let isListed =
      resources.contains("*") || resources.contains(wanted.qualifiedSubresource)
      || (!wanted.subresource.isEmpty && resources.contains("*/\(wanted.subresource)"))
    guard isListed else { return false }
    let names = values("resourceNames")
    return names.isEmpty || names.contains(wanted.name)
  }

  /// The rules a user has in a namespace, for SelfSubjectRulesReview.
  func rules(of user: UserInfo, namespace: String) -> [JSONValue] {
    if user.groups.contains("system:masters") {
      return [
        ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]],
        ["verbs": ["*"], "nonResourceURLs": ["*"]],
      ]
    }
    let bindings =
      store.snapshot("clusterrolebindings.rbac.authorization.k8s.io").objects
      + store.snapshot("rolebindings.rbac.authorization.k8s.io").objects.filter {
        $0.namespace == namespace
      }
    return bindings.flatMap { binding -> [JSONValue] in
      let subjects = binding.json["subjects"]?.array ?? []
      guard subjects.contains(where: { Self.isMeant($0, user, binding.namespace) }),
        let name = binding.json["roleRef"]?["name"]?.string
      else { return [] }
      let isNamespaced = binding.json["roleRef"]?["kind"] == "Role"
      let role = store.get(
        isNamespaced
          ? "roles.rbac.authorization.k8s.io" : "clusterroles.rbac.authorization.k8s.io",
        StoredObject.path(namespace: isNamespaced ? binding.namespace : nil, name: name))
      return role?.json["rules"]?.array ?? []
    }
  }
}
