import JSON
import KubernetesAPI

/// Credentials of models and tools have to reach the agent: as a file, or as a variable that there is.
enum CredentialChecks {
  /// - Parameter spec: valid against the schema, defaults filled in.
  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let secrets = spec.items("secrets").map(SecretSource.init(resolving:))
    // Through a gateway no pod needs them: ModelRoutingChecks.
    let isRouted = spec["modelRouting"] == "Gateway"
    for (list, standard) in [("models", ModelReference.directKey), ("tools", "token")] {
      for (i, entry) in spec.items(list).enumerated() where !(isRouted && list == "models") {
        guard
          let credential = CredentialReference(resolving: entry, secrets, key: standard),
          let secret = secrets.first(where: { $0.name == credential.secret })
        else { continue }
        let path: FieldPath = ["spec", .key(list), .index(i), "key"]
        if secret.expose == .env, secret.keys[credential.key] == nil {
          report(
            FieldError(
              path, .invalid,
              "the secret \(secret.name) gives no variable for its key \(credential.key)",
              fix: "name the key in its keys, or expose it as Files"))
        } else if secret.isGenerated, credential.key != "value" {
          report(FieldError(path, .invalid, "a generated Secret has one key, value"))
        }
      }
      if !spec.items(list).isEmpty, spec.members("config")["\(list).json"] != nil {
        report(
          FieldError(
            ["spec", "config", .key("\(list).json")], .forbidden,
            "is the file that is made of spec.\(list): name it otherwise"))
      }
    }
  }
}
