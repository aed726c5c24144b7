import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Writes what the objects say in the words of an AgentDeployment. What has no words of its own is
/// left to `Residue`.
struct SpecBuilder {
  let related: RelatedObjects
  let agentProtocol: String?

  private var pod: JSONValue {
    related.deployment[path: "spec", "template", "spec"] ?? [:]
  }
  private var container: JSONValue { related.container }

  func spec() -> JSONValue {
    // In the order in which people read them; sections that stay empty are left out.
    var spec: JSONValue = [:]
    spec["protocol"] = .string(agentProtocol ?? guessedProtocol)
    spec["image"] = container["image"] ?? ""
    if let secrets = pod["imagePullSecrets"], secrets != [] { spec["imagePullSecrets"] = secrets }
    for key in ["command", "args"] where container[key] != nil { spec[key] = container[key] }
    spec["port"] = JSONValue(mainPort)
    let extra = extraPorts
    if !extra.isEmpty { spec["extraPorts"] = .array(extra) }
    addEnvironment(to: &spec)
    spec["resources"] = resources
    spec["health"] = health
    spec["scaling"] = scaling
    spec["traffic"] = TrafficBuilder(related: related, maxReplicas: maxReplicas).traffic()
    spec["availability"] = availability
    spec["security"] = security
    if let metrics { spec["observability"] = ["metrics": metrics] }
    return spec.withoutEmptyObjects
  }

  private var guessedProtocol: String {
    let image = container["image"]?.string ?? ""
    let words = (image.split(separator: "/").last.map(String.init) ?? "")
      .split { $0 == "-" || $0 == "_" || $0 == ":" || $0 == "." }.map { $0.lowercased() }
    if words.contains("mcp") { return "MCP" }
    return words.contains("a2a") ? "A2A" : "HTTP"
  }

  // MARK: Ports

  private var ports: [JSONValue] { container["ports"]?.array ?? [] }

  func number(_ port: JSONValue?) -> Int? {
    port?.int
      ?? port?.string.flatMap { name in ports.first { $0["name"]?.string == name } }?[
        "containerPort"]?.int
  }

  /// What port 80 of a Service leads to, else the port named http, else the first.
  var mainPort: Int {
    let servicePorts = related.services.flatMap { $0[path: "spec", "ports"]?.array ?? [] }
    let web = servicePorts.first { $0["port"] == 80 } ?? servicePorts.first
    return number(web?["targetPort"]) ?? number("http") ?? web?["port"]?.int
      ?? ports.first?["containerPort"]?.int ?? 8080
  }

  var metricsPort: Int? {
    let annotations = related.deployment[
      path: "spec", "template", "metadata", "annotations"]
    let annotated = annotations?["prometheus.io/port"]?.string.flatMap { Int($0) }
    return number("metrics") ?? annotated
  }

  private var metrics: JSONValue? {
    guard let port = metricsPort else { return nil }
    var metrics: JSONValue = ["port": JSONValue(port)]
    let annotations = related.deployment[path: "spec", "template", "metadata", "annotations"]
    if let path = annotations?["prometheus.io/path"] { metrics["path"] = path }
    return metrics
  }

  private var extraPorts: [JSONValue] {
    ports.compactMap { port in
      guard let number = port["containerPort"]?.int, number != mainPort, number != metricsPort,
        let name = port["name"]?.string,
        // With several protocols it has several names, and an extra port has none of them.
        ports.count(where: { $0["containerPort"]?.int == number }) == 1
      else { return nil }
      var extra: JSONValue = ["name": .string(name), "port": JSONValue(number)]
      let servicePort = related.services.flatMap { $0[path: "spec", "ports"]?.array ?? [] }
        .first { self.number($0["targetPort"]) == number }
      if let appProtocol = servicePort?["appProtocol"] { extra["appProtocol"] = appProtocol }
      return extra
    }
  }

  // MARK: Configuration

  private func addEnvironment(to spec: inout JSONValue) {
    let absorbed = Set(related.configMaps.map(\.name))
    spec["config"] = [:]
    for map in related.configMaps {
      for (key, value) in map["data"]?.object ?? [:] { spec["config"]?[key] = value }
    }
    var secrets: [(name: String, keys: JSONObject)] = []
    var rest: [JSONValue] = []
    for variable in container["env"]?.array ?? [] {
      let source = variable["valueFrom"]
      if let map = source?[path: "configMapKeyRef", "name"]?.string, absorbed.contains(map) {
        continue
      }
      guard let reference = source?["secretKeyRef"], let secret = reference["name"]?.string,
        let key = reference["key"]?.string, reference["optional"]?.bool != true
      else {
        rest.append(withoutDefaults(variable))
        continue
      }
      let index = secrets.firstIndex { $0.name == secret }
      if let index, secrets[index].keys[key] == nil {
        secrets[index].keys[key] = variable["name"]
      } else if index == nil {
        secrets.append((secret, JSONObject([(key: key, value: variable["name"] ?? "")])))
      } else {
        // One key as two variables: the second has to be an ordinary one.
        rest.append(variable)
      }
    }
    if !secrets.isEmpty {
      spec["secrets"] = .array(
        secrets.map { secret in
          [
            "name": .string(Self.label(secret.name)), "secretRef": ["name": .string(secret.name)],
            "expose": "Env", "keys": .object(secret.keys),
          ]
        })
    }
    if !rest.isEmpty { spec["env"] = .array(rest) }
  }

  /// Without what every API server adds, and the container's own name.
  func withoutDefaults(_ variable: JSONValue) -> JSONValue {
    var variable = variable
    if variable["valueFrom"]?["fieldRef"]?["apiVersion"] == "v1" {
      variable["valueFrom"]?["fieldRef"]?["apiVersion"] = nil
    }
    if let reference = variable["valueFrom"]?["resourceFieldRef"] {
      if reference["divisor"] == "0" || reference["divisor"] == 0 {
        variable["valueFrom"]?["resourceFieldRef"]?["divisor"] = nil
      }
      if reference["containerName"] == container["name"] {
        variable["valueFrom"]?["resourceFieldRef"]?["containerName"] = nil
      }
    }
    return variable
  }

  private var resources: JSONValue {
    var resources: JSONValue = [:]
    for key in ["requests", "limits"] {
      guard let amounts = container["resources"]?[key], amounts != [:] else { continue }
      resources[key] = amounts
    }
    return resources
  }

  /// A DNS-1123 label made of an object's name.
  private static func label(_ name: String) -> String {
    let text = String(name.map { $0 == "." ? "-" : $0 }.prefix(40))
    return text.hasSuffix("-") ? String(text.dropLast()) : text
  }

  // MARK: Health

  private var health: JSONValue {
    var health: JSONValue = [:]
    let (live, ready) = (container["livenessProbe"], container["readinessProbe"])
    for (probe, path, period) in [
      (live, "livePath", "livePeriod"), (ready, "readyPath", "readyPeriod"),
    ] {
      guard let probe else { continue }
      if let check = probe["httpGet"], number(check["port"]) == mainPort {
        health[path] = check["path"] ?? "/"
      }
      health[period] = .string("\(probe["periodSeconds"]?.int ?? 10)s")
    }
    if let timeout = live?["timeoutSeconds"]?.int ?? ready?["timeoutSeconds"]?.int {
      health["probeTimeout"] = .string("\(timeout)s")
    }
    if let seconds = startupSeconds { health["startupTimeout"] = .string("\(seconds)s") }
    return health
  }

  /// How long the container may take to start.
  private var startupSeconds: Int? {
    let probe = container["startupProbe"] ?? container["livenessProbe"]
    guard let probe else { return nil }
    let seconds =
      (probe["initialDelaySeconds"]?.int ?? 0)
      + (probe["periodSeconds"]?.int ?? 10) * (probe["failureThreshold"]?.int ?? 3)
    return max(5, (seconds + 4) / 5 * 5)
  }

  // MARK: Capacity and operation

  private var maxReplicas: Int {
    related.autoscaler?[path: "spec", "maxReplicas"]?.int
      ?? related.scaledObject.map { $0[path: "spec", "maxReplicaCount"]?.int ?? 100 }
      ?? max(1, related.deployment[path: "spec", "replicas"]?.int ?? 1)
  }

  private var scaling: JSONValue {
    guard let scaler = related.autoscaler else {
      if let scaled = related.scaledObject { return scaling(of: scaled) }
      let replicas = JSONValue(maxReplicas)
      return ["minReplicas": replicas, "maxReplicas": replicas]
    }
    var scaling: JSONValue = [
      "minReplicas": scaler[path: "spec", "minReplicas"] ?? 1,
      "maxReplicas": JSONValue(maxReplicas),
    ]
    let metrics = (scaler[path: "spec", "metrics"]?.array ?? []).compactMap(metric)
    if !metrics.isEmpty { scaling["metrics"] = .array(metrics) }
    for key in ["scaleUp", "scaleDown"] {
      if let policy = scaler[path: "spec", "behavior", key] { scaling[key] = self.policy(policy) }
    }
    return scaling
  }

  /// The bounds, and what needs no KEDA: whether a class has it is not known here.
  private func scaling(of scaled: KubernetesObject) -> JSONValue {
    let least = scaled[path: "spec", "minReplicaCount"]?.int ?? 0
    var scaling: JSONValue = [
      "minReplicas": JSONValue(max(1, least)), "maxReplicas": JSONValue(maxReplicas),
    ]
    let types = ["cpu": "CPU", "memory": "Memory"]
    let metrics = (scaled[path: "spec", "triggers"]?.array ?? []).compactMap {
      trigger -> JSONValue? in
      guard let type = types[trigger["type"]?.string ?? ""],
        trigger["metricType"] == "Utilization", let value = trigger["metadata"]?["value"]
      else { return nil }
      return ["type": .string(type), "target": value]
    }
    if !metrics.isEmpty { scaling["metrics"] = .array(metrics) }
    return scaling
  }

  private func metric(_ metric: JSONValue) -> JSONValue? {
    let resource = metric["resource"] ?? metric["containerResource"]
    if let resource, let percent = resource[path: "target", "averageUtilization"]?.int {
      let type = ["cpu": "CPU", "memory": "Memory"][resource["name"]?.string ?? ""]
      return type.map { ["type": .string($0), "target": .string(String(percent))] }
    }
    if let external = metric["external"], let target = external[path: "target", "averageValue"] {
      return queue(external["metric"] ?? [:], target)
    }
    guard let pods = metric["pods"], let name = pods[path: "metric", "name"],
      pods[path: "metric", "selector"] == nil, let target = pods[path: "target", "averageValue"]
    else { return nil }
    let text = target.string ?? target.int.map(String.init) ?? ""
    return ["type": "ActiveWork", "target": .string(text), "metric": name]
  }

  private func queue(_ metric: JSONValue, _ target: JSONValue) -> JSONValue? {
    guard let name = metric["name"], metric[path: "selector", "matchExpressions"] == nil else {
      return nil
    }
    var queue: JSONValue = [
      "type": "Queue", "target": .string(target.string ?? target.int.map(String.init) ?? ""),
      "metric": name,
    ]
    if let labels = metric[path: "selector", "matchLabels"] { queue["selector"] = labels }
    return queue
  }

  private func policy(_ policy: JSONValue) -> JSONValue {
    var json: JSONValue = [:]
    if let window = policy["stabilizationWindowSeconds"]?.int {
      json["window"] = .string("\(window)s")
    }
    for rate in policy["policies"]?.array ?? [] where rate["periodSeconds"] == 60 {
      if rate["type"] == "Percent" { json["percentPerMinute"] = rate["value"] }
      if rate["type"] == "Pods" { json["podsPerMinute"] = rate["value"] }
    }
    return json
  }

  private var availability: JSONValue {
    var json: JSONValue = [:]
    if let budget = related.budget?[path: "spec", "maxUnavailable"] {
      json["maxUnavailable"] = budget
    }
    // The rendered grace period is the drain's and 15 s.
    if let grace = pod["terminationGracePeriodSeconds"]?.int, grace > 15 {
      json["drain"] = ["timeout": .string("\(grace - 15)s")]
    }
    if let priority = pod["priorityClassName"] { json["priorityClassName"] = priority }
    return json
  }

  private var security: JSONValue {
    var json: JSONValue = [:]
    let isNonRoot =
      container[path: "securityContext", "runAsNonRoot"]
      ?? pod[path: "securityContext", "runAsNonRoot"]
    // An image that was never asked to may run as root, or write to its own file system.
    if isNonRoot != true || container[path: "securityContext", "readOnlyRootFilesystem"] != true {
      json["podSecurity"] = "Baseline"
    }
    if let account = pod["serviceAccountName"], account != "default" {
      json["serviceAccount"] = ["name": account]
    }
    let modes = ["STRICT": "Strict", "PERMISSIVE": "Permissive", "DISABLE": "Disabled"]
    let mode = related.peerAuthentication?[path: "spec", "mtls", "mode"]?.string
    if let mode, let word = modes[mode] {
      json["mtls"] = .string(word)
    } else if related.virtualService != nil || related.destinationRule != nil {
      json["mtls"] = "Permissive"
    }
    return json
  }
}

extension JSONValue {
  /// Without members that are empty objects, at the top.
  fileprivate var withoutEmptyObjects: JSONValue {
    guard let object else { return self }
    return .object(JSONObject(object.filter { $0.value.object?.isEmpty != true }))
  }
}
