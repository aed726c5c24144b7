import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct ControllersPodTests {
  private func waiting(_ cluster: SimulatedCluster) -> JSONValue? {
    cluster.pods.first?[path: "status", "containerStatuses"]?[0]?["state"]?["waiting"]
  }

  private func pod(_ cluster: SimulatedCluster, _ template: JSONValue) throws {
    try cluster.create(.pods, "p", template)
  }

  @Test func jobsAreSuspendedAndResumed() throws {
    var cluster = SimulatedCluster(SimulationConfiguration(jobDuration: .seconds(60)))
    var template = SimulatedCluster.template(spec: ["restartPolicy": "Never"])
    template["metadata"] = nil
    try cluster.create(.jobs, "run", ["spec": ["suspend": true, "template": template]])
    cluster.pass(.seconds(2))
    #expect(cluster.pods.isEmpty)
    let suspended = cluster.condition(.jobs, "run", "Suspended")
    #expect(suspended?["status"] == "True" && suspended?["reason"] == "JobSuspended")
    #expect(cluster.get(.jobs, "run")?[path: "status", "startTime"] == nil)
    try cluster.change(.jobs, "run") { $0["spec"]?["suspend"] = false }
    cluster.pass(.seconds(2))
    #expect(cluster.pods.count == 1)
    let resumed = cluster.condition(.jobs, "run", "Suspended")
    #expect(resumed?["status"] == "False" && resumed?["reason"] == "JobResumed")
    #expect(cluster.get(.jobs, "run")?[path: "status", "startTime"] != nil)
    try cluster.change(.jobs, "run") { $0["spec"]?["suspend"] = true }
    cluster.pass(.seconds(2))
    #expect(cluster.pods.isEmpty)
    #expect(cluster.events("Suspended") == ["Job suspended"])
    #expect(cluster.events("Resumed") == ["Job resumed"])
    #expect(cluster.settle() == 0)
    try cluster.change(.jobs, "run") { $0["spec"]?["suspend"] = false }
    cluster.pass(.seconds(70))
    #expect(cluster.condition(.jobs, "run", "Complete")?["status"] == "True")
    #expect(cluster.condition(.jobs, "run", "Suspended")?["status"] == "False")
  }

  @Test func environmentWaitsForItsSource() throws {
    var cluster = SimulatedCluster()
    var template = SimulatedCluster.template()
    template["spec"]?["containers"] = [
      [
        "name": "c", "image": "i",
        "env": [["name": "K", "valueFrom": ["secretKeyRef": ["name": "s", "key": "k"]]]],
      ]
    ]
    try pod(cluster, template)
    cluster.pass(.seconds(2))
    #expect(
      waiting(cluster) == [
        "reason": "CreateContainerConfigError", "message": "secret \"s\" not found",
      ])
    #expect(cluster.events("Failed") == ["Error: secret \"s\" not found"])
    try cluster.create(.secrets, "s", ["data": ["other": "eA=="]])
    cluster.pass(.seconds(2))
    #expect(waiting(cluster)?["message"] == "couldn't find key k in Secret default/s")
    try cluster.change(.secrets, "s") { $0["data"] = ["k": "eA=="] }
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 1)
    // Running containers keep what they have.
    try cluster.delete(.secrets, "s")
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 1)
  }

  @Test func volumesWaitForTheirSource() throws {
    var cluster = SimulatedCluster()
    try pod(
      cluster,
      SimulatedCluster.template(spec: ["volumes": [["name": "v", "configMap": ["name": "cm"]]]]))
    cluster.pass(.seconds(2))
    #expect(waiting(cluster) == ["reason": "ContainerCreating"])
    #expect(
      cluster.events("FailedMount")
        == ["MountVolume.SetUp failed for volume \"v\" : configmap \"cm\" not found"])
    try cluster.create(.configMaps, "cm")
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 1)
  }

  @Test func optionalSourcesAreNotWaitedFor() throws {
    var cluster = SimulatedCluster()
    try pod(
      cluster,
      SimulatedCluster.template(spec: [
        "volumes": [["name": "v", "secret": ["secretName": "s", "optional": true]]]
      ]))
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 1)
  }

  @Test(arguments: [
    ("CrashLoop", "CrashLoopBackOff", "Running"), ("ImagePull", "ImagePullBackOff", "Pending"),
  ])
  func failuresOnRequest(_ failure: String, _ reason: String, _ phase: String) throws {
    var cluster = SimulatedCluster()
    try pod(
      cluster, SimulatedCluster.template(annotations: [PodController.failAnnotation: failure]))
    cluster.pass(.seconds(2))
    #expect(waiting(cluster)?["reason"]?.string == reason)
    #expect(cluster.pods.first.map { PodState($0).phase } == phase)
    #expect(cluster.settle() == 0)
  }

  @Test func neverReady() throws {
    var cluster = SimulatedCluster()
    try pod(
      cluster, SimulatedCluster.template(annotations: [PodController.failAnnotation: "NotReady"]))
    cluster.pass(.seconds(60))
    #expect(cluster.readyPods.isEmpty)
    #expect(cluster.pods.first?[path: "status", "phase"] == "Running")
    #expect(cluster.events("Unhealthy").count == 1)
  }

  @Test func startDelayIsConfigurable() throws {
    var cluster = SimulatedCluster()
    try pod(cluster, SimulatedCluster.template(annotations: [PodController.startAnnotation: "30s"]))
    cluster.pass(.seconds(29))
    #expect(cluster.pods.first?[path: "status", "phase"] == "Pending")
    cluster.pass(.seconds(2))
    #expect(cluster.readyPods.count == 1)
  }

  @Test func terminationTakesAShortWhile() throws {
    var cluster = SimulatedCluster()
    try pod(cluster, SimulatedCluster.template())
    cluster.pass(.seconds(2))
    try cluster.delete(.pods, "p")
    cluster.settle()
    #expect(cluster.pods.count == 1 && cluster.readyPods.isEmpty)
    cluster.pass(.seconds(1))
    #expect(cluster.pods.isEmpty)
  }

  @Test func managersAreTheRealOnes() throws {
    var cluster = SimulatedCluster()
    try cluster.createDeployment(replicas: 1)
    cluster.pass(.seconds(2))
    func managers(_ object: KubernetesObject?) -> Set<String> {
      Set(object?.metadata["managedFields"]?.array?.compactMap { $0["manager"]?.string } ?? [])
    }
    #expect(managers(cluster.pods.first).isSuperset(of: ["kube-controller-manager", "kubelet"]))
    #expect(managers(cluster.get(.deployments, "web")) == ["tester", "kube-controller-manager"])
  }

  @Test func jobsComplete() throws {
    var cluster = SimulatedCluster()
    try cluster.create(
      .jobs, "j",
      [
        "spec": [
          "completions": 3, "parallelism": 2,
          "template": SimulatedCluster.template(spec: ["restartPolicy": "Never"]),
        ]
      ])
    cluster.pass(.milliseconds(100))
    #expect(cluster.pods.count == 2)
    cluster.pass(.seconds(10))
    #expect(cluster.get(.jobs, "j")?[path: "status", "succeeded"] == 3)
    #expect(cluster.condition(.jobs, "j", "Complete")?["status"] == "True")
    #expect(cluster.pods.allSatisfy { PodState($0).phase == "Succeeded" })
    #expect(cluster.settle() == 0)
  }

  @Test func statefulSetsGoOneByOne() throws {
    var cluster = SimulatedCluster()
    try cluster.create(
      .statefulSets, "db",
      [
        "spec": [
          "replicas": 3, "serviceName": "db", "selector": ["matchLabels": ["app": "web"]],
          "template": SimulatedCluster.template(),
          "volumeClaimTemplates": [
            [
              "metadata": ["name": "data"],
              "spec": [
                "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
              ],
            ]
          ],
        ]
      ])
    cluster.settle()
    #expect(cluster.pods.map(\.name) == ["db-0"])
    cluster.pass(.seconds(5))
    #expect(cluster.readyPods.map(\.name) == ["db-0", "db-1", "db-2"])
    #expect(cluster.get(.persistentVolumeClaims, "data-db-1")?[path: "status", "phase"] == "Bound")
    try cluster.change(.statefulSets, "db") {
      $0["spec"]?["template"] = SimulatedCluster.template(image: "x:2")
    }
    for _ in 0..<100 {
      cluster.pass(.milliseconds(50))
      #expect(cluster.readyPods.count >= 2)
    }
    #expect(cluster.pods.allSatisfy { PodState($0).containers[0]["image"] == "x:2" })
    try cluster.change(.statefulSets, "db") { $0["spec"]?["replicas"] = 1 }
    cluster.pass(.seconds(3))
    #expect(cluster.pods.map(\.name) == ["db-0"])
    #expect(cluster.get(.statefulSets, "db")?[path: "status", "updatedReplicas"] == 1)
  }
}
