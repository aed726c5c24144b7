import Foundation
import Testing

/// What only a clock can tell about a file.
@Suite struct FaultInjectionTests {
  private func manifest(endsIn seconds: TimeInterval) throws -> TemporaryFile {
    let end = Date(timeIntervalSinceNow: seconds).formatted(.iso8601)
    return try TemporaryFile(
      """
      apiVersion: agentdeploy.dev/v1alpha1
      kind: AgentDeployment
      metadata: {name: support}
      spec:
        image: registry/support:v1
        traffic:
          faultInjection:
            percent: "1"
            delay: 1s
            expiresAt: "\(end)"
      """)
  }

  @Test(arguments: ["validate", "render"]) func mayEndWithinADay(_ command: String) async throws {
    let near = try manifest(endsIn: 23 * 3600)
    let tomorrow = try await CommandLineRun.run(command, "-f", near.url.path)
    #expect(tomorrow.status == 0, "\(tomorrow.errors)")
    let file = try manifest(endsIn: 26 * 3600)
    let later = try await CommandLineRun.run(command, "-f", file.url.path)
    #expect(later.status == 1)
    #expect(later.output.isEmpty)
    #expect(
      later.errors.contains(
        ":10:18: spec.traffic.faultInjection.expiresAt: must be at most 24 hours"))
  }
}
