import JSON
import KubernetesAPI

extension StateStore {
  /// - Parameter secrets: of the same agent.
  init(resolving json: JSONValue, _ secrets: [SecretSource]) {
    switch json.text("type") {
    case "Managed": self = .managed(Managed(resolving: json.section("managed")))
    case "External": self = .external(External(resolving: json.section("external"), secrets))
    default: self = .none
    }
  }
}

extension StateStore.Managed {
  private static let defaults = Resources.Defaults(
    cpuRequest: Quantity(milli: 100), memoryRequest: Quantity(256 << 20, format: .binarySI),
    memoryLimit: Quantity(512 << 20, format: .binarySI))

  init(resolving json: JSONValue) {
    let storage =
      json.text("storage").flatMap { Quantity($0) } ?? Quantity(1 << 30, format: .binarySI)
    self.init(
      image: json.text("image"), storage: storage.description,
      storageClassName: json.text("storageClassName"),
      resources: Resources(resolving: json.section("resources"), Self.defaults),
      persistence: json.choice("persistence") ?? .appendOnly)
  }
}

extension StateStore.External {
  init(resolving json: JSONValue, _ secrets: [SecretSource]) {
    let address = json.text("address") ?? ""
    let colon = address.lastIndex(of: ":") ?? address.endIndex
    let credential = json.text("credential")
    let source = secrets.first { $0.name == credential }
    self.init(
      host: String(address[..<colon]), port: Int(address[colon...].dropFirst()) ?? 0,
      tls: json["tls"]?.bool ?? false, isCluster: json["cluster"]?.bool ?? false,
      credential: credential,
      key: json.text("key") ?? (source?.isGenerated == true ? "value" : "password"))
  }
}

extension SecretSource {
  var isGenerated: Bool {
    if case .generate = source { true } else { false }
  }
}
