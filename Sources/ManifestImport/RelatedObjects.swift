import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// A Deployment with the objects around it, found the way Kubernetes finds them: by selectors and by
/// names.
struct RelatedObjects {
  var deployment: KubernetesObject
  var services: [KubernetesObject] = []
  var autoscaler: KubernetesObject?
  var scaledObject: KubernetesObject?
  var budget: KubernetesObject?
  var virtualService: KubernetesObject?
  var destinationRule: KubernetesObject?
  var peerAuthentication: KubernetesObject?
  var networkPolicies: [KubernetesObject] = []
  /// Those whose content goes into `spec.config`.
  var configMaps: [KubernetesObject] = []

  init(of deployment: KubernetesObject, in objects: [KubernetesObject]) {
    self.deployment = deployment
    let labels = deployment[path: "spec", "template", "metadata", "labels"]
    let near = objects.filter { $0.namespace == deployment.namespace }
    func selects(_ selector: JSONValue?) -> Bool {
      guard let wanted = selector?.object, !wanted.isEmpty else { return false }
      return wanted.allSatisfy { labels?[$0.key] == $0.value }
    }
    services = near.filter { $0.kind == "Service" && selects($0[path: "spec", "selector"]) }
    autoscaler = near.first {
      $0.kind == "HorizontalPodAutoscaler"
        && $0[path: "spec", "scaleTargetRef", "kind"] == "Deployment"
        && $0[path: "spec", "scaleTargetRef", "name"]?.string == deployment.name
    }
    scaledObject = near.first {
      $0.kind == "ScaledObject"
        && ($0[path: "spec", "scaleTargetRef", "kind"] ?? "Deployment") == "Deployment"
        && $0[path: "spec", "scaleTargetRef", "name"]?.string == deployment.name
    }
    budget = near.first {
      $0.kind == "PodDisruptionBudget" && selects($0[path: "spec", "selector", "matchLabels"])
    }
    networkPolicies = near.filter {
      $0.kind == "NetworkPolicy" && selects($0[path: "spec", "podSelector", "matchLabels"])
    }
    peerAuthentication =
      near.first {
        $0.kind == "PeerAuthentication" && selects($0[path: "spec", "selector", "matchLabels"])
      }
    let hosts = self.hosts
    virtualService = near.first { object in
      object.kind == "VirtualService"
        && (object[path: "spec", "http"]?.array ?? []).contains { route in
          (route["route"]?.array ?? []).contains {
            $0[path: "destination", "host"]?.string.map(hosts.contains) == true
          }
        }
    }
    destinationRule = near.first {
      $0.kind == "DestinationRule" && $0[path: "spec", "host"]?.string.map(hosts.contains) == true
    }
    configMaps = near.filter { $0.kind == "ConfigMap" && isAbsorbed($0) }
  }

  var all: [KubernetesObject] {
    [deployment] + services
      + [
        autoscaler, scaledObject, budget, virtualService, destinationRule, peerAuthentication,
      ].compactMap(\.self)
      + networkPolicies + configMaps
  }

  /// All names by which its Services are called.
  var hosts: Set<String> {
    Set(
      services.flatMap { service -> [String] in
        let namespace = service.namespace ?? "default"
        let name = "\(service.name).\(namespace)"
        return [service.name, name, "\(name).svc", "\(name).svc.cluster.local"]
      })
  }

  /// The agent's container: the one of that name or of the Deployment's, else the first.
  var containerIndex: Int {
    let containers = deployment[path: "spec", "template", "spec", "containers"]?.array ?? []
    return containers.firstIndex { $0["name"] == "agent" }
      ?? containers.firstIndex { $0["name"]?.string == deployment.name } ?? 0
  }

  var container: JSONValue {
    deployment[path: "spec", "template", "spec", "containers"]?[containerIndex] ?? [:]
  }

  /// Whether everything that the pods read of a ConfigMap is what `spec.config` would give them:
  /// variables of the agent, named after their keys.
  private func isAbsorbed(_ map: KubernetesObject) -> Bool {
    let pod = deployment[path: "spec", "template", "spec"] ?? [:]
    let isMounted = (pod["volumes"]?.array ?? []).contains {
      $0[path: "configMap", "name"]?.string == map.name || $0["projected"] != nil
    }
    let isReadByAll = (pod["containers"]?.array ?? []).filter {
      $0["envFrom"]?.array?.contains {
        $0[path: "configMapRef", "name"]?.string == map.name
      } == true
    }
    guard !isMounted, isReadByAll.isEmpty, map["binaryData"] == nil else { return false }
    let references = (container["env"]?.array ?? []).filter {
      $0[path: "valueFrom", "configMapKeyRef", "name"]?.string == map.name
    }
    return !references.isEmpty
      && references.allSatisfy { variable in
        guard let key = variable[path: "valueFrom", "configMapKeyRef", "key"]?.string else {
          return false
        }
        return map[path: "data", key] != nil
          && variable["name"]?.string == ConfigVariable.name(forKey: key)
      }
  }
}

extension KubernetesObject {
  subscript(path first: String, _ rest: String...) -> JSONValue? {
    var value = json[first]
    for key in rest { value = value?[key] }
    return value
  }
}
