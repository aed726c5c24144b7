import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  func horizontalPodAutoscaler() -> [RenderedObject] {
    guard spec.scaling.hasScaler else { return [] }
    let hpa: JSONValue = [
      "scaleTargetRef": [
        "apiVersion": "apps/v1", "kind": "Deployment", "name": .string(names.agent),
      ],
      "minReplicas": JSONValue(spec.scaling.minReplicas),
      "maxReplicas": JSONValue(spec.scaling.maxReplicas),
      "metrics": .array(spec.scaling.metrics.map(metric)),
      "behavior": [
        "scaleUp": behavior(spec.scaling.scaleUp), "scaleDown": behavior(spec.scaling.scaleDown),
      ],
    ]
    return [object(.horizontalPodAutoscalers, wave: .scaling, [("spec", hpa)])]
  }

  /// CPU and memory of the agent's container alone: a sidecar's would be averaged in otherwise.
  private func metric(_ metric: Scaling.Metric) -> JSONValue {
    switch metric.type {
    case .cpu: containerResource("cpu", metric.target)
    case .memory: containerResource("memory", metric.target)
    case .activeWork:
      [
        "type": "Pods",
        "pods": [
          "metric": ["name": JSONValue(metric.metric)],
          "target": ["type": "AverageValue", "averageValue": .string(metric.target)],
        ],
      ]
    }
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
