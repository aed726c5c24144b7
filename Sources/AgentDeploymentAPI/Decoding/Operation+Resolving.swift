import JSON
import KubernetesAPI

extension Scaling {
  init(resolving json: JSONValue) {
    let least = json.number("minReplicas")
    let most = json.number("maxReplicas")
    let metrics = json.items("metrics").map(Metric.init(resolving:))
    self.init(
      // The bound that is given pulls the other one's default along.
      minReplicas: least ?? min(2, most ?? 2),
      maxReplicas: most ?? max(Self.defaultMaxReplicas, least ?? 0),
      metrics: metrics.isEmpty ? [Metric(type: .cpu, target: "70", metric: nil)] : metrics,
      scaleUp: Policy(
        resolving: json.section("scaleUp"), window: KubernetesDuration(seconds: 60), percent: 50,
        pods: 2),
      scaleDown: Policy(
        resolving: json.section("scaleDown"), window: KubernetesDuration(seconds: 300), percent: 10,
        pods: nil))
  }
}

extension Scaling.Metric {
  init(resolving json: JSONValue) {
    self.init(
      type: json.choice("type") ?? .cpu, target: json.text("target") ?? "",
      metric: json.text("metric"))
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

extension Availability {
  init(resolving json: JSONValue) {
    self.init(
      maxUnavailable: json["maxUnavailable"].flatMap { IntOrString($0) } ?? .int(1),
      spread: json.choice("spread") ?? .zone,
      drainTimeout: json.section("drain").duration("timeout") ?? Self.defaultDrainTimeout,
      drainPath: json.section("drain").text("path"),
      sessionMetric: json.section("drain").text("sessionMetric"),
      regions: json["regions"].map(Regions.init(resolving:)),
      priorityClassName: json.text("priorityClassName"))
  }
}

extension Regions {
  init(resolving json: JSONValue) {
    let shares = json.items("distribute").map { share in
      Distribution(
        from: share.text("from") ?? "",
        to: share.section("to").object.map { members in
          var percents: [String: Int] = [:]
          for (place, percent) in members { percents[place] = percent.int }
          return percents
        } ?? [:])
    }
    let failover = json.items("failover").map {
      Failover(from: $0.text("from") ?? "", to: $0.text("to") ?? "")
    }
    self.init(
      primary: json.text("primary") ?? "",
      routing: shares.isEmpty ? .failover(failover) : .distribute(shares))
  }

  /// All that the section names, the primary one first.
  public var names: [String] {
    var names = [primary]
    func add(_ place: String) {
      let region = String(place.prefix { $0 != "/" })
      if !names.contains(region) { names.append(region) }
    }
    switch routing {
    case .failover(let pairs):
      for pair in pairs {
        add(pair.from)
        add(pair.to)
      }
    case .distribute(let shares):
      for share in shares {
        add(share.from)
        for place in share.to.keys.sorted() { add(place) }
      }
    }
    return names
  }
}

extension PodTemplate {
  init(resolving json: JSONValue) {
    let metadata = json.section("metadata")
    self.init(
      labels: metadata.textMap("labels"), annotations: metadata.textMap("annotations"),
      spec: json.members("spec"))
  }
}

extension Override {
  init(resolving json: JSONValue) {
    self.init(
      kind: json.text("kind") ?? "", name: json.text("name"), patch: json["patch"] ?? [:])
  }
}
