/// The resources that this project's programs read or write, so that no discovery is needed for them.
extension ResourceType {
  public static let namespaces = ResourceType(
    group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)
  public static let nodes = ResourceType(
    group: "", version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
  public static let pods = core("pods", "Pod")
  public static let services = core("services", "Service")
  public static let configMaps = core("configmaps", "ConfigMap")
  public static let secrets = core("secrets", "Secret")
  public static let serviceAccounts = core("serviceaccounts", "ServiceAccount")
  public static let persistentVolumeClaims = core("persistentvolumeclaims", "PersistentVolumeClaim")
  public static let deployments = ResourceType(
    group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
  public static let replicaSets = ResourceType(
    group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet")
  public static let statefulSets = ResourceType(
    group: "apps", version: "v1", plural: "statefulsets", kind: "StatefulSet")
  public static let horizontalPodAutoscalers = ResourceType(
    group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers",
    kind: "HorizontalPodAutoscaler")
  public static let podDisruptionBudgets = ResourceType(
    group: "policy", version: "v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget")
  public static let networkPolicies = ResourceType(
    group: "networking.k8s.io", version: "v1", plural: "networkpolicies", kind: "NetworkPolicy")
  public static let resourceQuotas = core("resourcequotas", "ResourceQuota")
  public static let limitRanges = core("limitranges", "LimitRange")
  public static let roles = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "roles", kind: "Role")
  public static let roleBindings = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", kind: "RoleBinding")
  public static let clusterRoles = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles", kind: "ClusterRole",
    isNamespaced: false)
  public static let clusterRoleBindings = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings",
    kind: "ClusterRoleBinding", isNamespaced: false)
  public static let leases = ResourceType(
    group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
  public static let events = ResourceType(
    group: "events.k8s.io", version: "v1", plural: "events", kind: "Event")
  public static let customResourceDefinitions = ResourceType(
    group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition", isNamespaced: false)
  public static let virtualServices = ResourceType(
    group: "networking.istio.io", version: "v1", plural: "virtualservices", kind: "VirtualService")
  public static let destinationRules = ResourceType(
    group: "networking.istio.io", version: "v1", plural: "destinationrules", kind: "DestinationRule"
  )
  public static let serviceEntries = ResourceType(
    group: "networking.istio.io", version: "v1", plural: "serviceentries", kind: "ServiceEntry")
  public static let peerAuthentications = ResourceType(
    group: "security.istio.io", version: "v1", plural: "peerauthentications",
    kind: "PeerAuthentication")
  public static let authorizationPolicies = ResourceType(
    group: "security.istio.io", version: "v1", plural: "authorizationpolicies",
    kind: "AuthorizationPolicy")
  public static let requestAuthentications = ResourceType(
    group: "security.istio.io", version: "v1", plural: "requestauthentications",
    kind: "RequestAuthentication")
  public static let envoyFilters = ResourceType(
    group: "networking.istio.io", version: "v1alpha3", plural: "envoyfilters", kind: "EnvoyFilter")
  public static let httpRoutes = ResourceType(
    group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes", kind: "HTTPRoute")
  public static let backendTLSPolicies = ResourceType(
    group: "gateway.networking.k8s.io", version: "v1", plural: "backendtlspolicies",
    kind: "BackendTLSPolicy")
  public static let aiGatewayRoutes = ResourceType(
    group: "aigateway.envoyproxy.io", version: "v1beta1", plural: "aigatewayroutes",
    kind: "AIGatewayRoute")
  public static let aiServiceBackends = ResourceType(
    group: "aigateway.envoyproxy.io", version: "v1beta1", plural: "aiservicebackends",
    kind: "AIServiceBackend")
  public static let backendSecurityPolicies = ResourceType(
    group: "aigateway.envoyproxy.io", version: "v1beta1", plural: "backendsecuritypolicies",
    kind: "BackendSecurityPolicy")
  public static let envoyBackends = ResourceType(
    group: "gateway.envoyproxy.io", version: "v1alpha1", plural: "backends", kind: "Backend")
  public static let backendTrafficPolicies = ResourceType(
    group: "gateway.envoyproxy.io", version: "v1alpha1", plural: "backendtrafficpolicies",
    kind: "BackendTrafficPolicy")
  public static let externalSecrets = ResourceType(
    group: "external-secrets.io", version: "v1", plural: "externalsecrets", kind: "ExternalSecret")
  public static let podMonitors = ResourceType(
    group: "monitoring.coreos.com", version: "v1", plural: "podmonitors", kind: "PodMonitor")
  public static let prometheusRules = ResourceType(
    group: "monitoring.coreos.com", version: "v1", plural: "prometheusrules",
    kind: "PrometheusRule")
  public static let grafanaDashboards = ResourceType(
    group: "grafana.integreatly.org", version: "v1beta1", plural: "grafanadashboards",
    kind: "GrafanaDashboard")
  public static let scaledObjects = ResourceType(
    group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", kind: "ScaledObject")
  public static let triggerAuthentications = ResourceType(
    group: "keda.sh", version: "v1alpha1", plural: "triggerauthentications",
    kind: "TriggerAuthentication")
  public static let agentDeployments = ResourceType(
    group: "agentdeploy.dev", version: "v1alpha1", plural: "agentdeployments",
    kind: "AgentDeployment")
  public static let agentClasses = ResourceType(
    group: "agentdeploy.dev", version: "v1alpha1", plural: "agentclasses", kind: "AgentClass",
    isNamespaced: false)

  private static func core(_ plural: String, _ kind: String) -> ResourceType {
    ResourceType(group: "", version: "v1", plural: plural, kind: kind)
  }
}
