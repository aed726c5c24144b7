import JSON
import KubernetesAPI

/// What a pod needs besides its image, and what of it is not there.
enum PodDependencies {
  /// Whether the changed object is one the pod refers to.
  static func mentions(_ change: ClusterChange, _ pod: KubernetesObject) -> Bool {
    references(of: pod).contains { $0.type == change.type && $0.name == change.key.name }
  }

  private struct Reference {
    var type: ResourceType
    var name: String
    var isOptional: Bool
    /// A key that must be in it.
    var key: String?
    /// The volume it is for; nil for the environment.
    var volume: String?
  }

  private static func reference(
    _ json: JSONValue?, _ type: ResourceType, name field: String = "name", volume: String? = nil
  ) -> Reference? {
    guard let json, let name = json[field]?.string else { return nil }
    return Reference(
      type: type, name: name, isOptional: json["optional"]?.bool ?? false,
      key: volume == nil ? json["key"]?.string : nil, volume: volume)
  }

  private static func references(of pod: KubernetesObject) -> [Reference] {
    var found: [Reference?] = []
    for volume in pod[path: "spec", "volumes"]?.array ?? [] {
      let name = volume["name"]?.string ?? ""
      found.append(reference(volume["configMap"], .configMaps, volume: name))
      found.append(reference(volume["secret"], .secrets, name: "secretName", volume: name))
      found.append(
        reference(
          volume["persistentVolumeClaim"], .persistentVolumeClaims, name: "claimName",
          volume: name))
      for source in volume["projected"]?["sources"]?.array ?? [] {
        found.append(reference(source["configMap"], .configMaps, volume: name))
        found.append(reference(source["secret"], .secrets, volume: name))
      }
    }
    let initial = pod[path: "spec", "initContainers"]?.array ?? []
    for container in initial + PodState(pod).containers {
      for source in container["envFrom"]?.array ?? [] {
        found.append(reference(source["configMapRef"], .configMaps))
        found.append(reference(source["secretRef"], .secrets))
      }
      for variable in container["env"]?.array ?? [] {
        let source = variable["valueFrom"]
        found.append(reference(source?["configMapKeyRef"], .configMaps))
        found.append(reference(source?["secretKeyRef"], .secrets))
      }
    }
    return found.compactMap { $0 }
  }

  private static func kind(_ type: ResourceType) -> String {
    switch type {
    case .configMaps: "configmap"
    case .secrets: "secret"
    default: "persistentvolumeclaim"
    }
  }

  /// Why volumes cannot be mounted, in the kubelet's words.
  static func volumeProblem(of pod: KubernetesObject, _ view: any ClusterView) -> String? {
    for reference in references(of: pod) where !reference.isOptional {
      guard let volume = reference.volume else { continue }
      let key = ObjectKey(namespace: pod.namespace, name: reference.name)
      let object = view.get(reference.type, key)
      if reference.type == .persistentVolumeClaims {
        guard let object else { return "persistentvolumeclaim \"\(reference.name)\" not found" }
        if object[path: "status", "phase"]?.string != "Bound" {
          return "pod has unbound immediate PersistentVolumeClaims"
        }
      } else if object == nil {
        return "MountVolume.SetUp failed for volume \"\(volume)\" : "
          + "\(kind(reference.type)) \"\(reference.name)\" not found"
      }
    }
    return nil
  }

  /// Why a container's environment cannot be made, in the kubelet's words.
  static func environmentProblem(of pod: KubernetesObject, _ view: any ClusterView) -> String? {
    let namespace = pod.namespace ?? "default"
    for reference in references(of: pod)
    where reference.volume == nil && !reference.isOptional {
      let key = ObjectKey(namespace: pod.namespace, name: reference.name)
      guard let object = view.get(reference.type, key) else {
        return "\(kind(reference.type)) \"\(reference.name)\" not found"
      }
      guard let wanted = reference.key else { continue }
      if object["data"]?[wanted] == nil, object["binaryData"]?[wanted] == nil {
        let kind = reference.type == .secrets ? "Secret" : "ConfigMap"
        return "couldn't find key \(wanted) in \(kind) \(namespace)/\(reference.name)"
      }
    }
    return nil
  }
}
