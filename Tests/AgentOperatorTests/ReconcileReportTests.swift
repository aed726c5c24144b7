import ControllerRuntime
import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// What users are told, and what the cache knows of own writes.
@Suite struct ReconcileReportTests {
  @Test func eachNewRevisionIsAnEvent() async throws {
    try await withOperator { harness in
      try await harness.apply("support", ["image": "registry/support:v1"])
      try await harness.settle()
      let first = try await harness.revision()
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.settle()
      let second = try await harness.revision()
      // No new revision: not what the agent's behaviour depends on. The second changes the
      // Deployment nevertheless.
      for other: JSONValue in [
        ["image": "registry/support:v2", "availability": ["maxUnavailable": 2]],
        ["image": "registry/support:v2", "scaling": ["minReplicas": 2, "maxReplicas": 2]],
      ] {
        try await harness.apply("support", other)
        try await harness.settle()
        #expect(try await harness.revision() == second)
      }
      #expect(try await harness.find(.deployments)?["spec"]?["replicas"] == 2)
      // Drift is not a revision either, even of the label that names it.
      try await harness.patch(
        .deployments, "support",
        [
          "spec": [
            "template": ["metadata": ["labels": ["agentdeploy.dev/revision": "somebody-elses"]]]
          ]
        ])
      try await harness.settle()
      let created = try await harness.events().filter { $0.hasPrefix("RevisionCreated") }
      #expect(
        created.sorted()
          == [
            "RevisionCreated: revision \(first) of image registry/support:v1",
            "RevisionCreated: revision \(second) of image registry/support:v2",
          ].sorted())
      // The same told again would be no new event, but a series of the old one.
      try await harness.advance(by: .seconds(600))
      let repeated = try await harness.list(.events).filter {
        $0["reason"] == "RevisionCreated" && $0["series"] != nil
      }
      #expect(repeated.map { $0["note"] } == [])
    }
  }

  @Test("rule 21: an own delete counts before the watch shows it", arguments: [false, true])
  func ownDeletesAreKnown(isGoneAlready: Bool) async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      harness.faults.addToWatches { resource, event in
        guard resource == "horizontalpodautoscalers", case .deleted = event else { return nil }
        return .lost
      }
      if isGoneAlready { try await harness.delete(.horizontalPodAutoscalers, "support") }
      let fixed: JSONValue = ["scaling": ["minReplicas": 2, "maxReplicas": 2]]
      try await harness.apply("support", fixed)
      try await harness.settle()
      var again = fixed
      again["availability"] = ["maxUnavailable": 2]
      try await harness.apply("support", again)
      try await harness.settle()
      let deletes = harness.log.all.filter { $0.method == "DELETE" }
      #expect(deletes.map(\.description) == ["DELETE horizontalpodautoscalers/support"])
    }
  }

  @Test("rule 21: an own apply counts before the watch shows it")
  func ownAppliesAreKnown() async throws {
    try await withOperator { harness in
      harness.faults.addToWatches { resource, event in
        if case .bookmark = event { return nil }
        return resource == "services" || resource == "networkpolicies" ? .lost : nil
      }
      try await harness.apply()
      try await harness.settle()
      try await harness.apply("support", ["availability": ["maxUnavailable": 2]])
      try await harness.settle()
      let writes = harness.log.writes.filter {
        $0.resource == "services" || $0.resource == "networkpolicies"
      }
      #expect(
        writes.map(\.description).sorted() == [
          "PATCH networkpolicies/support", "PATCH services/support",
        ])
      #expect(!harness.log.all.contains { $0.isWrite && ($0.status ?? 0) >= 400 })
    }
  }

  @Test func faultsThatEndTooLateAreRefusedUntilTheyMay() async throws {
    try await withOperator { harness in
      try await harness.apply("support", ["image": "registry/support:v1"])
      try await harness.settle()
      let expiry = KubernetesTime(unixSeconds: harness.clock.wallTime + 25 * 3600).secondsText
      try await harness.apply(
        "support",
        [
          "image": "registry/support:v2",
          "traffic": [
            "faultInjection": ["percent": "1", "delay": "1s", "expiresAt": .string(expiry)]
          ],
        ])
      try await harness.settle()
      let accepted = try #require(try await harness.condition("Accepted"))
      #expect(accepted.status == .false && accepted.reason == "Invalid")
      #expect(accepted.message.contains("spec.traffic.faultInjection.expiresAt"))
      #expect(accepted.message.contains("24 hours"))
      // What ran before goes on running, and nothing is written while it waits.
      let mark = harness.log.count
      try await harness.advance(by: .seconds(3500))
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      try await harness.advance(by: .seconds(200))
      #expect(try await harness.condition("Accepted")?.status == .true)
      let fault = try await harness.get(.virtualServices)["spec"]?["http"]?[0]?["fault"]
      #expect(fault?["delay"]?["fixedDelay"] == "1s")
    }
  }
}
