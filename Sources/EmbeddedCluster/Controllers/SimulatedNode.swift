import JSON
import KubernetesAPI

/// The one node that all pods run on.
enum SimulatedNode {
  static func install(_ access: ClusterAccess, _ configuration: SimulationConfiguration) {
    let name = configuration.nodeName
    guard access.get(.nodes, ObjectKey(namespace: nil, name: name)) == nil else { return }
    let now = KubernetesTime(unixMicroseconds: access.clock.now()).secondsText
    var node = KubernetesObject([
      "apiVersion": "v1", "kind": "Node",
      "metadata": [
        "name": .string(name),
        "labels": [
          "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
          "kubernetes.io/arch": "amd64", "topology.kubernetes.io/zone": "simulated-a",
          "topology.kubernetes.io/region": "simulated", SeedObjects.simulationLabel: "true",
        ],
      ],
      "spec": ["podCIDR": "10.244.0.0/16"],
    ])
    let capacity: JSONValue = ["cpu": "64", "memory": "256Gi", "pods": "5000"]
    node["status"] = [
      "capacity": capacity, "allocatable": capacity,
      "addresses": [
        ["type": "InternalIP", "address": "192.168.0.1"],
        ["type": "Hostname", "address": .string(name)],
      ],
      "conditions": [
        [
          "type": "Ready", "status": "True", "reason": "KubeletReady",
          "message": .string(SeedObjects.simulationNote), "lastHeartbeatTime": .string(now),
          "lastTransitionTime": .string(now),
        ]
      ],
      "nodeInfo": [
        "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "simulated",
        "osImage": .string(SeedObjects.simulationNote), "containerRuntimeVersion": "simulated://1",
        "kubeletVersion": "v1.36.2", "kubeProxyVersion": "", "operatingSystem": "linux",
        "architecture": "amd64",
      ],
    ]
    // A node that cannot be stored shows at once: no pod of the cluster would be placed well.
    if let created = try? access.create(.nodes, node, manager: ControllerManager.kubelet),
      created["status"]?["conditions"]?.array?.isEmpty ?? true
    {
      var withStatus = created
      withStatus["status"] = node["status"]
      _ = try? access.update(
        .nodes, withStatus, subresource: "status", manager: ControllerManager.kubelet)
    }
  }
}
