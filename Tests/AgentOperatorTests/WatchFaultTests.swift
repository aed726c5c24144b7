import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle B: events that get lost, doubled or late.
@Suite struct WatchFaultTests {
  private func isRight(_ harness: OperatorHarness) async throws -> Bool {
    let agent = try await harness.get(.agentDeployments)
    let deployment = try await harness.find(.deployments)
    return try await harness.summary("Ready") == "Ready=True Ready"
      && agent["status"]?["observedGeneration"]?.int == agent.generation
      && deployment?["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]
        == agent["spec"]?["image"]
      && deployment?["spec"]?["progressDeadlineSeconds"] == 600
  }

  @Test(arguments: [WatchFault.cut, .expired, .doubled])
  func eachEventMayComeInAnotherWay(fault: WatchFault) async throws {
    try await withOperator { harness in
      let seen = LockedSet()
      harness.faults.addToWatches { resource, event in
        guard case .modified(let object) = event else { return nil }
        return seen.insert("\(resource) \(object.resourceVersion ?? "")") ? fault : nil
      }
      try await harness.apply()
      try await harness.until("it is ready") { try await isRight(harness) }
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.patch(
        .deployments, "support", ["spec": ["progressDeadlineSeconds": 5]])
      try await harness.until("it is right again") { try await isRight(harness) }
      harness.faults.clear()
      try await harness.advance(by: .seconds(60))
      try await harness.expectNoMoreWrites()
    }
  }

  /// A life with a creation, a change, drift and a deletion in it.
  private func live(_ harness: OperatorHarness) async throws {
    try await harness.apply()
    try await harness.settle()
    try await harness.apply("support", ["image": "registry/support:v2", "config": ["a": "1"]])
    try await harness.letPass(.milliseconds(200))
    _ = try? await harness.delete(.services, "support")
    _ = try? await harness.patch(
      .deployments, "support", ["spec": ["progressDeadlineSeconds": 5]])
    try await harness.settle()
  }

  /// Events at one position each: all positions, and in a thorough run each in all ways.
  @Test func oneEventAnywhereMayComeInAnyWay() async throws {
    let ways: [WatchFault] = [
      .lost, .doubled, .late(.seconds(3)), .swapped, .cut, .expired,
    ]
    var reference: [String: JSONValue] = [:]
    let events = Counter()
    try await withOperator { harness in
      harness.faults.addToWatches { _, _ in
        events.add(1)
        return nil
      }
      try await live(harness)
      reference = try await harness.canonicalState()
    }
    try #require(events.value > 40)
    let places =
      SimulationSeeds.isThorough
      ? (0..<events.value).flatMap { place in ways.map { (place, $0) } }
      : (0..<events.value).map { ($0, ways[$0 % ways.count]) }
    for (place, way) in places {
      try await withOperator { harness in
        let seen = Counter()
        harness.faults.addToWatches { resource, _ in
          seen.add(1)
          // Nobody follows a kind whose definition nobody tells of: there is nothing to wait for.
          if way == .lost, resource == "customresourcedefinitions" { return nil }
          return seen.value == place + 1 ? way : nil
        }
        try await live(harness)
        harness.faults.clear()
        if way == .lost || way == .swapped {
          // No API server does that; all that a client can do is to list anew some day.
          harness.cluster?.compact()
          harness.connection?.cutWatches()
        }
        try await harness.advance(by: .seconds(60))
        let state = try await harness.canonicalState()
        let what = "event \(place) \(way)"
        // Who saw only the second spec made no ConfigMap for the first.
        let mounted = state["Deployment support"]?.serialized() ?? ""
        let missing = reference.keys.filter { state[$0] == nil }.filter { name in
          !name.hasPrefix("ConfigMap ") || mounted.contains(name.dropFirst("ConfigMap ".count))
        }
        #expect(missing == [] && state.keys.allSatisfy { reference[$0] != nil }, "\(what)")
        #expect(Canonical.differences(reference, state) == [], "\(what)")
        #expect(!harness.logs.lines.contains { $0.level == .error }, "\(what)")
        let mark = harness.log.count
        try await harness.restart()
        try await harness.settle()
        #expect(harness.log.writes(since: mark).map(\.description) == [], "\(what)")
      }
    }
  }

  /// Found by seed 452: the answer to the status write held the new spec, so its event told nothing
  /// new when it came, and nobody looked.
  @Test(arguments: [false, true])
  func anEditThatTheAnswerToOurOwnWriteBringsIsNotOverlooked(isListed: Bool) async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      // A status write and nothing else: no other event makes anybody look.
      _ = try await harness.client.patch(
        .agentDeployments, harness.key("support"), .merge(["status": nil]),
        fieldManager: "somebody", subresource: "status")
      harness.faults.next(.delay(.seconds(5))) { $0.isStatusWrite }
      try await harness.letPass(.seconds(2))
      harness.faults.addToWatches { resource, _ in
        resource == "agentdeployments" ? .late(.seconds(20)) : nil
      }
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.letPass(.seconds(4))
      #expect(harness.log.all.contains { $0.isStatusWrite && $0.status == 200 })
      if isListed {
        harness.cluster?.compact()
        harness.connection?.cutWatches()
      }
      try await harness.until("the edit is seen", within: .seconds(60)) {
        try await isRight(harness)
      }
    }
  }

  @Test(
    "a lost event is made up for when its watch is renewed",
    arguments: [
      "agentdeployments", "deployments", "services", "configmaps", "secrets",
      "horizontalpodautoscalers", "virtualservices",
    ])
  func anyEventMayGetLost(resource: String) async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      let before = try await harness.canonicalState()
      let isLost = LockedSet()
      harness.faults.addToWatches { name, event in
        if case .bookmark = event { return nil }
        return name == resource && isLost.insert("") ? .lost : nil
      }
      switch resource {
      case "agentdeployments":
        try await harness.apply("support", ["image": "registry/support:v2"])
        try await harness.apply("support", ["image": "registry/support:v1"])
      case "deployments":
        try await harness.patch(
          .deployments, "support", ["spec": ["progressDeadlineSeconds": 5]])
      case "services": try await harness.delete(.services, "support")
      case "horizontalpodautoscalers":
        try await harness.delete(.horizontalPodAutoscalers, "support")
      case "virtualservices":
        try await harness.patch(.virtualServices, "support", ["spec": ["hosts": ["other"]]])
      default: try await harness.createSecret("unrelated")
      }
      try await harness.settle()
      // The server forgets its history: everything is listed anew.
      harness.cluster?.compact()
      harness.connection?.cutWatches()
      try await harness.advance(by: .seconds(120))
      var after = try await harness.canonicalState()
      after["Secret unrelated"] = nil
      #expect(after.keys.sorted() == before.keys.sorted())
      #expect(Canonical.differences(before, after) == [])
      try await harness.expectNoMoreWrites()
    }
  }
}
