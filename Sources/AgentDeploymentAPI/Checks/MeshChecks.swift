import KubernetesAPI

/// What Istio's webhook refuses, found before. Checked where it is known that Istio routes.
///
/// Source: `ValidateVirtualService` of istio/istio, pkg/config/validation.
enum MeshChecks {
  static func problems(of spec: AgentDeploymentSpec) -> [FieldError] {
    let hosts = spec.traffic.hosts
    return hosts.enumerated().compactMap { i, host in
      let path: FieldPath = ["spec", "traffic", "hosts", .index(i)]
      if covers(host, service) {
        return FieldError(
          path, .duplicate,
          "\(host) stands for the agent's own Service, too, which Istio takes for a duplicate",
          fix: "remove it: the Service's name is always served")
      }
      guard
        let other = hosts.enumerated().first(where: { $0.offset != i && covers($0.element, host) })
      else { return nil }
      return FieldError(
        path, .duplicate,
        "\(other.element) stands for \(host), too, which Istio takes for a duplicate",
        fix: "remove one of them")
    }
  }

  /// Any agent's, in the domain that clusters have unless somebody chose another. A host that names
  /// more of it than the domain is refused as another Service's.
  private static let service = "agent.namespace.svc.cluster.local"

  /// Whether a host with a wildcard stands for another one as well.
  private static func covers(_ wildcard: String, _ host: String) -> Bool {
    wildcard.hasPrefix("*.") && wildcard != host && host.hasSuffix(wildcard.dropFirst())
  }
}
