import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

/// Evictions, and the budgets that forbid them.
@Suite struct APIEvictionTests {
  private let test = TestCluster()
  private let pods = "/api/v1/namespaces/default/pods"
  private let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
  private let merge = "application/merge-patch+json"

  private func run(_ name: String, isReady: Bool = true) async throws {
    let created = try await test.send(
      "POST", pods, [],
      [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": .string(name), "labels": ["app": "web"]],
        "spec": ["containers": [["name": "c", "image": "i"]]],
      ])
    #expect(created.status == 201)
    let binding = try await test.send(
      "POST", "\(pods)/\(name)/binding", [],
      ["metadata": ["name": .string(name)], "target": ["kind": "Node", "name": "n"]])
    #expect(binding.status == 201 && binding.json["code"] == 201)
    let ready: JSONValue = ["type": "Ready", "status": isReady ? "True" : "False"]
    _ = try await test.send(
      "PATCH", "\(pods)/\(name)/status", [],
      ["status": ["phase": "Running", "conditions": [ready]]], type: merge)
  }

  private func guardPods(_ name: String, _ status: JSONValue?) async throws {
    let created = try await test.send(
      "POST", budgets, [],
      [
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": ["name": .string(name)],
        "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]],
      ])
    #expect(created.status == 201)
    guard let status else { return }
    _ = try await test.send(
      "PATCH", "\(budgets)/\(name)/status", [], ["status": status], type: merge)
  }

  private func evict(
    _ name: String, as other: String? = nil, _ query: [(name: String, value: String)] = []
  ) async throws -> TestCluster.Answer {
    try await test.send(
      "POST", "\(pods)/\(name)/eviction", query,
      [
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": ["name": .string(other ?? name)],
      ])
  }

  private func isGoing(_ name: String) async throws -> Bool {
    try await test.get("\(pods)/\(name)").json["metadata"]?["deletionTimestamp"] != nil
  }

  @Test func podsWithoutABudgetGo() async throws {
    try await run("a")
    #expect(try await evict("a", as: "b").status == 400)
    #expect(try await evict("a", [("dryRun", "All")]).status == 201)
    #expect(try await isGoing("a") == false)
    let answer = try await evict("a")
    #expect(answer.status == 201 && answer.json["code"] == 201)
    #expect(try await isGoing("a"))
    let conditions = try await test.get("\(pods)/a").json["status"]?["conditions"]?.array
    #expect(conditions?.last?["type"] == "DisruptionTarget")
    #expect(conditions?.last?["reason"] == "EvictionByEvictionAPI")
    #expect(try await evict("gone").status == 404)
  }

  @Test func budgetsForbidDisruptions() async throws {
    try await run("a")
    try await guardPods(
      "b",
      [
        "observedGeneration": 1, "disruptionsAllowed": 0, "currentHealthy": 1,
        "desiredHealthy": 1, "expectedPods": 1,
      ])
    let refused = try await evict("a")
    #expect(refused.status == 429 && refused.reason == "TooManyRequests")
    #expect(
      refused.message == "Cannot evict pod as it would violate the pod's disruption budget.")
    #expect(
      refused.json["details"] == [
        "causes": [
          [
            "reason": "DisruptionBudget",
            "message": "The disruption budget b needs 1 healthy pods and has 1 currently",
          ]
        ]
      ])
    #expect(try await isGoing("a") == false)
  }

  @Test func aBudgetNobodyHasLookedAtForbidsAll() async throws {
    try await run("a")
    try await guardPods("b", nil)
    let refused = try await evict("a")
    #expect(refused.status == 429 && refused.header("retry-after") == "10")
    #expect(refused.json["details"]?["retryAfterSeconds"] == 10)
  }

  @Test func aBudgetIsUsedUp() async throws {
    try await run("a")
    try await run("b")
    try await guardPods(
      "b",
      [
        "observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2,
        "desiredHealthy": 1, "expectedPods": 2,
      ])
    #expect(try await evict("a").status == 201)
    let budget = try await test.get(budgets + "/b").json["status"]
    #expect(budget?["disruptionsAllowed"] == 0 && budget?["disruptedPods"]?["a"] != nil)
    #expect(try await evict("b").status == 429)
    // It goes already: there is nothing to disrupt.
    #expect(try await evict("a").status == 201)
  }

  @Test func unreadyPodsGoWhileEnoughAreHealthy() async throws {
    try await run("a", isReady: false)
    try await guardPods(
      "b",
      [
        "observedGeneration": 1, "disruptionsAllowed": 0, "currentHealthy": 1,
        "desiredHealthy": 1, "expectedPods": 2,
      ])
    #expect(try await evict("a").status == 201)
  }

  @Test func twoBudgetsAreOneTooMany() async throws {
    try await run("a")
    try await guardPods("b", nil)
    try await guardPods("c", nil)
    let refused = try await evict("a")
    #expect(refused.status == 500 && refused.message.hasPrefix("This pod has more than one"))
  }

  private func evict(_ name: String, if preconditions: JSONValue) async throws -> Int {
    try await test.send(
      "POST", "\(pods)/\(name)/eviction", [],
      [
        "apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": .string(name)],
        "deleteOptions": ["preconditions": preconditions],
      ]
    ).status
  }

  @Test func preconditionsHoldForThePodAsItWas() async throws {
    try await run("a")
    let pod = try await test.get(pods + "/a")
    let uid = pod.json["metadata"]?["uid"] ?? .null
    #expect(try await evict("a", if: ["uid": "other"]) == 409)
    #expect(try await evict("a", if: ["resourceVersion": "1"]) == 409)
    #expect(try await test.get(pods + "/a").version == pod.version, "nothing is written")
    #expect(try await evict("a", if: ["uid": uid, "resourceVersion": .string(pod.version)]) == 201)
    #expect(try await isGoing("a"))
  }

  @Test(
    arguments: [
      (["apiVersion": "policy/v1beta1"], 201), (["apiVersion": "policy/v9"], 400),
      (["metadata": ["name": "a", "namespace": "other"]], 400),
      (["metadata": ["name": "a", "namespace": "default"]], 201),
    ] as [(JSONObject, Int)])
  func formsOfAnEviction(_ more: JSONObject, _ status: Int) async throws {
    try await run("a")
    var eviction: JSONObject = ["kind": "Eviction", "metadata": ["name": "a"]]
    for (key, value) in more { eviction[key] = value }
    let answer = try await test.send("POST", "\(pods)/a/eviction", [], .object(eviction))
    #expect(answer.status == status, "\(answer.message)")
    #expect(try await isGoing("a") == (status == 201))
  }
}
