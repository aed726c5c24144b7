import AgentDeploymentAPI
import JSON
import KubernetesAPI

extension ManifestBuilder {
  func peerAuthentication() -> RenderedObject {
    var policy: JSONValue = [
      "selector": ["matchLabels": names.selector],
      "mtls": ["mode": .string(spec.security.mtls.istioMode)],
    ]
    // A plain-text scrape must get through; the NetworkPolicy lets only monitoring reach the port.
    if spec.security.mtls == .strict, let metrics = separateMetricsPort {
      policy["portLevelMtls"] = [String(metrics): ["mode": "PERMISSIVE"]]
    }
    return object(
      .peerAuthentications, wave: .policy, isOptionalKind: true, [("spec", policy)])
  }
}

extension Security.MutualTLS {
  var istioMode: String {
    switch self {
    case .strict: "STRICT"
    case .permissive: "PERMISSIVE"
    case .disabled: "DISABLE"
    }
  }
}
