import JSON
import KubernetesAPI

/// What a new cluster holds, and where it says that it is a simulation.
enum SeedObjects {
  static let simulationNote = "simulated cluster of agent-operator: no containers run"
  static let simulationLabel = "agentdeploy.dev/simulated"

  static func install(in server: APIServer) {
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
      create(in: server, .namespaces, ["metadata": ["name": .string(name)]])
      create(
        in: server, .serviceAccounts,
        ["metadata": ["name": "default", "namespace": .string(name)]])
    }
    create(
      in: server, .configMaps,
      [
        "metadata": [
          "name": "embedded-cluster", "namespace": "kube-system",
          "labels": [simulationLabel: "true"],
        ], "data": ["note": .string(simulationNote)],
      ])
    create(
      in: server, .services,
      [
        "metadata": [
          "name": "kubernetes", "namespace": "default",
          "labels": ["component": "apiserver", "provider": "kubernetes"],
        ],
        "spec": [
          "clusterIP": "10.96.0.1",
          "ports": [["name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443]],
        ],
      ])
    if server.access.isEnforced { SeedRoles.install(in: server) }
  }

  /// What is installed is known to be valid; a failure would show in every test.
  static func create(in server: APIServer, _ type: ResourceType, _ object: JSONValue) {
    var object = object
    object["apiVersion"] = .string(type.apiVersion)
    object["kind"] = .string(type.kind)
    _ = try? ClusterAccess(server).create(type, KubernetesObject(object), manager: "kube-apiserver")
  }
}
