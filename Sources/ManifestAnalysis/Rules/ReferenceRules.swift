import KubernetesAPI

/// Names that lead nowhere.
enum ReferenceRules {
  static let all = [configMap, secret, serviceAccount, claim, host, scaleTarget]

  private static func rule(
    _ id: String, _ faults: [String], _ title: String, why: String, fix: String,
    source: String? = nil, check: @escaping @Sendable (ManifestSet, inout RuleFindings) -> Void
  ) -> LintRule {
    LintRule(
      id, faults, .error, title, why: why, fix: fix, source: source, needsEverything: true,
      check: check)
  }

  private static let configMap = rule(
    "unresolved-config-map", ["K4"], "a ConfigMap or key is nowhere",
    why: """
      A pod whose variables or volumes name a ConfigMap or key that does not exist in its own \
      namespace stays in CreateContainerConfigError.
      """,
    fix:
      "give it in the pod's namespace, or correct the name; if it is made elsewhere, use --partial",
    source: "https://kubernetes.io/docs/concepts/configuration/configmap/"
  ) { set, found in
    for reference in PodReference.all(in: set, .configMap)
    where reference.name != "kube-root-ca.crt" {
      check(reference, in: set, set.configMaps, ["data", "binaryData"], &found)
    }
  }

  private static let secret = rule(
    "unresolved-secret", ["K4"], "a Secret or key is nowhere",
    why: """
      A pod that names a Secret or key that does not exist in its own namespace stays in \
      CreateContainerConfigError. Reported only when the input holds Secrets that people wrote: \
      elsewhere they are made in the cluster.
      """,
    fix:
      "give it in the pod's namespace, or correct the name; if it is made elsewhere, use --partial",
    source: "https://kubernetes.io/docs/concepts/configuration/secret/"
  ) { set, found in
    let written =
      set.secrets + set.all("bitnami.com", "SealedSecret")
      + set.all("external-secrets.io", "ExternalSecret")
    guard written.contains(where: { !$0.isRendered }) else { return }
    let made = Set(
      set.objects.compactMap { object -> ObjectKey? in
        let name: String? =
          switch object.kind {
          case "SealedSecret": object.name
          case "ExternalSecret": object.spec["target"]["name"].string ?? object.name
          case "Certificate": object.spec["secretName"].string
          default: nil
          }
        return name.map { ObjectKey(namespace: object.namespace, name: $0) }
      })
    for reference in PodReference.all(in: set, .secret) {
      let key = ObjectKey(namespace: reference.node.object.namespace, name: reference.name)
      if !made.contains(key) {
        check(reference, in: set, set.secrets, ["data", "stringData"], &found)
      }
    }
  }

  private static func check(
    _ reference: PodReference, in set: ManifestSet, _ objects: [ManifestObject], _ maps: [String],
    _ found: inout RuleFindings
  ) {
    let namespace = reference.node.object.namespace
    let kind = reference.kind.rawValue
    guard let object = set.first("", kind, namespace, reference.name) else {
      found.add(
        reference.node,
        "\(kind) \(reference.name) is not in namespace \(namespace ?? "")"
          + near(reference, objects, maps))
      return
    }
    guard let key = reference.key, !maps.contains(where: { object.root[$0][key].exists }) else {
      return
    }
    found.add(reference.keyNode, "\(kind) \(reference.name) has no key \(key)")
  }

  /// What may have been meant.
  private static func near(
    _ reference: PodReference, _ objects: [ManifestObject], _ maps: [String]
  ) -> String {
    if let other = objects.first(where: { $0.name == reference.name }) {
      return "; it is in namespace \(other.namespace ?? ""), where the pod cannot reach it"
    }
    let words = Set(reference.name.split(separator: "-"))
    guard
      let other = objects.first(where: { !words.isDisjoint(with: $0.name.split(separator: "-")) })
        ?? objects.first
    else { return "" }
    var text = "; there is \(other.name) in namespace \(other.namespace ?? "")"
    if let key = reference.key, !maps.contains(where: { other.root[$0][key].exists }) {
      text += ", which has no key \(key)"
    }
    return text
  }

  private static let serviceAccount = rule(
    "unresolved-service-account", ["K4"], "a ServiceAccount is nowhere",
    why: "Pods of a ServiceAccount that does not exist are never created.",
    fix: "add the ServiceAccount to the pods' namespace",
    source: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"
  ) { set, found in
    for workload in set.workloads {
      let node = workload.podSpec["serviceAccountName"]
      guard let name = node.string, name != "default",
        set.first("", "ServiceAccount", workload.namespace, name) == nil
      else { continue }
      found.add(node, "ServiceAccount \(name) is not in namespace \(workload.namespace ?? "")")
    }
  }

  private static let claim = rule(
    "unresolved-volume-claim", ["K4"], "a PersistentVolumeClaim is nowhere",
    why: "A pod that names a claim that does not exist stays Pending.",
    fix: "add the claim, or use a StatefulSet with volumeClaimTemplates",
    source: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/"
  ) { set, found in
    for workload in set.workloads {
      for volume in workload.podSpec["volumes"].elements {
        let node = volume["persistentVolumeClaim"]["claimName"]
        guard let name = node.string,
          set.first("", "PersistentVolumeClaim", workload.namespace, name) == nil
        else { continue }
        found.add(
          node, "PersistentVolumeClaim \(name) is not in namespace \(workload.namespace ?? "")")
      }
    }
  }

  private static let scaleTarget = rule(
    "unresolved-scale-target", ["K4"], "what is to be scaled is nowhere",
    why: "An autoscaler whose target does not exist scales nothing.",
    fix: "correct scaleTargetRef; it must be in the autoscaler's namespace",
    source: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"
  ) { set, found in
    let scalers = set.autoscalers + set.all("keda.sh", "ScaledObject")
    for scaler in scalers {
      let target = scaler.spec["scaleTargetRef"]
      let kind = target["kind"].string ?? "Deployment"
      guard let name = target["name"].string, kind == "Deployment" || kind == "StatefulSet",
        set.first("apps", kind, scaler.namespace, name) == nil
      else { continue }
      found.add(target["name"], "\(kind) \(name) is not in namespace \(scaler.namespace ?? "")")
    }
  }

  private static let host = rule(
    "unresolved-host", ["I10", "K4"], "a host without a Service",
    why: """
      A route to a host that no Service or ServiceEntry defines has no endpoints: every request is \
      answered 503. A configuration that names such a host fails to connect.
      """,
    fix: "add the Service, and write its full name: NAME.NAMESPACE.svc.cluster.local",
    source: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination"
  ) { set, found in
    for service in set.virtualServices {
      for route in service.spec["http"].elements + service.spec["tcp"].elements {
        for target in route["route"].elements + [route["mirror"]].filter(\.exists) {
          let node = target["destination"].exists ? target["destination"] : target
          checkHost(node["host"], port: node["port"]["number"], set, &found)
        }
      }
    }
    for rule in set.destinationRules {
      checkHost(rule.spec["host"], port: nil, set, &found)
    }
    checkConfiguredHosts(set, &found)
  }

  private static func checkHost(
    _ node: ManifestNode, port: ManifestNode?, _ set: ManifestSet, _ found: inout RuleFindings
  ) {
    guard let host = node.string, let (name, namespace) = serviceName(host, node.object.namespace)
    else { return }
    guard let service = set.first("", "Service", namespace, name) else {
      found.add(node, "no Service \(name) in namespace \(namespace): the route has no endpoints")
      return
    }
    guard let port, let number = port.int,
      !service.spec["ports"].elements.contains(where: { $0["port"].int == number })
    else { return }
    found.add(port, "Service \(name) has no port \(number)")
  }

  /// Of a short or a full in-cluster name; nil for hosts elsewhere.
  private static func serviceName(
    _ host: String, _ namespace: String?
  ) -> (name: String, namespace: String)? {
    let parts = host.split(separator: ".").map(String.init)
    if parts.count == 1, host != "*" { return (host, namespace ?? "default") }
    if parts.count >= 3, parts[2] == "svc" { return (parts[0], parts[1]) }
    return nil
  }

  /// Full in-cluster names in ConfigMaps, for namespaces that the input brings as a whole: their
  /// Namespace object is in it.
  private static func checkConfiguredHosts(_ set: ManifestSet, _ found: inout RuleFindings) {
    let whole = Set(set.all("", "Namespace").map(\.name))
    for config in set.configMaps {
      for value in config.root["data"].members {
        guard let text = value.string, text.contains(".svc"), !text.contains("\n") else { continue }
        let afterScheme = text.split(separator: "/").first { $0.contains(".svc") } ?? ""
        let host = afterScheme.split(separator: ":").first.map(String.init) ?? ""
        guard let (name, namespace) = serviceName(host, nil), whole.contains(namespace),
          set.first("", "Service", namespace, name) == nil
        else { continue }
        found.add(value, "no Service \(name) in namespace \(namespace), which the input defines")
      }
    }
  }
}

/// A place in a pod that names a ConfigMap or a Secret.
struct PodReference {
  enum Kind: String {
    case configMap = "ConfigMap"
    case secret = "Secret"
  }

  var kind: Kind
  var name: String
  /// Nil when all of it is meant.
  var key: String?
  /// Of the name.
  var node: ManifestNode
  var keyNode: ManifestNode

  /// Optional references are left out.
  static func all(in set: ManifestSet, _ kind: Kind) -> [PodReference] {
    let isSecret = kind == .secret
    var all: [PodReference] = []
    func add(_ node: ManifestNode, _ nameField: String, _ keys: [ManifestNode] = []) {
      guard let name = node[nameField].string, node["optional"].bool != true else { return }
      if keys.isEmpty {
        all.append(
          PodReference(
            kind: kind, name: name, node: node[nameField], keyNode: node[nameField]))
      }
      for key in keys {
        all.append(
          PodReference(
            kind: kind, name: name, key: key.string, node: node[nameField], keyNode: key))
      }
    }
    for workload in set.workloads {
      for container in workload.allContainers {
        for variable in container["env"].elements {
          let source = variable["valueFrom"][isSecret ? "secretKeyRef" : "configMapKeyRef"]
          if source.exists { add(source, "name", [source["key"]]) }
        }
        for source in container["envFrom"].elements {
          add(source[isSecret ? "secretRef" : "configMapRef"], "name")
        }
      }
      for volume in workload.podSpec["volumes"].elements {
        let sources = [volume] + volume["projected"]["sources"].elements
        for (i, source) in sources.enumerated() {
          let body = source[isSecret ? "secret" : "configMap"]
          guard body.exists else { continue }
          add(
            body, isSecret && i == 0 ? "secretName" : "name",
            body["items"].elements.map { $0["key"] })
        }
      }
    }
    return all
  }
}
