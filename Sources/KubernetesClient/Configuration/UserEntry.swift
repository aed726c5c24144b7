import JSON
import KubernetesAPI

/// The `user` part of a kubeconfig entry.
struct UserEntry {
  var node: ConfigNode
  var cluster: ConfigNode

  func apply(to configuration: inout ClientConfiguration) throws(ConfigurationError) {
    if let provider = try node.member("auth-provider") {
      let name = try provider.text("name") ?? ""
      throw provider.error(
        "the auth provider \"\(name)\" was removed from Kubernetes in 1.26",
        fix: "use the exec plugin of your provider, for example gke-gcloud-auth-plugin or kubelogin"
      )
    }
    configuration.clientCertificate = try clientCertificate()
    configuration.credentials = try credentials()
    configuration.impersonation = try impersonation()
  }

  private func clientCertificate() throws(ConfigurationError) -> ClientCertificate? {
    let certificate = try node.pem("client-certificate", expecting: .certificate)
    let key = try node.pem("client-key", expecting: .privateKey)
    switch (certificate, key) {
    case (nil, nil): return nil
    case (let certificate?, let key?):
      return ClientCertificate(certificate: certificate, key: key)
    case (_, nil):
      throw node.error(
        "has a client certificate without its key", fix: "add client-key or client-key-data")
    case (nil, _):
      throw node.error(
        "has a client key without its certificate",
        fix: "add client-certificate or client-certificate-data")
    }
  }

  private func credentials() throws(ConfigurationError) -> Credentials {
    var found: [(name: String, credentials: Credentials)] = []
    if let path = try node.filePath("tokenFile") {
      let bytes = try node.contents(of: path, "tokenFile")
      if let problem = Self.tokenProblem(TokenFile.token(in: bytes)) {
        throw node.field("tokenFile").error("\(path) \(problem)")
      }
      found.append(("tokenFile", .tokenFile(path)))
    } else if let token = try node.text("token") {
      if let problem = Self.tokenProblem(token) { throw node.field("token").error(problem) }
      found.append(("token", .token(Secret(token))))
    }
    let username = try node.text("username")
    let password = try node.text("password")
    if let username {
      guard !username.contains(":") else {
        throw node.field("username").error("must not contain a colon (RFC 7617)")
      }
      found.append(("username", .basic(username: username, password: Secret(password ?? ""))))
    } else if password != nil {
      throw node.field("password").error("has no username beside it")
    }
    if let exec = try node.member("exec") { found.append(("exec", .exec(try plugin(exec)))) }
    guard found.count <= 1 else {
      let names = found.map(\.name).joined(separator: ", ")
      throw node.error(
        "has more than one way to authenticate: \(names)", fix: "keep one of them")
    }
    return found.first?.credentials ?? .none
  }

  /// A token goes into a header.
  private static func tokenProblem(_ token: String) -> String? {
    if token.isEmpty { return "holds no token" }
    if !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
      return "holds a token with spaces, line breaks or non-ASCII characters"
    }
    return nil
  }

  private func impersonation() throws(ConfigurationError) -> Impersonation? {
    let uid = try node.text("as-uid")
    let groups = try node.texts("as-groups")
    var extra: [String: [String]] = [:]
    if let map = try node.member("as-user-extra") {
      guard let object = map.value.object else {
        throw map.error("expected an object, got \(map.value.typeName)")
      }
      for key in object.keys { extra[key] = try map.texts(key) }
    }
    guard let user = try node.text("as") else {
      if uid != nil || !groups.isEmpty || !extra.isEmpty {
        throw node.error(
          "impersonates a uid, groups or extra without a user", fix: "name the user with as")
      }
      return nil
    }
    let impersonation = Impersonation(user: user, uid: uid, groups: groups, extra: extra)
    for (name, value) in impersonation.headers
    where value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
      throw node.error("the value of \(name) contains a control character")
    }
    return impersonation
  }

  private func plugin(_ exec: ConfigNode) throws(ConfigurationError) -> ExecPlugin {
    let version = try exec.requiredText("apiVersion")
    let known = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
    guard known.contains(version) else {
      throw exec.field("apiVersion").error(
        "is \"\(version)\"", fix: "update the plugin's entry to \(known[0]) or \(known[1])")
    }
    var command = try exec.requiredText("command")
    if command.contains("/") {
      command = FileReader.resolve(command, in: exec.document.directory)
    }
    var mode = ExecPlugin.InteractiveMode.ifAvailable
    if let text = try exec.text("interactiveMode") {
      guard let named = ExecPlugin.InteractiveMode(rawValue: text) else {
        throw exec.field("interactiveMode").error(
          "is \"\(text)\"", fix: "use Never, IfAvailable or Always")
      }
      mode = named
    } else if version == known[0] {
      throw exec.field("interactiveMode").error("is required with apiVersion \(known[0])")
    }
    var variables: [ExecPlugin.Variable] = []
    for element in try exec.elements("env") {
      variables.append(
        ExecPlugin.Variable(
          name: try element.requiredText("name"), value: Secret(try element.text("value") ?? "")))
    }
    return ExecPlugin(
      apiVersion: version, command: command, args: try exec.texts("args").map(Secret.init),
      environment: variables, interactiveMode: mode,
      cluster: try exec.bool("provideClusterInfo") ? Secret(try clusterInfo().serialized()) : nil,
      installHint: try exec.text("installHint"))
  }

  /// `Cluster` of client.authentication.k8s.io.
  private func clusterInfo() throws(ConfigurationError) -> JSONValue {
    var info: JSONValue = ["server": .string(try cluster.requiredText("server"))]
    if let name = try cluster.text("tls-server-name") { info["tls-server-name"] = .string(name) }
    if try cluster.bool("insecure-skip-tls-verify") { info["insecure-skip-tls-verify"] = true }
    if let data = try cluster.text("certificate-authority-data") {
      info["certificate-authority-data"] = .string(data)
    } else if let path = try cluster.filePath("certificate-authority") {
      let bytes = try cluster.contents(of: path, "certificate-authority")
      info["certificate-authority-data"] = .string(Base64.encode(bytes))
    }
    if let proxy = try cluster.text("proxy-url") { info["proxy-url"] = .string(proxy) }
    for element in try cluster.elements("extensions")
    where element.value["name"]?.string == "client.authentication.k8s.io/exec" {
      info["config"] = element.value["extension"] ?? .null
    }
    return info
  }
}
