import JSON
import YAML

/// A kubeconfig for the embedded cluster.
enum Kubeconfig {
  static let contextName = "agent-operator-embedded"

  static func text(
    host: String, port: Int, authorization: EmbeddedClusterAuthorization
  ) -> String {
    let token: String? = if case .rbac(let token) = authorization { token } else { nil }
    let credentials = token.map { "{token: \"\($0)\"}" } ?? "{}"
    return """
      # The simulated cluster of agent-operator: no containers run in it.
      apiVersion: v1
      kind: Config
      clusters:
      - name: \(contextName)
        cluster:
          server: \(HTTPFrontEnd.url(host: host, port: port, token: token))
      contexts:
      - name: \(contextName)
        context:
          cluster: \(contextName)
          user: \(APIServer.userName)
          namespace: default
      current-context: \(contextName)
      users:
      - name: \(APIServer.userName)
        user: \(credentials)

      """
  }

  /// Whether nothing but embedded clusters stands in a kubeconfig, whoever has written it since.
  static func isOnlyEmbedded(_ text: String) -> Bool {
    let read = YAML.parse(text, file: "kubeconfig", dialect: .kubectl)
    let entries = [
      ("clusters", contextName), ("contexts", contextName), ("users", APIServer.userName),
    ]
    return read.errors.isEmpty
      && read.documents.map(\.value).allSatisfy { document in
        document["kind"] == "Config"
          && entries.allSatisfy { key, name in
            guard let value = document[key], !value.isNull else { return true }
            return value.array?.allSatisfy { $0["name"] == .string(name) } ?? false
          }
          && (document["clusters"]?.array ?? []).allSatisfy {
            $0["cluster"]?["server"]?.string?.hasPrefix("http://127.0.0.1:") == true
          }
      }
  }
}
