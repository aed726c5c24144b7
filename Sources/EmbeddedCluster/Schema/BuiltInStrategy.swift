import JSON
import KubernetesAPI

/// What the server itself sets or keeps when an object of a built-in kind is stored
/// (`PrepareForCreate` and `PrepareForUpdate` of the registries of Kubernetes 1.36).
enum BuiltInStrategy {
  /// Kinds whose generation counts changes of the spec.
  static func hasGeneration(_ gvk: GroupVersionKind) -> Bool {
    switch gvk.group {
    case "apps": gvk.kind != "ControllerRevision"
    case "batch", "policy", "apiextensions.k8s.io", "discovery.k8s.io": true
    case "networking.k8s.io": true
    case "": ["Pod", "PodTemplate", "ReplicationController"].contains(gvk.kind)
    default: false
    }
  }

  /// The member of the metadata that a write to the status leaves as it is, beside what only the
  /// server sets; with all others such a write does what it wants.
  static func metadataKeptByStatus(_ gvk: GroupVersionKind) -> String? {
    switch gvk.kind {
    case "Deployment": "labels"
    case "Pod": "ownerReferences"
    default: nil
    }
  }

  static func prepareCreate(
    _ object: inout JSONValue, _ gvk: GroupVersionKind, _ empty: JSONValue,
    _ context: RulesContext
  ) {
    if hasGeneration(gvk) { object["metadata"]?["generation"] = 1 }
    if let status = empty["status"], gvk.kind != "Node", gvk.kind != "TokenReview",
      !gvk.kind.hasSuffix("AccessReview"), !gvk.kind.hasSuffix("RulesReview")
    {
      object["status"] = status
    }
    switch (gvk.group, gvk.kind) {
    case ("", "Pod"):
      object["status"] = ["phase": "Pending", "qosClass": .string(qualityOfService(object))]
    case ("", "Namespace"):
      object["status"] = ["phase": "Active"]
      object["spec"] = ["finalizers": ["kubernetes"]]
    case ("", "PersistentVolumeClaim"):
      object["status"] = ["phase": "Pending"]
      addFinalizer("kubernetes.io/pvc-protection", to: &object)
    case ("", "PersistentVolume"):
      object["status"] = ["phase": "Pending"]
      addFinalizer("kubernetes.io/pv-protection", to: &object)
    case ("", "Service"):
      ServiceAllocation.allocate(&object["spec", default: [:]], old: nil, context)
    case ("batch", "Job"): prepareJob(&object)
    case ("apiextensions.k8s.io", "CustomResourceDefinition"):
      let stored = object[path: "spec", "versions"]?.array?.filter { $0["storage"] == true }
      let names = (stored ?? []).compactMap { $0["name"] }
      object["status"]?["storedVersions"] = names.isEmpty ? .null : .array(names)
    default: break
    }
  }

  static func prepareUpdate(
    _ object: inout JSONValue, _ old: JSONValue, _ gvk: GroupVersionKind, _ subresource: String?,
    _ context: RulesContext
  ) {
    if subresource == "status" {
      let sent = object
      object = old
      object["status"] = sent["status"]
      object["metadata"] = sent["metadata"]
      if let key = metadataKeptByStatus(gvk) {
        object["metadata"]?[key] = old["metadata"]?[key]
      }
      return
    }
    if gvk.kind != "Node" && gvk.kind != "Event" { object["status"] = old["status"] }
    switch (gvk.group, gvk.kind) {
    case ("", "Namespace"):
      if subresource != "finalize" {
        object["spec"]?["finalizers"] = old[path: "spec", "finalizers"]
      }
    case ("", "Service"):
      ServiceAllocation.dropUnused(&object["spec", default: [:]], old: old["spec"] ?? [:])
      ServiceAllocation.allocate(&object["spec", default: [:]], old: old["spec"], context)
      if object[path: "spec", "type"] != "LoadBalancer" {
        object["status", default: [:]]["loadBalancer"] = [:]
      }
    case ("apiextensions.k8s.io", "CustomResourceDefinition"): addStoredVersion(to: &object)
    case ("batch", "Job"):
      if object[path: "spec", "selector"] == nil {
        object["spec"]?["selector"] = old[path: "spec", "selector"]
        for (key, value) in old[path: "spec", "template", "metadata", "labels"]?.object ?? [:]
        where key.hasSuffix("controller-uid") || key.hasSuffix("job-name") {
          object["spec"]?["template"]?["metadata", default: [:]]["labels", default: [:]][key] =
            value
        }
      }
    default: break
    }
    guard hasGeneration(gvk) else { return }
    let generation = old[path: "metadata", "generation"]?.int ?? 0
    var isChanged = object["spec"] != old["spec"]
    if gvk.kind == "PodTemplate" { isChanged = object["template"] != old["template"] }
    if gvk.kind == "EndpointSlice" {
      isChanged = object["endpoints"] != old["endpoints"] || object["ports"] != old["ports"]
    }
    // Why: the Deployment controller copies annotations to its ReplicaSets.
    if gvk.kind == "Deployment",
      object[path: "metadata", "annotations"] != old[path: "metadata", "annotations"]
    {
      isChanged = true
    }
    object["metadata", default: [:]]["generation"] = JSONValue(
      isChanged ? generation + 1 : generation)
  }

  /// Objects may be stored in every version that has been the storage version.
  private static func addStoredVersion(to definition: inout JSONValue) {
    let stored = definition[path: "status", "storedVersions"]?.array ?? []
    let versions = definition[path: "spec", "versions"]?.array ?? []
    let new = versions.filter { $0["storage"] == true }.compactMap { $0["name"] }
      .filter { !stored.contains($0) }
    guard !new.isEmpty else { return }
    definition["status", default: [:]]["storedVersions"] = .array(stored + new)
  }

  private static func addFinalizer(_ name: String, to object: inout JSONValue) {
    let present = object[path: "metadata", "finalizers"]?.array ?? []
    if !present.contains(.string(name)) {
      object["metadata", default: [:]]["finalizers"] = .array(present + [.string(name)])
    }
  }

  private static func prepareJob(_ object: inout JSONValue) {
    guard object[path: "spec", "manualSelector"] != true,
      let uid = object[path: "metadata", "uid"]
    else { return }
    let name = object[path: "metadata", "name"] ?? ""
    object["spec"]?["selector", default: [:]]["matchLabels", default: [:]][
      "batch.kubernetes.io/controller-uid"] = uid
    for prefix in ["batch.kubernetes.io/", ""] {
      object["spec"]?["template"]?["metadata", default: [:]]["labels", default: [:]][
        prefix + "controller-uid"] = uid
      object["spec"]?["template"]?["metadata", default: [:]]["labels", default: [:]][
        prefix + "job-name"] = name
    }
    if object[path: "metadata", "labels"] == nil {
      let labels = object[path: "spec", "template", "metadata", "labels"]
      object["metadata"]?["labels"] = labels
    }
  }

  /// https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
  private static func qualityOfService(_ pod: JSONValue) -> String {
    let containers =
      (pod[path: "spec", "containers"]?.array ?? [])
      + (pod[path: "spec", "initContainers"]?.array ?? [])
    var isGuaranteed = true
    var hasAny = false
    for container in containers {
      let limits = container[path: "resources", "limits"]
      let requests = container[path: "resources", "requests"]
      for name in ["cpu", "memory"] {
        if limits?[name] != nil || requests?[name] != nil { hasAny = true }
        if limits?[name] == nil || requests?[name] ?? limits?[name] != limits?[name] {
          isGuaranteed = false
        }
      }
    }
    return !hasAny ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
  }
}
