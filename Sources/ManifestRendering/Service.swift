import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// The agent's stable address: port 80 for its protocol, extra ports as they are.
  func service() -> RenderedObject {
    var ports: [JSONValue] = [
      ["name": "http", "port": 80, "protocol": "TCP", "targetPort": "http", "appProtocol": "http"]
    ]
    for extra in spec.extraPorts {
      var port: JSONValue = [
        "name": .string(extra.name), "port": JSONValue(extra.port), "protocol": "TCP",
        "targetPort": .string(extra.name),
      ]
      if let appProtocol = extra.appProtocol { port["appProtocol"] = .string(appProtocol) }
      ports.append(port)
    }
    if let metrics = separateMetricsPort {
      ports.append([
        "name": "metrics", "port": JSONValue(metrics), "protocol": "TCP", "targetPort": "metrics",
        "appProtocol": "http",
      ])
    }
    return object(
      .services, wave: .workload,
      [("spec", ["type": "ClusterIP", "selector": names.selector, "ports": .array(ports)])])
  }
}
