@testable import AgentDeploymentAPI

extension RuleCases {
  private static func scaling(_ members: String) -> String { #"{"scaling":{\#(members)}}"# }

  private static func metric(_ members: String) -> String {
    scaling(#""metrics":[{"target":"5",\#(members)}]"#)
  }

  private static func trigger(_ members: String) -> String {
    metric(#""type":"Queue","trigger":{"metadata":{},\#(members)}"#)
  }

  private static func window(_ start: String) -> String {
    scaling(#""schedule":[{"start":"\#(start)","end":"1 1 1 1 1","replicas":5}]"#)
  }

  static let schedules: [CheckCase] =
    ["0 22-6 * * *", "0 8 * * 5-1", "30-15/5 * * * *", "0 8 * * FRI-MON", "0 8 * DEC-JAN *"]
    .map { CheckCase(window($0), "spec.scaling.schedule[0].start", .invalid) }
    + ["0 6-22/2,23 * * MON-FRI", "*/5 8-8 1-31 JAN-DEC 0-6"].map { CheckCase(window($0)) }

  private static func schedule(_ replicas: Int, _ others: String = "") -> String {
    scaling(
      #"\#(others)"schedule":[{"start":"0 8 * * *","end":"0 9 * * *","replicas":\#(replicas)}]"#)
  }

  private static let work = #""metrics":[{"type":"ActiveWork","target":"5","metric":"a"}],"#

  /// Rules of `spec.scaling` between KEDA's fields.
  static let scaling: [RuleCases] = [
    RuleCases(
      "spec.scaling", "minReplicas may be 0 only with idle", at: "spec.scaling.minReplicas",
      good: [
        scaling(
          #""minReplicas":0,"idle":{"after":"30m"},"metrics":[{"type":"Queue","target":"5","metric":"a"}]"#
        ), scaling(#""minReplicas":1"#),
      ], bad: [scaling(#""minReplicas":0"#), scaling(#""minReplicas":0,"maxReplicas":1"#)]),
    RuleCases(
      "spec.scaling", "idle needs a Queue metric or a schedule", at: "spec.scaling.idle",
      good: [
        schedule(5, #""idle":{"after":"30m"},"#),
        scaling(
          #""idle":{"after":"30m"},"metrics":[{"type":"CPU","target":"70"},{"type":"Queue","target":"5","metric":"a"}]"#
        ),
        // A fixed number, or none.
        scaling(
          #""minReplicas":3,"maxReplicas":3,"idle":{"after":"30m"},"metrics":[{"type":"Queue","target":"5","metric":"a"}]"#
        ),
      ],
      bad: [
        scaling(#""idle":{"after":"30m"}"#), scaling(#""idle":{"after":"30m"},"schedule":[]"#),
        scaling(#"\#(work)"idle":{"after":"30m"}"#),
      ]),
    RuleCases(
      "spec.scaling", "onMetricsFailure needs an ActiveWork", at: "spec.scaling.onMetricsFailure",
      good: [scaling(#"\#(work)"onMetricsFailure":{"replicas":5}"#)],
      bad: [
        scaling(#""onMetricsFailure":{"replicas":5}"#),
        scaling(#""metrics":[{"type":"CPU","target":"70"}],"onMetricsFailure":{"replicas":5}"#),
      ]),
    RuleCases(
      "spec.scaling", "onMetricsFailure.replicas must be from", at: "spec.scaling.onMetricsFailure",
      good: [
        scaling(#"\#(work)"onMetricsFailure":{"replicas":2}"#),
        scaling(#"\#(work)"onMetricsFailure":{"replicas":10}"#),
        scaling(#"\#(work)"minReplicas":20,"maxReplicas":30,"onMetricsFailure":{"replicas":25}"#),
      ],
      bad: [
        scaling(#"\#(work)"onMetricsFailure":{"replicas":1}"#),
        scaling(#"\#(work)"onMetricsFailure":{"replicas":11}"#),
        // The one bound pulls the other along.
        scaling(#"\#(work)"minReplicas":20,"onMetricsFailure":{"replicas":20}"#),
        scaling(#"\#(work)"maxReplicas":1,"onMetricsFailure":{"replicas":1}"#),
      ]),
    RuleCases(
      "spec.scaling", "replicas of a schedule must be more", at: "spec.scaling.schedule",
      good: [
        schedule(3), schedule(10), schedule(25, #""minReplicas":20,"maxReplicas":30,"#),
        schedule(2, #""minReplicas":1,"maxReplicas":2,"#),
      ],
      bad: [
        schedule(2), schedule(11), schedule(1, #""maxReplicas":1,"#),
        schedule(20, #""minReplicas":20,"#), schedule(4, #""minReplicas":4,"maxReplicas":4,"#),
      ]),
    RuleCases(
      "spec.scaling.schedule[]", "start and end must differ", at: "spec.scaling.schedule[0].end",
      good: [schedule(3)],
      bad: [
        scaling(#""schedule":[{"start":"0 8 * * *","end":"0 8 * * *","replicas":5}]"#)
      ]),
    RuleCases(
      "spec.scaling.metrics[]", "a Queue has either a trigger",
      at: "spec.scaling.metrics[0].trigger",
      good: [
        metric(#""type":"Queue","metric":"a""#), trigger(#""type":"redis""#),
        metric(#""type":"Requests""#), metric(#""type":"Requests","metric":"a""#),
      ],
      bad: [
        metric(#""type":"Queue""#),
        metric(#""type":"Queue","metric":"a","trigger":{"type":"redis","metadata":{}}"#),
        metric(#""type":"CPU","trigger":{"type":"redis","metadata":{}}"#),
        metric(#""type":"Requests","trigger":{"type":"redis","metadata":{}}"#),
      ]),
    RuleCases(
      "spec.scaling.metrics[]", "selector is for the metric",
      at: "spec.scaling.metrics[0].selector",
      good: [metric(#""type":"Queue","metric":"a","selector":{"queue":"a"}"#)],
      bad: [
        metric(#""type":"ActiveWork","metric":"a","selector":{"queue":"a"}"#),
        metric(
          #""type":"Queue","trigger":{"type":"redis","metadata":{}},"selector":{"queue":"a"}"#),
      ]),
    RuleCases(
      "spec.scaling.metrics[].trigger", "targetKey must say",
      at: "spec.scaling.metrics[0].trigger.targetKey",
      good: [
        trigger(#""type":"kafka""#), trigger(#""type":"newrelic","targetKey":"threshold""#),
      ], bad: [trigger(#""type":"newrelic""#)]),
    RuleCases(
      "spec.scaling.metrics[].trigger", "cpu and memory are the metrics",
      at: "spec.scaling.metrics[0].trigger.type", good: [trigger(#""type":"kafka""#)],
      bad: [
        trigger(#""type":"cpu""#), trigger(#""type":"memory""#),
        trigger(#""type":"cron","targetKey":"desiredReplicas""#),
      ]),
    RuleCases(
      "spec.scaling.metrics[].trigger", "authenticationRef names",
      at: "spec.scaling.metrics[0].trigger.secretTargetRef",
      good: [trigger(#""type":"kafka","authenticationRef":{"name":"a"}"#)],
      bad: [
        trigger(
          #""type":"kafka","authenticationRef":{"name":"a"},"secretTargetRef":[{"parameter":"a","name":"a","key":"a"}]"#
        )
      ]),
    RuleCases(
      "spec.scaling.metrics[].trigger.secretTargetRef", "name a parameter",
      at: "spec.scaling.metrics[0].trigger.secretTargetRef",
      good: [LeafCase.secretQueue], bad: [trigger(#""type":"kafka","secretTargetRef":[]"#)]),
  ]
}

extension CheckCase {
  private static func redis(_ target: String, _ metadata: String) -> String {
    #"{"scaling":{"metrics":[{"type":"Queue","target":"\#(target)","trigger":{"type":"redis","metadata":{\#(metadata)}}}]}}"#
  }

  private static let metadata = "spec.scaling.metrics[0].trigger.metadata"

  /// What the schema cannot say about triggers.
  static let triggers: [CheckCase] = [
    CheckCase(redis("5", #""passwordFromEnv":"REDIS_PASSWORD","address":"redis:6379""#)),
    CheckCase(redis("5", #""address":"http://a@b/c:d""#)),
    CheckCase(redis("0.5", ""), "spec.scaling.metrics[0].target", .invalid),
    CheckCase(
      #"{"scaling":{"metrics":[{"type":"Queue","target":"0.5","trigger":{"type":"rabbitmq","metadata":{}}}]}}"#
    ),
    CheckCase(redis("5", #""listLength":"3""#), "\(metadata).listLength", .forbidden),
    CheckCase(redis("5", #""password":"hunter2""#), "\(metadata).password", .forbidden),
    CheckCase(redis("5", #""connectionString":"x""#), "\(metadata).connectionString", .forbidden),
    CheckCase(redis("5", #""host":"amqp://u:p@mq:5672/v""#), "\(metadata).host", .forbidden),
    CheckCase(redis("5", #""a b":"x""#), "\(metadata)[a b]", .invalid),
    CheckCase(redis("5", #""":"x""#), "\(metadata)[]", .invalid),
    CheckCase(
      #"{"scaling":{"metrics":[{"type":"Queue","target":"5","metric":"a","selector":{"a b":"c"}}]}}"#,
      "spec.scaling.metrics[0].selector[a b]", .invalid),
    CheckCase(
      #"{"scaling":{"metrics":[{"type":"Queue","target":"5","metric":"a","selector":{"a":"c/d"}}]}}"#,
      "spec.scaling.metrics[0].selector.a", .invalid),
  ]
}
