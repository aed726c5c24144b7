/// What a cluster may have beside Kubernetes itself, and an agent's objects may need.
public enum Capability: String, Sendable, CaseIterable {
  case istio, gatewayAPI, keda, prometheusOperator, grafanaOperator, externalSecrets, certManager,
    aiGateway, cilium, ambient, customMetrics, envoyFilters

  /// As people call it.
  public var title: String {
    switch self {
    case .istio: "Istio"
    case .gatewayAPI: "the Gateway API"
    case .keda: "KEDA"
    case .prometheusOperator: "the Prometheus operator"
    case .grafanaOperator: "the Grafana operator"
    case .externalSecrets: "the External Secrets operator"
    case .certManager: "cert-manager"
    case .aiGateway: "Envoy AI Gateway"
    case .cilium: "Cilium"
    case .ambient: "Istio's ambient mode"
    case .customMetrics: "an adapter for custom metrics"
    case .envoyFilters: "permission for Istio's EnvoyFilter"
    }
  }

  /// The custom resource definition whose presence tells that a cluster has it; nil where none does.
  public var definition: String? {
    switch self {
    case .istio: "virtualservices.networking.istio.io"
    case .gatewayAPI: "httproutes.gateway.networking.k8s.io"
    case .keda: "scaledobjects.keda.sh"
    case .prometheusOperator: "podmonitors.monitoring.coreos.com"
    case .grafanaOperator: "grafanadashboards.grafana.integreatly.org"
    case .externalSecrets: "externalsecrets.external-secrets.io"
    case .certManager: "certificates.cert-manager.io"
    case .aiGateway: "aigatewayroutes.aigateway.envoyproxy.io"
    case .cilium: "ciliumnetworkpolicies.cilium.io"
    case .ambient, .customMetrics: nil
    // Never taken for granted because it is installed: its content is Envoy's own configuration, which
    // no version of Istio promises to keep.
    case .envoyFilters: nil
    }
  }

  /// What holds where nobody says and no definition can tell: an adapter for custom metrics is
  /// taken for granted, because an autoscaler waits for one without harm.
  public static let undiscoverable: Set<Capability> = [.customMetrics]
  /// What is taken for granted without a cluster to look at.
  public static let offline: Set<Capability> = undiscoverable.union([.istio])
}

/// Which capabilities there are: as the class says, else as found.
public struct Capabilities: Sendable, Hashable {
  /// What the class says.
  public var declared: [Capability: Bool]
  /// What is there, for those that the class leaves out.
  public var discovered: Set<Capability>

  public init(
    declared: [Capability: Bool] = [:], discovered: Set<Capability> = Capability.offline
  ) {
    self.declared = declared
    self.discovered = discovered
  }

  public func has(_ capability: Capability) -> Bool {
    declared[capability] ?? discovered.contains(capability)
  }

  public var istio: Bool { has(.istio) }
  public var gatewayAPI: Bool { has(.gatewayAPI) }
  public var keda: Bool { has(.keda) }
  public var prometheusOperator: Bool { has(.prometheusOperator) }
  public var grafanaOperator: Bool { has(.grafanaOperator) }
  public var externalSecrets: Bool { has(.externalSecrets) }
  public var certManager: Bool { has(.certManager) }
  public var aiGateway: Bool { has(.aiGateway) }
  public var cilium: Bool { has(.cilium) }
  public var ambient: Bool { has(.ambient) }
  public var customMetrics: Bool { has(.customMetrics) }
  public var envoyFilters: Bool { has(.envoyFilters) }
}
