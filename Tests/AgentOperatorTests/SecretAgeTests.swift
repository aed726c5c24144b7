import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentOperator

/// `maxAge`: credentials that got too old.
@Suite struct SecretAgeTests {
  private static let spec: JSONValue = [
    "secrets": [["name": "llm", "secretRef": ["name": "llm"], "maxAge": "24h"]]
  ]

  @Test func theConditionComesAndGoesWithTheContentAlone() async throws {
    try await withOperator { harness in
      try await harness.createSecret("llm")
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await harness.condition("SecretRotationDue") == nil)
      try await harness.jump(.seconds(23 * 3600))
      // A label makes nothing newer.
      try await harness.patch(.secrets, "llm", ["metadata": ["labels": ["a": "b"]]])
      try await harness.settle()
      #expect(try await harness.condition("SecretRotationDue") == nil)
      try await harness.jump(.seconds(3700))
      let due = try #require(try await harness.condition("SecretRotationDue"))
      #expect(due.status == .true && due.reason == "MaxAgeExceeded")
      #expect(due.message.contains("llm (Secret llm) since 2026-11-22T00:00:00Z"))
      #expect(due.message.contains("spec.secrets[0].maxAge"))
      #expect(try await harness.events().contains { $0.hasPrefix("SecretRotationDue") })
      #expect(try await harness.summary("Ready") == "Ready=True Ready")
      let old = try await harness.get(.agentDeployments)["status"]?["secrets"]?[0]
      #expect(old?["rotationDue"] == true && old?["rotatesAt"] == nil)
      // Time alone says nothing new.
      let mark = harness.log.count
      try await harness.jump(.seconds(48 * 3600))
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      try await harness.patch(.secrets, "llm", ["data": ["api-key": "bmV3"]])
      try await harness.settle()
      #expect(try await harness.condition("SecretRotationDue") == nil)
      let new = try await harness.get(.agentDeployments)["status"]?["secrets"]?[0]
      #expect(new?["rotationDue"] == false && new?["changedAt"] != old?["changedAt"])
    }
  }

  /// It is not ours to rotate, so nothing is due.
  @Test func anothersSecretWithTheNameOfAGeneratedOneIsLeftAlone() async throws {
    try await withOperator { harness in
      try await harness.createSecret("support-session")
      try await harness.jump(.seconds(48 * 3600))
      try await harness.apply(
        "support", ["secrets": [["name": "session", "generate": ["rotateEvery": "24h"]]]])
      try await harness.settle()
      #expect(try await harness.condition("Stalled")?.reason == "ApplyConflict")
      #expect(try await harness.get(.agentDeployments)["status"]?["secrets"] == nil)
      let mark = harness.log.count
      try await harness.advance(by: .seconds(600))
      #expect(harness.log.writes(since: mark).map(\.description) == [])
      #expect(harness.log.since(mark).filter { !$0.isWatch }.count <= 25)
    }
  }

  /// The watch does not tell that somebody has labelled the Secret which is due.
  @Test func aRotationOfWhatTheCacheShowsTooOldIsDoneOnce() async throws {
    try await withOperator { harness in
      try await harness.apply(
        "support", ["secrets": [["name": "session", "generate": ["rotateEvery": "24h"]]]])
      try await harness.settle()
      harness.faults.addToWatches { resource, _ in
        resource == "secrets" ? .late(.seconds(80)) : nil
      }
      try await harness.jump(.seconds(24 * 3600 - 60))
      try await harness.patch(
        .secrets, "support-session", ["metadata": ["labels": ["team": "x"]]])
      let before = try await harness.get(.secrets, "support-session")["data"]
      let mark = harness.log.count
      try await harness.letPass(.seconds(70))
      #expect(try await harness.get(.secrets, "support-session")["data"] != before)
      #expect(harness.log.writes(since: mark).filter { $0.resource == "secrets" }.count <= 3)
    }
  }

  @Test func theAgeIsAMetricWhileSomebodyWantsToKnow() async throws {
    try await withOperator { harness in
      try await harness.createSecret("llm")
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let metrics = try #require(harness.agentOperator?.metrics.registry)
      let line =
        "agent_operator_secret_changed_timestamp_seconds{agent=\"support\",agent_namespace=\"agents\","
        + "secret=\"llm\"} \(SimulatedClock.epoch)"
      #expect(metrics.exposition().contains(line))
      try await harness.apply("support", [:])
      try await harness.settle()
      #expect(!metrics.exposition().contains("secret_changed_timestamp"))
    }
  }

  @Test(
    arguments: [
      ([] as JSONValue, 100), ([["time": "1970-01-01T00:05:00Z"]], 100),
      ([["time": "1970-01-01T00:05:00Z", "fieldsV1": ["f:metadata": [:]]]], 100),
      ([["time": "1970-01-01T00:05:00Z", "fieldsV1": ["f:data": [:]]]], 300),
      (
        [
          ["time": "1970-01-01T00:05:00Z", "fieldsV1": ["f:data": ["f:a": [:]]]],
          ["time": "1970-01-01T00:06:00Z", "fieldsV1": ["f:data": ["f:b": [:]]]],
          ["time": "1970-01-01T00:07:00Z", "fieldsV1": ["f:metadata": [:]]],
        ], 360
      ),
      ([["time": "never", "fieldsV1": ["f:data": [:]]]], 100),
    ] as [(JSONValue, Int64)]) func contentsAreAsOldAsTheirManagersSay(
      _ fields: JSONValue, _ expected: Int64
    )
  {
    let secret = KubernetesObject([
      "apiVersion": "v1", "kind": "Secret",
      "metadata": [
        "name": "a", "creationTimestamp": "1970-01-01T00:01:40Z", "managedFields": fields,
      ],
    ])
    #expect(SecretTimes.changedAt(secret) == expected)
    #expect(SecretTimes.changedAt(KubernetesObject(["metadata": ["name": "a"]])) == nil)
  }
}

/// When a generated Secret is due, for every age.
@Suite struct RotationPlanTests {
  private static let day: Int64 = 86400

  private func plan(_ generate: JSONValue, _ annotations: JSONValue, age: Int64) throws -> Plan {
    let rendering = try Fixtures.rendering(
      ["secrets": [["name": "session", "generate": generate]]])
    var observed = Fixtures.converged(rendering)
    observed.change(.secrets) { secret in
      let created = KubernetesTime(unixSeconds: Fixtures.now - age).secondsText
      secret["metadata"]?["creationTimestamp"] = .string(created)
      for (key, value) in annotations.object ?? [:] {
        secret["metadata"]?["annotations"]?[key] = value
      }
    }
    return Fixtures.plan(rendering, observed)
  }

  private func changes(_ plan: Plan) -> [SecretChange] {
    plan.steps.compactMap { if case .changeSecret(_, let change, _) = $0 { change } else { nil } }
  }

  @Test func itIsDueExactlyAtItsAge() throws {
    for age in [0, 1, Self.day - 1, Self.day, Self.day + 1, 400 * Self.day] {
      let plan = try plan(["rotateEvery": "24h"], [:], age: age)
      #expect(changes(plan) == (age >= Self.day ? [.rotate(at: Fixtures.now)] : []), "\(age)")
      #expect(changes(try self.plan([:], [:], age: age)) == [])
    }
  }

  @Test func theLastRotationCounts() throws {
    func rotated(_ ago: Int64) -> JSONValue {
      [
        SecretRotation.annotation: .string(
          KubernetesTime(unixSeconds: Fixtures.now - ago).secondsText)
      ]
    }
    for ago in [-Self.day, -1, 0, Self.day - 1] {
      let plan = try plan(["rotateEvery": "24h"], rotated(ago), age: 10 * Self.day)
      #expect(changes(plan) == [], "\(ago)")
    }
    for ago in [Self.day, 5 * Self.day, -Self.day - 1] {
      let plan = try plan(["rotateEvery": "24h"], rotated(ago), age: 10 * Self.day)
      #expect(changes(plan) == [.rotate(at: Fixtures.now)], "\(ago)")
    }
  }

  @Test func aPreviousValueThatNobodyWantsGoes() throws {
    let kept: JSONValue = [SecretRotation.keptAnnotation: "true"]
    #expect(try changes(plan([:], kept, age: 0)) == [.forgetPrevious])
    #expect(
      try changes(plan(["rotateEvery": "24h", "keepPrevious": true], kept, age: 0)) == [])
  }

  @Test func aSecretOfSomebodyElsesIsNotRotated() throws {
    let rendering = try Fixtures.rendering(
      ["secrets": [["name": "session", "generate": ["rotateEvery": "24h"]]]])
    var observed = Fixtures.converged(rendering)
    observed.change(.secrets) { secret in
      secret["metadata"]?["creationTimestamp"] = "2020-01-01T00:00:00Z"
      secret["metadata"]?["labels"] = nil
      secret["metadata"]?["ownerReferences"] = nil
    }
    let plan = Fixtures.plan(rendering, observed)
    #expect(changes(plan) == [] && !plan.conflicts.isEmpty)
  }
}
