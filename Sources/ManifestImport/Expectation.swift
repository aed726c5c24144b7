import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering

/// What the rendering has to hold for an input object to be there: the object itself, with the names
/// that the operator gives, and without what it does otherwise on purpose. Each such thing is noted.
///
/// An input object and a rendered one are equivalent when every field of the expectation stands in
/// the rendering with an equal value.
struct Expectation {
  var object: KubernetesObject
  var corrections: [ImportNote] = []
  private let title: String

  /// - Parameters:
  ///   - rendered: its counterpart.
  ///   - configMap: the rendered ConfigMap that holds what `configMaps` of the input held.
  init(
    of input: KubernetesObject, as rendered: KubernetesObject, _ related: RelatedObjects,
    _ builder: SpecBuilder, host: String, configMap: String?
  ) {
    object = input
    title = input.title
    object["metadata"] = input.metadata
    for key in object.metadata.object?.keys ?? [] where !["labels", "annotations"].contains(key) {
      object["metadata"]?[key] = nil
    }
    object["status"] = nil
    if input.name != rendered.name, input.kind != "ConfigMap" {
      correct("metadata.name", "is now \(rendered.name)")
    }
    if input.apiVersion != rendered.apiVersion {
      correct("apiVersion", "is now \(rendered.apiVersion)")
      object["apiVersion"] = .string(rendered.apiVersion)
    }
    switch input.kind {
    case "Deployment": expectDeployment(related, builder, configMap)
    case "Service": expectService(builder, rendered)
    case "ConfigMap": expectConfiguration()
    case "HorizontalPodAutoscaler": expectAutoscaler(related, rendered)
    case "PodDisruptionBudget", "PeerAuthentication": drop("spec", "selector")
    case "NetworkPolicy": drop("spec", "podSelector")
    case "VirtualService": expectRoutes(related, rendered, host)
    case "DestinationRule": expectPolicy(host)
    default: break
    }
  }

  private mutating func correct(_ path: String, _ reason: String) {
    corrections.append(ImportNote(title, path, reason))
  }

  /// The operator's own selector selects the same pods.
  private mutating func drop(_ first: String, _ second: String) {
    guard object[first]?[second] != nil else { return }
    object[first]?[second] = nil
    correct("\(first).\(second)", "pods are selected by agentdeploy.dev/agent")
  }

  // MARK: Deployment

  private mutating func expectDeployment(
    _ related: RelatedObjects, _ builder: SpecBuilder, _ configMap: String?
  ) {
    drop("spec", "selector")
    if related.autoscaler != nil, object[path: "spec", "replicas"] != nil {
      object["spec"]?["replicas"] = nil
      correct("spec.replicas", "belongs to the autoscaler")
    }
    let index = related.containerIndex
    var pod = object[path: "spec", "template", "spec"] ?? [:]
    var containers = pod["containers"]?.array ?? []
    guard containers.indices.contains(index) else { return }
    var container = containers[index]
    let path = "spec.template.spec.containers[\(index)]"
    if container["name"] != "agent" { correct("\(path).name", "is now agent") }
    container["name"] = "agent"
    expectPorts(&container, builder)
    expectVariables(&container, related, builder, configMap)
    expectProbes(&container, builder, path)
    expectSpread(&pod)
    containers[index] = container
    pod["containers"] = .array(containers)
    pod["serviceAccountName"] = pod["serviceAccountName"] ?? pod["serviceAccount"]
    pod["serviceAccount"] = nil
    if pod["restartPolicy"] == "Always" { pod["restartPolicy"] = nil }
    object["spec"]?["template"]?["spec"] = pod
    object["spec"]?["template"]?["metadata"]?["creationTimestamp"] = nil
    let annotations = object[path: "spec", "template", "metadata", "annotations"]
    if let port = annotations?["prometheus.io/port"]?.string, let metrics = builder.metricsPort,
      port != String(metrics)
    {
      object["spec"]?["template"]?["metadata"]?["annotations"]?["prometheus.io/port"] = nil
      correct(
        "spec.template.metadata.annotations[prometheus.io/port]",
        "is now \(metrics), the port named metrics")
    }
  }

  /// Constraints that count the Deployment's own pods count the same pods by the operator's label.
  private mutating func expectSpread(_ pod: inout JSONValue) {
    guard let constraints = pod["topologySpreadConstraints"]?.array else { return }
    let labels = object[path: "spec", "template", "metadata", "labels"]
    pod["topologySpreadConstraints"] = .array(
      constraints.enumerated().map { i, constraint in
        var constraint = constraint
        let selected = constraint[path: "labelSelector", "matchLabels"]?.object ?? [:]
        if !selected.isEmpty, selected.allSatisfy({ labels?[$0.key] == $0.value }) {
          constraint["labelSelector"] = nil
          correct(
            "spec.template.spec.topologySpreadConstraints[\(i)].labelSelector",
            "pods are selected by agentdeploy.dev/agent")
        }
        return constraint
      })
  }

  private func expectPorts(_ container: inout JSONValue, _ builder: SpecBuilder) {
    guard let ports = container["ports"]?.array else { return }
    container["ports"] = .array(
      ports.map { port in
        var port = port
        let number = port["containerPort"]?.int
        if number == builder.mainPort { port["name"] = "http" }
        if number == builder.metricsPort, number != builder.mainPort { port["name"] = "metrics" }
        return port
      })
  }

  /// A variable from a ConfigMap that went into `spec.config` has the same value from the new one,
  /// all of whose keys are variables.
  private func expectVariables(
    _ container: inout JSONValue, _ related: RelatedObjects, _ builder: SpecBuilder,
    _ configMap: String?
  ) {
    if let variables = container["env"]?.array {
      container["env"] = .array(variables.map { builder.withoutDefaults($0) })
    }
    guard let configMap else { return }
    let absorbed = Set(related.configMaps.map(\.name))
    if let variables = container["env"]?.array {
      container["env"] = .array(
        variables.filter {
          !absorbed.contains($0["valueFrom"]?["configMapKeyRef"]?["name"]?.string ?? "")
        })
    }
    let new: JSONValue = ["configMapRef": ["name": .string(configMap)]]
    container["envFrom"] = .array((container["envFrom"]?.array ?? []) + [new])
  }

  /// Its keys are variables there, and files under the names that they had.
  private mutating func expectConfiguration() {
    let data = (object["data"]?.object ?? [:]).map {
      (key: ConfigVariable.name(forKey: $0.key), value: $0.value)
    }
    object["data"] = .object(JSONObject(data))
  }

  private mutating func expectProbes(
    _ container: inout JSONValue, _ builder: SpecBuilder, _ path: String
  ) {
    let hasStartupProbe = container["startupProbe"] != nil
    for name in ["startupProbe", "livenessProbe", "readinessProbe"] {
      guard container[name] != nil else { continue }
      for handler in ["httpGet", "tcpSocket"] where container[name]?[handler] != nil {
        if builder.number(container[name]?[handler]?["port"]) == builder.mainPort {
          container[name]?[handler]?["port"] = "http"
        }
        if container[name]?[handler]?["scheme"] == "HTTP" {
          container[name]?[handler]?["scheme"] = nil
        }
      }
      if container[name]?["successThreshold"] == 1 { container[name]?["successThreshold"] = nil }
      if container[name]?["initialDelaySeconds"] != nil {
        container[name]?["initialDelaySeconds"] = nil
        correct(
          "\(path).\(name).initialDelaySeconds",
          name == "startupProbe" || !hasStartupProbe
            ? "counts into the startup probe's time" : "the startup probe makes it needless")
      }
      guard name == "startupProbe" else { continue }
      for key in ["periodSeconds", "failureThreshold"] where container[name]?[key] != nil {
        container[name]?[key] = nil
        correct("\(path).startupProbe.\(key)", "the same time in steps of 5 s")
      }
    }
  }

  // MARK: Others

  private mutating func expectService(_ builder: SpecBuilder, _ rendered: KubernetesObject) {
    drop("spec", "selector")
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]
    {
      if key != "clusterIP" || object[path: "spec", "clusterIP"] != "None" {
        object["spec"]?[key] = nil
      }
    }
    guard let ports = object[path: "spec", "ports"]?.array else { return }
    object["spec"]?["ports"] = .array(
      ports.map { port in
        var port = port
        let target = builder.number(port["targetPort"] ?? port["port"])
        if target == builder.mainPort {
          port["name"] = port["port"] == 80 ? "http" : port["name"]
          port["targetPort"] = "http"
        } else if target == builder.metricsPort {
          port["name"] = "metrics"
          port["targetPort"] = "metrics"
        } else if let name = builder.name(ofPort: target) {
          port["targetPort"] = .string(name)
        }
        return port
      })
    expectPortNames(beside: rendered)
  }

  /// A Service with several ports names each of them, and none twice.
  private mutating func expectPortNames(beside rendered: KubernetesObject) {
    let others = rendered[path: "spec", "ports"]?.array ?? []
    let taken = Set(others.compactMap { $0["name"]?.string })
    var ports = object[path: "spec", "ports"]?.array ?? []
    for (i, port) in ports.enumerated() {
      guard let number = port["port"]?.int else { continue }
      let name = "port-\(number)"
      // Once it is carried, it has that name in the rendering.
      if let other = others.first(where: { $0["port"] == port["port"] }) {
        if other["name"] != .string(name) { continue }
      } else if let own = port["name"]?.string, !taken.contains(own) {
        continue
      }
      guard port["name"] != .string(name) else { continue }
      ports[i]["name"] = .string(name)
      correct("spec.ports[\(i)].name", "is now \(name), beside those that an agent has")
    }
    object["spec"]?["ports"] = .array(ports)
  }

  private mutating func expectAutoscaler(_ related: RelatedObjects, _ rendered: KubernetesObject) {
    object["spec"]?["scaleTargetRef"]?["name"] = .string(rendered.name)
    guard let metrics = object[path: "spec", "metrics"]?.array else { return }
    var expected: [JSONValue] = []
    for (i, metric) in metrics.enumerated() {
      var metric = metric
      if let resource = metric["resource"], metric["type"] == "Resource" {
        metric["type"] = "ContainerResource"
        metric["resource"] = nil
        metric["containerResource"] = resource
        correct("spec.metrics[\(i)]", "counts the agent's own container, without sidecars")
      }
      if metric["type"] == "ContainerResource" {
        metric["containerResource"]?["container"] = "agent"
      }
      expected.append(metric)
    }
    object["spec"]?["metrics"] = .array(expected)
  }

  private mutating func expectRoutes(
    _ related: RelatedObjects, _ rendered: KubernetesObject, _ host: String
  ) {
    let hosts = (object[path: "spec", "hosts"]?.array ?? []).compactMap(\.string)
    if let own = hosts.first(where: related.hosts.contains), own != host {
      correct("spec.hosts", "\(own) is now \(host)")
    }
    object["spec"]?["hosts"] = .array(
      [.string(host)] + hosts.filter { !related.hosts.contains($0) }.map(JSONValue.string))
    if let gateways = object[path: "spec", "gateways"]?.array, !gateways.contains("mesh") {
      object["spec"]?["gateways"] = .array(gateways + ["mesh"])
      correct("spec.gateways", "calls inside the mesh take the route too")
    }
    let routes = (object[path: "spec", "http"]?.array ?? []).enumerated().map { i, route in
      var route = route.withEqualDurations
      let targets = (route["route"]?.array ?? []).map { target in
        var target = target
        if target["destination"]?["host"]?.string.map(related.hosts.contains) == true {
          target["destination"]?["host"] = .string(host)
        }
        return target
      }
      route["route"] = .array(targets)
      if route["fault"] != nil {
        route["fault"] = nil
        correct("spec.http[\(i)].fault", "a fault has to end: traffic.faultInjection.expiresAt")
      }
      return route
    }
    func hasPort(_ route: JSONValue) -> Bool {
      (route["match"]?.array ?? []).contains { $0["port"] != nil }
    }
    let ports = (rendered[path: "spec", "http"]?.array ?? []).filter(hasPort)
    let isAdded = !ports.isEmpty && !routes.contains(where: hasPort)
    if isAdded { correct("spec.http", "calls of other ports stay on these") }
    object["spec"]?["http"] = .array(isAdded ? ports + routes : routes)
  }

  private mutating func expectPolicy(_ host: String) {
    if object[path: "spec", "host"]?.string != host { correct("spec.host", "is now \(host)") }
    object["spec"]?["host"] = .string(host)
    guard var policy = object[path: "spec", "trafficPolicy"]?.withEqualDurations else { return }
    if policy[path: "loadBalancer", "simple"] == "LEAST_CONN" {
      policy["loadBalancer"]?["simple"] = "LEAST_REQUEST"
      correct("spec.trafficPolicy.loadBalancer.simple", "LEAST_REQUEST is its name")
    }
    if let breaker = policy["circuitBreaker"], policy["outlierDetection"] == nil {
      policy["outlierDetection"] = breaker
      policy["circuitBreaker"] = nil
      correct("spec.trafficPolicy.circuitBreaker", "outlierDetection is its name")
    }
    if let errors = policy[path: "outlierDetection", "consecutiveErrors"] {
      policy["outlierDetection"]?["consecutiveErrors"] = nil
      policy["outlierDetection"]?["consecutiveGatewayErrors"] = errors
      correct(
        "spec.trafficPolicy.outlierDetection.consecutiveErrors",
        "consecutiveGatewayErrors is its name")
    }
    object["spec"]?["trafficPolicy"] = policy
  }
}

extension SpecBuilder {
  func name(ofPort number: Int?) -> String? {
    guard let number else { return nil }
    return related.container["ports"]?.array?.first { $0["containerPort"]?.int == number }?["name"]?
      .string
  }
}

extension JSONValue {
  private static let durations: Set<String> = [
    "timeout", "perTryTimeout", "interval", "baseEjectionTime", "connectTimeout", "idleTimeout",
    "ttl", "fixedDelay",
  ]

  /// Istio's durations in the form that rendering writes: seconds.
  fileprivate var withEqualDurations: JSONValue {
    switch self {
    case .array(let array): return .array(array.map(\.withEqualDurations))
    case .object(let object):
      return .object(
        JSONObject(
          object.map { key, value in
            if Self.durations.contains(key),
              let duration = value.string.flatMap({ KubernetesDuration($0) })
            {
              return (key: key, value: .string(duration.protobufSeconds))
            }
            return (key: key, value: value.withEqualDurations)
          }))
    default: return self
    }
  }
}
