import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import EmbeddedCluster

/// Each fault on demand, for clients in the process and over HTTP.
@Suite(.timeLimit(.minutes(1))) struct FaultsTests {
  typealias Way = FaultyCluster.Way

  @Test(arguments: Way.allCases, [409, 410, 429, 500, 503, 504])
  func refusals(way: Way, code: Int) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      try await test.create("a")
      test.cluster.faults = FaultPlan([
        FaultRule(
          .fail(status: code, retryAfterSeconds: code == 429 ? 7 : nil), verbs: ["delete"],
          resources: ["configmaps"], names: ["a"], times: 1)
      ])
      let refused = try await test.send("DELETE", FaultyCluster.path + "/a")
      #expect(refused.status == code)
      #expect(refused.json["kind"] == "Status")
      #expect(refused.json["code"]?.int == code)
      #expect(refused.header("retry-after") == (code == 429 ? "7" : nil))
      #expect(try await test.names().contains("a"), "nothing was done")
      #expect(try await test.send("DELETE", FaultyCluster.path + "/a").status == 200, "used up")
      #expect(test.cluster.faults.entries[0].hits == 1)
    }
  }

  @Test(arguments: Way.allCases)
  func lostRequestsDoNothingAndLostAnswersDo(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      // libcurl asks again by itself when a connection that was used before ends without a byte.
      test.cluster.faults = FaultPlan([FaultRule(.loseRequest, verbs: ["create"], times: 4)])
      for _ in 0..<2 {
        let code = await test.failure { try await test.create("a") }
        #expect(code == .connectionLost)
      }
      test.cluster.faults = FaultPlan()
      #expect(try await !test.names().contains("a"))
      test.cluster.faults = FaultPlan([FaultRule(.loseAnswer, verbs: ["create"])])
      let code = await test.failure { try await test.create("a") }
      #expect(code == .connectionLost)
      test.cluster.faults = FaultPlan()
      #expect(try await test.names().contains("a"))
    }
  }

  @Test(arguments: Way.allCases)
  func answersBreakOff(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      test.cluster.faults = FaultPlan([FaultRule(.reset(afterBytes: 20), verbs: ["create"])])
      let code = await test.failure { try await test.create("a") }
      #expect(code == .connectionLost)
      test.cluster.faults = FaultPlan()
      #expect(try await test.names().contains("a"), "it was carried out")
    }
  }

  @Test(arguments: Way.allCases)
  func delaysHoldARequestBack(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      test.cluster.faults = FaultPlan([
        FaultRule(.delay(.milliseconds(80)), verbs: ["create"]),
        FaultRule(.delay(.milliseconds(40)), resources: ["configmaps"]),
      ])
      let start = ContinuousClock.now
      #expect(try await test.create("a").status == 201)
      #expect(ContinuousClock.now - start >= .milliseconds(120))
    }
  }

  @Test(arguments: Way.allCases)
  func readsAreStale(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      for name in ["a", "b", "c"] { try await test.create(name) }
      test.cluster.faults = FaultPlan([
        FaultRule(.staleRead(changesAgo: 2), verbs: ["get", "list", "watch"])
      ])
      let stale = try await test.send("GET", FaultyCluster.path)
      #expect(stale.json["items"]?.array?.map { $0["metadata"]?["name"] } == ["a"])
      #expect(try await test.send("GET", FaultyCluster.path + "/b").status == 404)
      // A client that knows a version never sees an older one.
      let newest = String(test.cluster.server.store.version)
      #expect(
        try await test.names([
          ("resourceVersion", newest), ("resourceVersionMatch", "NotOlderThan"),
        ])
          == ["a", "b", "c"])
      // A watch begins in the past and catches up.
      let watch = try await test.watch([("resourceVersion", "0")])
      for name in ["a", "b", "c"] { #expect(try await watch.summary() == "ADDED \(name)") }
      test.cluster.faults = FaultPlan()
      #expect(try await test.names() == ["a", "b", "c"])
    }
  }

  @Test(arguments: Way.allCases)
  func frozenWatchesTellNothingUntilFaultsAreCleared(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      test.cluster.faults = FaultPlan([
        FaultRule(.freezeWatch(afterEvents: 1), verbs: ["watch"], times: 1)
      ])
      for name in ["a", "b"] { try await test.create(name) }
      let watch = try await test.watch([("resourceVersion", "0")])
      #expect(try await watch.summary() == "ADDED a")
      async let next = watch.summary()
      try await test.until { test.cluster.gateway.frozenWatches == 1 }
      try await test.create("c")
      // Another watch is not concerned: the rule is used up.
      let other = try await test.watch([("resourceVersion", "0")])
      #expect(try await other.summary() == "ADDED a")
      #expect(test.cluster.gateway.frozenWatches == 1)
      test.cluster.faults = FaultPlan()
      let thawed = try await next
      #expect(thawed == "ADDED b")
      #expect(try await watch.summary() == "ADDED c")
    }
  }

  @Test(arguments: Way.allCases)
  func watchesEndRegularlyAndGoOnFromTheirVersion(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      for name in ["a", "b"] { try await test.create(name) }
      test.cluster.faults = FaultPlan([
        FaultRule(.endWatch(afterEvents: 1), verbs: ["watch"], times: 1)
      ])
      let first = try await test.watch([("resourceVersion", "0")])
      let event = try await first.next()
      #expect(event?["object"]?["metadata"]?["name"] == "a")
      #expect(try await first.next() == nil)
      let version = event?["object"]?["metadata"]?["resourceVersion"]?.string ?? ""
      let second = try await test.watch([("resourceVersion", version)])
      #expect(try await second.summary() == "ADDED b")
    }
  }

  @Test(arguments: Way.allCases)
  func watchesExpire(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      try await test.create("a")
      test.cluster.faults = FaultPlan([
        FaultRule(.expireWatch(afterEvents: 1), verbs: ["watch"])
      ])
      let watch = try await test.watch([("resourceVersion", "0")])
      #expect(try await watch.summary() == "ADDED a")
      let error = try await watch.next()
      #expect(error?["type"] == "ERROR")
      #expect(error?["object"]?["code"] == 410)
      #expect(try await watch.next() == nil)
    }
  }

  @Test(arguments: Way.allCases)
  func watchesBreakInsideAnEvent(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      try await test.create("a")
      test.cluster.faults = FaultPlan([FaultRule(.reset(afterBytes: 30), verbs: ["watch"])])
      let watch = try await test.watch([("resourceVersion", "0")])
      let code = await test.failure { _ = try await watch.next() }
      #expect(code == .connectionLost)
      #expect(await watch.unread == 30)
    }
  }

  @Test(arguments: Way.allCases, [false, true])
  func crash(way: Way, losingData: Bool) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      _ = try await test.send(
        "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [],
        TestCluster.widgetDefinition)
      let uid = try await test.create("a").json["metadata"]?["uid"]
      let watch = try await test.watch([("resourceVersion", "0")])
      #expect(try await watch.summary() == "ADDED a")
      async let broken = test.failure { _ = try await watch.next() }
      try await test.until { test.cluster.server.store.waitingWatches == 1 }
      test.cluster.crash(losingData: losingData)
      let code = await broken
      #expect(code == .connectionLost)
      let refused = await test.failure { try await test.create("b") }
      #expect(refused == (way == .http ? .connectionLost : .connectionRefused))
      test.cluster.recover()
      #expect(try await test.names() == (losingData ? [] : ["a"]))
      #expect(try await test.send("GET", TestCluster.widgets).status == (losingData ? 404 : 200))
      let again = try await test.create("a")
      #expect(again.status == (losingData ? 201 : 409))
      if losingData { #expect(again.json["metadata"]?["uid"] != uid) }
      #expect(try await test.watch([("resourceVersion", "0")]).summary() == "ADDED a")
    }
  }

  @Test(arguments: Way.allCases)
  func clientsFromOutsideInjectFaults(way: Way) async throws {
    try await FaultyCluster.with(way) { (test) async throws -> Void in
      let rules: JSONValue = [
        "rules": [
          ["verbs": ["list"], "resources": ["configmaps"], "times": 1, "fail": 503],
          ["resources": ["secrets"], "staleByChanges": 3],
        ]
      ]
      #expect(try await test.send("POST", "/simulation/faults", [], rules).status == 200)
      #expect(try await test.send("GET", FaultyCluster.path).status == 503)
      #expect(try await test.send("GET", FaultyCluster.path).status == 200)
      let shown = try await test.send("GET", "/simulation/faults").json["rules"]?[0]
      #expect(shown?["hits"] == 1)
      #expect(shown?["matched"] == 2)
      #expect(try await test.send("DELETE", "/simulation/faults").json["rules"] == [])
      #expect(test.cluster.faults.isEmpty)
      let wrong = try await test.send(
        "POST", "/simulation/faults", [], ["rules": [["failure": 500]]])
      #expect(wrong.status == 400)
      #expect(wrong.message.contains("\"failure\""))
      #expect(
        try await test.send(
          "POST", "/simulation/crash", [("seconds", "0"), ("data", "lost")]
        ).status == 200)
    }
  }
}

@Suite struct FaultPlanTests {
  private static let request = RequestAttributes(
    verb: "patch", group: "apps", resource: "deployments", subresource: "status",
    namespace: "n", name: "web")

  @Test func allConditionsMustHold() {
    #expect(FaultRule(.loseRequest).matches(Self.request))
    let rules: [(FaultRule, Bool)] = [
      (FaultRule(.loseRequest, verbs: ["patch", "get"]), true),
      (FaultRule(.loseRequest, verbs: ["get"]), false),
      (FaultRule(.loseRequest, resources: ["deployments.apps"]), true),
      (FaultRule(.loseRequest, resources: ["deployments.apps/status"]), true),
      (FaultRule(.loseRequest, resources: ["deployments.apps/scale"]), false),
      (FaultRule(.loseRequest, resources: ["deployments"]), false),
      (FaultRule(.loseRequest, namespaces: ["n"], names: ["web"]), true),
      (FaultRule(.loseRequest, namespaces: ["m"], names: ["web"]), false),
      (FaultRule(.loseRequest, names: ["db"]), false),
    ]
    for (rule, expected) in rules { #expect(rule.matches(Self.request) == expected, "\(rule)") }
    let discovery = RequestAttributes(verb: "get", path: "/apis")
    #expect(FaultRule(.loseRequest, verbs: ["get"]).matches(discovery))
    #expect(!FaultRule(.loseRequest, resources: ["apis"]).matches(discovery))
  }

  @Test func skipAndTimesCountMatches() {
    var plan = FaultPlan([FaultRule(.loseRequest, verbs: ["patch"], skip: 2, times: 3)])
    let hits = (0..<8).map { _ in !plan.effects(on: Self.request).isEmpty }
    #expect(hits == [false, false, true, true, true, false, false, false])
    #expect(plan.effects(on: RequestAttributes(verb: "get", path: "/")).isEmpty)
    #expect(plan.entries[0].matched == 8)
  }

  @Test func probabilityFollowsTheSeed() {
    func hits(_ seed: UInt64) -> [Bool] {
      var plan = FaultPlan([FaultRule(.loseAnswer, probability: 0.25)], seed: seed)
      return (0..<2000).map { _ in !plan.effects(on: Self.request).isEmpty }
    }
    #expect(hits(1) == hits(1))
    #expect(hits(1) != hits(2))
    #expect((400...600).contains(hits(3).count { $0 }))
  }

  @Test func everyRuleSurvivesItsJSONForm() throws {
    let effects: [FaultRule.Effect] = [
      .delay(.milliseconds(20)), .loseRequest, .loseAnswer,
      .fail(status: 429, retryAfterSeconds: 2),
      .fail(status: 500), .reset(afterBytes: 3), .staleRead(changesAgo: 4),
      .freezeWatch(afterEvents: 0), .endWatch(afterEvents: 1), .expireWatch(afterEvents: 2),
    ]
    for effect in effects {
      let rule = FaultRule(
        effect, verbs: ["get"], resources: ["a", "b"], namespaces: ["c"], names: ["d"], skip: 1,
        times: 2, probability: 0.5)
      let again = try FaultRule(rule.json)
      #expect(again == rule)
    }
    for bad: JSONValue in [
      [:], ["fail": 200], ["fail": 500, "loseAnswer": true], ["fail": 500, "verbs": "get"],
      ["fail": 500, "probability": 2], ["delayMilliseconds": -1], ["nope": 1],
    ] {
      #expect((try? FaultRule(bad)) == nil, "\(bad)")
    }
  }
}
