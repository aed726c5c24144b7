import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import AgentDeploymentAPI
@testable import AgentOperator

/// `status.regions`: where the pods are, and who serves.
@Suite struct RegionTests {
  private static let spec: JSONValue = [
    "availability": [
      "regions": ["primary": "west", "failover": [["from": "west", "to": "east"]]]
    ]
  ]

  private func regions(_ harness: OperatorHarness) async throws -> [String] {
    let status = try await harness.get(.agentDeployments)["status"]
    return (status?["regions"]?.array ?? []).map {
      "\($0["name"]?.string ?? "") \($0["endpoints"]?.int ?? -1) \($0["active"]?.bool ?? false)"
    }
  }

  private func place(_ harness: OperatorHarness, _ region: String?) async throws {
    _ = try await harness.client.patch(
      .nodes, ObjectKey(namespace: nil, name: "simulated-node"),
      .merge([
        "metadata": ["labels": [RegionDirectory.label: region.map { .string($0) } ?? .null]]
      ]),
      fieldManager: "cloud")
  }

  @Test func podsAreCountedByTheRegionOfTheirNodes() async throws {
    try await withOperator { harness in
      try await place(harness, "west")
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await regions(harness) == ["west 2 true", "east 0 false"])
      try await harness.expectNoMoreWrites()
    }
  }

  /// Cloud providers label nodes some time after they have joined.
  @Test(arguments: [false, true]) func aRegionThatComesLaterIsSeen(isPaused: Bool) async throws {
    try await withOperator { harness in
      try await place(harness, nil)
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      var spec = Self.spec
      spec["paused"] = .bool(isPaused)
      try await harness.apply("support", spec)
      try await harness.settle()
      #expect(try await regions(harness) == ["west 0 false", "east 0 false", " 2 true"])
      try await place(harness, "east")
      try await harness.advance(by: .seconds(120))
      try await harness.settle()
      #expect(try await regions(harness) == ["west 0 false", "east 2 true"])
      #expect(try await failovers(harness) == [])
      // It asks no more.
      let mark = harness.log.count
      try await harness.advance(by: .seconds(600))
      #expect(harness.log.since(mark).filter { $0.resource == "nodes" }.isEmpty)
    }
  }

  /// However many pods are there, and however often it looks.
  @Test func aNodeWithoutARegionIsAskedOnceAMinute() async throws {
    try await withOperator { harness in
      try await place(harness, nil)
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      let mark = harness.log.count
      try await harness.advance(by: .seconds(600))
      for i in 0..<10 {
        try await harness.patch(
          .deployments, "support", ["metadata": ["labels": ["x": "\(i)"]]])
        try await harness.settle()
      }
      let looks = harness.log.since(mark).filter { $0.resource == "nodes" }.count
      #expect((9...12).contains(looks), "\(looks)")
    }
  }

  private func failovers(_ harness: OperatorHarness) async throws -> [String] {
    try await harness.events().filter { $0.hasPrefix("RegionFailedOver") }
  }

  @Test func aFailoverIsTold() async throws {
    try await withOperator { harness in
      try await place(harness, "west")
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await failovers(harness) == [])
      try await harness.stop()
      try await place(harness, "east")
      harness.start()
      try await harness.settle()
      #expect(try await regions(harness) == ["west 0 false", "east 2 true"])
      #expect(
        try await failovers(harness) == [
          "RegionFailedOver: served from east, before from west"
        ])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func whereThePrimaryHasNobodyTheOtherServes() async throws {
    try await withOperator { harness in
      try await place(harness, "east")
      try await harness.apply("support", Self.spec)
      try await harness.settle()
      #expect(try await regions(harness) == ["west 0 false", "east 2 true"])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func withoutTheSectionNobodyAsks() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      #expect(try await regions(harness) == [])
      #expect(!harness.log.since(0).contains { ["pods", "nodes"].contains($0.resource) })
    }
  }

  private func active(_ routing: Regions.Routing, _ endpoints: [String: Int]) -> [String] {
    Regions(primary: "west", routing: routing).status(endpoints).filter(\.active).map(\.name)
  }

  @Test func whoServes() {
    let pair = Regions.Routing.failover([.init(from: "west", to: "east")])
    #expect(active(pair, ["west": 1, "east": 1]) == ["west"])
    #expect(active(pair, ["east": 1, "north": 1]) == ["east"])
    // The mesh goes to any other when the one that is named has nobody either.
    #expect(active(pair, ["north": 1, "south": 2]) == ["north", "south"])
    #expect(active(.failover([]), ["east": 1]) == ["east"])
    #expect(active(pair, [:]) == [])
    let shares = Regions.Routing.distribute([
      .init(from: "west/*", to: ["west/*": 80, "east/b/*": 20]),
      .init(from: "east", to: ["north": 100]),
    ])
    #expect(active(shares, ["west": 1, "east": 1, "north": 1]) == ["west", "east"])
    #expect(active(shares, ["east": 1]) == ["east"])
  }

  @Test func theStatusIsWhatTheSchemaTakes() throws {
    var status = AgentDeploymentStatus()
    status.regions = (0..<60).map { .init(name: "r\($0)", endpoints: $0, active: $0 == 0) }
    let json = status.json
    #expect(json["regions"]?.array?.count == AgentDeploymentStatus.maxRegions)
    #expect(AgentDeploymentStatus(json).regions == Array(status.regions.prefix(50)))
  }
}
