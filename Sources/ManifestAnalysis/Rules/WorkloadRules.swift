import KubernetesAPI

/// How pods are made, found and ended.
enum WorkloadRules {
  static let all = [volumeDeadlock, shortGrace, scrapePort, latestImage, unpinnedImage]

  private static let volumeDeadlock = LintRule(
    "deployment-volume-deadlock", ["K8"], .warning, "a rolling update waits for its own volume",
    why: """
      A rolling update starts the new pod first. It waits for a ReadWriteOnce volume that the old \
      pod holds, and the old pod waits for the new one to be ready.
      """,
    fix: "use a StatefulSet with volumeClaimTemplates, or strategy: {type: Recreate}",
    source: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes"
  ) { set, found in
    for workload in set.workloads where workload.object.kind == "Deployment" {
      guard workload.object.spec["strategy"]["type"].string != "Recreate" else { continue }
      for volume in workload.podSpec["volumes"].elements {
        let node = volume["persistentVolumeClaim"]["claimName"]
        guard let name = node.string, volume["persistentVolumeClaim"]["readOnly"].bool != true
        else { continue }
        let claim = set.first("", "PersistentVolumeClaim", workload.namespace, name)
        let modes = claim?.spec["accessModes"].elements.compactMap(\.string) ?? []
        guard !modes.contains("ReadWriteMany"), !modes.contains("ReadOnlyMany") else { continue }
        found.add(node, "the new pod of an update waits for \(name), which the old one holds")
      }
    }
  }

  private static let shortGrace = LintRule(
    "grace-shorter-than-shutdown", ["K16"], .warning, "pods are killed before they have shut down",
    why: """
      After terminationGracePeriodSeconds, 30 by default, a pod is killed, whatever its own \
      configuration says. preStop counts in. Live conversations die.
      """,
    fix: "terminationGracePeriodSeconds: preStop + shutdown + 15",
    source: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"
  ) { set, found in
    let readers = ConfigReaders(set)
    for config in set.configMaps {
      for setting in config.root["data"].members {
        guard let key = setting.key?.lowercased(), key.hasSuffix("graceful_shutdown_timeout"),
          let seconds = setting.string.flatMap({
            Int($0.hasSuffix("s") ? String($0.dropLast()) : $0)
          })
        else { continue }
        for workload in readers.workloads(of: config) {
          let node = workload.podSpec["terminationGracePeriodSeconds"]
          let grace = node.int ?? 30
          let preStop =
            workload.containers.compactMap { $0[["lifecycle", "preStop", "sleep", "seconds"]].int }
            .max() ?? 0
          guard grace < seconds + preStop else { continue }
          found.add(
            node.exists ? node : workload.podSpec,
            atKey: !node.exists,
            "killed after \(grace) s, but \(setting.key ?? "") of ConfigMap \(config.name) says "
              + "\(seconds) s\(preStop > 0 ? ", after \(preStop) s of preStop" : "")")
        }
      }
    }
  }

  private static let scrapePort = LintRule(
    "scrape-port-mismatch", ["K17"], .warning, "the wrong port is scraped",
    why: """
      prometheus.io/port names one port, and the container calls another one its metrics port. \
      What is scraped is the application's own port, and an answer that is no exposition is dropped.
      """,
    fix: "name the metrics port in prometheus.io/port, or use a ServiceMonitor"
  ) { set, found in
    for workload in set.workloads {
      let annotation = workload.podMetadata["annotations"]["prometheus.io/port"]
      let ports = workload.containers.flatMap { $0["ports"].elements }
      guard let port = annotation.text, port != "15020",
        let metrics = ports.first(where: { $0["name"].string?.contains("metrics") == true }),
        let number = metrics["containerPort"].int, String(number) != port
      else { continue }
      found.add(annotation, "port \(port) is scraped, but metrics are at \(number)")
    }
  }

  /// The tag of an image; nil when a digest pins it.
  static func tag(of image: String) -> String? {
    guard !image.contains("@sha256:") else { return nil }
    let name = image.split(separator: "/").last ?? ""
    guard let colon = name.firstIndex(of: ":") else { return "latest" }
    return String(name[name.index(after: colon)...])
  }

  private static let latestImage = LintRule(
    "image-latest", ["K21"], .warning, "latest cannot be rolled back",
    why: "latest, or no tag, is whatever was pushed last: two pods may run two programs.",
    fix: "name a version, best with its digest",
    source: "https://kubernetes.io/docs/concepts/containers/images/#image-names"
  ) { set, found in
    for node in images(set) where node.string.map(tag) == "latest" {
      found.add(node, "\(node.string ?? "") is whatever was pushed last")
    }
  }

  private static let unpinnedImage = LintRule(
    "image-not-pinned", ["K21"], .warning, "a tag can be moved",
    why: """
      A tag names whatever it points to today; only a digest names one image for ever. An \
      AgentDeployment's status records the digest that each revision runs.
      """,
    fix: "add the digest: NAME:TAG@sha256:...",
    source: "https://kubernetes.io/docs/concepts/containers/images/#image-names"
  ) { set, found in
    for node in images(set) where !node.object.isRendered {
      guard let image = node.string, let tag = tag(of: image), tag != "latest" else { continue }
      found.add(node, "the tag \(tag) can be moved to another image")
    }
  }

  private static func images(_ set: ManifestSet) -> [ManifestNode] {
    set.workloads.flatMap { $0.allContainers }.map { $0["image"] }.filter { $0.string != nil }
  }
}

/// The long-running workloads that read ConfigMaps.
private struct ConfigReaders {
  private var titles: [ObjectKey: Set<String>] = [:]
  /// Of those that read one that is missing.
  private var astray: Set<String> = []
  private let workloads: [String: [Workload]]

  init(_ set: ManifestSet) {
    workloads = Dictionary(
      grouping: set.workloads.filter(\.isLongRunning), by: \.object.title)
    for reference in PodReference.all(in: set, .configMap) {
      let object = reference.node.object
      let key = ObjectKey(namespace: object.namespace, name: reference.name)
      titles[key, default: []].insert(object.title)
      if set.first("", "ConfigMap", object.namespace, reference.name) == nil {
        astray.insert(object.title)
      }
    }
  }

  /// The workloads that read a ConfigMap; when none does, those that read one that is missing: it
  /// is the only thing that can be meant for them.
  func workloads(of config: ManifestObject) -> [Workload] {
    let key = ObjectKey(namespace: config.namespace, name: config.name)
    let own = named(titles[key] ?? [])
    return own.isEmpty ? named(astray) : own
  }

  private func named(_ titles: Set<String>) -> [Workload] {
    titles.sorted().flatMap { workloads[$0] ?? [] }
  }
}
