import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

/// What a class has to have for an agent to be scaled as it asks for, and who scales it then.
@Suite struct ScalingClassTests {
  private static let keda = #"{"capabilities":{"keda":true}}"#
  private static let kedaAndPrometheus =
    #"{"capabilities":{"keda":true,"customMetrics":false,"prometheusOperator":true},"endpoints":{"prometheus":"http://prometheus.monitoring:9090"}}"#

  private static func agentClass(_ spec: String) throws -> AgentClass {
    let json: JSONValue = [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass",
      "metadata": ["name": "production"], "spec": Manifest.json(spec),
    ]
    return try AgentClass.decode(json).get()
  }

  private func errors(_ spec: String, _ classSpec: String) throws -> [FieldError] {
    let result = AgentDeployment.decode(
      Manifest.agent(spec), agentClass: try Self.agentClass(classSpec))
    switch result {
    case .success: return []
    case .failure(let failure): return failure.errors
    }
  }

  @Test(arguments: [
    (LeafCase.queue, #"{"capabilities":{"keda":false}}"#, "spec.scaling.metrics[0].trigger"),
    // Nothing said, and nothing found.
    (LeafCase.queue, "{}", "spec.scaling.metrics[0].trigger"),
    (LeafCase.schedule, "{}", "spec.scaling.schedule"),
    (
      LeafCase.externalQueue, #"{"capabilities":{"customMetrics":false}}"#,
      "spec.scaling.metrics[0].type"
    ),
    (
      #"{"scaling":{"metrics":[{"type":"Requests","target":"20"}]}}"#,
      #"{"capabilities":{"customMetrics":false}}"#, "spec.scaling.metrics[0].type"
    ),
  ]) func whatTheClassLacksIsRefusedByName(_ spec: String, _ classSpec: String, _ path: String)
    throws
  {
    let errors = try errors(spec, classSpec)
    #expect(errors.map(\.path.description) == [path])
    #expect(errors.allSatisfy { $0.reason == .unsupportedByClass && $0.fix != nil })
    #expect(try self.errors(spec, Self.kedaAndPrometheus) == [])
  }

  @Test func idleAndOnMetricsFailureNeedKEDAToo() throws {
    let spec =
      #"{"scaling":{"idle":{"after":"1h"},"onMetricsFailure":{"replicas":5},"metrics":[{"type":"Queue","target":"5","metric":"a"}]}}"#
    #expect(
      try errors(spec, "{}").map(\.path.description)
        == [
          "spec.scaling.idle", "spec.scaling.onMetricsFailure", "spec.scaling.metrics[0].type",
        ])
    #expect(try errors(spec, Self.kedaAndPrometheus) == [])
  }

  /// KEDA has no adapter: it asks Prometheus, by names that Prometheus knows.
  @Test(arguments: [
    (#"{"type":"ActiveWork","target":"5","metric":"active"}"#, true),
    (#"{"type":"ActiveWork","target":"5","metric":"active.work"}"#, false),
    (#"{"type":"Queue","target":"5","metric":"depth","selector":{"queue":"a"}}"#, true),
    (#"{"type":"Queue","target":"5","metric":"depth","selector":{"a/queue":"a"}}"#, false),
    (#"{"type":"Queue","target":"5","metric":"queue-depth"}"#, false),
  ]) func namesHaveToBePrometheusNames(_ metric: String, _ isValid: Bool) throws {
    let spec = #"{"scaling":{"metrics":[\#(metric)]}}"#
    #expect(try errors(spec, Self.kedaAndPrometheus).isEmpty == isValid)
    #expect(try errors(spec, #"{"capabilities":{"customMetrics":true}}"#) == [])
  }

  @Test func withoutAnAddressOfPrometheusKEDACannotReadPodsMetrics() throws {
    let spec =
      #"{"scaling":{"metrics":[{"type":"ActiveWork","target":"5","metric":"a"}],"onMetricsFailure":{"replicas":5}}}"#
    let errors = try errors(spec, Self.keda)
    #expect(errors.map(\.path.description) == ["spec.scaling.metrics[0].type"])
    #expect(errors.first?.message.contains("spec.endpoints.prometheus") == true)
    let unmonitored =
      #"{"capabilities":{"keda":true},"endpoints":{"prometheus":"http://prometheus:9090"}}"#
    #expect(
      try self.errors(spec, unmonitored).first?.message.contains("the Prometheus operator") == true)
  }

  @Test(arguments: [
    ("{}", keda, Scaler.horizontalPodAutoscaler),
    (LeafCase.work, keda, .horizontalPodAutoscaler),
    (LeafCase.work, kedaAndPrometheus, .scaledObject),
    (LeafCase.externalQueue, kedaAndPrometheus, .scaledObject),
    (LeafCase.queue, keda, .scaledObject), (LeafCase.schedule, keda, .scaledObject),
    (#"{"scaling":{"minReplicas":3,"maxReplicas":3}}"#, keda, .none),
    (
      #"{"scaling":{"minReplicas":3,"maxReplicas":3,"idle":{"after":"1h"},"metrics":[{"type":"Queue","target":"5","trigger":{"type":"redis","metadata":{}}}]}}"#,
      keda, .scaledObject
    ),
  ]) func oneScalerForEachAgent(_ spec: String, _ classSpec: String, _ scaler: Scaler) throws {
    let agentClass = try Self.agentClass(classSpec)
    let agent = try AgentDeployment.decode(Manifest.agent(spec), agentClass: agentClass).get()
    #expect(agent.spec.scaling.scaler(under: agentClass) == scaler)
  }

  @Test(arguments: [
    (LeafCase.schedule, "spec.scaling.schedule[0].replicas"),
    (
      #"{"scaling":{"metrics":[{"type":"Queue","target":"5","trigger":{"type":"redis","metadata":{}}}],"onMetricsFailure":{"replicas":5}}}"#,
      "spec.scaling.onMetricsFailure.replicas"
    ),
    (
      #"{"overrides":[{"kind":"ScaledObject","patch":{"spec":{"maxReplicaCount":5}}}]}"#,
      "spec.overrides[0].patch.spec.maxReplicaCount"
    ),
  ]) func theClassesMaximumHolds(_ spec: String, _ path: String) throws {
    let few = #"{"capabilities":{"keda":true},"guardRails":{"maxReplicas":4}}"#
    #expect(try errors(spec, few).map(\.path.description) == [path])
    #expect(
      try errors(spec, #"{"capabilities":{"keda":true},"guardRails":{"maxReplicas":5}}"#) == [])
  }

  /// Every scaler in the table takes its target where the table says, and nowhere else.
  @Test func everyKnownTriggerHasItsTarget() throws {
    let agentClass = try Self.agentClass(Self.keda)
    for type in TriggerTarget.types {
      let spec =
        #"{"scaling":{"metrics":[{"type":"Queue","target":"5","trigger":{"type":"\#(type)","metadata":{}}}]}}"#
      let agent = try AgentDeployment.decode(Manifest.agent(spec), agentClass: agentClass).get()
      #expect(agent.spec.scaling.metrics.first?.trigger?.targetKey == TriggerTarget.of(type)?.key)
    }
    #expect(TriggerTarget.types.count > 25)
  }

  @Test(arguments: [
    ("0 8 * * 1-5", true), ("*/15 0-6,22-23 1 JAN-MAR SUN", true), ("59 23 31 12 6", true),
    ("60 8 * * *", false), ("0 24 * * *", false), ("0 8 0 * *", false), ("0 8 * 13 *", false),
    ("0 8 * * 7", false), ("0 8 * *", false), ("0 8 * * * *", false), ("@daily", false),
    ("*/0 * * * *", false), ("0  8 * * *", false), ("", false),
  ]) func cronHasFiveFieldsOfWhatThereIs(_ text: String, _ isValid: Bool) {
    #expect(Pattern.cron.matches(text) == isValid)
  }
}
