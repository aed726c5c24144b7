import JSON
import KubernetesAPI

/// Access and token reviews: everybody may do everything in this cluster.
extension APIServer {
  static let userName = "embedded-cluster-admin"

  /// The answer to a review; nil when the object is stored like any other.
  func review(_ object: JSONValue, _ definition: ResourceDefinition) -> JSONValue? {
    var object = object
    let user: JSONValue = [
      "username": .string(Self.userName), "groups": ["system:masters", "system:authenticated"],
    ]
    switch (definition.type.group, definition.type.kind) {
    case ("authorization.k8s.io", "SelfSubjectRulesReview"):
      object["status"] = [
        "incomplete": false,
        "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
        "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
      ]
    case ("authorization.k8s.io", _):
      object["status"] = [
        "allowed": true, "reason": "the embedded cluster allows everything",
      ]
    case ("authentication.k8s.io", "SelfSubjectReview"):
      object["status"] = ["userInfo": user]
    case ("authentication.k8s.io", _):
      object["status"] = ["authenticated": true, "user": user]
    default: return nil
    }
    object["metadata"] = object["metadata"] ?? [:]
    return object
  }
}
