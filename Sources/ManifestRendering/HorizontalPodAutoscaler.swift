import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  /// Whoever sets the number of pods; never two of them.
  func scaler() -> [RenderedObject] {
    switch spec.scaling.scaler(under: context.agentClass) {
    case .none: []
    case .horizontalPodAutoscaler: [horizontalPodAutoscaler()]
    case .scaledObject: triggerAuthentications() + [scaledObject()]
    }
  }

  private func horizontalPodAutoscaler() -> RenderedObject {
    let hpa: JSONValue = [
      "scaleTargetRef": [
        "apiVersion": "apps/v1", "kind": "Deployment", "name": .string(names.agent),
      ],
      "minReplicas": JSONValue(spec.scaling.minReplicas),
      "maxReplicas": JSONValue(spec.scaling.maxReplicas),
      "metrics": .array(spec.scaling.metrics.map(metric)),
      "behavior": scalingBehavior,
    ]
    return object(.horizontalPodAutoscalers, wave: .scaling, [("spec", hpa)])
  }

  /// As autoscaling/v2 has it, which KEDA passes on.
  var scalingBehavior: JSONValue {
    ["scaleUp": behavior(spec.scaling.scaleUp), "scaleDown": behavior(spec.scaling.scaleDown)]
  }

  /// CPU and memory of the agent's container alone: a sidecar's would be averaged in otherwise.
  private func metric(_ metric: Scaling.Metric) -> JSONValue {
    switch metric.type {
    case .cpu: containerResource("cpu", metric.target)
    case .memory: containerResource("memory", metric.target)
    case .activeWork: podsMetric(metric.metric ?? "", metric.target)
    case .requests: podsMetric(metric.metric ?? requestRateMetric, metric.target)
    case .queue: externalMetric(metric)
    }
  }

  /// What prometheus-adapter makes of the counter by the rule that its documentation begins with.
  private var requestRateMetric: String {
    series.isMeshed ? "istio_requests_per_second" : "http_requests_per_second"
  }

  private func podsMetric(_ name: String, _ target: String) -> JSONValue {
    [
      "type": "Pods",
      "pods": [
        "metric": ["name": .string(name)],
        "target": ["type": "AverageValue", "averageValue": .string(target)],
      ],
    ]
  }

  private func externalMetric(_ metric: Scaling.Metric) -> JSONValue {
    var identifier: JSONValue = ["name": JSONValue(metric.metric)]
    if !metric.selector.isEmpty {
      identifier["selector"] = ["matchLabels": JSONValue(metric.selector)]
    }
    return [
      "type": "External",
      "external": [
        "metric": identifier,
        "target": ["type": "AverageValue", "averageValue": .string(metric.target)],
      ],
    ]
  }

  private func containerResource(_ name: String, _ percent: String) -> JSONValue {
    [
      "type": "ContainerResource",
      "containerResource": [
        "name": .string(name), "container": .string(PodTemplateBuilder.containerName),
        "target": [
          "type": "Utilization",
          "averageUtilization": JSONValue(Int(percent.prefix { $0 != "." }) ?? 0),
        ],
      ],
    ]
  }

  private func behavior(_ policy: Scaling.Policy) -> JSONValue {
    var policies: [JSONValue] = []
    if let percent = policy.percentPerMinute {
      policies.append(["type": "Percent", "value": JSONValue(percent), "periodSeconds": 60])
    }
    if let pods = policy.podsPerMinute {
      policies.append(["type": "Pods", "value": JSONValue(pods), "periodSeconds": 60])
    }
    var behavior: JSONValue = ["stabilizationWindowSeconds": JSONValue(policy.window.seconds)]
    if !policies.isEmpty {
      behavior["selectPolicy"] = "Max"
      behavior["policies"] = .array(policies)
    }
    return behavior
  }
}
