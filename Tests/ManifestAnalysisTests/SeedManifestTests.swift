import Foundation
import ManifestAnalysis
import Testing
import YAML

/// The manifests of the requirement documents, as they were written: every fault numbered in the
/// analysis that these files have, at its place, and nothing else.
@Suite(
  .enabled(
    if: Fixtures.seedManifests != nil,
    "skipped: ../shared/requirements/seed-manifests is not beside this checkout"))
struct SeedManifestTests {
  private func findings() throws -> [Finding] {
    let folder = try #require(Fixtures.seedManifests)
    return try Linter.lint(ManifestSet(Fixtures.documents(in: folder)))
  }

  /// Numbers of the analysis that no seed manifest has: strict mutual TLS over a scraped port (there
  /// is no PeerAuthentication), two contracts for readiness paths (in two documents), a version that
  /// is right, application code, Terraform, an exposition format, and a playbook.
  private static let elsewhere: Set<String> = ["I15", "K18", "K23", "P3", "P6", "P7", "P8"]

  @Test func everyNumberedFaultIsReported() throws {
    let numbers =
      (1...15).map { "I\($0)" } + (1...23).map { "K\($0)" } + (1...8).map { "P\($0)" }
    let reported = Set(try findings().flatMap(\.faults))
    #expect(reported == Set(numbers).subtracting(Self.elsewhere))
  }

  @Test func everyFindingAtItsPlace() throws {
    let actual = try findings().map { "\($0.file):\($0.position.line) \($0.rule)" }
    let expected = Self.expected.split(separator: "\n").map(String.init)
    #expect(actual == expected)
  }

  private static let expected = """
    agent-deployment.yaml:6 no-disruption-budget
    agent-deployment.yaml:6 no-network-policy
    agent-deployment.yaml:12 replicas-beside-autoscaler
    agent-deployment.yaml:23 scrape-port-mismatch
    agent-deployment.yaml:25 grace-shorter-than-shutdown
    agent-deployment.yaml:25 no-spread
    agent-deployment.yaml:26 unresolved-service-account
    agent-deployment.yaml:28 no-security-context
    agent-deployment.yaml:29 image-not-pinned
    agent-deployment.yaml:41 unresolved-config-map
    agent-deployment.yaml:46 unresolved-secret
    agent-deployment.yaml:51 unresolved-secret
    agent-deployment.yaml:64 redundant-initial-delay
    agent-deployment.yaml:72 redundant-initial-delay
    agent-deployment.yaml:80 redundant-initial-delay
    alert-rules.yaml:7 promql-unknown-metric
    alert-rules.yaml:17 promql-absolute-memory
    alert-rules.yaml:27 promql-ratio-of-itself
    alert-rules.yaml:37 promql-threshold-above-buckets
    enterprise-configmap.yaml:13 unresolved-host
    enterprise-configmap.yaml:15 redis-client-mismatch
    enterprise-configmap.yaml:16 redis-client-mismatch
    enterprise-configmap.yaml:45 promise-in-config
    enterprise-configmap.yaml:46 istio-no-peer-authentication
    enterprise-configmap.yaml:49 promise-in-config
    enterprise-configmap.yaml:50 promise-in-config
    enterprise-configmap.yaml:50 scaling-two-truths
    enterprise-configmap.yaml:51 promise-in-config
    enterprise-configmap.yaml:52 promise-in-config
    enterprise-secrets.yaml:10 secret-rotation-label
    enterprise-secrets.yaml:12 secret-service-account-annotation
    enterprise-secrets.yaml:14 secret-mixed-purposes
    enterprise-secrets.yaml:16 secret-not-base64
    enterprise-secrets.yaml:17 secret-not-base64
    enterprise-secrets.yaml:18 secret-not-base64
    enterprise-secrets.yaml:21 secret-not-base64
    enterprise-secrets.yaml:22 secret-not-base64
    enterprise-secrets.yaml:23 secret-not-base64
    enterprise-secrets.yaml:26 secret-not-base64
    enterprise-secrets.yaml:27 secret-not-base64
    enterprise-secrets.yaml:28 secret-not-base64
    enterprise-secrets.yaml:31 secret-signing-key
    enterprise-secrets.yaml:31 secret-not-base64
    enterprise-secrets.yaml:32 secret-not-base64
    enterprise-secrets.yaml:35 secret-not-base64
    enterprise-secrets.yaml:36 secret-not-base64
    enterprise-secrets.yaml:37 secret-not-base64
    hpa.yaml:15 hpa-averages-sidecars
    hpa.yaml:21 hpa-averages-sidecars
    hpa.yaml:27 hpa-custom-metric
    istio-config.yaml:3 istio-old-version
    istio-config.yaml:10 istio-implicit-mesh-gateway
    istio-config.yaml:11 istio-no-default-route
    istio-config.yaml:12 istio-no-timeout
    istio-config.yaml:17 unresolved-host
    istio-config.yaml:21 istio-permanent-fault
    istio-config.yaml:27 istio-old-version
    istio-config.yaml:30 istio-no-peer-authentication
    istio-config.yaml:33 unresolved-host
    istio-config.yaml:36 istio-least-conn
    istio-config.yaml:39 istio-small-connection-pool
    istio-config.yaml:41 istio-small-connection-pool
    istio-config.yaml:42 istio-small-connection-pool
    istio-config.yaml:43 istio-requests-per-connection
    istio-config.yaml:44 istio-max-retries
    istio-config.yaml:45 istio-circuit-breaker
    istio-config.yaml:45 istio-implicit-locality-failover
    istio-config.yaml:46 istio-consecutive-errors
    namespace-production.yaml:14 namespace-node-selector
    namespace-production.yaml:15 reserved-prefix
    namespace-production.yaml:27 quota-without-limit-range
    namespace-production.yaml:32 quota-extended-resource-limit
    redis-deployment.yaml:6 no-network-policy
    redis-deployment.yaml:24 no-security-context
    redis-deployment.yaml:25 image-not-pinned
    redis-deployment.yaml:32 unresolved-secret
    redis-deployment.yaml:37 password-in-arguments
    redis-deployment.yaml:51 redis-probe-proves-nothing
    redis-deployment.yaml:54 password-in-arguments
    redis-deployment.yaml:54 probe-variable-not-expanded
    redis-deployment.yaml:61 redis-probe-proves-nothing
    redis-deployment.yaml:64 password-in-arguments
    redis-deployment.yaml:64 probe-variable-not-expanded
    redis-deployment.yaml:71 deployment-volume-deadlock
    redis-deployment.yaml:71 unresolved-volume-claim
    """
}
