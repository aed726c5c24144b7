/// Replicas and those who set them.
enum ScalingRules {
  static let all = [replicasBesideScaler, twoScalers, twoMaxima, customMetric, averagedSidecar]

  private static let reference =
    "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"

  private static func target(_ scaler: ManifestObject, _ set: ManifestSet) -> ManifestObject? {
    let target = scaler.spec["scaleTargetRef"]
    guard let name = target["name"].string else { return nil }
    return set.first("apps", target["kind"].string ?? "Deployment", scaler.namespace, name)
  }

  private static let replicasBesideScaler = LintRule(
    "replicas-beside-autoscaler", ["K12"], .warning, "every apply resets the autoscaler's count",
    why: """
      The autoscaler writes replicas; a manifest that holds them too sets them back with every \
      apply, under load as well.
      """,
    fix:
      "take replicas out with server-side apply, after another manager owns the field: taken out "
      + "by a plain kubectl apply they fall to 1 for a moment",
    source: reference + "#migrating-deployments-and-statefulsets-to-horizontal-autoscaling"
  ) { set, found in
    for scaler in set.autoscalers + set.scaledObjects {
      guard let replicas = target(scaler, set)?.spec["replicas"], replicas.exists else { continue }
      found.add(
        replicas, atKey: true,
        "\(scaler.title) sets the number; each apply sets it back to "
          + "\(replicas.text ?? "")")
    }
  }

  private static let twoScalers = LintRule(
    "two-scalers", [], .error, "two scalers set one number",
    why: """
      KEDA makes an autoscaler of every ScaledObject. Beside another one the two overrule each other, \
      or Kubernetes lets neither act; KEDA's webhook refuses the ScaledObject.
      """,
    fix: "keep one of them; KEDA's cpu and memory triggers do what an autoscaler's metrics do",
    source: "https://keda.sh/docs/2.20/concepts/scaling-deployments/"
  ) { set, found in
    var first: [String: ManifestObject] = [:]
    for scaler in set.scaledObjects + set.autoscalers where !isOfKEDA(scaler, set) {
      let target = scaler.spec["scaleTargetRef"]
      let key = [
        scaler.namespace ?? "", target["kind"].string ?? "Deployment", target["name"].string ?? "",
      ].joined(separator: "/")
      if let other = first[key] {
        found.add(target, "\(other.title) scales \(target["name"].string ?? "it") already")
      } else {
        first[key] = scaler
      }
    }
  }

  /// Made by KEDA, or to be taken over by it.
  private static func isOfKEDA(_ scaler: ManifestObject, _ set: ManifestSet) -> Bool {
    guard scaler.kind == "HorizontalPodAutoscaler" else { return false }
    return set.scaledObjects.contains {
      guard $0.namespace == scaler.namespace else { return false }
      let name = $0.spec["advanced"]["horizontalPodAutoscalerConfig"]["name"].string
      return scaler.name == name ?? "keda-hpa-\($0.name)"
    }
  }

  private static let twoMaxima = LintRule(
    "scaling-two-truths", ["K13"], .warning, "two maxima",
    why: "A ConfigMap scales nothing; a number in it beside the autoscaler's only misleads.",
    fix: "keep the autoscaler's bounds and remove the setting", needsEverything: true
  ) { set, found in
    for config in set.configMaps {
      for setting in config.root["data"].members {
        let key = setting.key?.lowercased() ?? ""
        let isMaximum = key.hasSuffix("max_replicas") || key.hasSuffix("maxreplicas")
        guard isMaximum, let number = setting.string.flatMap({ Int($0) }) else { continue }
        for scaler in set.autoscalers {
          guard let maximum = scaler.spec["maxReplicas"].int, maximum != number else { continue }
          found.add(setting, "\(number) here, but \(scaler.title) stops at \(maximum)")
        }
      }
    }
  }

  private static let customMetric = LintRule(
    "hpa-custom-metric", ["K14"], .error, "a metric that no plain cluster has",
    why: """
      Metrics of type Pods, Object and External come from an adapter. Without one the autoscaler \
      reports FailedGetPodsMetric, and while any metric is missing it does not scale down.
      """,
    fix: "install prometheus-adapter (then --ignore hpa-custom-metric), or use KEDA's ScaledObject "
      + "with a prometheus trigger",
    source: reference + "#scaling-on-custom-metrics", needsEverything: true
  ) { set, found in
    let adapters = set.all("apiregistration.k8s.io", "APIService").filter {
      $0.name.hasSuffix("custom.metrics.k8s.io") || $0.name.hasSuffix("external.metrics.k8s.io")
    }
    guard adapters.isEmpty else { return }
    for scaler in set.autoscalers where !scaler.isRendered {
      for metric in scaler.spec["metrics"].elements {
        guard let type = metric["type"].string, ["Pods", "Object", "External"].contains(type) else {
          continue
        }
        let name = metric[type.lowercased()]["metric"]["name"].string ?? ""
        found.add(metric["type"], "\(name) needs a metrics adapter, which the input does not have")
      }
    }
  }

  private static let averagedSidecar = LintRule(
    "hpa-averages-sidecars", ["K15"], .warning, "sidecars are averaged in",
    why: """
      A Resource metric is the mean over all containers of a pod. With a proxy beside the agent, \
      the agent may be at its limit while the mean looks idle.
      """,
    fix: "use type: ContainerResource with containerResource.container (Kubernetes 1.30)",
    source: reference + "#container-resource-metrics"
  ) { set, found in
    for scaler in set.autoscalers {
      let workload = target(scaler, set).flatMap(Workload.init)
      let containers = workload?.containers.count ?? 1
      guard containers > 1 || set.isMeshed(scaler.namespace) else { continue }
      for metric in scaler.spec["metrics"].elements where metric["type"].string == "Resource" {
        let name = metric["resource"]["name"].string ?? ""
        found.add(
          metric["type"],
          containers > 1
            ? "\(name) is averaged over \(containers) containers"
            : "\(name) is averaged over the agent and the mesh's proxy")
      }
    }
  }
}
