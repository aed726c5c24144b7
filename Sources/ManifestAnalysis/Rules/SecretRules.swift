/// What Secrets hold, and what is said of them.
enum SecretRules {
  static let all = [
    serviceAccountAnnotation, rotationLabel, mixedPurposes, signingKey, notBase64,
    sealedSecretVersion,
  ]

  private static let serviceAccountAnnotation = LintRule(
    "secret-service-account-annotation", ["K5"], .warning,
    "the annotation means nothing on this type of Secret",
    why: """
      kubernetes.io/service-account.name is read on Secrets of the type \
      kubernetes.io/service-account-token alone.
      """,
    fix: "remove the annotation",
    source: "https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets"
  ) { set, found in
    for secret in set.secrets {
      let node = secret.root[["metadata", "annotations", "kubernetes.io/service-account.name"]]
      let type = secret.root["type"].string ?? "Opaque"
      guard node.exists, type != "kubernetes.io/service-account-token" else { continue }
      found.add(
        node, atKey: true, "no effect on a Secret of type \(type)", edits: [.remove(node.pointer)])
    }
  }

  private static let rotationLabel = LintRule(
    "secret-rotation-label", ["K6"], .warning, "a label rotates nothing",
    why: "No controller of Kubernetes reads it; the Secret stays as old as it is.",
    fix: "let an external secrets operator refresh it, or watch its age: an AgentDeployment's "
      + "secrets[].maxAge"
  ) { set, found in
    for secret in set.secrets {
      for map in ["labels", "annotations"] {
        for node in secret.root["metadata"][map].members {
          guard let key = node.key, key.lowercased().contains("rotat"), !key.contains("/") else {
            continue
          }
          found.add(node, atKey: true, "\(key): \(node.text ?? "") promises what nothing does")
        }
      }
    }
  }

  /// What a key is for, by its name.
  private static func purpose(_ key: String) -> String? {
    let key = key.lowercased()
    func has(_ words: String...) -> Bool { words.contains { key.contains($0) } }
    if has("jwt", "signing") { return "token signing" }
    if has("tls.", "ca.crt", "cert") { return "TLS" }
    if has("openai", "anthropic", "gemini", "mistral", "cohere", "llm", "bedrock") {
      return "models"
    }
    if has("postgres", "mysql", "mongo", "redis", "database", "db-", "db_") { return "databases" }
    if has("aws", "gcp", "gcloud", "azure", "google") { return "cloud" }
    return nil
  }

  private static let mixedPurposes = LintRule(
    "secret-mixed-purposes", ["K7"], .security, "one Secret for everything",
    why: """
      Whoever may read a Secret reads all of it: a pod that needs one model's key gets the \
      database's password and the cloud's keys too.
      """,
    fix: "one Secret for each purpose; kubernetes.io/tls for certificates, workload identity for "
      + "the cloud",
    source: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/"
  ) { set, found in
    for secret in set.secrets {
      let keys = secret.root["data"].members + secret.root["stringData"].members
      let purposes = Set(keys.compactMap { $0.key.flatMap(purpose) })
      guard purposes.count >= 3 else { continue }
      let node = secret.root[secret.root["data"].exists ? "data" : "stringData"]
      found.add(
        node, atKey: true, "keys for \(purposes.sorted().joined(separator: ", ")) in one Secret")
    }
  }

  private static let signingKey = LintRule(
    "secret-signing-key", ["K7"], .security, "a private signing key is handed out",
    why: """
      With the private key of a token issuer anybody can be anybody. Verifying needs the public \
      key, or the issuer's JWKS address.
      """,
    fix: "leave the private key with the issuer",
    source: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/"
  ) { set, found in
    for secret in set.secrets {
      for node in secret.root["data"].members + secret.root["stringData"].members {
        guard let key = node.key?.lowercased(), key.contains("jwt") || key.contains("signing"),
          key.contains("private")
        else { continue }
        found.add(node, atKey: true, "whoever reads this Secret can sign tokens")
      }
    }
  }

  private static let notBase64 = LintRule(
    "secret-not-base64", [], .error, "data is not base64",
    why: "The API server refuses a Secret whose data is not base64.",
    fix: "put plain text into stringData, or encode it",
    source: "https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data"
  ) { set, found in
    for secret in set.secrets {
      for node in secret.root["data"].members {
        guard let text = node.string, !isBase64(text) else { continue }
        let isPlaceholder = text.hasPrefix("<") && text.hasSuffix(">")
        // The value is never shown: it may be the secret itself.
        found.add(
          node,
          isPlaceholder ? "a placeholder, not base64" : "not base64: refused by the API server")
      }
    }
  }

  private static func isBase64(_ text: String) -> Bool {
    let bytes = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
    let body = bytes.reversed().drop { $0 == UInt8(ascii: "=") }
    return bytes.count % 4 == 0 && bytes.count - body.count <= 2
      && body.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
      }
  }

  private static let sealedSecretVersion = LintRule(
    "sealed-secret-version", ["K23"], .error, "SealedSecrets are bitnami.com/v1alpha1",
    why: "Another group or version is unknown to the API server.",
    fix: "write bitnami.com/v1alpha1",
    source: "https://github.com/bitnami-labs/sealed-secrets"
  ) { set, found in
    for object in set.objects where object.kind == "SealedSecret" {
      let node = object.root["apiVersion"]
      guard let version = node.string, version != "bitnami.com/v1alpha1" else { continue }
      found.add(
        node, "\(version) is unknown", edits: [.replace(node.pointer, with: "bitnami.com/v1alpha1")]
      )
    }
  }
}
