import JSON
import KubernetesAPI

/// What the escape hatches may not touch: without it the operator would lose its objects.
///
/// Checked in Swift only: a merge patch has no schema that CEL could see into.
enum ProtectedPaths {
  /// The kinds that are generated.
  static let kinds = [
    "ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Secret", "Deployment", "Service",
    "HorizontalPodAutoscaler", "ScaledObject", "TriggerAuthentication", "PodDisruptionBudget",
    "NetworkPolicy", "VirtualService", "DestinationRule", "EnvoyFilter", "HTTPRoute",
    "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication", "ServiceEntry",
    "PodMonitor", "PrometheusRule", "GrafanaDashboard",
    "ExternalSecret", "AIGatewayRoute", "AIServiceBackend", "BackendSecurityPolicy", "Backend",
    "BackendTLSPolicy", "BackendTrafficPolicy",
    "StatefulSet", "PersistentVolumeClaim",
  ]

  static let labels = [
    "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by",
    "service.istio.io/canonical-name", "service.istio.io/canonical-revision",
  ]

  static func isLabel(_ key: String) -> Bool {
    key.hasPrefix("agentdeploy.dev/") || labels.contains(key)
  }

  private static let common = [
    "apiVersion", "kind", "status", "metadata.name", "metadata.namespace",
    "metadata.generateName", "metadata.uid", "metadata.resourceVersion", "metadata.generation",
    "metadata.creationTimestamp", "metadata.deletionTimestamp", "metadata.managedFields",
    "metadata.ownerReferences", "metadata.finalizers",
  ]

  private static func paths(_ kind: String) -> [String] {
    switch kind {
    // Part of the revision, where spec.config says what is in it, or the dashboard.
    case "ConfigMap": ["data", "binaryData", "immutable"]
    case "Secret": ["data", "stringData", "immutable", "type"]
    // The number of pods belongs to spec.scaling: a scaler and a fixed number would fight.
    case "Deployment": ["spec.selector", "spec.replicas"]
    // One pod: there is no replication between several.
    case "StatefulSet": ["spec.selector", "spec.replicas", "spec.serviceName"]
    case "PersistentVolumeClaim":
      ["spec.volumeName", "spec.storageClassName", "spec.accessModes", "spec.resources"]
    case "Service": ["spec.selector"]
    case "HorizontalPodAutoscaler", "ScaledObject": ["spec.scaleTargetRef"]
    case "PodDisruptionBudget", "PeerAuthentication", "AuthorizationPolicy",
      "RequestAuthentication", "PodMonitor":
      ["spec.selector"]
    case "NetworkPolicy": ["spec.podSelector"]
    // Without a selector it would hold for every pod of the namespace.
    case "EnvoyFilter": ["spec.workloadSelector", "spec.targetRefs"]
    case "DestinationRule": ["spec.host"]
    case "ServiceEntry": ["spec.exportTo"]
    case "ExternalSecret": ["spec.target.name"]
    // Without it they would hold for something else, or nothing.
    case "BackendSecurityPolicy", "BackendTLSPolicy", "BackendTrafficPolicy": ["spec.targetRefs"]
    // What the agent may do is what spec.security.rules says, or its checks would mean nothing.
    case "Role": ["rules"]
    case "RoleBinding": ["roleRef", "subjects"]
    default: []
    }
  }

  /// Where labels are that selectors or the mesh rely on.
  private static func labelPaths(_ kind: String) -> [String] {
    ["Deployment", "StatefulSet"].contains(kind)
      ? ["metadata.labels", "spec.template.metadata.labels"] : ["metadata.labels"]
  }

  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    for (i, override) in spec.items("overrides").enumerated() {
      check(override, at: ["spec", "overrides", .index(i), "patch"], report)
    }
    if let pod = spec[path: "podTemplate", "spec"] { PodTemplateChecks.check(pod, report) }
  }

  private static func check(
    _ override: JSONValue, at path: FieldPath, _ report: (FieldError) -> Void
  ) {
    guard let kind = override["kind"]?.string, let patch = override["patch"] else { return }
    for protected in common + paths(kind) {
      if let touched = touched(by: patch, protected) {
        report(
          FieldError(
            extended(path, touched), .forbidden, "\(kind) \(protected) may not be overridden"))
      }
    }
    for protected in labelPaths(kind) {
      // Setting one label is fine; removing all of them is not.
      if let removed = removed(by: patch, protected) {
        report(
          FieldError(
            extended(path, removed), .forbidden,
            "the operator's own labels in \(kind) \(protected) may not be removed"))
        continue
      }
      var map: JSONValue? = patch
      for key in protected.split(separator: ".") { map = map?[String(key)] }
      for key in map?.object?.keys ?? [] where isLabel(key) {
        report(
          FieldError(
            extended(path, protected.split(separator: ".").map(String.init)).appending(key),
            .forbidden, "the operator's own label \(key) may not be overridden"))
      }
    }
  }

  private static func extended(_ path: FieldPath, _ keys: [String]) -> FieldPath {
    keys.reduce(path) { $0.appending($1) }
  }

  /// The part of a protected path that the patch sets, or replaces as a whole on the way to it.
  private static func touched(by patch: JSONValue, _ path: String) -> [String]? {
    var value = patch
    var walked: [String] = []
    for key in path.split(separator: ".").map(String.init) {
      // Anything but an object on the way replaces what is below it.
      guard let object = value.object else { return walked }
      guard let next = object[key] else { return nil }
      walked.append(key)
      value = next
    }
    return walked
  }

  private static func removed(by patch: JSONValue, _ path: String) -> [String]? {
    guard let walked = touched(by: patch, path) else { return nil }
    var value: JSONValue? = patch
    for key in walked { value = value?[key] }
    return value?.object == nil ? walked : nil
  }
}
