import PromQL
import Testing

@Suite struct PromQLProblemTests {
  private func kinds(
    _ text: String, _ buckets: HistogramBuckets = HistogramBuckets()
  ) throws -> [PromQLProblem.Kind] {
    try PromQLExpression(parsing: text).problems(in: text, buckets: buckets).map(\.kind)
  }

  @Test(
    "seeds P1",
    arguments: [
      "(rate(w{status=\"failed\"}[5m]) / rate(w[5m])) > 0.1",
      "rate(w{status=~\"5..\"}[5m]) / rate(w[5m])",
      "rate(w[5m]) / rate(w{status=\"ok\"}[5m])",
      "sum by (status) (rate(w{status=\"failed\"}[5m])) / sum by (status) (rate(w[5m]))",
    ]) func ratioOfItself(_ text: String) throws
  {
    #expect(try kinds(text) == [.ratioOfItself])
  }

  @Test(arguments: [
    "sum(rate(a[5m])) / sum by (x) (rate(b[5m]))",
    "sum by (x) (a) / sum by (y) (a)",
    "sum by (x) (a) > 1 and sum by (y) (b) > 2",
    "a{code=\"500\"} / a{code=\"200\"}",
    "a{code=\"500\"} > on (code) a{code=\"200\"}",
  ]) func neverMatches(_ text: String) throws {
    #expect(try kinds(text) == [.neverMatches])
  }

  @Test(
    "seeds P2",
    arguments: [
      "histogram_quantile(0.95, rate(t_seconds_bucket[5m])) > 10",
      "histogram_quantile(0.95, sum by (le) (rate(t_seconds_bucket[5m]))) >= 10.5",
      "30 < histogram_quantile(0.95, rate(t_seconds_bucket[5m]))",
      "histogram_quantile(0.5, sum by (le)(rate(istio_request_duration_milliseconds_bucket[1m]))) > 4e6",
    ]) func aboveTopBucket(_ text: String) throws
  {
    #expect(try kinds(text) == [.aboveTopBucket])
  }

  @Test func bucketsCanBeTold() throws {
    let text = "histogram_quantile(0.95, rate(t_seconds_bucket[5m])) > 10"
    #expect(try kinds(text, HistogramBuckets(tops: ["t_seconds": 120])).isEmpty)
    #expect(try kinds(text, HistogramBuckets(defaultTop: nil)).isEmpty)
    #expect(try kinds(text, HistogramBuckets(tops: ["t_seconds": 5])) == [.aboveTopBucket])
  }

  @Test func quantilesNeedTheirBuckets() throws {
    #expect(
      try kinds("histogram_quantile(0.9, sum by (job) (rate(x_bucket[5m])))")
        == [.quantileWithoutBuckets])
    #expect(try kinds("rate(sum(x)[5m:])") == [.rateOfAggregate])
  }

  @Test(arguments: [
    // The corrected rules of the seeds.
    """
    sum by (workflow_type)(rate(w{status="failed"}[5m])) / sum by (workflow_type)(rate(w[5m])) > 0.1
      and sum by (workflow_type)(increase(w[5m])) >= 20
    """,
    "histogram_quantile(0.95, sum by (le, server) (rate(t_seconds_bucket[5m]))) > 9",
    """
    sum(rate(container_cpu_usage_seconds_total{container="agent"}[5m])) by (pod)
      / sum(kube_pod_container_resource_limits{resource="cpu",container="agent"}) by (pod) > 0.8
    """,
    "rate(w{status=\"failed\"}[5m]) / ignoring (status) group_left sum without (status) (rate(w[5m]))",
    "rate(a{code=\"500\"}[5m]) / ignoring (code) rate(a{code=\"200\"}[5m])",
    "sum(rate(w{status=\"failed\"}[5m])) / sum(rate(w[5m]))",
    "a{x=\"1\"} / b", "a{x=\"1\"} / a{x=\"1\"}", "a{x=\"1\"} and a > 5", "a{x=\"1\"} or a{x=\"2\"}",
    "sum by (a) (x) * on (a) group_left (b) max by (a, b) (y)", "a / 2 > 1",
    "absent(up{job=\"x\"})",
    "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m]))) > 400",
    "topk(3, sum by (a) (x)) / sum by (a) (y)",
    "label_replace(x,\"a\",\"\",\"\",\"\") / sum by (b) (y)",
  ]) func nothingWrong(_ text: String) throws {
    #expect(try kinds(text).isEmpty)
  }
}
