import JSON

/// For fields that a manifest may leave out, values that differ from their defaults. One of them
/// gives another rendering; a name that is missing here costs an explanation, never a wrong one.
enum FieldVariations {
  static let all: [(field: String, values: [JSONValue])] = [
    ("spec.protocol", ["ADK", "MCP", "A2A", "HTTP"]),
    ("spec.protocolVersion", ["2025-11-25"]),
    ("spec.port", [8099]),
    ("spec.resources.requests.cpu", ["311m"]),
    ("spec.resources.requests.memory", ["313Mi"]),
    ("spec.resources.limits.memory", ["7777Mi"]),
    ("spec.health.livePath", ["/varied"]),
    ("spec.health.readyPath", ["/varied"]),
    ("spec.health.startupTimeout", ["777s"]),
    ("spec.health.livePeriod", ["77s"]),
    ("spec.health.readyPeriod", ["77s"]),
    ("spec.health.probeTimeout", ["4s", "3s"]),
    ("spec.state.managed.image", ["varied"]),
    ("spec.state.managed.storage", ["77Gi"]),
    ("spec.state.managed.persistence", ["Snapshot"]),
    ("spec.state.managed.resources.requests.cpu", ["111m"]),
    ("spec.state.managed.resources.requests.memory", ["113Mi"]),
    ("spec.state.managed.resources.limits.memory", ["7777Mi"]),
    ("spec.modelRouting", ["Gateway", "Direct"]),
    ("spec.availability.drain.path", ["/varied"]),
    ("spec.availability.regions", [["primary": "varied"]]),
    ("spec.scaling.minReplicas", [3, 1]),
    ("spec.scaling.maxReplicas", [77, 777]),
    ("spec.scaling.metrics", [[["type": "CPU", "target": "77"]]]),
    ("spec.scaling.scaleUp", [["window": "77s"], ["podsPerMinute": 77]]),
    ("spec.scaling.scaleDown", [["window": "777s"], ["percentPerMinute": 77]]),
    ("spec.scaling.onMetricsFailure", [["replicas": 3], ["replicas": 77]]),
    ("spec.scaling.idle", [["after": "777s"]]),
    (
      "spec.scaling.schedule",
      [3, 8, 77, 777].map {
        [["start": "7 7 * * *", "end": "17 7 * * *", "replicas": .int($0)]]
      }
    ),
    ("spec.traffic.provider", ["None"]),
    ("spec.traffic.paths", [["/varied"]]),
    ("spec.traffic.timeout", ["777s"]),
    ("spec.traffic.streamIdleTimeout", ["777s"]),
    ("spec.traffic.retries", [["attempts": 1], ["on": ["Reset"]]]),
    ("spec.traffic.loadBalancing", ["Random"]),
    ("spec.traffic.affinity", [["type": "Header", "name": "x-varied"]]),
    ("spec.traffic.connections.perPod", [7777]),
    ("spec.traffic.outlierDetection.gatewayErrors", [77]),
    ("spec.traffic.outlierDetection.interval", ["77s"]),
    ("spec.traffic.outlierDetection.ejection", ["77s"]),
    ("spec.traffic.outlierDetection.maxEjectedPercent", [77]),
    ("spec.availability.maxUnavailable", [2]),
    ("spec.availability.spread", ["None"]),
    ("spec.availability.drain.timeout", ["777s"]),
    ("spec.security.podSecurity", ["Baseline"]),
    ("spec.security.mtls", ["Permissive", "Disabled"]),
    ("spec.security.serviceAccount", [["name": "varied"]]),
    ("spec.observability.metrics.port", [9099]),
    ("spec.observability.metrics.path", ["/varied"]),
    ("spec.observability.logLevel", ["Error"]),
  ]
}
