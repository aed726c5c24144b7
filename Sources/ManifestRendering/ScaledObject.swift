import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// KEDA's view of `spec.scaling` (https://keda.sh/docs/2.20/reference/scaledobject-spec/; what is
/// rendered needs version 2.17).
extension ManifestBuilder {
  func scaledObject() -> RenderedObject {
    let scaling = spec.scaling
    var scaled: JSONValue = [
      "scaleTargetRef": [
        "apiVersion": "apps/v1", "kind": "Deployment", "name": .string(names.agent),
        // Whose variables `...FromEnv` settings name: not a sidecar's.
        "envSourceContainerName": .string(PodTemplateBuilder.containerName),
      ],
      "minReplicaCount": JSONValue(scaling.minReplicas),
      "maxReplicaCount": JSONValue(scaling.maxReplicas),
    ]
    if let after = scaling.idleAfter {
      // KEDA goes down to the idle count and not to the minimum, which there is while there is work.
      if scaling.minReplicas > 0 { scaled["idleReplicaCount"] = 0 }
      scaled["cooldownPeriod"] = JSONValue(after.seconds)
      // Else an agent that KEDA takes over loses all its pods at once: it knows of no work before.
      scaled["initialCooldownPeriod"] = JSONValue(after.seconds)
    }
    scaled["advanced"] = ["horizontalPodAutoscalerConfig": ["behavior": scalingBehavior]]
    if let replicas = scaling.failureReplicas {
      scaled["fallback"] = [
        "failureThreshold": JSONValue(Self.failureThreshold), "replicas": JSONValue(replicas),
        // Never fewer than what serves already.
        "behavior": "currentReplicasIfHigher",
      ]
    }
    scaled["triggers"] = .array(
      scaling.metrics.enumerated().map(trigger) + scaling.schedule.map(trigger))
    return object(.scaledObjects, wave: .scaling, isOptionalKind: true, [("spec", scaled)])
  }

  /// So many failures in a row are no hiccup; KEDA asks every 30 s.
  private static let failureThreshold = 3

  private func trigger(_ index: Int, _ metric: Scaling.Metric) -> JSONValue {
    switch metric.type {
    case .cpu: resourceTrigger("cpu", metric.target)
    case .memory: resourceTrigger("memory", metric.target)
    case .activeWork:
      // No answer is not no work; but where no pod is left, nobody exports it.
      prometheusTrigger(
        monitoring.query(of: metric), metric.target, emptyIsZero: spec.scaling.mayBeIdle)
    case .requests: prometheusTrigger(monitoring.query(of: metric), metric.target)
    case .queue:
      metric.trigger.map { queueTrigger($0, metric.target, index) }
        ?? prometheusTrigger(
          Monitoring.query(ofExternal: metric), metric.target, emptyIsZero: false)
    }
  }

  private func resourceTrigger(_ type: String, _ target: String) -> JSONValue {
    [
      "type": .string(type), "metricType": "Utilization",
      "metadata": [
        "value": .string(target), "containerName": .string(PodTemplateBuilder.containerName),
      ],
    ]
  }

  private func prometheusTrigger(
    _ query: PrometheusQuery?, _ target: String, emptyIsZero: Bool = true
  ) -> JSONValue {
    [
      "type": "prometheus", "metricType": "AverageValue",
      "metadata": [
        "serverAddress": .string(context.agentClass.endpoints.prometheus ?? ""),
        "query": .string(query?.description ?? ""), "threshold": .string(target),
        "ignoreNullValues": emptyIsZero ? "true" : "false",
      ],
    ]
  }

  private func queueTrigger(
    _ trigger: Scaling.Trigger, _ target: String, _ index: Int
  ) -> JSONValue {
    var metadata = JSONValue(trigger.metadata)
    metadata[trigger.targetKey] = .string(target)
    var json: JSONValue = [
      "type": .string(trigger.type), "metricType": "AverageValue", "metadata": metadata,
    ]
    switch trigger.authentication {
    case .none: break
    case .existing(let name, let isOfCluster):
      json["authenticationRef"] = [
        "name": .string(name),
        "kind": isOfCluster ? "ClusterTriggerAuthentication" : "TriggerAuthentication",
      ]
    case .secrets:
      json["authenticationRef"] = [
        "name": .string(names.triggerAuthentication(index)), "kind": "TriggerAuthentication",
      ]
    }
    return json
  }

  private func trigger(_ window: Scaling.Window) -> JSONValue {
    [
      "type": "cron", "metricType": "AverageValue",
      "metadata": [
        "timezone": .string(window.timeZone), "start": .string(window.start),
        "end": .string(window.end), "desiredReplicas": .string(String(window.replicas)),
      ],
    ]
  }

  /// Names of Secrets and their keys: KEDA reads the values itself.
  func triggerAuthentications() -> [RenderedObject] {
    spec.scaling.metrics.enumerated().compactMap { index, metric in
      guard case .secrets(let parameters) = metric.trigger?.authentication else { return nil }
      let secrets = parameters.sorted { $0.parameter < $1.parameter }.map {
        parameter -> JSONValue in
        [
          "parameter": .string(parameter.parameter), "name": .string(parameter.secretName),
          "key": .string(parameter.key),
        ]
      }
      return object(
        .triggerAuthentications, name: names.triggerAuthentication(index), wave: .config,
        isOptionalKind: true, [("spec", ["secretTargetRef": .array(secrets)])])
    }
  }
}
