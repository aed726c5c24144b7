import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import AgentOperator

/// Oracle C: the process ends at any write, before the server knows of it or before its answer.
@Suite struct CrashTests {
  /// A life with creations, changes and deletes in it.
  private struct Life {
    let steps: [JSONValue] = [
      [
        "image": "registry/support:v1", "config": ["a": "1"],
        "scaling": ["minReplicas": 3, "maxReplicas": 3],
        "secrets": [["name": "session", "generate": ["length": 16]]],
      ],
      [
        "image": "registry/support:v2", "config": ["a": "2"],
        "scaling": ["minReplicas": 2, "maxReplicas": 5], "traffic": ["provider": "None"],
        "secrets": [["name": "session", "generate": ["length": 16]]],
      ],
    ]

    /// - Returns: the last state and the values of the generated Secret over time.
    func run(_ harness: OperatorHarness) async throws -> (
      state: [String: JSONValue], secrets: Set<String>
    ) {
      for step in steps {
        try await harness.apply("support", step)
        let image = step["image"]
        try await harness.until("\(step) is done") {
          let agent = try await harness.get(.agentDeployments)
          let deployment = try await harness.find(.deployments)
          return agent["status"]?["observedGeneration"]?.int == agent.generation
            && deployment?["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"] == image
            && StatusBuilder.conditions(in: agent["status"])["Reconciling"]?.status == .false
        }
        try await harness.settle()
      }
      let values = harness.cluster?.history(.secrets).compactMap {
        $0.new?["data"]?["value"]?.string
      }
      return (try await harness.canonicalState(), Set(values ?? []))
    }
  }

  @Test func aCrashAtAnyWriteLeavesNothingBehind() async throws {
    let life = Life()
    var reference: [String: JSONValue] = [:]
    var writes = 0
    try await withOperator { harness in
      (reference, _) = try await life.run(harness)
      writes = harness.log.writes.count
    }
    try #require(writes > 20)
    // Every write is a place to die at; the thorough run takes all of them in both ways.
    let places =
      SimulationSeeds.isThorough
      ? (0..<writes).flatMap { [($0, Fault.crashBefore), ($0, .crashAfter)] }
      : (0..<writes).map { ($0, $0.isMultiple(of: 2) ? Fault.crashBefore : .crashAfter) }
    for (place, fault) in places {
      try await withOperator(starts: false) { harness in
        let count = Counter()
        harness.faults.add { request in
          guard request.isStateWrite else { return nil }
          count.add(1)
          return count.value == place + 1 ? fault : nil
        }
        harness.start()
        let (state, secrets) = try await life.run(harness)
        let what = "\(fault) at write \(place)"
        #expect(state.keys.sorted() == reference.keys.sorted(), "\(what)")
        for difference in Canonical.differences(reference, state) {
          Issue.record("\(what): \(difference)")
        }
        #expect(secrets.count == 1, "\(what): the generated value changed")
        #expect(!harness.logs.lines.contains { $0.level == .error })
        let mark = harness.log.count
        try await harness.restart()
        try await harness.settle()
        #expect(harness.log.writes(since: mark).map(\.description) == [], "\(what)")
      }
    }
  }
}

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
