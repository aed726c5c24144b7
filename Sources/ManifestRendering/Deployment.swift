import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  func deployment() -> RenderedObject {
    var deployment: JSONValue = [:]
    // With a scaler the number of replicas is the scaler's alone (correctness rule 30).
    if !spec.scaling.hasScaler { deployment["replicas"] = JSONValue(spec.scaling.maxReplicas) }
    deployment["revisionHistoryLimit"] = 3
    deployment["progressDeadlineSeconds"] = JSONValue(progressDeadlineSeconds)
    deployment["selector"] = ["matchLabels": names.selector]
    deployment["strategy"] = [
      "type": "RollingUpdate",
      "rollingUpdate": ["maxSurge": "25%", "maxUnavailable": 0],
    ]
    deployment["template"] = PodTemplateBuilder(builder: self).template()
    let scaling = spec.scaling.hasScaler ? ScalingAnnotation.autoscaled : ScalingAnnotation.fixed
    var rendered = object(
      .deployments, wave: .workload, annotations: [ScalingAnnotation.name: scaling],
      [("spec", deployment)])
    rendered.object["metadata"]?["labels"] = names.versionedLabels
    return rendered
  }

  /// Longer than one pod may take to start, so that a slow start is not called a failed rollout.
  private var progressDeadlineSeconds: Int {
    max(600, Int(spec.health.startupTimeout.seconds) + 300)
  }
}
