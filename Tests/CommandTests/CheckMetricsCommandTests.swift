import Foundation
import Testing

@Suite struct CheckMetricsCommandTests {
  private static let manifests = """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentClass
    metadata: {name: default}
    spec:
      capabilities: {istio: false, prometheusOperator: true}
    ---
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: web, namespace: agents}
    spec: {image: registry.example.com/web:v1}

    """

  private static let good = """
    # TYPE http_requests_total counter
    http_requests_total{endpoint="/",status_code="200"} 1
    # TYPE http_request_duration_seconds histogram
    http_request_duration_seconds_bucket{endpoint="/",le="10"} 1
    http_request_duration_seconds_bucket{endpoint="/",le="+Inf"} 1
    http_request_duration_seconds_count{endpoint="/"} 1

    """

  private func check(_ metrics: String) async throws -> CommandLineRun {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "check-metrics-\(UUID().uuidString).yaml")
    try Self.manifests.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await CommandLineRun.run(
      "check-metrics", "-", "-f", file.path, input: Data(metrics.utf8))
  }

  @Test func allIsThere() async throws {
    let run = try await check(Self.good)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output == "✓ agents/web: 2 of 2 metrics are as they should be\n")
  }

  @Test func saysWhatIsMissingAndWhatForIt() async throws {
    let run = try await check(Self.good.replacing("status_code", with: "code"))
    #expect(run.status == 1)
    #expect(
      run.output.hasPrefix(
        "error: agents/web: http_requests_total lacks the label status_code; without it nothing "
          + "comes of AgentErrorRateHigh"))
    #expect(run.output.contains("(it has code, endpoint: rename or add it)"))
  }

  @Test func jsonIsNoExposition() async throws {
    let run = try await check("{\"requests\": 1}")
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("error: <stdin>: line 1: this is JSON"))
  }

  @Test func aMissingFileIsNamed() async throws {
    let run = try await CommandLineRun.run("check-metrics", "/nowhere", "-f", "/nowhere.yaml")
    #expect(run.status == 1 && run.errors.contains("/nowhere"))
  }

  @Test func bothFromStandardInputIsRefused() async throws {
    let run = try await CommandLineRun.run("check-metrics", "-", "-f", "-")
    #expect(run.status == 2 && run.errors.contains("cannot both come"))
  }
}
