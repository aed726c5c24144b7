import JSON

/// Defaults of pods and of the templates they are made from.
enum PodDefaults {
  /// Defaults of `template` inside a workload's spec.
  static func template(_ spec: inout JSONValue) {
    Self.spec(&spec["template", default: [:]]["spec", default: [:]], isPod: false)
  }

  /// - Parameter isPod: a pod itself, for which some more is filled in than for templates.
  static func spec(_ spec: inout JSONValue, isPod: Bool) {
    spec.fill("restartPolicy", "Always")
    spec.fill("terminationGracePeriodSeconds", 30)
    spec.fill("dnsPolicy", "ClusterFirst")
    spec.fill("securityContext", [:])
    spec.fill("schedulerName", "default-scheduler")
    if isPod { spec.fill("enableServiceLinks", true) }
    // The old and the new name of one field.
    if let account = spec["serviceAccountName"] ?? spec["serviceAccount"] {
      spec["serviceAccountName"] = account
      spec["serviceAccount"] = account
    }
    let usesHostNetwork = spec["hostNetwork"] == true
    for list in ["initContainers", "containers", "ephemeralContainers"] {
      spec.modifyEach(list) { container(&$0, usesHostNetwork, isPod) }
    }
    spec.modifyEach("volumes", volume)
  }

  private static func container(
    _ container: inout JSONValue, _ usesHostNetwork: Bool, _ isPod: Bool
  ) {
    container.fill("terminationMessagePath", "/dev/termination-log")
    container.fill("terminationMessagePolicy", "File")
    let image = container["image"]?.string ?? ""
    container.fill("imagePullPolicy", isLatest(image) ? "Always" : "IfNotPresent")
    container.modifyEach("ports") { port in
      port.fill("protocol", "TCP")
      if usesHostNetwork, let number = port["containerPort"] { port.fill("hostPort", number) }
    }
    container.modifyEach("env") { variable in
      if variable[path: "valueFrom", "fieldRef"] != nil {
        variable["valueFrom"]?["fieldRef"]?.fill("apiVersion", "v1")
      }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"]
    where container[probe] != nil {
      container[probe]?.fill("timeoutSeconds", 1)
      container[probe]?.fill("periodSeconds", 10)
      container[probe]?.fill("successThreshold", 1)
      container[probe]?.fill("failureThreshold", 3)
      if container[path: probe, "httpGet"] != nil {
        container[probe]?["httpGet"]?.fill("scheme", "HTTP")
        container[probe]?["httpGet"]?.fill("path", "/")
      }
      if container[path: probe, "grpc"] != nil {
        container[probe]?["grpc"]?.fill("service", "")
      }
    }
    for hook in ["postStart", "preStop"] where container[path: "lifecycle", hook, "httpGet"] != nil
    {
      container["lifecycle"]?[hook]?["httpGet"]?.fill("scheme", "HTTP")
      container["lifecycle"]?[hook]?["httpGet"]?.fill("path", "/")
    }
    if isPod, let limits = container[path: "resources", "limits"]?.object {
      for (name, limit) in limits {
        container["resources"]?["requests", default: [:]].fill(name, limit)
      }
    }
  }

  /// Whether an image has no tag or the tag `latest`, and no digest.
  private static func isLatest(_ image: String) -> Bool {
    guard !image.contains("@") else { return false }
    let name = image.split(separator: "/").last ?? ""
    guard let colon = name.lastIndex(of: ":") else { return true }
    return name[name.index(after: colon)...] == "latest"
  }

  private static func volume(_ volume: inout JSONValue) {
    if (volume.object?.count ?? 0) <= 1, volume["name"] != nil { volume["emptyDir"] = [:] }
    for source in ["secret", "configMap", "downwardAPI", "projected"] where volume[source] != nil {
      volume[source]?.fill("defaultMode", 420)
    }
    if volume["hostPath"] != nil { volume["hostPath"]?.fill("type", "") }
    volume["downwardAPI"]?.modifyEach("items", fieldReference)
    volume["projected"]?.modifyEach("sources") { source in
      if source["serviceAccountToken"] != nil {
        source["serviceAccountToken"]?.fill("expirationSeconds", 3600)
      }
      if source["downwardAPI"] != nil { source["downwardAPI"]?.modifyEach("items", fieldReference) }
    }
    if volume["ephemeral"] != nil {
      volume["ephemeral"]?["volumeClaimTemplate"]?["spec"]?.fill("volumeMode", "Filesystem")
    }
  }

  private static func fieldReference(_ item: inout JSONValue) {
    if item["fieldRef"] != nil { item["fieldRef"]?.fill("apiVersion", "v1") }
  }
}
