import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The pod template: one container named `agent`, hardened as Pod Security `restricted` asks
/// (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
struct PodTemplateBuilder {
  let builder: ManifestBuilder

  private var spec: AgentDeploymentSpec { builder.spec }
  private var names: ObjectNames { builder.names }

  static let containerName = "agent"
  /// Endpoints are taken out of rotation before the agent is told to stop.
  static let preStopSeconds = 10

  func template() -> JSONValue {
    let template: JSONValue = [
      "metadata": ["labels": names.podLabels, "annotations": JSONValue(annotations)],
      "spec": podSpec(),
    ]
    return spec.podTemplate?.merged(onto: template) ?? template
  }

  private var annotations: [String: String] {
    var annotations = [
      "kubectl.kubernetes.io/default-container": Self.containerName,
      "prometheus.io/scrape": "true",
      "prometheus.io/port": String(spec.observability.metricsPort),
      "prometheus.io/path": spec.observability.metricsPath,
    ]
    if spec.availability.drainPath != nil, spec.traffic.provider == .istio {
      // A sidecar that is told to end beside the agent would cut off what the agent still does. As a
      // native sidecar it ends after the agent, and then has nothing left to wait for.
      annotations["proxy.istio.io/config"] =
        #"{"proxyMetadata":{"EXIT_ON_ZERO_ACTIVE_CONNECTIONS":"true"}}"#
    }
    if let hash = secretsHash { annotations[Rendering.secretsHashAnnotation] = hash }
    return annotations
  }

  /// Changes when a Secret does whose change restarts the pods, and with no other. Made from versions, never values.
  private var secretsHash: String? {
    let versions: [(String, JSONValue)] = spec.secrets.compactMap { secret in
      guard secret.onChange == .restart else { return nil }
      let name = names.secret(secret)
      return builder.context.secretVersions[name].map { (name, .string($0)) }
    }
    guard !versions.isEmpty else { return nil }
    let json = JSONValue.object(JSONObject(versions.map { (key: $0.0, value: $0.1) }))
    return String(SHA256.hexDigest(of: json.serializedBytes(.canonical)).prefix(16))
  }

  private func podSpec() -> JSONValue {
    var pod: JSONValue = [
      "serviceAccountName": .string(names.serviceAccount(spec)),
      "automountServiceAccountToken": .bool(!spec.security.rules.isEmpty),
      "enableServiceLinks": false,
      "terminationGracePeriodSeconds": JSONValue(
        spec.availability.drainTimeout.seconds + Availability.graceMarginSeconds),
    ]
    pod["securityContext"] = PodHardening.pod(spec.security.podSecurity)
    if !spec.imagePullSecrets.isEmpty {
      pod["imagePullSecrets"] = .array(spec.imagePullSecrets.map { ["name": .string($0)] })
    }
    if let priority = spec.availability.priorityClassName {
      pod["priorityClassName"] = .string(priority)
    }
    let constraints = topologySpread
    if !constraints.isEmpty { pod["topologySpreadConstraints"] = .array(constraints) }
    let accelerators = accelerators
    if !accelerators.nodeSelector.isEmpty {
      pod["nodeSelector"] = JSONValue(accelerators.nodeSelector)
    }
    if !accelerators.tolerations.isEmpty { pod["tolerations"] = .array(accelerators.tolerations) }
    let reload = ReloadSidecar(builder: builder)
    if let container = reload.container { pod["initContainers"] = [container] }
    pod["containers"] = [ContainerBuilder(builder: builder).container()]
    pod["volumes"] = .array(
      VolumeBuilder(builder: builder).volumes.map(\.volume) + reload.volumes)
    return pod
  }

  /// Soft: a cluster of one zone or one node still runs the agent. Counted per rollout, so that old
  /// pods do not push new ones together.
  private var topologySpread: [JSONValue] {
    let keys: [String] =
      switch spec.availability.spread {
      case .none: []
      case .host: ["kubernetes.io/hostname"]
      case .zone: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
      }
    return keys.map {
      [
        "maxSkew": 1, "topologyKey": .string($0), "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": ["matchLabels": names.selector], "matchLabelKeys": ["pod-template-hash"],
      ]
    }
  }

  /// Where the class says that the accelerators are. Nodes that have them are customarily tainted
  /// with the resource's name, so that only pods which ask for it land there.
  private var accelerators: AgentClass.Accelerator {
    var all = AgentClass.Accelerator()
    for name in spec.resources.limits.keys.filter(Resources.isExtended).sorted() {
      let accelerator =
        builder.context.agentClass.effectiveAccelerators[name] ?? AgentClass.Accelerator()
      all.nodeSelector.merge(accelerator.nodeSelector) { first, _ in first }
      let tolerations =
        accelerator.tolerations.isEmpty
        ? [["key": .string(name), "operator": "Exists", "effect": "NoSchedule"]]
        : accelerator.tolerations
      all.tolerations += tolerations.filter { !all.tolerations.contains($0) }
    }
    return all
  }
}

extension Resources {
  /// `nvidia.com/gpu` and the like: a domain of somebody's, outside kubernetes.io.
  static func isExtended(_ name: String) -> Bool {
    guard let slash = name.firstIndex(of: "/") else { return false }
    return !name[..<slash].hasSuffix("kubernetes.io")
  }
}
