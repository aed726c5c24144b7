import JSON
import KubernetesAPI

extension SecretSource {
  init(resolving json: JSONValue) {
    let expose: Exposure = json.choice("expose") ?? .files
    self.init(
      name: json.text("name") ?? "", source: Source(resolving: json), expose: expose,
      keys: json.textMap("keys"),
      // A variable never changes in a running process; a mounted file does.
      onChange: json.choice("onChange") ?? (expose == .env ? .restart : .ignore),
      maxAge: json.duration("maxAge"))
  }
}

extension SecretSource.Source {
  fileprivate init(resolving json: JSONValue) {
    if let name = json["secretRef"]?.text("name") {
      self = .reference(secretName: name)
    } else if let external = json["externalSecret"], external["storeRef"] != nil {
      let store = external.section("storeRef")
      self = .external(
        SecretSource.ExternalSecret(
          storeName: store.text("name") ?? "", storeKind: store.choice("kind") ?? .namespaced,
          remoteKey: external.text("remoteKey") ?? "",
          refreshInterval: external.duration("refreshInterval")
            ?? KubernetesDuration(seconds: 3600)))
    } else {
      let generate = json.section("generate")
      self = .generate(
        SecretSource.Generation(
          length: generate.number("length") ?? 32, rotateEvery: generate.duration("rotateEvery"),
          keepPrevious: generate["keepPrevious"]?.bool ?? false))
    }
  }
}
