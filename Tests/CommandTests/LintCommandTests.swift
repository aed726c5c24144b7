import Foundation
import JSON
import Testing

@Suite struct LintCommandTests {
  private static let faulty = """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: a, namespace: agents}
    spec:
      host: b.example.com
      trafficPolicy:
        loadBalancer:
          simple: LEAST_CONN  # by connections
        connectionPool:
          http: {maxRequestsPerConnection: 10}

    """

  private func lint(_ text: String, _ arguments: String...) async throws -> CommandLineRun {
    try await CommandLineRun.run(
      list: ["lint", "-f", "-", "--partial"] + arguments, input: Data(text.utf8))
  }

  @Test func tableIsForPeople() async throws {
    let run = try await lint(Self.faulty)
    #expect(run.status == 1)
    #expect(run.errors.isEmpty)
    #expect(
      run.output == """
        <stdin>
          8:15    deprecated istio-least-conn (I3)
                  DestinationRule agents/a spec.trafficPolicy.loadBalancer.simple
                  LEAST_CONN is deprecated
                  fix: write LEAST_REQUEST [--fix]
          10:40   warning    istio-requests-per-connection (I8)
                  DestinationRule agents/a spec.trafficPolicy.connectionPool.http.maxRequestsPerConnection
                  a new connection after every 10 requests
                  fix: leave it out

        2 findings in 1 file: 1 warning, 1 deprecated; --fix puts 1 right

        """)
  }

  @Test func exitCodesSayWhatCounts() async throws {
    #expect(try await lint(Self.faulty, "--fail-on", "security").status == 0)
    #expect(try await lint(Self.faulty, "--fail-on", "deprecated").status == 1)
    #expect(try await lint(Self.faulty, "--rule", "I3").status == 0)
    #expect(try await lint(Self.faulty, "--rule", "I3", "--fail-on", "deprecated").status == 1)
    let ignored = try await lint(Self.faulty, "--ignore", "I3", "--ignore", "I8")
    #expect(ignored.status == 0 && ignored.output == "nothing found\n")
    #expect(try await lint("a: [").status == 2)
    #expect(try await CommandLineRun.run("lint", "-f", "/nowhere.yaml").status == 2)
    #expect(try await CommandLineRun.run("lint").status == 2)
    let unknown = try await lint(Self.faulty, "--rule", "nonsense")
    #expect(unknown.status == 2 && unknown.errors.contains("--list"))
    #expect(try await lint(Self.faulty, "--fix").status == 2)
  }

  @Test func jsonAndYAMLForPrograms() async throws {
    let run = try await lint(Self.faulty, "-o", "json")
    let json = try JSONValue(parsing: run.output)
    #expect(json["findings"]?[0]?["rule"] == "istio-least-conn")
    #expect(json["findings"]?[0]?["line"] == 8)
    #expect(json["summary"]?["warning"] == 1)
    #expect(try await lint(Self.faulty, "-o", "yaml").output.contains("rule: istio-least-conn"))
  }

  /// The members that SARIF 2.1.0 requires, and that indices lead where they should.
  @Test func sarif() async throws {
    let run = try await lint(Self.faulty, "-o", "sarif")
    #expect(run.status == 1)
    let json = try JSONValue(parsing: run.output)
    #expect(json["version"] == "2.1.0")
    let tool = json["runs"]?[0]?["tool"]?["driver"]
    #expect(tool?["name"] == "agent-operator")
    let rules = tool?["rules"]?.array ?? []
    let results = json["runs"]?[0]?["results"]?.array ?? []
    #expect(results.count == 2 && rules.count > 40)
    let levels: Set<JSONValue> = ["none", "note", "warning", "error"]
    for result in results {
      let index = try #require(result["ruleIndex"]?.int)
      #expect(rules[index]["id"] == result["ruleId"])
      #expect(result["level"].map(levels.contains) == true)
      #expect(result["message"]?["text"]?.string?.isEmpty == false)
      let place = result["locations"]?[0]?["physicalLocation"]
      #expect(place?["artifactLocation"]?["uri"] == "%3Cstdin%3E")
      #expect(place?["region"]?["startLine"]?.int ?? 0 > 0)
    }
  }

  @Test func whatIsIgnoredOnPurposeDoesNotCount() async throws {
    let text = Self.faulty
      .replacing("# by connections", with: "# lint:ignore I3 old proxies know no other")
      .replacing(
        "      http: {max",
        with:
          "      # lint:ignore istio-requests-per-connection the backend leaks\n      http: {max")
    let run = try await lint(text, "--fail-on", "deprecated")
    #expect(run.status == 0 && run.output == "nothing found; 2 ignored on purpose\n", "\(run)")
    let json = try JSONValue(parsing: try await lint(text, "-o", "json").output)
    #expect(json["findings"] == [] && json["summary"]?["ignored"] == 2)
    #expect(json["ignored"]?[0]?["reason"] == "old proxies know no other")
    let sarif = try JSONValue(parsing: try await lint(text, "-o", "sarif").output)
    let results = sarif["runs"]?[0]?["results"]?.array ?? []
    #expect(results.count == 2)
    #expect(results.allSatisfy { $0["suppressions"]?[0]?["kind"] == "inSource" })
    // What is ignored is not put right either.
    let file = try TemporaryFile(text)
    let fixed = try await CommandLineRun.run("lint", "-f", file.url.path, "--partial", "--fix")
    #expect(fixed.status == 0)
    #expect(try String(contentsOf: file.url, encoding: .utf8) == text)
    let wrong = try await lint(Self.faulty.replacing("# by", with: "# lint:ignore I3x by"))
    #expect(wrong.status == 1 && wrong.output.contains("there is no rule 'I3x'"))
  }

  @Test func fixesFilesAndSaysWhatItDid() async throws {
    let file = try TemporaryFile(Self.faulty)
    let run = try await CommandLineRun.run("lint", "-f", file.url.path, "--partial", "--fix")
    #expect(run.status == 1)
    #expect(run.errors.contains("fixed") && run.errors.contains(":8:15: istio-least-conn"))
    #expect(run.output.contains("1 finding in 1 file: 1 warning\n"))
    let fixed = try String(contentsOf: file.url, encoding: .utf8)
    #expect(fixed == Self.faulty.replacing("LEAST_CONN ", with: "LEAST_REQUEST "))
    let again = try await CommandLineRun.run("lint", "-f", file.url.path, "--partial", "--fix")
    #expect(again.errors.isEmpty)
    #expect(try String(contentsOf: file.url, encoding: .utf8) == fixed)
  }

  @Test func rulesExplainThemselves() async throws {
    let list = try await CommandLineRun.run("lint", "--list")
    #expect(list.status == 0 && list.output.contains("promql-ratio-of-itself"))
    let rule = try await CommandLineRun.run("lint", "--explain", "P2")
    #expect(rule.status == 0 && rule.output.contains("+Inf") && rule.output.contains("https://"))
    #expect(try await CommandLineRun.run("lint", "--explain", "X9").status == 2)
  }

  @Test func bucketsCanBeTold() async throws {
    let alert = """
      groups:
      - name: a
        rules:
        - alert: Slow
          expr: histogram_quantile(0.95, sum by (le) (rate(tool_seconds_bucket[5m]))) > 10
      """
    #expect(try await lint(alert).status == 1)
    #expect(try await lint(alert, "--buckets", "tool_seconds=60").status == 0)
    #expect(try await lint(alert, "--buckets", "tool_seconds").status == 2)
  }

  @Test func samplesHaveNothing() async throws {
    let folder = CommandLineRun.checkout.appending(path: "manifests/samples").path
    let run = try await CommandLineRun.run("lint", "-f", folder, "--fail-on", "deprecated")
    #expect(run.status == 0 && run.output == "nothing found\n")
  }
}
