import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

@Suite struct DefaultsTests {
  private func spec(_ text: String) throws -> AgentDeploymentSpec {
    try AgentDeployment.decode(Manifest.agent(text)).get().spec
  }

  private func seconds(_ count: Int64) -> KubernetesDuration { KubernetesDuration(seconds: count) }

  @Test func anImageIsEnough() throws {
    let agent = try AgentDeployment.decode(Manifest.agent("{}")).get()
    #expect(agent.name == "agent")
    #expect(agent.namespace == "default")
    let spec = agent.spec
    #expect(spec.protocol == .http)
    #expect(spec.port == 8080)
    #expect(
      spec.resources
        == Resources(requests: ["cpu": "250m", "memory": "512Mi"], limits: ["memory": "1Gi"]))
    #expect(spec.scaling.minReplicas == 2 && spec.scaling.maxReplicas == 10)
    #expect(spec.scaling.metrics == [.init(type: .cpu, target: "70", metric: nil)])
    #expect(
      spec.scaling.scaleUp == .init(window: seconds(60), percentPerMinute: 50, podsPerMinute: 2))
    #expect(
      spec.scaling.scaleDown
        == .init(window: seconds(300), percentPerMinute: 10, podsPerMinute: nil))
    #expect(spec.traffic.provider == .istio)
    #expect(spec.traffic.paths == ["/"])
    #expect(spec.traffic.retries == .init(attempts: 2, on: [.connectFailure, .refusedStream]))
    #expect(spec.traffic.affinity == .none)
    #expect(spec.traffic.connectionsPerPod == 100)
    #expect(
      spec.traffic.outlierDetection
        == .init(
          gatewayErrors: 5, interval: seconds(30), ejection: seconds(30), maxEjectedPercent: 50))
    #expect(spec.availability.maxUnavailable == .int(1))
    #expect(spec.availability.spread == .zone)
    #expect(spec.availability.drainTimeout == seconds(60))
    #expect(spec.security.podSecurity == .restricted)
    #expect(spec.security.mtls == .strict)
    #expect(spec.security.serviceAccount == .managed(annotations: [:]))
    #expect(spec.observability.metricsPort == 8080)
    #expect(spec.observability.metricsPath == "/metrics")
    #expect(spec.observability.logLevel == .info)
    #expect(spec.observability.tracing == nil)
    #expect(spec.deletionPolicy.state == .retain)
    #expect(spec.podTemplate == nil && spec.overrides == [])
  }

  @Test(arguments: AgentDeploymentSpec.AgentProtocol.allCases)
  func checksAndTimeoutsFollowTheProtocol(_ kind: AgentDeploymentSpec.AgentProtocol) throws {
    let spec = try spec(#"{"protocol":"\#(kind.rawValue)"}"#)
    switch kind {
    case .http, .adk:
      #expect(spec.health.live == .http(path: "/health"))
      #expect(spec.health.ready == .http(path: "/ready"))
    case .a2a:
      #expect(spec.health.live == .tcp)
      #expect(spec.health.ready == .http(path: "/.well-known/agent-card.json"))
    case .mcp:
      #expect(spec.health.live == .tcp)
      #expect(spec.health.ready == .tcp)
    }
    #expect(spec.traffic.timeout == seconds(kind == .http ? 120 : 300))
    #expect(spec.traffic.streamIdleTimeout == spec.traffic.timeout)
    let given = try self.spec(
      #"{"protocol":"\#(kind.rawValue)","health":{"livePath":"/l","readyPath":"/r"}}"#)
    #expect(given.health.live == .http(path: "/l"))
    #expect(given.health.ready == .http(path: "/r"))
    #expect(given.health.startupTimeout == seconds(120))
  }

  @Test(arguments: [
    ("image", ""), ("health", "{}"), ("resources", "{}"), ("scaling", "{}"), ("traffic", "{}"),
    ("rollout", "{}"), ("availability", "{}"), ("security", "{}"), ("observability", "{}"),
    ("deletionPolicy", "{}"), ("env", "[]"), ("config", "{}"), ("secrets", "[]"),
    ("overrides", "[]"),
  ]) func anEmptySectionIsAnOmittedOne(_ section: String, _ empty: String) throws {
    guard !empty.isEmpty else { return }
    #expect(try spec(#"{"\#(section)":\#(empty)}"#) == spec("{}"))
    #expect(try spec(#"{"\#(section)":null}"#) == spec("{}"))
  }

  @Test(arguments: [
    (#"{"minReplicas":30}"#, 30, 30), (#"{"maxReplicas":1}"#, 1, 1),
    (#"{"minReplicas":1}"#, 1, 10), (#"{"maxReplicas":5}"#, 2, 5),
    (#"{"minReplicas":3,"maxReplicas":20}"#, 3, 20),
  ]) func oneBoundPullsTheOtherAlong(_ scaling: String, _ least: Int, _ most: Int) throws {
    let scaling = try spec(#"{"scaling":\#(scaling)}"#).scaling
    #expect(scaling.minReplicas == least)
    #expect(scaling.maxReplicas == most)
    #expect(scaling.hasScaler == (least < most))
  }

  @Test(arguments: [
    (#"{"requests":{"memory":"2Gi"}}"#, ["cpu": "250m", "memory": "2Gi"], ["memory": "2Gi"]),
    (#"{"limits":{"memory":"256Mi"}}"#, ["cpu": "250m", "memory": "256Mi"], ["memory": "256Mi"]),
    (#"{"limits":{"memory":"4096Mi"}}"#, ["cpu": "250m", "memory": "512Mi"], ["memory": "4Gi"]),
    (
      #"{"limits":{"cpu":"0.1"}}"#, ["cpu": "100m", "memory": "512Mi"],
      ["cpu": "100m", "memory": "1Gi"]
    ),
    (
      #"{"requests":{"cpu":2},"limits":{"nvidia.com/gpu":1}}"#,
      ["cpu": "2", "memory": "512Mi", "nvidia.com/gpu": "1"],
      ["memory": "1Gi", "nvidia.com/gpu": "1"]
    ),
    (
      #"{"requests":{"nvidia.com/gpu":"2"}}"#,
      ["cpu": "250m", "memory": "512Mi", "nvidia.com/gpu": "2"],
      ["memory": "1Gi", "nvidia.com/gpu": "2"]
    ),
  ]) func resourceDefaultsGiveWay(
    _ resources: String, _ requests: [String: String], _ limits: [String: String]
  ) throws {
    let resources = try spec(#"{"resources":\#(resources)}"#).resources
    #expect(resources == Resources(requests: requests, limits: limits))
  }

  @Test(arguments: [("10", 20), ("0.5", 1), ("12.3", 25)])
  func connectionsFollowTheWorkTarget(_ target: String, _ connections: Int) throws {
    let spec = try spec(
      #"{"scaling":{"metrics":[{"type":"CPU","target":"70"},{"type":"ActiveWork","target":"\#(target)","metric":"a"}]}}"#
    )
    #expect(spec.traffic.connectionsPerPod == connections)
  }

  @Test func rolloutOfSecretsFollowsTheirExposure() throws {
    #expect(try spec(LeafCase.envSecret).secrets[0].onChange == .restart)
    #expect(try spec(LeafCase.fileSecret).secrets[0].onChange == .ignore)
    #expect(
      try spec(LeafCase.generated).secrets[0].source
        == .generate(.init(length: 32, rotateEvery: nil, keepPrevious: false)))
  }

  @Test func aGivenRateReplacesTheDefaultRates() throws {
    let up = try spec(#"{"scaling":{"scaleUp":{"podsPerMinute":1}}}"#).scaling.scaleUp
    #expect(up == .init(window: seconds(60), percentPerMinute: nil, podsPerMinute: 1))
    let down = try spec(#"{"scaling":{"scaleDown":{"window":"10m"}}}"#).scaling.scaleDown
    #expect(down == .init(window: seconds(600), percentPerMinute: 10, podsPerMinute: nil))
  }

  @Test func defaultingEqualsTheAPIServers() {
    let spec = AgentDeploymentSpec.schema.defaulted(
      Manifest.json(
        #"{"image":"a","port":null,"rollout":{},"secrets":[{"name":"a","generate":null,"secretRef":{"name":"a"}}],"config":{"a":null}}"#
      ))
    #expect(
      spec
        == Manifest.json(
          #"{"image":"a","port":8080,"protocol":"HTTP","paused":false,"rollout":{},"secrets":[{"name":"a","secretRef":{"name":"a"},"expose":"Files"}],"config":{}}"#
        ))
  }
}
