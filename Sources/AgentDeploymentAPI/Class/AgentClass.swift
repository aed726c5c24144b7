public import JSON
public import KubernetesAPI

/// What a platform offers its agents and asks of them: decoded and valid.
///
/// Made by `AgentClass.decode`; `AgentClass.builtIn` where a cluster or a command has none.
public struct AgentClass: Sendable, Hashable {
  public static let kind = "AgentClass"
  public static let resource = ResourceType.agentClasses
  /// The name that an agent gives for the built-in class, unless the cluster has one of that name.
  public static let builtInName = "default"
  /// Set to "true" on the class of agents that name none.
  public static let isDefaultAnnotation = "agentdeploy.dev/is-default-class"

  /// The object as it was read; nil for the built-in class.
  public var object: KubernetesObject?
  public var capabilities: Capabilities
  /// Parts of an AgentDeployment's spec that hold where an agent says nothing else.
  public var defaults: JSONObject
  public var guardRails: GuardRails
  public var namespaces: Namespaces
  public var endpoints: Endpoints
  /// By resource name: `nvidia.com/gpu`.
  public var accelerators: [String: Accelerator]
  /// The image of managed stores; nil: `StateStore.Managed.defaultImage`.
  public var stateImage: String?
  /// The image of the containers that tell agents to reload; nil: `defaultReloadImage`.
  public var reloadImage: String?
  /// Nil: the class leaves namespaces alone.
  public var quota: Quota?
  /// Holds instead of the class's own part; see `keeping`.
  var pinned: PodPart?

  public init(
    object: KubernetesObject? = nil, capabilities: Capabilities = Capabilities(),
    defaults: JSONObject = [:], guardRails: GuardRails = GuardRails(),
    namespaces: Namespaces = Namespaces(), endpoints: Endpoints = Endpoints(),
    accelerators: [String: Accelerator] = [:], stateImage: String? = nil,
    reloadImage: String? = nil, quota: Quota? = nil
  ) {
    self.object = object
    self.capabilities = capabilities
    self.defaults = defaults
    self.guardRails = guardRails
    self.namespaces = namespaces
    self.endpoints = endpoints
    self.accelerators = accelerators
    self.stateImage = stateImage
    self.reloadImage = reloadImage
    self.quota = quota
  }

  /// Istio and nothing else, no defaults, no limits.
  public static let builtIn = AgentClass()

  /// This program's own, of this version, as manifests/install.yaml names it.
  public static let defaultReloadImage = "ghcr.io/agentdeploy/agent-operator:v0.1.0"

  public var name: String { object?.name ?? Self.builtInName }
  public var isMarkedDefault: Bool {
    object?.annotations[Self.isDefaultAnnotation] == "true"
  }
}

extension AgentClass {
  /// What no agent of the class may exceed.
  public struct GuardRails: Sendable, Hashable {
    public var maxReplicas: Int?
    /// Of a pod's termination grace period: the drain timeout and what is added to it.
    public var maxGrace: KubernetesDuration?
    public var requireDigest: Bool
    /// Registries or paths in them; empty: any.
    public var allowedRegistries: [String]
    /// The weakest Pod Security Standard that is allowed; nil: any, as of the built-in class.
    public var podSecurity: Security.PodSecurity?
    /// Whether the class names it; an AgentClass that does not has Baseline.
    public var namesPodSecurity: Bool

    public init(
      maxReplicas: Int? = nil, maxGrace: KubernetesDuration? = nil, requireDigest: Bool = false,
      allowedRegistries: [String] = [], podSecurity: Security.PodSecurity? = nil,
      namesPodSecurity: Bool = false
    ) {
      self.maxReplicas = maxReplicas
      self.maxGrace = maxGrace
      self.requireDigest = requireDigest
      self.allowedRegistries = allowedRegistries
      self.podSecurity = podSecurity
      self.namesPodSecurity = namesPodSecurity
    }
  }

  /// Where the platform's own parts are.
  public struct Namespaces: Sendable, Hashable {
    /// Their pods may reach the metrics port.
    public var monitoring: [String]
    /// Their pods may reach the agent, beside those of `gatewayRefs`.
    public var gateway: [String]
    /// Of the mesh's control plane, which a restricted agent's sidecar has to reach.
    public var mesh: [String]
    public var dns: DNS

    public init(
      monitoring: [String] = ["monitoring"], gateway: [String] = ["istio-system", "istio-ingress"],
      mesh: [String] = ["istio-system"], dns: DNS = DNS()
    ) {
      self.monitoring = monitoring
      self.gateway = gateway
      self.mesh = mesh
      self.dns = dns
    }
  }

  /// The pods that resolve names.
  public struct DNS: Sendable, Hashable {
    public struct Peer: Sendable, Hashable {
      public var namespace: String
      /// Empty: all pods there.
      public var labels: [String: String]

      public init(namespace: String, labels: [String: String] = [:]) {
        self.namespace = namespace
        self.labels = labels
      }
    }

    public var peers: [Peer]
    /// Both UDP and TCP.
    public var ports: [Int]

    /// Kubernetes' and OpenShift's, whose DNS pods listen on 8053.
    public init(
      peers: [Peer] = [
        Peer(namespace: "kube-system", labels: ["k8s-app": "kube-dns"]),
        Peer(namespace: "openshift-dns"),
      ],
      ports: [Int] = [53, 8053]
    ) {
      self.peers = peers
      self.ports = ports
    }
  }

  /// URLs of the platform's services.
  public struct Endpoints: Sendable, Hashable {
    public var prometheus: String?
    /// Where traces of agents go that name no endpoint of their own.
    public var otlp: String?
    /// What alerts' names are appended to.
    public var runbooks: String?
    public var apiServer: APIServer
    /// For models; see `AgentClass.modelGateway`.
    public var aiGateway: ModelGateway?

    public init(
      prometheus: String? = nil, otlp: String? = nil, runbooks: String? = nil,
      apiServer: APIServer = APIServer(), aiGateway: ModelGateway? = nil
    ) {
      self.prometheus = prometheus
      self.otlp = otlp
      self.runbooks = runbooks
      self.apiServer = apiServer
      self.aiGateway = aiGateway
    }
  }

  /// Where network policies see the API server: behind its Service, so at its own addresses.
  public struct APIServer: Sendable, Hashable {
    /// IPv4 networks; empty: anywhere.
    public var cidrs: [String]
    public var ports: [Int]

    public init(cidrs: [String] = [], ports: [Int] = [443, 6443]) {
      self.cidrs = cidrs
      self.ports = ports
    }
  }

  /// Where pods run that ask for a resource.
  public struct Accelerator: Sendable, Hashable {
    public var nodeSelector: [String: String]
    /// corev1.Toleration objects; empty: the resource's name, as device plugins taint nodes.
    public var tolerations: [JSONValue]

    public init(nodeSelector: [String: String] = [:], tolerations: [JSONValue] = []) {
      self.nodeSelector = nodeSelector
      self.tolerations = tolerations
    }
  }

  /// What each namespace with agents of the class gets.
  public struct Quota: Sendable, Hashable {
    /// `hard` of a ResourceQuota, canonical quantities; empty: none.
    public var hard: [String: String]
    /// A LimitRange with the class's default resources.
    public var limitRange: Bool
    /// The Pod Security Standard that the namespace enforces; nil: as it is.
    public var podSecurity: Security.PodSecurity?

    public init(
      hard: [String: String] = [:], limitRange: Bool = false,
      podSecurity: Security.PodSecurity? = nil
    ) {
      self.hard = hard
      self.limitRange = limitRange
      self.podSecurity = podSecurity
    }
  }
}
