import Foundation
import ManifestAnalysis
import Testing
import YAML

@Suite struct FixTests {
  private func fix(_ text: String) throws -> TextFixer.Result {
    try TextFixer.fix(text, file: "test.yaml", Fixtures.lint(text))
  }

  @Test func changesOnlyWhatHasToChange() throws {
    let before = """
      # A comment.
      apiVersion: networking.istio.io/v1beta1 # old
      kind: DestinationRule
      metadata: {name: a}
      spec:
        host: b.example.com
        trafficPolicy:
          # The balancer.
          loadBalancer:
            simple: 'LEAST_CONN'   # by connections
          circuitBreaker:      # breaks
            consecutiveErrors: 5     # five
            interval:   30s
      """
    let after = """
      # A comment.
      apiVersion: networking.istio.io/v1 # old
      kind: DestinationRule
      metadata: {name: a}
      spec:
        host: b.example.com
        trafficPolicy:
          # The balancer.
          loadBalancer:
            simple: 'LEAST_REQUEST'   # by connections
          outlierDetection:      # breaks
            consecutiveGatewayErrors: 5     # five
            consecutive5xxErrors: 0
            interval:   30s
      """
    let result = try fix(before)
    #expect(result.text == after)
    #expect(
      result.fixed.map(\.rule) == [
        "istio-old-version", "istio-least-conn", "istio-circuit-breaker",
        "istio-consecutive-errors",
      ])
    let again = try fix(result.text)
    #expect(again.text == after && again.fixed.isEmpty)
  }

  @Test func removesAMemberAndAParentThatWouldBeEmpty() throws {
    let result = try fix(
      """
      kind: Secret
      apiVersion: v1
      metadata:
        name: s
        annotations:
          kubernetes.io/service-account.name: x
      type: Opaque
      """)
    #expect(
      result.text == """
        kind: Secret
        apiVersion: v1
        metadata:
          name: s
        type: Opaque
        """)
  }

  @Test func flowStyleAndJSON() throws {
    let flow = try fix(
      "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: a}, spec: "
        + "{host: x.example.com, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}}")
    #expect(flow.text.contains("{consecutiveGatewayErrors: 5, consecutive5xxErrors: 0}"))
    let json = try fix(
      """
      {"apiVersion": "networking.istio.io/v1beta1", "kind": "Gateway", "metadata": {"name": "a"}}
      """)
    #expect(json.text.contains("\"networking.istio.io/v1\""))
  }

  @Test func leavesAloneWhatItCannotDoSafely() throws {
    for text in [
      // A member in flow style that would have to go.
      "{apiVersion: v1, kind: Secret, metadata: {name: s, annotations: {kubernetes.io/service-account.name: x, a: b}}}",
      // The value stands elsewhere.
      """
      a: &v networking.istio.io/v1beta1
      apiVersion: *v
      kind: Gateway
      metadata: {name: a}
      """,
    ] {
      let findings = try Fixtures.lint(text)
      #expect(findings.contains { $0.isFixable })
      let result = try fix(text)
      #expect(result.text == text && result.fixed.isEmpty)
    }
  }

  @Test func windowsLineEndsStay() throws {
    let text = """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: a}
      spec:
        trafficPolicy:
          outlierDetection:
            consecutiveErrors: 5
            interval: 1s

      """.replacing("\n", with: "\r\n")
    let result = try fix(text)
    #expect(result.text.contains("consecutive5xxErrors: 0\r\n"))
    #expect(!result.text.replacing("\r\n", with: "").contains("\r"))
  }

  @Test(.enabled(if: Fixtures.seedManifests != nil, "skipped: ../shared is absent"))
  func seedManifestsAreFixedOnceAndStayValid() throws {
    let folder = try #require(Fixtures.seedManifests)
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let findings = try Linter.lint(ManifestSet(Fixtures.documents(text, file: file)))
      let result = TextFixer.fix(text, file: file, findings)
      let left = try Linter.lint(ManifestSet(Fixtures.documents(result.text, file: file)))
      let fixable = findings.filter { $0.isFixable }.count
      #expect(result.fixed.count == fixable, "\(file)")
      #expect(!left.contains { $0.isFixable }, "\(file)")
      // Comments stay.
      #expect(
        text.split(separator: "\n").filter { $0.hasPrefix("#") }
          == result.text.split(separator: "\n").filter { $0.hasPrefix("#") })
    }
  }
}
