import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import Simulation
import Testing

@testable import AgentOperator

/// Several agents that name one host: who gets it, and what becomes of the others.
@Suite struct HostClaimTests {
  private static func spec(_ hosts: [String], _ more: JSONValue = [:]) -> JSONValue {
    var traffic: JSONValue = ["hosts": JSONValue(hosts), "gatewayRefs": [["name": "public"]]]
    for (key, value) in more.object ?? [:] { traffic[key] = value }
    return ["traffic": traffic]
  }

  private static let contested = spec(["support.example.com"])

  private func hosts(_ harness: OperatorHarness, _ name: String) async throws -> [String] {
    let service = try await harness.find(.virtualServices, name)
    return (service?["spec"]?["hosts"]?.array ?? []).compactMap(\.string)
      .filter { $0.hasSuffix(".example.com") }
  }

  @Test func theOldestHasItAndTheNextTakesOver() async throws {
    try await withOperator { harness in
      // By name the other way round.
      for name in ["c", "b", "a"] {
        try await harness.apply(name, Self.contested)
        try await harness.advance(by: .seconds(2))
      }
      #expect(try await hosts(harness, "c") == ["support.example.com"])
      #expect(try await harness.summary("Ready", of: "c") == "Ready=True Ready")
      for loser in ["a", "b"] {
        #expect(try await hosts(harness, loser) == [])
        let accepted = try #require(try await harness.condition("Accepted", of: loser))
        #expect(accepted.status == .false && accepted.reason == "Conflict")
        #expect(
          accepted.message.hasPrefix(
            "support.example.com belongs to AgentDeployment \(harness.namespace)/c"))
        #expect(try await harness.summary("Ready", of: loser) == "Ready=False Conflict")
        #expect(try await harness.get(.agentDeployments, loser)["status"]?["url"] == nil)
        // It serves in the cluster, and no gateway takes its own name for the world's.
        #expect(try await harness.find(.deployments, loser) != nil)
        let service = try await harness.get(.virtualServices, loser)
        #expect(service["spec"]?["gateways"] == nil)
      }
      try await harness.delete(.agentDeployments, "c")
      try await harness.settle()
      #expect(try await hosts(harness, "b") == ["support.example.com"])
      #expect(try await harness.summary("Ready", of: "b") == "Ready=True Ready")
      #expect(
        try await harness.condition("Accepted", of: "a")?.message.contains("/b,") == true)
      // Names another host.
      try await harness.apply("b", Self.spec(["other.example.com"]))
      try await harness.settle()
      #expect(try await hosts(harness, "a") == ["support.example.com"])
      #expect(try await hosts(harness, "b") == ["other.example.com"])
      try await harness.expectNoMoreWrites()
    }
  }

  /// Found by seed 180 of the simulation: nobody looked between the two.
  @Test func anAgentThatIsReplacedIsTheYoungest() async throws {
    try await withOperator { harness in
      for name in ["a", "b"] {
        try await harness.apply(name, Self.contested)
        try await harness.advance(by: .seconds(2))
      }
      #expect(try await hosts(harness, "b") == [])
      harness.faults.add { $0.isWatch && $0.resource == "agentdeployments" ? .lostBefore : nil }
      harness.connection?.cutWatches()
      try await harness.delete(.agentDeployments, "a")
      try await harness.apply("a", Self.contested)
      // One list tells of both.
      harness.cluster?.compact()
      harness.faults.clear()
      try await harness.advance(by: .seconds(60))
      #expect(try await hosts(harness, "b") == ["support.example.com"])
      #expect(try await harness.summary("Ready", of: "b") == "Ready=True Ready")
      #expect(try await hosts(harness, "a") == [])
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func onlyTheContestedHostIsLost() async throws {
    try await withOperator { harness in
      try await harness.apply("old", Self.contested)
      try await harness.advance(by: .seconds(2))
      try await harness.apply("new", Self.spec(["new.example.com", "support.example.com"]))
      try await harness.settle()
      #expect(try await hosts(harness, "new") == ["new.example.com"])
      // The rest of the spec goes on: a new image arrives.
      var spec = Self.spec(["new.example.com", "support.example.com"])
      spec["image"] = "registry/support:v2"
      try await harness.apply("new", spec)
      try await harness.settle()
      let pod = try await harness.get(.deployments, "new")["spec"]?["template"]?["spec"]
      #expect(pod?["containers"]?[0]?["image"] == "registry/support:v2")
      try await harness.expectNoMoreWrites()
    }
  }

  @Test func aRestartChangesNothing() async throws {
    try await withOperator { harness in
      for name in ["b", "a"] {
        try await harness.apply(name, Self.contested)
        try await harness.advance(by: .seconds(2))
      }
      let before = try await harness.canonicalState()
      let mark = harness.log.count
      try await harness.restart()
      try await harness.settle()
      #expect(harness.log.since(mark).allSatisfy { !$0.isStateWrite })
      let after = try await harness.canonicalState()
      #expect(Canonical.differences(before, after).isEmpty)
    }
  }

  @Test func aRefusedElderKeepsWhatItHas() async throws {
    try await withOperator { harness in
      for name in ["b", "a"] {
        try await harness.apply(name, Self.contested)
        try await harness.advance(by: .seconds(2))
      }
      var wrong = Self.contested
      wrong["config"] = ["a.b": "1", "a_b": "2"]
      try await harness.apply("b", wrong)
      try await harness.settle()
      #expect(try await harness.summary("Accepted", of: "b") == "Accepted=False Invalid")
      #expect(try await hosts(harness, "b") == ["support.example.com"])
      #expect(try await hosts(harness, "a") == [])
      try await harness.expectNoMoreWrites()
    }
  }

  /// Gateways merge routes of one host; the mesh does not.
  @Test(arguments: [true, false]) func pathsMayShareAHostWhereGatewaysMerge(_ isMesh: Bool)
    async throws
  {
    let installs = [.agentDeployments] + (isMesh ? Definitions.mesh : [.httpRoutes])
    try await withOperator(installs: installs) { harness in
      try await harness.apply("b", Self.spec(["x.example.com"], ["paths": ["/b"]]))
      try await harness.advance(by: .seconds(2))
      try await harness.apply("a", Self.spec(["x.example.com"], ["paths": ["/a"]]))
      try await harness.settle()
      let reason = try await harness.summary("Accepted", of: "a")
      #expect(reason == (isMesh ? "Accepted=False Conflict" : "Accepted=True Valid"))
      guard !isMesh else { return }
      try await harness.apply("b", Self.spec(["x.example.com"], ["paths": ["/b", "/a"]]))
      try await harness.settle()
      #expect(try await harness.summary("Accepted", of: "a") == "Accepted=False Conflict")
      // Without a host its route would take all of the gateway's.
      #expect(try await harness.find(.httpRoutes, "a") == nil)
      try await harness.apply("b", Self.spec(["x.example.com"], ["paths": ["/b"]]))
      try await harness.settle()
      #expect(try await harness.find(.httpRoutes, "a") != nil)
      try await harness.expectNoMoreWrites()
    }
  }

  // MARK: As a property

  private static func object(
    _ name: String, created: String?, _ hosts: [String], paths: [String]
  ) -> KubernetesObject {
    var object = Fixtures.agentObject(
      [
        "traffic": [
          "provider": "GatewayAPI", "hosts": JSONValue(hosts), "paths": JSONValue(paths),
          "gatewayRefs": [["name": "g"]],
        ]
      ], name: name, uid: "uid-\(name)")
    object["metadata"]?["creationTimestamp"] = created.map { .string($0) }
    object["metadata"]?["resourceVersion"] = "1"
    return object
  }

  /// Whatever the agents and the order in which they come: nothing has two holders, the eldest has
  /// all that it wants, and every order comes to the same.
  @Test(arguments: 0..<200) func everyHostHasOneHolderForEachPath(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let agentClass = AgentClass(capabilities: Capabilities(declared: [.gatewayAPI: true]))
    let hosts = ["x.example.com", "y.example.com"]
    let paths = ["/p", "/q", "/r"]
    let objects = (0..<6).map { i in
      Self.object(
        "agent-\(i)", created: "2026-11-21T00:00:0\(Int.random(in: 0...3, using: &random))Z",
        Array(hosts.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random))),
        paths: Array(paths.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))))
    }
    func decode(_ object: KubernetesObject) throws -> AgentDeployment {
      try AgentDeployment.decode(object.json, agentClass: agentClass).get()
    }
    func holders(_ order: [KubernetesObject]) throws -> [String: [String]] {
      let store = ObjectStore(.agentDeployments)
      _ = store.replace(with: [], version: "1")
      let claims = HostClaims(store)
      for object in order {
        _ = store.apply(.added(object))
        claims.set(object, of: object.key)
      }
      var holders: [String: [String]] = [:]
      for object in objects {
        let agent = try decode(object)
        let lost = Set(claims.lost(by: agent) { try? decode($0).hostClaim }.map(\.host))
        for host in agent.spec.traffic.hosts where !lost.contains(host) {
          for path in agent.spec.traffic.paths {
            holders[host + path, default: []].append(agent.name)
          }
        }
      }
      return holders
    }
    let first = try holders(objects)
    #expect(first.values.allSatisfy { $0.count == 1 }, "\(first)")
    #expect(try holders(objects.reversed()) == first)
    #expect(try holders(objects.shuffled(using: &random)) == first)
    // The eldest of each host has everything that it wants of it.
    for host in hosts {
      let eldest = objects.filter {
        $0["spec"]?["traffic"]?["hosts"]?.array?.contains(.string(host)) == true
      }
      .min { a, b in
        (a.metadata["creationTimestamp"]?.string ?? "", a.name)
          < (b.metadata["creationTimestamp"]?.string ?? "", b.name)
      }
      guard let eldest else { continue }
      for path in try decode(eldest).spec.traffic.paths {
        #expect(first[host + path] == [eldest.name])
      }
    }
  }
}
