import JSON
import KubernetesAPI

extension Scaling {
  init(resolving json: JSONValue) {
    let least = json.number("minReplicas")
    let most = json.number("maxReplicas")
    let metrics = json.items("metrics").map(Metric.init(resolving:))
    self.init(
      // The bound that is given pulls the other one's default along.
      minReplicas: least ?? min(Self.defaultMinReplicas, most ?? Self.defaultMinReplicas),
      maxReplicas: most ?? max(Self.defaultMaxReplicas, least ?? 0),
      metrics: metrics.isEmpty ? [Metric(type: .cpu, target: "70", metric: nil)] : metrics,
      scaleUp: Policy(
        resolving: json.section("scaleUp"), window: KubernetesDuration(seconds: 60), percent: 50,
        pods: 2),
      scaleDown: Policy(
        resolving: json.section("scaleDown"), window: KubernetesDuration(seconds: 300), percent: 10,
        pods: nil),
      failureReplicas: json.section("onMetricsFailure").number("replicas"),
      idleAfter: json.section("idle").duration("after"),
      schedule: json.items("schedule").map(Window.init(resolving:)))
  }
}

extension Scaling.Metric {
  init(resolving json: JSONValue) {
    self.init(
      type: json.choice("type") ?? .cpu, target: json.text("target") ?? "",
      metric: json.text("metric"), selector: json.textMap("selector"),
      trigger: json["trigger"].flatMap { $0.isNull ? nil : Scaling.Trigger(resolving: $0) })
  }
}

extension Scaling.Trigger {
  init(resolving json: JSONValue) {
    let type = json.text("type") ?? ""
    self.init(
      type: type, metadata: json.textMap("metadata"),
      targetKey: json.text("targetKey") ?? TriggerTarget.of(type)?.key ?? "",
      authentication: Authentication(resolving: json))
  }
}

extension Scaling.Trigger.Authentication {
  init(resolving json: JSONValue) {
    let reference = json.section("authenticationRef")
    let parameters = json.items("secretTargetRef")
    if let name = reference.text("name") {
      self = .existing(
        name: name, isOfCluster: reference["kind"] == "ClusterTriggerAuthentication")
    } else if parameters.isEmpty {
      self = .none
    } else {
      self = .secrets(
        parameters.map {
          Scaling.Trigger.SecretParameter(
            parameter: $0.text("parameter") ?? "", secretName: $0.text("name") ?? "",
            key: $0.text("key") ?? "")
        })
    }
  }
}

extension Scaling.Window {
  init(resolving json: JSONValue) {
    self.init(
      start: json.text("start") ?? "", end: json.text("end") ?? "",
      timeZone: json.text("timeZone") ?? Scaling.defaultTimeZone,
      replicas: json.number("replicas") ?? 1)
  }
}

extension Scaling.Policy {
  /// A rate that is given replaces both default rates.
  init(resolving json: JSONValue, window: KubernetesDuration, percent: Int, pods: Int?) {
    let hasRate = json.has("percentPerMinute") || json.has("podsPerMinute")
    self.init(
      window: json.duration("window") ?? window,
      percentPerMinute: hasRate ? json.number("percentPerMinute") : percent,
      podsPerMinute: hasRate ? json.number("podsPerMinute") : pods)
  }
}
