import JSON
import PromQL

/// Prometheus' alerting and recording rules, in rule files and in PrometheusRules.
enum AlertRules {
  static let all = [
    syntax, ratioOfItself, neverMatches, aboveTopBucket, quantileWithoutBuckets, rateOfAggregate,
    unknownMetric, absoluteMemory,
  ]

  /// The `expr` of every rule in the input.
  static func expressions(_ set: ManifestSet) -> [ManifestNode] {
    set.objects.flatMap { object -> [ManifestNode] in
      let groups: ManifestNode
      switch object.kind {
      case "" where object.root["groups"].value?.array != nil: groups = object.root["groups"]
      case "PrometheusRule", "VMRule": groups = object.spec["groups"]
      default: return []
      }
      return groups.elements.flatMap { $0["rules"].elements }.map { $0["expr"] }
        .filter { $0.text != nil }
    }
  }

  private static func parsed(_ set: ManifestSet) -> [(
    node: ManifestNode, expression: PromQLExpression
  )] {
    expressions(set).compactMap { node in
      (try? PromQLExpression(parsing: node.text ?? "")).map { (node, $0) }
    }
  }

  private static func name(_ node: ManifestNode) -> String {
    node.parent["alert"].string ?? node.parent["record"].string ?? "rule"
  }

  private static let syntax = LintRule(
    "promql-syntax", [], .error, "no PromQL",
    why: "Prometheus refuses a file with one wrong expression as a whole: none of its rules run.",
    fix: "correct the expression",
    source: "https://prometheus.io/docs/prometheus/latest/querying/basics/"
  ) { set, found in
    for node in expressions(set) {
      do throws(PromQLError) {
        _ = try PromQLExpression(parsing: node.text ?? "")
      } catch {
        found.add(node, "\(name(node)): \(error.description)")
      }
    }
  }

  private static func semantic(
    _ kind: PromQLProblem.Kind, _ id: String, _ faults: [String], _ severity: Severity,
    _ title: String, why: String, fix: String, source: String
  ) -> LintRule {
    LintRule(id, faults, severity, title, why: why, fix: fix, source: source) { set, found in
      for (node, expression) in parsed(set) {
        for problem in expression.problems(in: node.text ?? "", buckets: set.buckets)
        where problem.kind == kind {
          found.add(node, "\(name(node)): \(problem.message)", fix: problem.fix)
        }
      }
    }
  }

  private static let operators = "https://prometheus.io/docs/prometheus/latest/querying/operators/"
  private static let functions = "https://prometheus.io/docs/prometheus/latest/querying/functions/"

  private static let ratioOfItself = semantic(
    .ratioOfItself, "promql-ratio-of-itself", ["P1"], .error, "a series divided by itself",
    why: """
      Without aggregation, one-to-one matching pairs series whose labels are all equal. When one \
      side is narrowed by a label and the other is not, each narrowed series meets itself, and the \
      ratio is 1 whenever anything happens at all.
      """,
    fix: "aggregate the label away on both sides: sum by (...) (...) / sum by (...) (...)",
    source: operators + "#one-to-one-vector-matches")

  private static let neverMatches = semantic(
    .neverMatches, "promql-never-matches", [], .error, "sides whose labels never agree",
    why: "Series match only when all labels are equal; sides with different labels give nothing.",
    fix: "group both sides by the same labels, or use on (...) group_left",
    source: operators + "#vector-matching")

  private static let aboveTopBucket = semantic(
    .aboveTopBucket, "promql-threshold-above-buckets", ["P2"], .error,
    "a quantile that can never be so high",
    why: """
      A quantile that falls into the bucket +Inf is given as the highest finite bound. A threshold \
      at or above it is never exceeded. Client libraries' default buckets end at 10 seconds.
      """,
    fix: "add buckets above the threshold (and name them with --buckets NAME=TOP), or lower it",
    source: functions + "#histogram_quantile")

  private static let quantileWithoutBuckets = semantic(
    .quantileWithoutBuckets, "promql-quantile-without-le", [], .error, "a quantile without buckets",
    why: "histogram_quantile reads the label le; an aggregation that drops it leaves nothing.",
    fix: "aggregate by (le, ...)", source: functions + "#histogram_quantile")

  private static let rateOfAggregate = semantic(
    .rateOfAggregate, "promql-rate-of-aggregate", [], .warning, "a rate of a sum",
    why: "When one process restarts, the sum falls, and rate takes that for a reset of all of it.",
    fix: "sum (rate (...)), never rate (sum (...))", source: functions + "#rate")

  private static let unknownMetric = LintRule(
    "promql-unknown-metric", ["P4"], .error, "a metric that no exporter has",
    why: """
      Names such as cpu_usage_percent belong to no exporter of Kubernetes: cAdvisor, \
      kube-state-metrics, node_exporter and the client libraries count seconds and bytes. Over a \
      metric without series an alert never fires.
      """,
    fix: "sum by (pod) (rate(container_cpu_usage_seconds_total{container=\"agent\"}[5m])) / sum by "
      + "(pod) (kube_pod_container_resource_limits{resource=\"cpu\",container=\"agent\"}) > 0.8",
    source: "https://prometheus.io/docs/practices/naming/#base-units"
  ) { set, found in
    for (node, expression) in parsed(set) {
      for metric in expression.selectors.compactMap(\.metric) {
        let words = metric.split(separator: "_")
        guard let first = words.first(where: { $0 != "system" && $0 != "host" }),
          ["cpu", "memory", "mem", "disk"].contains(first),
          let last = words.last, ["percent", "percentage", "utilization", "util"].contains(last)
        else { continue }
        found.add(node, "\(name(node)): no exporter has \(metric)")
      }
    }
  }

  private static let absoluteMemory = LintRule(
    "promql-absolute-memory", ["P5"], .warning, "a threshold that ignores the limit",
    why: """
      A fixed number of bytes is too much for one container and nothing for another; what kills a \
      container is its own limit.
      """,
    fix:
      "sum by (pod, container) (container_memory_working_set_bytes{container=\"agent\"}) / sum by "
      + "(pod, container) (kube_pod_container_resource_limits{resource=\"memory\"}) > 0.8",
    source: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"
  ) { set, found in
    for (node, expression) in parsed(set) {
      expression.forEach { part in
        guard case .binary(let operation) = part.kind, operation.isComparison,
          let limit = operation.right.constant
        else { return }
        let metrics = operation.left.selectors.compactMap(\.metric)
        guard metrics.count == 1, let metric = metrics.first, metric.contains("memory"),
          metric.hasSuffix("_bytes"), !operation.left.containsRate
        else { return }
        found.add(
          node,
          "\(name(node)): \(metric) is compared with \(limit), whatever the container's limit is")
      }
    }
  }
}

extension PromQLExpression {
  fileprivate var containsRate: Bool {
    var found = false
    forEach {
      if case .call(let name, _) = $0.kind {
        found = found || ["rate", "deriv", "delta", "predict_linear"].contains(name)
      }
    }
    return found
  }
}
