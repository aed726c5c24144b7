import JSON

/// Who sent a request.
struct UserInfo: Sendable, Hashable {
  var name: String
  var uid = ""
  var groups: [String]
  var extra: [String: [String]] = [:]

  static let anonymous = UserInfo(name: "system:anonymous", groups: ["system:unauthenticated"])
  static let authenticatedGroup = "system:authenticated"

  static func administrator(named name: String) -> UserInfo {
    UserInfo(name: name, groups: ["system:masters", authenticatedGroup])
  }

  static func serviceAccount(namespace: String, name: String, uid: String = "") -> UserInfo {
    UserInfo(
      name: "system:serviceaccount:\(namespace):\(name)", uid: uid,
      groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", authenticatedGroup])
  }

  /// `authentication.k8s.io/v1` UserInfo.
  var json: JSONValue {
    var json: JSONObject = ["username": .string(name)]
    if !uid.isEmpty { json["uid"] = .string(uid) }
    json["groups"] = JSONValue(groups)
    if !extra.isEmpty {
      json["extra"] = .object(
        JSONObject(
          extra.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue($0.value)) }))
    }
    return .object(json)
  }
}
