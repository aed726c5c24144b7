import Foundation
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering
import Testing

@testable import AgentOperator

/// `generate.rotateEvery`: the values of generated Secrets over time.
@Suite struct SecretRotationTests {
  static func spec(
    _ generate: JSONValue = ["length": 16, "rotateEvery": "24h", "keepPrevious": true],
    more: JSONValue = [:]
  ) -> JSONValue {
    var secret: JSONValue = ["name": "session", "generate": generate]
    for (key, value) in more.object ?? [:] { secret[key] = value }
    return ["secrets": [secret]]
  }

  private static let restarting: JSONValue = [
    "expose": "Env", "keys": ["value": "KEY", "previous": "OLD_KEY"],
  ]

  private func data(_ harness: OperatorHarness) async throws -> (value: String, previous: String?) {
    let data = try await harness.get(.secrets, "support-session")["data"]
    return (data?["value"]?.string ?? "", data?["previous"]?.string)
  }

  private func template(_ harness: OperatorHarness) async throws -> JSONValue? {
    try await harness.get(.deployments)["spec"]?["template"]
  }

  @Test func aValueIsReplacedWhenItIsDueAndTheOneBeforeStays() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      let first = try await data(harness)
      #expect(first.previous == nil)
      let before = try await template(harness)
      try await harness.jump(.seconds(24 * 3600 - 60))
      #expect(try await data(harness).value == first.value)
      try await harness.jump(.seconds(120))
      let second = try await data(harness)
      #expect(second.value != first.value && second.previous == first.value)
      #expect(second.value.count == first.value.count)
      // The files of running pods change in place.
      #expect(try await template(harness) == before)
      try await harness.jump(.seconds(24 * 3600))
      let third = try await data(harness)
      #expect(third.value != second.value && third.previous == second.value)
      #expect(try await harness.events().filter { $0.hasPrefix("SecretRotated") }.count >= 1)
      let status = try await harness.get(.agentDeployments)["status"]?["secrets"]?[0]
      #expect(status?["name"] == "session" && status?["rotationDue"] == false)
      let times = [status?["changedAt"], status?["rotatesAt"]].compactMap {
        $0?.string.flatMap { KubernetesTime($0) }?.unixSeconds
      }
      #expect(times.count == 2 && times[1] - times[0] == 24 * 3600)
      let mark = harness.log.count
      try await harness.restart()
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
    }
  }

  /// Whoever sees what the operator says and asks for learns no value; not even the operator sees one
  /// that it has not just made.
  @Test func valuesStayWithTheServer() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      for _ in 1...2 { try await harness.jump(.seconds(25 * 3600)) }
      let values = Set(
        (harness.cluster?.history(.secrets) ?? []).compactMap {
          $0.new?["data"]?["value"]?.string
        })
      #expect(values.count == 3)
      var plain: [String] = []
      for value in values {
        let decoded = try #require(Data(base64Encoded: value))
        plain += [value, String(decoding: decoded, as: UTF8.self)]
      }
      let agent = try await harness.get(.agentDeployments)
      let events = try await harness.events()
      for value in plain {
        #expect(!agent.json.serialized().contains(value))
        #expect(!events.contains { $0.contains(value) })
        #expect(!harness.logs.lines.contains { $0.text.contains(value) })
      }
      let reads = harness.log.all.filter {
        $0.resource == "secrets" && $0.method == "GET" && !$0.isMetadataOnly
      }
      #expect(reads.map(\.description) == [])
    }
  }

  @Test func rotationRestartsThePodsWhereItHasTo() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec(more: Self.restarting))
      try await harness.settle()
      let before = try await template(harness)
      let env = before?["spec"]?["containers"]?[0]?["env"]?.array ?? []
      let old = env.first { $0["name"] == "OLD_KEY" }?["valueFrom"]?["secretKeyRef"]
      #expect(old?["optional"] == true)
      #expect(harness.cluster?.history(.deployments).filter { $0.old == nil }.count == 1)
      try await harness.jump(.seconds(24 * 3600 + 60))
      let after = try await template(harness)
      let hash = "agentdeploy.dev/secrets-hash"
      #expect(before?["metadata"]?["annotations"]?[hash] == nil)
      #expect(after?["metadata"]?["annotations"]?[hash] != nil)
      #expect(after?["spec"] == before?["spec"])
      try await harness.jump(.seconds(3600))
      #expect(try await template(harness) == after)
    }
  }

  /// How often the pods were given another template.
  private func restarts(_ harness: OperatorHarness) -> Int? {
    harness.cluster?.history(.deployments).count { change in
      guard let old = change.old, let new = change.new else { return false }
      return old["spec"]?["template"] != new["spec"]?["template"]
    }
  }

  /// Its successor has another value, and the pods would go on with the one that is gone. Twice, since
  /// the second one lost has the time at which it was made.
  @Test(arguments: [[:], ["rotateEvery": "24h"]] as [JSONValue])
  func aLostSecretRestartsThePodsThatHaveItsValue(_ generate: JSONValue) async throws {
    try await withOperator { harness in
      let more: JSONValue = ["expose": "Env", "keys": ["value": "KEY"]]
      try await harness.apply("support", Self.spec(generate, more: more))
      try await harness.settle()
      #expect(restarts(harness) == 0)
      for round in 1...3 {
        let old = try await data(harness).value
        try await harness.delete(.secrets, "support-session")
        try await harness.settle()
        #expect(try await data(harness).value != old)
        #expect(restarts(harness) == round)
        try await harness.expectNoMoreWrites()
      }
    }
  }

  @Test func aLostSecretThatIsReadAgainRestartsNothing() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec([:]))
      try await harness.settle()
      try await harness.delete(.secrets, "support-session")
      try await harness.settle()
      #expect(restarts(harness) == 0)
      #expect(
        try await harness.get(.secrets, "support-session").annotation(SecretRotation.annotation)
          == nil)
    }
  }

  /// It was not lost: no pod had it.
  @Test func aSecretThatIsNewToRunningPodsRestartsThemOnce() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      try await harness.apply("support", Self.spec([:], more: ["onChange": "Restart"]))
      try await harness.settle()
      #expect(restarts(harness) == 1)
    }
  }

  @Test func withoutKeepPreviousTheOldValueIsGone() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec(["rotateEvery": "24h"]))
      try await harness.settle()
      let first = try await data(harness)
      try await harness.jump(.seconds(24 * 3600 + 60))
      let second = try await data(harness)
      #expect(second.value != first.value && second.previous == nil)
    }
  }

  @Test(arguments: [["rotateEvery": "24h"], [:]] as [JSONValue])
  func whenItIsNoLongerKeptItGoesAtOnce(_ generate: JSONValue) async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec(["rotateEvery": "24h", "keepPrevious": true]))
      try await harness.settle()
      try await harness.jump(.seconds(24 * 3600 + 60))
      let kept = try await data(harness)
      #expect(kept.previous != nil)
      try await harness.apply("support", Self.spec(generate))
      try await harness.settle()
      let dropped = try await data(harness)
      #expect(dropped.value == kept.value && dropped.previous == nil)
      let mark = harness.log.count
      try await harness.restart()
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
    }
  }

  @Test func aPausedAgentIsLeftAlone() async throws {
    try await withOperator { harness in
      var spec = Self.spec()
      spec["paused"] = true
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      let first = try await data(harness)
      try await harness.apply("support", spec)
      try await harness.jump(.seconds(30 * 3600))
      #expect(try await data(harness).value == first.value)
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      try await harness.jump(.seconds(60))
      #expect(try await data(harness).previous == first.value)
    }
  }

  /// The patches themselves, on a real API server too: made due by a time long ago.
  @Test(arguments: Lane.all, [true, false])
  func anyServerUnderstandsARotation(lane: Lane, keeps: Bool) async throws {
    try await withOperator(lane) { harness in
      try await harness.apply(
        "support", Self.spec(["rotateEvery": "24h", "keepPrevious": .bool(keeps)]))
      try await harness.settle()
      let first = try await data(harness)
      let past: JSONValue = [
        "metadata": ["annotations": [SecretRotation.annotation: "2020-01-01T00:00:00Z"]]
      ]
      try await harness.patch(.secrets, "support-session", past)
      try await harness.until("a new value") {
        try await data(harness).value != first.value
      }
      try await harness.settle()
      let second = try await data(harness)
      #expect(second.previous == (keeps ? first.value : nil))
      let status = try await harness.get(.agentDeployments)["status"]?["secrets"]?[0]
      #expect(status?["rotationDue"] == false && status?["rotatesAt"] != nil)
      // It is kept no longer.
      try await harness.apply("support", Self.spec(["rotateEvery": "24h"]))
      try await harness.settle()
      let third = try await data(harness)
      #expect(third.value == second.value && third.previous == nil)
      let mark = harness.log.count
      try await harness.restart()
      try await harness.settle()
      #expect(harness.log.writes(since: mark).map(\.description) == [])
    }
  }

  /// Who puts the operator off by an absurd time gains nothing by it.
  @Test(arguments: ["soon", "2999-01-01T00:00:00Z"])
  func aTimeThatCannotBeIsNotBelieved(_ time: String) async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      let first = try await data(harness)
      try await harness.patch(
        .secrets, "support-session",
        ["metadata": ["annotations": [SecretRotation.annotation: .string(time)]]])
      try await harness.jump(.seconds(24 * 3600 + 60))
      let second = try await data(harness)
      #expect(second.value != first.value && second.previous == first.value)
      try await harness.jump(.seconds(3600))
      #expect(try await data(harness).value == second.value)
    }
  }

  @Test func aValueThatSomebodyTookAwayIsMadeAnewWhenItIsDue() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      try await harness.patch(.secrets, "support-session", ["data": ["value": nil]])
      try await harness.jump(.seconds(24 * 3600 + 60))
      let made = try await data(harness)
      #expect(!made.value.isEmpty && made.previous == nil)
      #expect(try await harness.condition("Stalled")?.status == .false)
    }
  }

  /// A change of somebody's that the operator has not seen yet is a conflict, not overwritten.
  @Test func aRotationIsForTheVersionThatWasLookedAt() async throws {
    try await withOperator { harness in
      try await harness.apply("support", Self.spec())
      try await harness.settle()
      let version = try await harness.get(.secrets, "support-session").metadata["resourceVersion"]
      let mark = harness.log.count
      try await harness.jump(.seconds(24 * 3600 + 60))
      let writes = harness.log.writes(since: mark).filter { $0.resource == "secrets" }
      #expect(writes.count == 1 && writes.first?.isMetadataOnly == true)
      #expect(
        writes.first?.body?[0]
          == [
            "op": "replace", "path": "/metadata/resourceVersion", "value": version ?? .null,
          ])
    }
  }
}
