import KubernetesAPI

/// Mutual TLS, and who is let in.
enum IstioSecurityRules {
  static let all = [noPeerAuthentication, optionalToken, plaintextScrape]

  private static func peers(_ set: ManifestSet) -> [ManifestObject] {
    set.all(ManifestSet.istioSecurity, "PeerAuthentication")
  }

  private static let noPeerAuthentication = LintRule(
    "istio-no-peer-authentication", ["I14"], .security, "nothing asks for mutual TLS",
    why: """
      Without a PeerAuthentication Istio accepts plain text beside mutual TLS: a setting such as \
      encryption.in_transit in a ConfigMap encrypts nothing.
      """,
    fix: "add a PeerAuthentication with mtls: {mode: STRICT} to the namespace, with portLevelMtls "
      + "PERMISSIVE for a metrics port that is scraped from outside the mesh",
    source: "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
    needsEverything: true
  ) { set, found in
    let traffic = set.destinationRules + set.virtualServices
    for object in traffic {
      let namespace = object.namespace
      let first = traffic.first { $0.namespace == namespace }
      guard first?.name == object.name, first?.kind == object.kind else { continue }
      let isCovered = peers(set).contains {
        $0.namespace == namespace || $0.namespace == "istio-system"
      }
      guard !isCovered else { continue }
      found.add(
        object.root["metadata"]["name"],
        "namespace \(namespace ?? "") has routes but no PeerAuthentication: plain text is accepted")
    }
    for config in set.configMaps where peers(set).isEmpty {
      for key in config.root["data"].members {
        guard let name = key.key?.lowercased(), key.string == "true",
          name.contains("in_transit") || name.contains("mtls.enabled")
        else { continue }
        found.add(key, atKey: true, "\(name) claims what only a PeerAuthentication can give")
      }
    }
  }

  private static let optionalToken = LintRule(
    "istio-optional-token", ["I14"], .security, "requests without a token are let in",
    why: """
      A RequestAuthentication rejects wrong tokens; a request without any is accepted, without an \
      identity. Only an AuthorizationPolicy that asks for a principal keeps it out.
      """,
    fix:
      "add an AuthorizationPolicy, action DENY, from: [{source: {notRequestPrincipals: [\"*\"]}}]",
    source: "https://istio.io/latest/docs/reference/config/security/request_authentication/",
    needsEverything: true
  ) { set, found in
    let policies = set.all(ManifestSet.istioSecurity, "AuthorizationPolicy")
    for object in set.all(ManifestSet.istioSecurity, "RequestAuthentication") {
      let isPaired = policies.contains { policy in
        (policy.namespace == object.namespace || policy.namespace == "istio-system")
          && policy.spec["rules"].elements.contains { rule in
            rule["from"].elements.contains {
              $0["source"]["requestPrincipals"].exists
                || $0["source"]["notRequestPrincipals"].exists
            }
              || rule["when"].elements.contains {
                $0["key"].string?.hasPrefix("request.auth.") == true
              }
          }
      }
      guard !isPaired else { continue }
      found.add(object.root["metadata"]["name"], "no AuthorizationPolicy asks for a principal")
    }
  }

  private static let plaintextScrape = LintRule(
    "istio-strict-metrics-port", ["I15"], .warning, "strict mutual TLS refuses a plain scrape",
    why: """
      Prometheus outside the mesh scrapes in plain text. Under STRICT the connection is refused, \
      and the metrics are gone. Pods with prometheus.io annotations are safe while Istio merges \
      their metrics into port 15020, which is outside mutual TLS; monitors and pods that turn \
      merging off are not.
      """,
    fix:
      "add portLevelMtls: {\"PORT\": {mode: PERMISSIVE}}, and a NetworkPolicy that lets only the "
      + "monitoring namespace reach that port",
    source: "https://istio.io/latest/docs/ops/integrations/prometheus/"
  ) { set, found in
    let scrape = PlainScrape(set)
    for peer in peers(set) where peer.spec["mtls"]["mode"].string == "STRICT" {
      let selector = peer.spec["selector"]["matchLabels"]
      let selected =
        selector.exists
        ? set.workloads(in: peer.namespace, selectedBy: selector)
        : set.workloads.filter { $0.namespace == peer.namespace }
      for workload in selected {
        for (scraper, port) in scrape.ports(of: workload) {
          let exception = peer.spec["portLevelMtls"][String(port)]["mode"].string
          guard exception != "PERMISSIVE", exception != "DISABLE" else { continue }
          found.add(
            peer.spec["mtls"]["mode"],
            "\(scraper) scrapes \(workload.object.title) at port \(port), which refuses plain text")
        }
      }
    }
  }
}

/// Ports of a pod that Prometheus reads without TLS.
private struct PlainScrape {
  /// By the title of the workload that they select.
  private var podMonitors: [String: [ManifestObject]] = [:]
  private var services: [String: [ManifestObject]] = [:]
  private let serviceMonitors: [String?: [ManifestObject]]

  init(_ set: ManifestSet) {
    for monitor in set.all("monitoring.coreos.com", "PodMonitor") {
      let labels = monitor.spec["selector"]["matchLabels"]
      for workload in set.workloads(in: monitor.namespace, selectedBy: labels) {
        podMonitors[workload.object.title, default: []].append(monitor)
      }
    }
    for service in set.services {
      for workload in set.workloads(in: service.namespace, selectedBy: service.spec["selector"]) {
        services[workload.object.title, default: []].append(service)
      }
    }
    serviceMonitors = Dictionary(
      grouping: set.all("monitoring.coreos.com", "ServiceMonitor"), by: \.namespace)
  }

  func ports(of workload: Workload) -> [(scraper: String, port: Int)] {
    let ports = workload.containers.flatMap { $0["ports"].elements }
    func number(_ name: ManifestNode) -> Int? {
      name.int ?? ports.first { $0["name"].string == name.string }?["containerPort"].int
    }
    var found: [(String, Int)] = []
    let annotations = workload.podMetadata["annotations"]
    if annotations["prometheus.io/scrape"].text == "true",
      annotations["prometheus.istio.io/merge-metrics"].text == "false",
      let port = annotations["prometheus.io/port"].text.flatMap({ Int($0) })
    {
      found.append(("the annotation prometheus.io/port", port))
    }
    for monitor in podMonitors[workload.object.title] ?? [] {
      for endpoint in monitor.spec["podMetricsEndpoints"].elements where Self.isPlain(endpoint) {
        if let port = number(endpoint["port"]), let asked = Self.asked(endpoint, port) {
          found.append((monitor.title, asked))
        }
      }
    }
    for monitor in serviceMonitors[workload.namespace] ?? [] {
      let labels = monitor.spec["selector"]["matchLabels"].members
      for service in services[workload.object.title] ?? []
      where !labels.isEmpty
        && labels.allSatisfy({ node in node.key.map { service.labels[$0] == node.string } ?? false }
        )
      {
        for endpoint in monitor.spec["endpoints"].elements where Self.isPlain(endpoint) {
          let port = service.spec["ports"].elements.first {
            $0["name"].string == endpoint["port"].string
          }
          if let port,
            let target = number(port["targetPort"].exists ? port["targetPort"] : port["port"]),
            let asked = Self.asked(endpoint, target)
          {
            found.append((monitor.title, asked))
          }
        }
      }
    }
    return found
  }

  /// The port that is asked in the end: relabelling may lead to another one.
  ///
  /// - Returns: nil for ports of the sidecar itself, which are outside mutual TLS, and for ports that
  ///   only the cluster can tell.
  private static func asked(_ endpoint: ManifestNode, _ port: Int) -> Int? {
    let rewrite = endpoint["relabelings"].elements.last {
      $0["targetLabel"].string == "__address__"
    }
    guard let rewrite else { return port }
    let words = rewrite["replacement"].string?.split(separator: ":") ?? []
    guard let other = words.last.flatMap({ Int($0) }), !sidecarPorts.contains(other) else {
      return nil
    }
    return other
  }

  /// https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
  private static let sidecarPorts: Set<Int> = [15020, 15021, 15090]

  private static func isPlain(_ endpoint: ManifestNode) -> Bool {
    endpoint["scheme"].string?.lowercased() != "https" && endpoint["port"].exists
  }
}
