import Foundation
import JSON
import KubernetesAPI
import Simulation
import Testing
import YAML

@testable import AgentDeploymentAPI
@testable import ManifestRendering

/// Who sets the number of pods, and by what.
@Suite struct ScalingTests {
  static let prometheus = "http://prometheus.monitoring:9090"

  static let everything = AgentClass(
    capabilities: Capabilities(
      declared: [.customMetrics: false], discovered: Set(Capability.allCases)),
    endpoints: AgentClass.Endpoints(prometheus: prometheus))
  /// An adapter, and no KEDA.
  static let adapted = AgentClass(
    capabilities: Capabilities(discovered: [.customMetrics, .istio, .prometheusOperator]))

  private func render(
    _ scaling: JSONValue, _ agentClass: AgentClass = Self.everything, _ more: JSONValue = [:]
  ) throws -> Rendering {
    var spec = more
    spec["scaling"] = scaling
    return try Samples.render(spec, RenderingContext(now: Samples.now, agentClass: agentClass))
  }

  private static let queue: JSONValue = [
    "type": "Queue", "target": "5",
    "trigger": ["type": "redis-streams", "metadata": ["stream": "support"]],
  ]

  // MARK: As recorded

  /// A sample's class and agent.
  static func sample() throws -> [RenderedObject] {
    let url = Samples.root.appending(path: "manifests/samples/queue.yaml")
    let documents = try YAML.parse(Array(Data(contentsOf: url)), file: "queue.yaml").get()
    let agentClass = try AgentClass.decode(documents[0].value).get()
    let agent = try Samples.decode(documents[1].value, agentClass)
    return agent.render(RenderingContext(now: Samples.now, agentClass: agentClass)).objects
  }

  /// Everything that KEDA can be told.
  static func scaledByKEDA() throws -> [RenderedObject] {
    let scaling: JSONValue = [
      "minReplicas": 3, "maxReplicas": 30,
      "metrics": [
        ["type": "Memory", "target": "80"],
        ["type": "ActiveWork", "target": "10", "metric": "active_workflows"],
        ["type": "Requests", "target": "20"],
        [
          "type": "Queue", "target": "5", "metric": "queue_depth", "selector": ["queue": "support"],
        ],
        [
          "type": "Queue", "target": "2.5",
          "trigger": [
            "type": "rabbitmq", "metadata": ["queueName": "support", "mode": "QueueLength"],
            "authenticationRef": ["name": "mq", "kind": "ClusterTriggerAuthentication"],
          ],
        ],
        [
          "type": "Queue", "target": "7",
          "trigger": [
            "type": "solace-event-queue", "targetKey": "messageCountTarget",
            "metadata": ["queueName": "support"],
            "secretTargetRef": [
              ["parameter": "username", "name": "solace", "key": "user"],
              ["parameter": "password", "name": "solace", "key": "password"],
            ],
          ],
        ],
      ],
      "onMetricsFailure": ["replicas": 6],
    ]
    let context = RenderingContext(now: Samples.now, agentClass: everything)
    return try Samples.render(["scaling": scaling], context).objects.filter {
      $0.wave == .scaling || $0.resource == .triggerAuthentications
    }
  }

  /// The same without KEDA, where a metrics adapter is.
  static func scaledByAdapter() throws -> [RenderedObject] {
    let scaling: JSONValue = [
      "metrics": [
        ["type": "CPU", "target": "70"],
        ["type": "ActiveWork", "target": "10", "metric": "active_workflows"],
        ["type": "Requests", "target": "20"],
        [
          "type": "Queue", "target": "5", "metric": "queue_depth", "selector": ["queue": "support"],
        ],
      ]
    ]
    let context = RenderingContext(now: Samples.now, agentClass: adapted)
    return try Samples.render(["scaling": scaling], context).objects.filter {
      $0.wave == .scaling
    }
  }

  // MARK: One scaler

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func neverTwoScalersAndNeverReplicasBeside(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func chance() -> Bool { Bool.random(using: &generator) }
    let least = Int.random(in: 1...5, using: &generator)
    let most = least + Int.random(in: 0...5, using: &generator)
    var scaling: JSONValue = ["minReplicas": JSONValue(least), "maxReplicas": JSONValue(most)]
    var metrics: [JSONValue] = []
    if chance() { metrics.append(["type": "CPU", "target": "70"]) }
    if chance() { metrics.append(["type": "ActiveWork", "target": "5", "metric": "a"]) }
    if chance() { metrics.append(["type": "Requests", "target": "5"]) }
    if chance() { metrics.append(["type": "Queue", "target": "5", "metric": "b"]) }
    if chance() { metrics.append(Self.queue) }
    if !metrics.isEmpty { scaling["metrics"] = .array(metrics) }
    if chance(), metrics.contains(where: { $0["type"] == "Queue" }) {
      scaling["idle"] = ["after": "5m"]
    }
    if chance(), least < most {
      scaling["schedule"] = [
        ["start": "0 8 * * *", "end": "0 9 * * *", "replicas": JSONValue(most)]
      ]
    }
    let agentClass = chance() ? Self.everything : Self.adapted
    let spec: JSONValue = ["image": "a:1", "scaling": scaling]
    let json: JSONValue = [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": "support", "namespace": "agents"], "spec": spec,
    ]
    guard case .success(let agent) = AgentDeployment.decode(json, agentClass: agentClass) else {
      // Only what the class cannot do.
      #expect(agentClass == Self.adapted)
      return
    }
    let rendering = agent.render(RenderingContext(now: Samples.now, agentClass: agentClass))
    let scalers = rendering.objects.filter {
      [.horizontalPodAutoscalers, .scaledObjects].contains($0.resource)
    }
    let isFixed = least == most && scaling["idle"] == nil
    #expect(scalers.count == (isFixed ? 0 : 1))
    let deployment = rendering["Deployment"]
    #expect((deployment?["spec"]?["replicas"] != nil) == isFixed)
    #expect(deployment?.annotation(ScalingAnnotation.name) == (isFixed ? "Fixed" : "Autoscaled"))
    if agentClass == Self.adapted { #expect(rendering["ScaledObject"] == nil) }
  }

  // MARK: What KEDA is told

  @Test func idleGoesToZeroAndTheMinimumIsForWork() throws {
    let idle: JSONValue = ["metrics": [Self.queue], "idle": ["after": "30m"]]
    let spec = try #require(try render(idle)["ScaledObject"]?["spec"])
    #expect(spec["idleReplicaCount"] == 0 && spec["minReplicaCount"] == 2)
    #expect(spec["cooldownPeriod"] == 1800)
    // Taking over is no reason to stop everything.
    #expect(spec["initialCooldownPeriod"] == 1800)
    var zero = idle
    zero["minReplicas"] = 0
    let other = try #require(try render(zero)["ScaledObject"]?["spec"])
    #expect(other["idleReplicaCount"] == nil && other["minReplicaCount"] == 0)
    let awake = try #require(try render(["metrics": [Self.queue]])["ScaledObject"]?["spec"])
    for key in ["idleReplicaCount", "cooldownPeriod", "initialCooldownPeriod", "fallback"] {
      #expect(awake[key] == nil)
    }
  }

  @Test func failingMetricsTakeNoPodsAway() throws {
    let scaling: JSONValue = ["metrics": [Self.queue], "onMetricsFailure": ["replicas": 5]]
    #expect(
      try render(scaling)["ScaledObject"]?["spec"]?["fallback"] == [
        "failureThreshold": 3, "replicas": 5, "behavior": "currentReplicasIfHigher",
      ])
  }

  /// No answer is not no work, unless there may be nobody to answer.
  @Test func missingSeriesAreNoZero() throws {
    func ignores(_ scaling: JSONValue, _ index: Int) throws -> JSONValue? {
      try render(scaling)["ScaledObject"]?["spec"]?["triggers"]?[index]?["metadata"]?[
        "ignoreNullValues"]
    }
    let work: JSONValue = ["type": "ActiveWork", "target": "5", "metric": "a"]
    #expect(try ignores(["metrics": [work]], 0) == "false")
    #expect(
      try ignores(["metrics": [work, Self.queue], "idle": ["after": "5m"]], 0) == "true")
    #expect(try ignores(["metrics": [["type": "Requests", "target": "5"]]], 0) == "true")
    #expect(
      try ignores(["metrics": [["type": "Queue", "target": "5", "metric": "b"]]], 0) == "false")
  }

  @Test func requestsComeFromTheMeshOrFromTheAgent() throws {
    let scaling: JSONValue = ["metrics": [["type": "Requests", "target": "20"]]]
    func query(_ more: JSONValue) throws -> String? {
      try render(scaling, Self.everything, more)["ScaledObject"]?["spec"]?["triggers"]?[0]?[
        "metadata"]?["query"]?.string
    }
    let own = try #require(try query(["traffic": ["provider": "None"]]))
    #expect(own.contains("http_requests_total") && own.hasSuffix("[120s]))"))
    #expect(try query([:])?.contains("istio_requests_total") == true)
    let slow = try query(["observability": ["metrics": ["interval": "1m"]]])
    #expect(slow?.contains("[240s]") == true)
    var named = scaling
    named["metrics"] = [["type": "Requests", "target": "20", "metric": "my_rps"]]
    let metadata = try render(named)["ScaledObject"]?["spec"]?["triggers"]?[0]?["metadata"]
    #expect(metadata?["query"] == #"sum(my_rps{namespace="agents",agent="support"})"#)
    #expect(metadata?["serverAddress"] == .string(Self.prometheus))
    // The adapter's.
    let pods = try render(scaling, Self.adapted)["HorizontalPodAutoscaler"]?["spec"]?["metrics"]?[0]
    #expect(pods?["pods"]?["metric"]?["name"] == "istio_requests_per_second")
  }

  /// A label's value is a value, whatever is in it.
  @Test func labelsOfExternalMetricsAreQuoted() throws {
    let family = Scaling.Metric(
      type: .queue, target: "5", metric: "depth", selector: ["queue": #"a"} or vector(1)#"#])
    #expect(
      Monitoring.query(ofExternal: family).description
        == #"sum(depth{queue="a\"} or vector(1)#"})"#)
  }

  @Test func secretsAreNamedAndNeverHeld() throws {
    let objects = try Self.scaledByKEDA()
    let authentication = try #require(
      objects.first { $0.resource == .triggerAuthentications })
    #expect(authentication.object.name == "support-trigger-5")
    // Before what refers to it.
    #expect(authentication.wave < .scaling)
    let scaled = try #require(objects.first { $0.resource == .scaledObjects })
    #expect(
      scaled.object["spec"]?["triggers"]?[5]?["authenticationRef"]?["name"] == "support-trigger-5")
  }

  /// What scales an agent is no part of its revision: pods stay.
  @Test func scalingMakesNoRevision() throws {
    let plain = try render([:])
    let other = try render(["metrics": [Self.queue], "idle": ["after": "5m"]])
    #expect(plain.revision == other.revision)
    #expect(plain.podSpec == other.podSpec)
  }

  @Test func theContractKnowsWhatTheScalerReads() throws {
    let context = RenderingContext(now: Samples.now, agentClass: Self.everything)
    func needs(_ metric: JSONValue) throws -> [String] {
      let agent = try Samples.agent(
        [
          "scaling": ["metrics": [metric]],
          "observability": ["alerts": ["preset": "None"], "dashboard": "None"],
        ], agentClass: Self.everything)
      return agent.metricContract(context).requirements.filter {
        $0.neededBy.contains("spec.scaling")
      }.map(\.metric.name)
    }
    #expect(try needs(["type": "ActiveWork", "target": "5", "metric": "a"]) == ["a"])
    #expect(try needs(["type": "Requests", "target": "5"]) == ["istio_requests_total"])
    #expect(try needs(["type": "Requests", "target": "5", "metric": "b"]) == ["b"])
    #expect(try needs(Self.queue) == [])
  }
}
