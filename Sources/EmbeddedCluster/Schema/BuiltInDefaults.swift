import JSON
import KubernetesAPI

/// The defaults that the API versions of built-in kinds fill in when an object is read from a
/// request (`SetDefaults_*` of Kubernetes 1.36).
enum BuiltInDefaults {
  static func apply(to object: inout JSONValue, _ gvk: GroupVersionKind) {
    switch (gvk.group, gvk.kind) {
    case ("", "Pod"):
      PodDefaults.spec(&object["spec", default: [:]], isPod: true)
    case ("apps", "Deployment"): deployment(&object["spec", default: [:]])
    case ("apps", "ReplicaSet"):
      object["spec"]?.fill("replicas", 1)
      PodDefaults.template(&object["spec", default: [:]])
    case ("apps", "StatefulSet"): statefulSet(&object["spec", default: [:]])
    case ("apps", "DaemonSet"): daemonSet(&object["spec", default: [:]])
    case ("batch", "Job"): job(&object)
    case ("batch", "CronJob"): cronJob(&object["spec", default: [:]])
    case ("", "Service"): service(&object["spec", default: [:]])
    case ("autoscaling", "HorizontalPodAutoscaler") where gvk.version == "v1":
      object["spec", default: [:]].fill("minReplicas", 1)
    case ("scheduling.k8s.io", "PriorityClass"):
      object.fill("preemptionPolicy", "PreemptLowerPriority")
    case ("storage.k8s.io", "StorageClass"):
      object.fill("reclaimPolicy", "Delete")
      object.fill("volumeBindingMode", "Immediate")
    case ("", "PodTemplate"): PodDefaults.template(&object)
    case ("autoscaling", "HorizontalPodAutoscaler"): autoscaler(&object["spec", default: [:]])
    case ("networking.k8s.io", "NetworkPolicy"): networkPolicy(&object["spec", default: [:]])
    case ("", "Secret"): secret(&object)
    case ("", "PersistentVolumeClaim"):
      claim(&object)
    case ("", "PersistentVolume"):
      object["spec"]?.fill("volumeMode", "Filesystem")
      object["spec"]?.fill("persistentVolumeReclaimPolicy", "Retain")
      object["status", default: [:]].fill("phase", "Pending")
    case ("", "Namespace"):
      object["status", default: [:]].fill("phase", "Active")
      if let name = object[path: "metadata", "name"], name.string?.isEmpty == false {
        object["metadata", default: [:]]["labels", default: [:]]
          .fill("kubernetes.io/metadata.name", name)
      }
    case ("rbac.authorization.k8s.io", "RoleBinding"),
      ("rbac.authorization.k8s.io", "ClusterRoleBinding"):
      roleBinding(&object)
    case ("", "Endpoints"):
      object.modifyEach("subsets") { subset in
        subset.modifyEach("ports") { $0.fill("protocol", "TCP") }
      }
    case ("discovery.k8s.io", "EndpointSlice"):
      object.modifyEach("ports") {
        $0.fill("name", "")
        $0.fill("protocol", "TCP")
      }
    case ("apiextensions.k8s.io", "CustomResourceDefinition"): definition(&object)
    default: break
    }
  }

  private static func deployment(_ spec: inout JSONValue) {
    spec.fill("replicas", 1)
    rollingUpdate(&spec["strategy", default: [:]], ["maxUnavailable": "25%", "maxSurge": "25%"])
    spec.fill("revisionHistoryLimit", 10)
    spec.fill("progressDeadlineSeconds", 600)
    PodDefaults.template(&spec)
  }

  private static func rollingUpdate(_ strategy: inout JSONValue, _ limits: JSONObject) {
    strategy.fill("type", "RollingUpdate")
    guard strategy["type"] == "RollingUpdate" else { return }
    strategy.fill("rollingUpdate", [:])
    for (key, value) in limits { strategy["rollingUpdate"]?.fill(key, value) }
  }

  private static func statefulSet(_ spec: inout JSONValue) {
    spec.fill("podManagementPolicy", "OrderedReady")
    rollingUpdate(&spec["updateStrategy", default: [:]], ["partition": 0])
    spec.fill("replicas", 1)
    spec.fill("revisionHistoryLimit", 10)
    spec.fill("persistentVolumeClaimRetentionPolicy", [:])
    spec["persistentVolumeClaimRetentionPolicy"]?.fill("whenDeleted", "Retain")
    spec["persistentVolumeClaimRetentionPolicy"]?.fill("whenScaled", "Retain")
    PodDefaults.template(&spec)
    spec.modifyEach("volumeClaimTemplates") { template in
      template["kind"] = "PersistentVolumeClaim"
      template["apiVersion"] = "v1"
      claim(&template)
    }
  }

  private static func daemonSet(_ spec: inout JSONValue) {
    rollingUpdate(&spec["updateStrategy", default: [:]], ["maxUnavailable": 1, "maxSurge": 0])
    spec.fill("revisionHistoryLimit", 10)
    PodDefaults.template(&spec)
  }

  private static func job(_ object: inout JSONValue) {
    var spec = object["spec"] ?? [:]
    if spec["completions"] == nil && spec["parallelism"] == nil { spec["completions"] = 1 }
    spec.fill("parallelism", 1)
    spec.fill("backoffLimit", spec["backoffLimitPerIndex"] == nil ? 6 : 2_147_483_647)
    spec.fill("completionMode", "NonIndexed")
    spec.fill("suspend", false)
    spec.fill("manualSelector", false)
    spec.fill(
      "podReplacementPolicy", spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed")
    PodDefaults.template(&spec)
    object["spec"] = spec
    let labels = spec[path: "template", "metadata", "labels"]
    if let labels, object[path: "metadata", "labels"] == nil {
      object["metadata", default: [:]]["labels"] = labels
    }
  }

  private static func cronJob(_ spec: inout JSONValue) {
    spec.fill("concurrencyPolicy", "Allow")
    spec.fill("suspend", false)
    spec.fill("successfulJobsHistoryLimit", 3)
    spec.fill("failedJobsHistoryLimit", 1)
    PodDefaults.template(&spec["jobTemplate", default: [:]]["spec", default: [:]])
  }

  private static func service(_ spec: inout JSONValue) {
    spec.fill("sessionAffinity", "None")
    if spec["sessionAffinity"] == "ClientIP" {
      spec.fill("sessionAffinityConfig", ["clientIP": ["timeoutSeconds": 10800]])
    }
    spec.fill("type", "ClusterIP")
    spec.modifyEach("ports") { port in
      port.fill("protocol", "TCP")
      if port["targetPort"] == nil || port["targetPort"] == 0 || port["targetPort"] == "" {
        port["targetPort"] = port["port"] ?? 0
      }
    }
    let type = spec["type"]?.string ?? ""
    if ServiceAllocation.isReachableFromOutside(spec) {
      spec.fill("externalTrafficPolicy", "Cluster")
    }
    if type == "NodePort" || type == "LoadBalancer" || type == "ClusterIP" {
      spec.fill("internalTrafficPolicy", "Cluster")
    }
    if type == "LoadBalancer" { spec.fill("allocateLoadBalancerNodePorts", true) }
  }

  private static func autoscaler(_ spec: inout JSONValue) {
    spec.fill("minReplicas", 1)
    spec.fill(
      "metrics",
      [
        [
          "type": "Resource",
          "resource": [
            "name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80],
          ],
        ]
      ])
    guard spec["behavior"] != nil else { return }
    let percent: JSONValue = ["type": "Percent", "value": 100, "periodSeconds": 15]
    spec["behavior"]?.fill("scaleUp", [:])
    spec["behavior"]?["scaleUp"]?.fill("stabilizationWindowSeconds", 0)
    spec["behavior"]?["scaleUp"]?.fill("selectPolicy", "Max")
    spec["behavior"]?["scaleUp"]?.fill(
      "policies", [["type": "Pods", "value": 4, "periodSeconds": 15], percent])
    spec["behavior"]?.fill("scaleDown", [:])
    spec["behavior"]?["scaleDown"]?.fill("selectPolicy", "Max")
    spec["behavior"]?["scaleDown"]?.fill("policies", [percent])
  }

  private static func networkPolicy(_ spec: inout JSONValue) {
    for direction in ["ingress", "egress"] {
      spec.modifyEach(direction) { rule in
        rule.modifyEach("ports") { $0.fill("protocol", "TCP") }
      }
    }
    if spec["policyTypes"] == nil {
      let hasEgress = spec["egress"]?.array?.isEmpty == false
      spec["policyTypes"] = hasEgress ? ["Ingress", "Egress"] : ["Ingress"]
    }
  }

  private static func secret(_ object: inout JSONValue) {
    object.fill("type", "Opaque")
    // stringData is only another way to write data.
    if let texts = object["stringData"]?.object {
      for (key, value) in texts {
        object["data", default: [:]][key] = .string(
          Base64.encoded((value.string ?? "").utf8))
      }
      object["stringData"] = nil
    }
  }

  private static func claim(_ object: inout JSONValue) {
    object["spec", default: [:]].fill("volumeMode", "Filesystem")
    object["status", default: [:]].fill("phase", "Pending")
  }

  private static func roleBinding(_ object: inout JSONValue) {
    let group: JSONValue = "rbac.authorization.k8s.io"
    if object[path: "roleRef", "apiGroup"]?.string?.isEmpty != false {
      object["roleRef", default: [:]]["apiGroup"] = group
    }
    object.modifyEach("subjects") { subject in
      if subject["kind"] == "User" || subject["kind"] == "Group" {
        subject.fill("apiGroup", group)
      }
    }
  }

  private static func definition(_ object: inout JSONValue) {
    var spec = object["spec"] ?? [:]
    let kind = spec[path: "names", "kind"]?.string ?? ""
    if spec[path: "names", "singular"] == nil, !kind.isEmpty {
      spec["names", default: [:]]["singular"] = .string(kind.lowercased())
    }
    if spec[path: "names", "listKind"] == nil, !kind.isEmpty {
      spec["names", default: [:]]["listKind"] = .string(kind + "List")
    }
    spec.fill("conversion", ["strategy": "None"])
    object["spec"] = spec
  }
}

extension JSONValue {
  /// Sets a member that is missing.
  mutating func fill(_ key: String, _ value: JSONValue) {
    if self[key] == nil || self[key] == .null { self[key] = value }
  }

  /// Changes every element of a list, if there is one.
  mutating func modifyEach(_ key: String, _ change: (inout JSONValue) -> Void) {
    guard case .array(var elements)? = self[key] else { return }
    for position in elements.indices { change(&elements[position]) }
    self[key] = .array(elements)
  }
}
