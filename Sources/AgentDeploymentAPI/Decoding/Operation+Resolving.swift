import JSON
import KubernetesAPI

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
