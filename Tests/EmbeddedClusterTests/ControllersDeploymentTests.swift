import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct ControllersDeploymentTests {
  @Test func becomesAvailable() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment()
    cluster.settle()
    #expect(cluster.pods.count == 3)
    #expect(cluster.readyPods.isEmpty)
    #expect(cluster.condition(.deployments, "web", "Available")?["status"] == "False")
    #expect(
      cluster.condition(.deployments, "web", "Progressing")?["reason"] == "ReplicaSetUpdated")
    cluster.pass(.seconds(2))
    let status = try #require(cluster.get(.deployments, "web")?["status"])
    for field in ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] {
      #expect(status[field] == 3, "\(field)")
    }
    #expect(status["unavailableReplicas"] == nil)
    #expect(status["observedGeneration"]?.int == cluster.get(.deployments, "web")?.generation)
    let progressing = cluster.condition(.deployments, "web", "Progressing")
    #expect(progressing?["reason"] == "NewReplicaSetAvailable")
    #expect(progressing?["status"] == "True")
    let set = try #require(cluster.sets.first)
    let hash = try #require(set.labels["pod-template-hash"])
    #expect(set.name == "web-\(hash)")
    #expect(set.annotations["deployment.kubernetes.io/revision"] == "1")
    #expect(
      cluster.get(.deployments, "web")?.annotations["deployment.kubernetes.io/revision"] == "1")
    let pod = try #require(cluster.pods.first)
    #expect(pod.name.hasPrefix(set.name + "-") && pod.name.count == set.name.count + 6)
    #expect(pod.labels["pod-template-hash"] == hash)
    #expect(Set(cluster.pods.map { PodState($0).address }).count == 3)
    #expect(
      cluster.events("ScalingReplicaSet") == ["Scaled up replica set \(set.name) from 0 to 3"])
    #expect(cluster.events("SuccessfulCreate").count == 3)
    #expect(cluster.events("Scheduled").count == 3 && cluster.events("Started").count == 3)
  }

  /// Clients that wait for `observedGeneration` compare it with what they were answered.
  @Test func theRevisionIsNoNewGeneration() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment()
    cluster.pass(.seconds(2))
    let deployment = try #require(cluster.get(.deployments, "web"))
    #expect(deployment.annotations["deployment.kubernetes.io/revision"] == "1")
    #expect(deployment.generation == 1)
    let writer = deployment.metadata["managedFields"]?.array?.first {
      $0["manager"] == "kube-controller-manager"
    }
    #expect(writer?["subresource"] == "status")
    #expect(
      writer?["fieldsV1"]?["f:metadata"]?["f:annotations"]?["f:deployment.kubernetes.io/revision"]
        == [:])
  }

  @Test func nothingIsScaledFromNothingToNothing() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 0)
    cluster.pass(.seconds(2))
    #expect(cluster.sets.count == 1)
    #expect(cluster.events("ScalingReplicaSet").isEmpty)
  }

  @Test func podsThatStopAreCounted() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 2)
    cluster.pass(.seconds(2))
    #expect(cluster.get(.deployments, "web")?[path: "status", "terminatingReplicas"] == 0)
    try cluster.change(.deployments, "web") { $0["spec"]?["replicas"] = 0 }
    cluster.settle()
    #expect(cluster.sets.first?[path: "status", "terminatingReplicas"] == 2)
    #expect(cluster.get(.deployments, "web")?[path: "status", "terminatingReplicas"] == 2)
    cluster.pass(.seconds(2))
    #expect(cluster.get(.deployments, "web")?[path: "status", "terminatingReplicas"] == 0)
  }

  @Test func idleClusterDoesNothing() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment()
    try cluster.create(
      .services, "web",
      ["spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]]])
    try cluster.create(
      .podDisruptionBudgets, "web",
      ["spec": ["selector": ["matchLabels": ["app": "web"]], "maxUnavailable": 1]])
    cluster.pass(.seconds(5))
    #expect(cluster.settle() == 0)
    cluster.pass(.seconds(3600))
    #expect(cluster.settle() == 0)
  }

  /// The bounds hold at every moment of a rolling update.
  @Test(arguments: [
    (JSONValue.string("25%"), JSONValue.string("25%")), (1, 0), (0, 1), (2, 2),
    (.string("100%"), .string("0%")), (.string("0%"), .string("50%")),
  ])
  func rollingUpdateKeepsBounds(_ surge: JSONValue, _ unavailable: JSONValue) throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(
      replicas: 4,
      [
        "strategy": [
          "type": "RollingUpdate",
          "rollingUpdate": ["maxSurge": surge, "maxUnavailable": unavailable],
        ]
      ])
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 4)
    try cluster.change(.deployments, "web") {
      $0["spec"]?["template"] = SimulatedCluster.template(image: "nginx:2")
    }
    let most = 4 + (IntOrString(surge)?.scaled(of: 4, rounding: .up) ?? 0)
    let least = 4 - (IntOrString(unavailable)?.scaled(of: 4, rounding: .down) ?? 0)
    for _ in 0..<80 {
      cluster.pass(.milliseconds(50))
      let active = cluster.pods.filter { PodState($0).isActive }
      #expect(active.count <= most)
      #expect(active.count { PodState($0).isReady } >= least)
    }
    let images = Set(cluster.pods.flatMap { PodState($0).containers.map { $0["image"] } })
    #expect(images == ["nginx:2"] && cluster.readyPods.count == 4)
    #expect(cluster.sets.count == 2)
    #expect(
      cluster.condition(.deployments, "web", "Progressing")?["reason"] == "NewReplicaSetAvailable")
  }

  @Test func recreateNeverMixes() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(["strategy": ["type": "Recreate"]])
    cluster.pass(.seconds(2))
    try cluster.change(.deployments, "web") {
      $0["spec"]?["template"] = SimulatedCluster.template(image: "nginx:2")
    }
    for _ in 0..<60 {
      cluster.pass(.milliseconds(50))
      let images = Set(cluster.pods.flatMap { PodState($0).containers.map { $0["image"] } })
      #expect(images.count <= 1)
    }
    #expect(cluster.readyPods.count == 3)
    #expect(PodState(cluster.pods[0]).containers[0]["image"] == "nginx:2")
  }

  @Test func brokenImageStopsTheRollout() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(["progressDeadlineSeconds": 10])
    cluster.pass(.seconds(2))
    try cluster.change(.deployments, "web") {
      $0["spec"]?["template"] = SimulatedCluster.template(image: "nginx:broken")
    }
    cluster.pass(.seconds(5))
    #expect(cluster.readyPods.count == 3)
    let waiting = cluster.pods.filter { !PodState($0).isReady }
      .compactMap { $0[path: "status", "containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] }
    #expect(waiting == ["ImagePullBackOff"])
    #expect(
      cluster.condition(.deployments, "web", "Progressing")?["reason"] == "ReplicaSetUpdated")
    cluster.pass(.seconds(10))
    let progressing = cluster.condition(.deployments, "web", "Progressing")
    #expect(progressing?["reason"] == "ProgressDeadlineExceeded")
    #expect(progressing?["status"] == "False")
    #expect(cluster.condition(.deployments, "web", "Available")?["status"] == "True")
    // Back to what worked: the old ReplicaSet is used again, with a new revision.
    try cluster.change(.deployments, "web") {
      $0["spec"]?["template"] = SimulatedCluster.template()
    }
    cluster.pass(.seconds(3))
    #expect(cluster.sets.count == 2 && cluster.readyPods.count == 3 && cluster.pods.count == 3)
    #expect(
      cluster.get(.deployments, "web")?.annotations["deployment.kubernetes.io/revision"] == "3")
    #expect(
      cluster.condition(.deployments, "web", "Progressing")?["reason"] == "NewReplicaSetAvailable")
  }

  @Test func pausedDeploymentsWait() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment()
    cluster.pass(.seconds(2))
    try cluster.change(.deployments, "web") {
      $0["spec"]?["paused"] = true
      $0["spec"]?["template"] = SimulatedCluster.template(image: "nginx:2")
    }
    cluster.pass(.seconds(5))
    #expect(cluster.sets.count == 1)
    #expect(cluster.condition(.deployments, "web", "Progressing")?["reason"] == "DeploymentPaused")
    try cluster.change(.deployments, "web") { $0["spec"]?["paused"] = nil }
    cluster.pass(.seconds(5))
    #expect(cluster.sets.count == 2 && cluster.readyPods.count == 3)
  }

  @Test func historyIsLimited() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 1, ["revisionHistoryLimit": 2])
    for version in 2...6 {
      cluster.pass(.seconds(3))
      try cluster.change(.deployments, "web") {
        $0["spec"]?["template"] = SimulatedCluster.template(image: "nginx:\(version)")
      }
    }
    cluster.pass(.seconds(3))
    let revisions = cluster.sets.compactMap { $0.annotations["deployment.kubernetes.io/revision"] }
    #expect(revisions.sorted() == ["4", "5", "6"])
  }

  @Test func scalesBothWays() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 1)
    cluster.pass(.seconds(2))
    try cluster.change(.deployments, "web") { $0["spec"]?["replicas"] = 5 }
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 5)
    try cluster.change(.deployments, "web") { $0["spec"]?["replicas"] = 0 }
    cluster.pass(.seconds(2))
    #expect(cluster.pods.isEmpty)
    #expect(cluster.get(.deployments, "web")?[path: "status", "replicas"]?.int ?? 0 == 0)
  }

  @Test func missingServiceAccountIsReported() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(
      template: SimulatedCluster.template(spec: ["serviceAccountName": "bot"]))
    cluster.pass(.seconds(1))
    #expect(cluster.pods.isEmpty)
    let failure = cluster.condition(.deployments, "web", "ReplicaFailure")
    #expect(failure?["reason"] == "FailedCreate")
    #expect(failure?["message"]?.string?.contains("serviceaccount \"bot\" not found") == true)
    try cluster.create(.serviceAccounts, "bot")
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 3)
    #expect(cluster.condition(.deployments, "web", "ReplicaFailure") == nil)
  }

  @Test func minReadySecondsDelaysAvailability() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 1, ["minReadySeconds": 10])
    cluster.pass(.seconds(5))
    #expect(cluster.readyPods.count == 1)
    #expect(cluster.condition(.deployments, "web", "Available")?["status"] == "False")
    cluster.pass(.seconds(10))
    #expect(cluster.condition(.deployments, "web", "Available")?["status"] == "True")
  }
}
