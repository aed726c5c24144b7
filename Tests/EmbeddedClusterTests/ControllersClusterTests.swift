import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct ControllersClusterTests {
  @Test func endpointsFollowReadiness() throws {
    var cluster = SimulatedCluster()
    try cluster.create(
      .services, "web",
      ["spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]]])
    try cluster.createDeployment(replicas: 2)
    cluster.pass(.milliseconds(350))
    let subset = cluster.get(.endpoints, "web")?["subsets"]?[0]
    #expect(subset?["addresses"] == nil && subset?["notReadyAddresses"]?.array?.count == 2)
    cluster.pass(.seconds(1))
    let ready = cluster.get(.endpoints, "web")?["subsets"]?[0]
    #expect(ready?["addresses"]?.array?.count == 2 && ready?["notReadyAddresses"] == nil)
    #expect(ready?["ports"]?[0]?["port"] == 8080)
    let slices = cluster.access.list(.endpointSlices, namespace: "default").filter {
      $0.labels["kubernetes.io/service-name"] == "web"
    }
    #expect(slices.count == 1)
    #expect(slices[0]["endpoints"]?.array?.count == 2)
    #expect(slices[0]["endpoints"]?[0]?["conditions"]?["ready"] == true)
    try cluster.delete(.services, "web")
    cluster.pass(.seconds(1))
    #expect(cluster.get(.endpoints, "web") == nil)
    #expect(cluster.access.list(.endpointSlices, namespace: "default").isEmpty)
  }

  @Test func budgetCountsPods() throws {
    var cluster = SimulatedCluster()
    try cluster.create(
      .podDisruptionBudgets, "web",
      ["spec": ["selector": ["matchLabels": ["app": "web"]], "maxUnavailable": "25%"]])
    try cluster.createDeployment(replicas: 4)
    cluster.pass(.seconds(2))
    let status = cluster.get(.podDisruptionBudgets, "web")?["status"]
    #expect(status?["expectedPods"] == 4 && status?["desiredHealthy"] == 3)
    #expect(status?["currentHealthy"] == 4 && status?["disruptionsAllowed"] == 1)
    #expect(
      cluster.condition(.podDisruptionBudgets, "web", "DisruptionAllowed")?["reason"]
        == "SufficientPods")
  }

  @Test func autoscalerKeepsBounds() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 1)
    try cluster.create(
      .horizontalPodAutoscalers, "web",
      [
        "spec": [
          "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"],
          "minReplicas": 3, "maxReplicas": 5,
        ]
      ])
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 3)
    #expect(cluster.get(.horizontalPodAutoscalers, "web")?[path: "status", "desiredReplicas"] == 3)
    try cluster.change(.deployments, "web") { $0["spec"]?["replicas"] = 9 }
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 5)
    let able = cluster.condition(.horizontalPodAutoscalers, "web", "AbleToScale")
    #expect(able?["reason"] == "ReadyForNewScale")
    let active = cluster.condition(.horizontalPodAutoscalers, "web", "ScalingActive")
    #expect(active?["message"]?.string?.contains("simulated") == true)
    let scale = cluster.get(.deployments, "web")?.metadata["managedFields"]?.array?.first {
      $0["subresource"] == "scale"
    }
    #expect(scale?["manager"] == "kube-controller-manager")
    try cluster.change(.deployments, "web") { $0["spec"]?["replicas"] = 0 }
    cluster.pass(.seconds(2))
    #expect(cluster.pods.isEmpty)
    #expect(
      cluster.condition(.horizontalPodAutoscalers, "web", "ScalingActive")?["reason"]
        == "ScalingDisabled")
  }

  // MARK: Garbage

  private func owned(
    _ cluster: SimulatedCluster, _ name: String, by owner: KubernetesObject, blocks: Bool = false,
    finalizers: [String] = []
  ) throws -> KubernetesObject {
    try cluster.create(
      .configMaps, name,
      [
        "metadata": [
          "finalizers": JSONValue(finalizers),
          "ownerReferences": [
            OwnerReference(
              apiVersion: "v1", kind: "ConfigMap", name: owner.name, uid: owner.uid ?? "",
              isController: false, blocksOwnerDeletion: blocks
            ).json
          ],
        ]
      ])
  }

  @Test func backgroundDeletionCascades() throws {
    var cluster = SimulatedCluster()
    let owner = try cluster.create(.configMaps, "owner")
    let child = try owned(cluster, "child", by: owner)
    _ = try owned(cluster, "grandchild", by: child)
    cluster.settle()
    try cluster.delete(.configMaps, "owner")
    cluster.settle()
    #expect(cluster.get(.configMaps, "child") == nil)
    #expect(cluster.get(.configMaps, "grandchild") == nil)
  }

  @Test func foregroundDeletionWaitsForBlockingChildren() throws {
    var cluster = SimulatedCluster()
    let owner = try cluster.create(.configMaps, "owner")
    _ = try owned(cluster, "held", by: owner, blocks: true, finalizers: ["example.com/hold"])
    _ = try owned(cluster, "free", by: owner)
    cluster.settle()
    try cluster.delete(.configMaps, "owner", "Foreground")
    cluster.settle()
    #expect(cluster.get(.configMaps, "free") == nil)
    #expect(cluster.get(.configMaps, "held")?.isBeingDeleted == true)
    #expect(cluster.get(.configMaps, "owner")?.finalizers == ["foregroundDeletion"])
    try cluster.change(.configMaps, "held") { $0["metadata"]?["finalizers"] = nil }
    cluster.settle()
    #expect(cluster.get(.configMaps, "owner") == nil)
  }

  @Test func orphanedChildrenStay() throws {
    var cluster = SimulatedCluster()
    let owner = try cluster.create(.configMaps, "owner")
    _ = try owned(cluster, "child", by: owner)
    cluster.settle()
    try cluster.delete(.configMaps, "owner", "Orphan")
    cluster.settle()
    #expect(cluster.get(.configMaps, "owner") == nil)
    #expect(cluster.get(.configMaps, "child")?.ownerReferences.isEmpty == true)
  }

  @Test func danglingReferencesAreRemoved() throws {
    var cluster = SimulatedCluster()
    let owner = try cluster.create(.configMaps, "owner")
    let dead = OwnerReference(
      apiVersion: "v1", kind: "ConfigMap", name: "owner",
      uid: "6c5ed4a8-0000-4000-8000-000000000000", isController: false, blocksOwnerDeletion: false)
    var living = dead
    living.uid = owner.uid ?? ""
    try cluster.create(.configMaps, "dangling", ["metadata": ["ownerReferences": [dead.json]]])
    try cluster.create(
      .configMaps, "half", ["metadata": ["ownerReferences": [dead.json, living.json]]])
    // An owner of a kind that nobody serves may come back.
    var unknown = dead
    unknown.kind = "Nothing"
    try cluster.create(.configMaps, "unknown", ["metadata": ["ownerReferences": [unknown.json]]])
    cluster.settle()
    #expect(cluster.get(.configMaps, "dangling") == nil)
    #expect(cluster.get(.configMaps, "half")?.ownerReferences.map(\.uid) == [owner.uid ?? ""])
    #expect(cluster.get(.configMaps, "unknown") != nil)
  }

  @Test func deletedDeploymentsTakeTheirPodsAlong() throws {
    for policy in ["Background", "Foreground"] {
      var cluster = SimulatedCluster()
      try cluster.createDeployment()
      cluster.pass(.seconds(2))
      try cluster.delete(.deployments, "web", policy)
      cluster.pass(.seconds(2))
      #expect(cluster.pods.isEmpty && cluster.sets.isEmpty)
      #expect(cluster.get(.deployments, "web") == nil)
    }
  }

  // MARK: Namespaces

  @Test func namespacesAreFurnishedAndEmptied() throws {
    var cluster = SimulatedCluster()
    try cluster.create(.namespaces, "team")
    cluster.settle()
    let account = ObjectKey(namespace: "team", name: "default")
    let certificate = ObjectKey(namespace: "team", name: "kube-root-ca.crt")
    #expect(cluster.access.get(.serviceAccounts, account) != nil)
    #expect(cluster.access.get(.configMaps, certificate) != nil)
    try cluster.access.delete(.configMaps, certificate)
    cluster.settle()
    #expect(cluster.access.get(.configMaps, certificate) != nil)
    var held = KubernetesObject(ResourceType.configMaps.gvk, namespace: "team", name: "held")
    held["metadata"]?["finalizers"] = ["example.com/hold"]
    try cluster.access.create(.configMaps, held)
    try cluster.delete(.namespaces, "team")
    cluster.pass(.seconds(2))
    #expect(cluster.get(.namespaces, "team")?[path: "status", "phase"] == "Terminating")
    #expect(cluster.access.list(.configMaps, namespace: "team").map(\.name) == ["held"])
    var released = try #require(cluster.access.list(.configMaps, namespace: "team").first)
    released["metadata"]?["finalizers"] = nil
    try cluster.access.update(.configMaps, released)
    cluster.pass(.seconds(2))
    #expect(cluster.get(.namespaces, "team") == nil)
  }

  /// The loop itself, on changes and real time.
  @Test(.timeLimit(.minutes(1)))
  func runsByItself() async throws {
    let cluster = EmbeddedCluster()
    let access = ClusterAccess(cluster.server)
    let changes = access.observe()
    var deployment = KubernetesObject(
      ResourceType.deployments.gvk, namespace: "default", name: "web")
    deployment["spec"] = [
      "replicas": 2, "selector": ["matchLabels": ["app": "web"]],
      "template": SimulatedCluster.template(),
    ]
    try access.create(.deployments, deployment)
    for await change in changes where change.type == .deployments {
      if change.new?[path: "status", "availableReplicas"] == 2 { break }
    }
    await cluster.stop()
  }
}
