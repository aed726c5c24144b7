import JSON
import KubernetesAPI

/// Access and token reviews: answered at once, never stored.
extension APIServer {
  /// The administrator of a cluster that lets everybody in.
  static let userName = "embedded-cluster-admin"

  /// The answer to a review; nil when the object is stored like any other.
  func review(
    _ call: ResourceCall, _ decoded: JSONValue, manager: String
  ) throws(StatusError) -> JSONValue? {
    let definition = call.definition
    let type = definition.type
    guard ["authorization.k8s.io", "authentication.k8s.io"].contains(type.group) else { return nil }
    var object =
      definition.fieldManager(subresource: nil, now: now)?
      .update(old: nil, new: decoded, manager: manager) ?? decoded
    object["metadata"] = object["metadata"] ?? [:]
    switch type.kind {
    case "SelfSubjectRulesReview":
      let namespace = object["spec"]?["namespace"]?.string ?? ""
      let rules = access.rules(of: call.user, namespace: namespace)
      object["status"] = [
        "incomplete": false,
        "resourceRules": .array(rules.filter { $0["nonResourceURLs"] == nil }),
        "nonResourceRules": .array(rules.filter { $0["nonResourceURLs"] != nil }),
      ]
    case "SelfSubjectReview": object["status"] = ["userInfo": call.user.json]
    case "TokenReview": object["status"] = try tokenStatus(object["spec"] ?? [:])
    case "SelfSubjectAccessReview":
      object["status"] = accessStatus(call.user, try Self.attributes(object["spec"], type.group))
    default:
      let groups = object["spec"]?["groups"]?.array?.compactMap(\.string) ?? []
      let user = UserInfo(name: object["spec"]?["user"]?.string ?? "", groups: groups)
      object["status"] = accessStatus(user, try Self.attributes(object["spec"], type.group))
    }
    return object
  }

  private func accessStatus(_ user: UserInfo, _ wanted: RequestAttributes) -> JSONValue {
    guard let reason = access.reason(user, wanted) else { return ["allowed": false] }
    var status: JSONObject = ["allowed": true]
    if !reason.isEmpty { status["reason"] = .string(reason) }
    return .object(status)
  }

  private func tokenStatus(_ spec: JSONValue) throws(StatusError) -> JSONValue {
    let token = spec["token"]?.string ?? ""
    guard !token.isEmpty else {
      throw StatusError.badRequest("token is required for TokenReview in authentication")
    }
    let asked = spec["audiences"]?.array?.compactMap(\.string) ?? []
    let audiences = asked.isEmpty ? [AccessControl.audience] : asked
    let everybody: AccessControl.Authentication? =
      access.isEnforced || !audiences.contains(AccessControl.audience)
      ? nil : .user(access.administrator, audiences: [AccessControl.audience])
    switch access.authentication(of: token, for: audiences) ?? everybody {
    case .user(let user, let audiences)?:
      return ["authenticated": true, "user": user.json, "audiences": JSONValue(audiences)]
    case .notMeant(let own)?:
      func list(_ values: [String]) -> String {
        "[\(values.map { JSONValue.string($0).serialized() }.joined(separator: " "))]"
      }
      return [
        "user": [:],
        "error": .string(
          "[invalid bearer token, token audiences \(list(own)) is invalid for the target audiences \(list(audiences))]"
        ),
      ]
    case nil:
      return ["user": [:], "error": "[invalid bearer token, Token has been invalidated]"]
    }
  }

  /// What a review asks about.
  private static func attributes(
    _ spec: JSONValue?, _ group: String
  ) throws(StatusError) -> RequestAttributes {
    func text(_ value: JSONValue, _ key: String) -> String { value[key]?.string ?? "" }
    if let wanted = spec?["resourceAttributes"], !wanted.isNull {
      return RequestAttributes(
        verb: text(wanted, "verb"), group: text(wanted, "group"),
        resource: text(wanted, "resource"), subresource: text(wanted, "subresource"),
        namespace: text(wanted, "namespace"), name: text(wanted, "name"))
    }
    if let wanted = spec?["nonResourceAttributes"], !wanted.isNull {
      return RequestAttributes(verb: text(wanted, "verb"), path: text(wanted, "path"))
    }
    let message =
      "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
    let cause = FieldCause("FieldValueInvalid", "spec.resourceAttributes", message)
    throw StatusError(
      422, "Invalid", ".\(group) \"\" is invalid: \(cause.field): \(message)",
      details: ["group": .string(group), "causes": [cause.json]])
  }

  // MARK: Tokens

  /// A token for a service account. It names its account but is not signed: what counts is that
  /// this cluster has issued it.
  func serviceAccountToken(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    guard let account = store.get("serviceaccounts", call.path(of: name)) else {
      throw StatusError.notFound(call.definition, name)
    }
    let gvk = GroupVersionKind(apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest")
    let options = try WriteOptions(call.query, kind: "CreateOptions")
    var json = try Self.parseBody(call, "TokenRequest")
    json["metadata"] = json["metadata"] ?? [:]
    if let rules = ResourceRules(builtIn: gvk) {
      do {
        json = try rules.decode(json)
      } catch {
        throw StatusError.badRequest(
          "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: \(error.message)")
      }
      json = rules.fieldManager(subresource: "token", now: now)
        .update(old: nil, new: json, manager: call.manager(options))
    }
    if json["spec"]?.object == nil { json["spec"] = [:] }
    let seconds = json["spec"]?["expirationSeconds"]?.int ?? 3600
    guard seconds >= 600 else {
      throw StatusError.invalid(
        kind: gvk.groupKind, name: "",
        [
          FieldCause(
            "FieldValueInvalid", "spec.expirationSeconds",
            "Invalid value: \(seconds): may not specify a duration less than 10 minutes")
        ])
    }
    guard seconds <= 1 << 32 else {
      throw StatusError.invalid(
        kind: gvk.groupKind, name: "",
        [
          FieldCause(
            "FieldValueInvalid", "spec.expirationSeconds",
            "Invalid value: \(seconds): may not specify a duration larger than 2^32 seconds")
        ])
    }
    let holder = try boundObject(json["spec"]?["boundObjectRef"], call, account: name)
    let expiry = KubernetesTime(unixMicroseconds: clock.now() + Int64(seconds) * 1_000_000)
    let identifier = identifiers.uid()
    let asked = json["spec"]?["audiences"]?.array?.compactMap(\.string) ?? []
    let audiences = asked.isEmpty ? [AccessControl.audience] : asked
    let claims: JSONValue = [
      "sub": .string("system:serviceaccount:\(call.namespace ?? ""):\(name)"),
      "uid": .string(account.uid), "exp": JSONValue(expiry.unixSeconds),
      "jti": .string(identifier), "aud": JSONValue(audiences),
    ]
    let header: JSONValue = ["alg": "none"]
    let token =
      [header, claims].map { Base64URL.encode($0.serializedBytes()) }.joined(separator: ".") + "."
    access.issue(
      token, identifier: identifier, account: account, boundTo: holder, audiences: audiences,
      expiry: expiry.unixSeconds * 1_000_000)
    json["metadata"]?["name"] = .string(name)
    json["metadata"]?["namespace"] = .string(call.namespace ?? "")
    json["metadata"]?["uid"] = .string(account.uid)
    json["metadata"]?["creationTimestamp"] = .string(now)
    json["spec"]?["audiences"] = JSONValue(audiences)
    json["spec"]?["expirationSeconds"] = JSONValue(seconds)
    let bound = json["spec"]?["boundObjectRef"] ?? .null
    json["spec"]?["boundObjectRef"] = bound
    json["status"] = [
      "token": .string(token), "expirationTimestamp": .string(expiry.secondsText),
    ]
    return Reply(code: 201, content: .other(json))
  }

  /// What a token lives as long as: a pod of the account, a Secret or a node.
  private func boundObject(
    _ reference: JSONValue?, _ call: ResourceCall, account: String
  ) throws(StatusError) -> AccessControl.BoundObject? {
    guard let reference, !reference.isNull else { return nil }
    let gvk = GroupVersionKind(
      apiVersion: reference["apiVersion"]?.string ?? "", kind: reference["kind"]?.string ?? "")
    let name = reference["name"]?.string ?? ""
    guard gvk.group.isEmpty, gvk.version == "v1", ["Pod", "Secret", "Node"].contains(gvk.kind),
      let definition = registry.definition(kind: gvk)
    else {
      throw StatusError.badRequest(
        "cannot bind token to object of type \(FieldManager.text(gvk))")
    }
    let path = StoredObject.path(
      namespace: definition.type.isNamespaced ? call.namespace : nil, name: name)
    guard let found = store.get(definition.storageKey, path) else {
      throw StatusError.notFound(definition, name)
    }
    if gvk.kind == "Pod", found.json["spec"]?["serviceAccountName"]?.string ?? "default" != account
    {
      throw StatusError.badRequest(
        "cannot bind token for serviceaccount \"\(account)\" to pod running with different serviceaccount name."
      )
    }
    let uid = reference["uid"]?.string ?? ""
    guard uid.isEmpty || uid == found.uid else {
      throw StatusError(
        409, "Conflict",
        "Operation cannot be fulfilled on \(gvk.kind) \"\(name)\": the UID in the bound object reference (\(uid)) does not match the UID in record. The object might have been deleted and then recreated",
        details: ["name": .string(name), "kind": .string(gvk.kind)])
    }
    return AccessControl.BoundObject(
      storageKey: definition.storageKey, path: path, uid: found.uid)
  }
}
