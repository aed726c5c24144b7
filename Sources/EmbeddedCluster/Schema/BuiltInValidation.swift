import JSON
import KubernetesAPI

/// Validation of built-in kinds (`pkg/apis/*/validation` of Kubernetes 1.36): the rules that
/// clients meet, not all there are.
enum BuiltInValidation {
  static func create(_ object: JSONValue, _ gvk: GroupVersionKind) -> [FieldCause] {
    var causes: [FieldCause] = []
    kind(object, gvk, isUpdate: false, &causes)
    return causes
  }

  static func update(
    old: JSONValue, new: JSONValue, _ gvk: GroupVersionKind, _ subresource: String?
  ) -> [FieldCause] {
    if subresource == "status" { return [] }
    var causes: [FieldCause] = []
    kind(new, gvk, isUpdate: true, &causes)
    func immutable(_ path: String...) {
      var (before, after): (JSONValue?, JSONValue?) = (old, new)
      for key in path {
        before = before?[key]
        after = after?[key]
      }
      if before != after {
        causes.append(
          .invalid(
            path.joined(separator: "."), after?.serialized() ?? "null", "field is immutable"))
      }
    }
    switch (gvk.group, gvk.kind) {
    case ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "DaemonSet"):
      immutable("spec", "selector")
    case ("apps", "StatefulSet"):
      var (before, after) = (old["spec"] ?? [:], new["spec"] ?? [:])
      for key in [
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
      ] {
        before[key] = nil
        after[key] = nil
      }
      if before != after {
        causes.append(
          .forbidden(
            "spec",
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
              + "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' "
              + "and 'minReadySeconds' are forbidden"))
      }
    case ("batch", "Job"):
      immutable("spec", "selector")
      immutable("spec", "template")
      immutable("spec", "completionMode")
    case ("", "Secret"):
      dataUpdate(old, new, ["data"], &causes)
      immutable("type")
    case ("", "ConfigMap"): dataUpdate(old, new, ["data", "binaryData"], &causes)
    case ("", "Service"): NetworkValidation.serviceUpdate(old, new, &causes)
    case ("", "Pod"): podUpdate(old, new, &causes)
    case ("rbac.authorization.k8s.io", "RoleBinding"),
      ("rbac.authorization.k8s.io", "ClusterRoleBinding"):
      if old["roleRef"] != new["roleRef"] {
        causes.append(
          .invalid(
            "roleRef", (new["roleRef"] ?? .null).serialized(), "cannot change roleRef"))
      }
    case ("", "PersistentVolumeClaim"):
      var (before, after) = (old["spec"] ?? [:], new["spec"] ?? [:])
      for key in ["resources", "volumeName", "volumeAttributesClassName"] {
        before[key] = nil
        after[key] = nil
      }
      if before != after {
        causes.append(
          .forbidden(
            "spec",
            "spec is immutable after creation except resources.requests and "
              + "volumeAttributesClassName for bound claims"))
      }
    case ("storage.k8s.io", "StorageClass"):
      for key in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
        immutable(key)
      }
    case (_, "Event"):
      if gvk.group == "events.k8s.io" || new["eventTime"]?.string != nil {
        eventUpdate(old, new, gvk, &causes)
      }
    default: break
    }
    return causes
  }

  private static func kind(
    _ object: JSONValue, _ gvk: GroupVersionKind, isUpdate: Bool, _ causes: inout [FieldCause]
  ) {
    let spec = object["spec"] ?? [:]
    switch (gvk.group, gvk.kind) {
    case ("", "Pod"): PodValidation.spec(spec, "spec", &causes)
    case ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"),
      ("apps", "DaemonSet"):
      WorkloadValidation.workload(spec, gvk.kind, &causes)
    case ("batch", "Job"): WorkloadValidation.job(spec, "spec", &causes)
    case ("batch", "CronJob"): WorkloadValidation.cronJob(spec, &causes)
    case ("autoscaling", "HorizontalPodAutoscaler"):
      WorkloadValidation.autoscaler(spec, &causes)
    case ("policy", "PodDisruptionBudget"): WorkloadValidation.disruptionBudget(spec, &causes)
    case ("", "Service"): NetworkValidation.service(spec, &causes)
    case ("networking.k8s.io", "Ingress"): NetworkValidation.ingress(spec, &causes)
    case ("networking.k8s.io", "NetworkPolicy"): NetworkValidation.policy(spec, &causes)
    case ("", "ConfigMap"): configMap(object, &causes)
    case ("", "Secret"): secret(object, &causes)
    case ("coordination.k8s.io", "Lease"): lease(spec, &causes)
    case ("events.k8s.io", "Event"): event(object, &causes)
    case ("apiextensions.k8s.io", "CustomResourceDefinition"):
      DefinitionValidation.check(object, &causes)
    case ("", "PodTemplate"):
      PodValidation.spec(object[path: "template", "spec"] ?? [:], "template.spec", &causes)
    case ("storage.k8s.io", "StorageClass"): storageClass(object, &causes)
    case ("", "PersistentVolumeClaim"):
      if spec["accessModes"]?.array?.isEmpty != false {
        causes.append(.required("spec.accessModes", "at least 1 access mode is required"))
      }
      if spec[path: "resources", "requests", "storage"] == nil {
        causes.append(.required("spec.resources[storage]"))
      }
    case ("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "ClusterRole"):
      for (position, rule) in (object["rules"]?.array ?? []).enumerated()
      where rule["verbs"]?.array?.isEmpty != false {
        causes.append(
          .required("rules[\(position)].verbs", "verbs must contain at least one value"))
      }
    case ("rbac.authorization.k8s.io", _):
      if object[path: "roleRef", "name"]?.string?.isEmpty != false {
        causes.append(.required("roleRef.name", ""))
      }
    default: break
    }
  }

  private static func storageClass(_ object: JSONValue, _ causes: inout [FieldCause]) {
    if object["provisioner"]?.string?.isEmpty != false { causes.append(.required("provisioner")) }
    PodValidation.oneOf(object["reclaimPolicy"], ["Delete", "Retain"], "reclaimPolicy", &causes)
    PodValidation.oneOf(
      object["volumeBindingMode"], ["Immediate", "WaitForFirstConsumer"], "volumeBindingMode",
      &causes)
  }

  static let maximumDataBytes = 1 << 20

  private static func configMap(_ object: JSONValue, _ causes: inout [FieldCause]) {
    var size = 0
    for (key, value) in object["data"]?.object ?? [:] {
      dataKey(key, "data", &causes)
      if object[path: "binaryData", key] != nil {
        causes.append(
          .invalid(
            "data[\(key)]", JSONValue.string(key).serialized(),
            "duplicate of key present in binaryData"))
      }
      size += value.string?.utf8.count ?? 0
    }
    for (key, value) in object["binaryData"]?.object ?? [:] {
      dataKey(key, "binaryData", &causes)
      size += Base64.decodedCount(value.string ?? "")
    }
    if size > maximumDataBytes { causes.append(.tooLong("[]", maximumDataBytes)) }
  }

  private static func secret(_ object: JSONValue, _ causes: inout [FieldCause]) {
    let data = object["data"]?.object ?? [:]
    var size = 0
    for (key, value) in data {
      dataKey(key, "data", &causes)
      size += Base64.decodedCount(value.string ?? "")
    }
    if size > maximumDataBytes { causes.append(.tooLong("data", maximumDataBytes)) }
    let required: [String] =
      switch object["type"]?.string {
      case "kubernetes.io/tls": ["tls.crt", "tls.key"]
      case "kubernetes.io/ssh-auth": ["ssh-privatekey"]
      case "kubernetes.io/dockerconfigjson": [".dockerconfigjson"]
      case "kubernetes.io/dockercfg": [".dockercfg"]
      default: []
      }
    for key in required where data[key] == nil { causes.append(.required("data[\(key)]")) }
    if object["type"] == "kubernetes.io/service-account-token",
      object[path: "metadata", "annotations", "kubernetes.io/service-account.name"] == nil
    {
      causes.append(.required("metadata.annotations[kubernetes.io/service-account.name]"))
    }
  }

  private static func dataKey(_ key: String, _ field: String, _ causes: inout [FieldCause]) {
    if let fault = NameMessages.configKey(key) {
      causes.append(.invalid("\(field)[\(key)]", JSONValue.string(key).serialized(), fault))
    }
  }

  private static func dataUpdate(
    _ old: JSONValue, _ new: JSONValue, _ fields: [String], _ causes: inout [FieldCause]
  ) {
    guard old["immutable"] == true else { return }
    let isSecret = fields == ["data"]
    if new["immutable"] != true {
      causes.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
    }
    for field in fields where old[field] != new[field] {
      causes.append(.forbidden(field, "field is immutable when `immutable` is set"))
    }
    if isSecret, old["type"] != new["type"] {
      causes.append(.forbidden("type", "field is immutable when `immutable` is set"))
    }
  }

  private static func lease(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    if let seconds = spec["leaseDurationSeconds"]?.int, seconds <= 0 {
      causes.append(
        .invalid("spec.leaseDurationSeconds", String(seconds), "must be greater than 0"))
    }
    if let count = spec["leaseTransitions"]?.int, count < 0 {
      causes.append(
        .invalid("spec.leaseTransitions", String(count), "must be greater than or equal to 0"))
    }
  }

  private static func event(_ object: JSONValue, _ causes: inout [FieldCause]) {
    let namespace = object[path: "metadata", "namespace"]?.string ?? ""
    let regarding = object[path: "regarding", "namespace"]?.string ?? ""
    if regarding != namespace, !(regarding.isEmpty && namespace == "default") {
      causes.append(
        .invalid(
          "involvedObject.namespace", "\"\(regarding)\"", "does not match event.namespace"))
    }
    guard object["eventTime"]?.string != nil else {
      causes.append(.required("eventTime"))
      if let type = object["type"]?.string, type != "Normal", type != "Warning" {
        causes.append(.invalid("type", "\"\"", "has invalid value: \(type)"))
      }
      return
    }
    for (field, name) in [
      ("reportingController", "reportingController"), ("reportingInstance", "reportingInstance"),
      ("action", "action"), ("reason", "reason"),
    ] where object[field]?.string?.isEmpty != false {
      causes.append(.required(name))
    }
    if let type = object["type"]?.string, type != "Normal", type != "Warning" {
      causes.append(.invalid("type", "\"\"", "has invalid value: \(type)"))
    }
  }

  private static func eventUpdate(
    _ old: JSONValue, _ new: JSONValue, _ gvk: GroupVersionKind, _ causes: inout [FieldCause]
  ) {
    let names = [
      ("regarding", "involvedObject"), ("reason", "reason"), ("note", "message"), ("type", "type"),
      ("eventTime", "eventTime"), ("action", "action"), ("related", "related"),
      ("reportingController", "reportingController"), ("reportingInstance", "reportingInstance"),
    ]
    for (field, shown) in names {
      let key = gvk.group.isEmpty ? shown : field
      if old[key] != new[key] {
        causes.append(
          .invalid(shown, new[key]?.serialized() ?? "\"\"", "field is immutable"))
      }
    }
  }

  private static func podUpdate(
    _ old: JSONValue, _ new: JSONValue, _ causes: inout [FieldCause]
  ) {
    func comparable(_ pod: JSONValue) -> JSONValue {
      var spec = pod["spec"] ?? [:]
      for list in ["containers", "initContainers"] { spec.modifyEach(list) { $0["image"] = nil } }
      for key in [
        "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName",
        "schedulingGates", "ephemeralContainers",
      ] {
        spec[key] = nil
      }
      return spec
    }
    if comparable(old) != comparable(new) {
      causes.append(
        .forbidden(
          "spec",
          "pod updates may not change fields other than `spec.containers[*].image`,"
            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
            + "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
            + "(allow it to be set to 1 if it was previously negative)"))
    }
  }
}
