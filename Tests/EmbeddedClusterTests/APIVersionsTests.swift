import JSON
import KubernetesClient
import Testing

@testable import EmbeddedCluster

/// Built-in kinds in other versions than they are stored in, and the rarer kinds.
@Suite struct APIVersionsTests {
  private static func autoscalers(_ version: String) -> String {
    "/apis/autoscaling/\(version)/namespaces/default/horizontalpodautoscalers"
  }

  @Test func autoscalersAreTheSameInBothVersions() async throws {
    let test = TestCluster()
    let v1: JSONValue = [
      "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
      "metadata": ["name": "web"],
      "spec": [
        "maxReplicas": 4, "targetCPUUtilizationPercentage": 60,
        "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"],
      ],
    ]
    let created = try await test.send("POST", Self.autoscalers("v1"), [], v1)
    #expect(created.status == 201, "\(created.message)")
    #expect(created.json["apiVersion"] == "autoscaling/v1")
    #expect(created.json["spec"]?["targetCPUUtilizationPercentage"] == 60)
    #expect(created.json["spec"]?["minReplicas"] == 1)
    let v2 = try await test.get(Self.autoscalers("v2") + "/web")
    let metric = v2.json["spec"]?["metrics"]?[0]?["resource"]
    #expect(metric?["target"]?["averageUtilization"] == 60)
    #expect(v2.json["metadata"]?["uid"] == created.json["metadata"]?["uid"])

    let memory: JSONValue = [
      "type": "Resource",
      "resource": ["name": "memory", "target": ["type": "Utilization", "averageUtilization": 70]],
    ]
    let metrics = (v2.json["spec"]?["metrics"]?.array ?? []) + [memory]
    let patched = try await test.send(
      "PATCH", Self.autoscalers("v2") + "/web", [], ["spec": ["metrics": .array(metrics)]],
      type: "application/merge-patch+json")
    #expect(patched.status == 200, "\(patched.message)")
    // A write in v1 keeps what v1 has no field for.
    let old = try await test.send(
      "PATCH", Self.autoscalers("v1") + "/web", [], ["spec": ["maxReplicas": 5]],
      type: "application/merge-patch+json")
    #expect(old.status == 200, "\(old.message)")
    #expect(old.json["spec"]?["metrics"] == nil)
    let after = try await test.get(Self.autoscalers("v2") + "/web").json
    #expect(after["spec"]?["maxReplicas"] == 5)
    #expect(after["spec"]?["metrics"]?.array?.count == 2)
    #expect(after["metadata"]?["annotations"] == nil)
  }

  @Test func priorityClasses() async throws {
    let test = TestCluster()
    let path = "/apis/scheduling.k8s.io/v1/priorityclasses"
    let created = try await test.send(
      "POST", path, [],
      [
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": ["name": "high"],
        "value": 1000,
      ])
    #expect(created.status == 201, "\(created.message)")
    #expect(created.json["preemptionPolicy"] == "PreemptLowerPriority")
    #expect(try await test.get(path + "/high").json["value"] == 1000)
  }

  @Test func oldOpenAPIHoldsAllDefinitions() async throws {
    let test = TestCluster()
    let document = try await test.get("/openapi/v2").json
    #expect(document["swagger"] == "2.0")
    let definitions = document["definitions"]
    let deployment = definitions?["io.k8s.api.apps.v1.Deployment"]
    let text = deployment?.serialized() ?? ""
    #expect(text.contains("#/definitions/io.k8s.api.apps.v1.DeploymentSpec"))
    #expect(!text.contains("#/components"))
    #expect(definitions?["io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler"] != nil)
  }

  @Test func yamlBodiesAreReadAsTheAPIServerDoes() async throws {
    let test = TestCluster()
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nimmutable: yes\n"
    var request = TestCluster.request(
      "PATCH", TestCluster.configMaps + "/a", [("fieldManager", "x")])
    request.headers.append(("Content-Type", "application/apply-patch+yaml"))
    request.body = Array(text.utf8)
    let answer = try await test.cluster.transport.send(request)
    #expect(answer.status == 201)
    #expect(try JSONValue(parsing: answer.body)["immutable"] == true)
  }
}
