import JSON
import KubernetesAPI

/// An object that makes pods, with its pod template.
struct Workload: Sendable {
  let object: ManifestObject
  let podSpec: ManifestNode
  let podMetadata: ManifestNode
  let podLabels: [String: String]

  init?(_ object: ManifestObject) {
    let template: ManifestNode
    switch (object.gvk.group, object.kind) {
    case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"),
      ("apps", "ReplicaSet"), ("batch", "Job"):
      template = object.spec["template"]
    case ("batch", "CronJob"): template = object.spec[["jobTemplate", "spec", "template"]]
    case ("", "Pod"): template = object.root
    default: return nil
    }
    self.object = object
    podSpec = template["spec"]
    podMetadata = template["metadata"]
    podLabels = Dictionary(
      (podMetadata["labels"].value?.object ?? [:]).compactMap { key, value in
        value.string.map { (key, $0) }
      }, uniquingKeysWith: { $1 })
  }

  var containers: [ManifestNode] { podSpec["containers"].elements }
  var allContainers: [ManifestNode] { podSpec["initContainers"].elements + containers }
  var namespace: String? { object.namespace }
  /// Runs until it is told to end, so that how it ends and how many there are matters.
  var isLongRunning: Bool { ["Deployment", "StatefulSet", "DaemonSet"].contains(object.kind) }

  func matches(_ selector: LabelSelector) -> Bool { selector.matches(podLabels) }
}

/// Where a container's values come from.
struct ContainerVariables {
  /// Names of variables that come from Secrets, and from anywhere but the manifest itself.
  private(set) var secret: Set<String> = []
  private(set) var dynamic: Set<String> = []

  init(_ container: ManifestNode) {
    for variable in container["env"].elements {
      guard let name = variable["name"].string else { continue }
      if variable["valueFrom"].exists { dynamic.insert(name) }
      if variable["valueFrom"]["secretKeyRef"].exists { secret.insert(name) }
    }
  }

  /// Names inside `$(...)`, without those that `$$(` escapes.
  static func references(in text: String) -> [String] {
    var names: [String] = []
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        rest = rest.dropFirst()
      } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
        names.append(String(rest[rest.index(after: rest.startIndex)..<end]))
        rest = rest[rest.index(after: end)...]
      }
    }
    return names
  }
}
