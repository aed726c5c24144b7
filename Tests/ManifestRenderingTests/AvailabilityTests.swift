import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI
@testable import ManifestRendering

/// `spec.availability`: what a stopping pod is given, and where requests go by region.
@Suite struct AvailabilityTests {
  private func localities(_ spec: JSONValue) throws -> JSONValue? {
    try Samples.render(spec)["DestinationRule"]?["spec"]?["trafficPolicy"]?["loadBalancer"]?[
      "localityLbSetting"]
  }

  @Test("I6: outlier detection alone would switch it on") func withoutRegionsLocalityIsOff() throws
  {
    #expect(try localities([:]) == ["enabled": false])
  }

  @Test func failoverIsByRegion() throws {
    let regions: JSONValue = [
      "primary": "west",
      "failover": [["from": "west", "to": "east"], ["from": "east", "to": "west"]],
    ]
    #expect(
      try localities(["availability": ["regions": regions]]) == [
        "enabled": true,
        "failover": [["from": "east", "to": "west"], ["from": "west", "to": "east"]],
      ])
    #expect(
      try localities(["availability": ["regions": ["primary": "west"]]]) == ["enabled": true])
    // Beside an affinity too.
    #expect(
      try localities([
        "availability": ["regions": ["primary": "west"]],
        "traffic": ["affinity": ["type": "Header", "name": "x-session"]],
      ]) == ["enabled": true])
  }

  @Test func sharesAreByPlace() throws {
    let regions: JSONValue = [
      "primary": "west",
      "distribute": [["from": "west/*", "to": ["west/*": 80, "east/east-b/*": 20]]],
    ]
    #expect(
      try localities(["availability": ["regions": regions]]) == [
        "enabled": true,
        "distribute": [["from": "west/*", "to": ["east/east-b/*": 20, "west/*": 80]]],
      ])
  }

  /// The first that holds a caller counts.
  @Test func sharesKeepTheirOrder() throws {
    let regions: JSONValue = [
      "primary": "west",
      "distribute": [
        ["from": "west/z1/*", "to": ["b": 100]], ["from": "west/*", "to": ["a": 100]],
        ["from": "east", "to": ["a": 100]],
      ],
    ]
    #expect(
      try localities(["availability": ["regions": regions]])?["distribute"]
        == regions["distribute"])
  }

  @Test(arguments: [
    ["a": 80, "b": 20], ["a": 1, "b": 1, "c": 1], ["a": 100, "b": 1], ["a": 7],
    Dictionary(uniqueKeysWithValues: (0..<20).map { ("r\($0)", $0 == 0 ? 100 : 1) }),
    Dictionary(uniqueKeysWithValues: (0..<20).map { ("r\($0)", $0 + 1) }),
  ]) func percentsAddUp(_ shares: [String: Int]) {
    let percents = Regions.Distribution(from: "a", to: shares).percents
    #expect(percents.values.reduce(0, +) == 100 && percents.values.allSatisfy { $0 >= 1 })
    if shares.values.reduce(0, +) == 100 { #expect(percents == shares) }
    for (place, share) in shares {
      for (other, less) in shares where less < share {
        #expect((percents[other] ?? 0) <= (percents[place] ?? 0))
      }
    }
  }

  @Test func regionsRestartNothing() throws {
    let plain = try Samples.render()
    let spread = try Samples.render(["availability": ["regions": ["primary": "west"]]])
    #expect(plain.template == spread.template && plain.revision == spread.revision)
  }

  @Test func thePathIsAskedBeforeTheSignalAndTheGraceCoversBoth() throws {
    let rendering = try Samples.render([
      "availability": ["drain": ["timeout": "5m", "path": "/drain"]]
    ])
    #expect(
      rendering.container?["lifecycle"]?["preStop"]
        == ["httpGet": ["path": "/drain", "port": "http"]])
    #expect(rendering.podSpec?["terminationGracePeriodSeconds"] == 315)
    let annotations = rendering["Deployment"]?["spec"]?["template"]?["metadata"]?["annotations"]
    #expect(
      annotations?["proxy.istio.io/config"]?.string?.contains("EXIT_ON_ZERO_ACTIVE_CONNECTIONS")
        == true)
    let plain = try Samples.render()
    #expect(
      plain.container?["lifecycle"]?["preStop"] == ["sleep": ["seconds": 10]])
    #expect(plain.podSpec?["terminationGracePeriodSeconds"] == 75)
    let alone = try Samples.render([
      "availability": ["drain": ["path": "/drain"]], "traffic": ["provider": "None"],
    ])
    let bare = alone["Deployment"]?["spec"]?["template"]?["metadata"]?["annotations"]
    #expect(bare?["proxy.istio.io/config"] == nil)
  }

  /// Neither the drain's hook nor its timeout ever leaves the process less than five seconds to end.
  @Test(arguments: ["1s", "9s", "60s", "24h"]) func theProcessAlwaysHasTimeToEnd(
    _ timeout: String
  ) throws {
    for path in [nil, "/drain"] as [JSONValue?] {
      var drain: JSONValue = ["timeout": .string(timeout)]
      if let path { drain["path"] = path }
      let rendering = try Samples.render(["availability": ["drain": drain]])
      let grace = try #require(rendering.podSpec?["terminationGracePeriodSeconds"]?.int)
      let pause = rendering.container?["lifecycle"]?["preStop"]?["sleep"]?["seconds"]?.int ?? 0
      let seconds = Int(KubernetesDuration(timeout)?.seconds ?? 0)
      #expect(grace - pause >= 5 && grace - seconds >= 15)
    }
  }

  @Test func aClassWithoutAMeshRefusesRegions() throws {
    let agentClass = try ClassRenderingTests.agentClass(["capabilities": ["istio": false]])
    let json = try Samples.agent(["availability": ["regions": ["primary": "west"]]]).object.json
    guard case .failure(let failure) = AgentDeployment.decode(json, agentClass: agentClass) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.map(\.path.description) == ["spec.availability.regions"])
    #expect(failure.conditionReason == "UnsupportedByClass")
  }

  @Test func withoutPrometheusNothingCountsSessions() throws {
    let json = try Samples.agent([:]).object.json
    var counting = json
    counting["spec"]?["availability"] = ["drain": ["sessionMetric": "active_workflows"]]
    guard case .failure(let failure) = AgentDeployment.decode(counting) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.first?.reason == .unsupportedByClass)
  }
}
