import Foundation
import JSON
import Testing

@testable import AgentDeploymentAPI

@Suite struct PatternTests {
  static let patterns: [String] = Array(
    Set(
      (SchemaNode.all() + SchemaNode.all(of: AgentDeploymentStatus.schema, at: "status"))
        .compactMap { node -> String? in
          switch node.schema.shape {
          case .string(let bounds): bounds.pattern?.text
          case .intOrString(let pattern): pattern?.text
          default: nil
          }
        } + ["^(a|b+|)c?[^x-z]{2,}$", "^a{2}(b{0,3}|.)$", "^[]a]*$", "^x*y?$"])
  ).sorted()

  static let texts =
    LeafCase.all.compactMap { Manifest.json($0.value).string } + [
      "", "a", "A", "-", "a-", "-a", "a.b", "a..b", "a/b", "/", "//", "/a/", "/a/../b", "/.a",
      "/..",
      "1", "0", "01", "1.5", "1.", ".5", "1.55555", "10s", "1h2m3s4ms", "1h2m3s4ms5s", "123456s",
      "s", "1d", "100%", "0%", "101%", "é", "a\n", "a b", "1Gi", "1gi", "1e3", "-1", "+1",
      "http://", "https://a.b:1/c?d", "ftp://a", "*.a.b", "*.a", "*", "aac", "bbcqq", "acdef",
      "aabbb", "aab", "aaz", "]", "x y", "xxxy", "metadata.labels['a']", "limits.cpu",
    ]

  /// Against an independent implementation.
  @Test(arguments: patterns) func matchesWhatARegularExpressionMatches(_ pattern: String) throws {
    let reference = try NSRegularExpression(
      // ICU's `$` would also match before a final line feed, RE2's does not; `[]a]` is ours alone.
      pattern: pattern.dropLast() == "^[]a]*"
        ? "\\A[\\]a]*\\z" : "\\A" + pattern.dropFirst().dropLast() + "\\z")
    let ours = Pattern(pattern == "^[]a]*$" ? "^[\\]a]*$" : pattern, "")
    for text in Self.texts {
      let range = NSRange(text.startIndex..., in: text)
      let expected = reference.firstMatch(in: text, range: range) != nil
      #expect(ours.matches(text) == expected, "\(text.debugDescription) against \(pattern)")
    }
  }

  @Test func takesLinearTime() {
    let pattern = Pattern("^(a*)*(a|aa)*b$", "")
    #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
  }

  @Test(arguments: [
    ("imgae", "image"), ("Image", "image"), ("replicas", "minReplicas"), ("tmieout", "timeout"),
    ("minReplica", "minReplicas"), ("", nil), ("x", nil), ("secrets", nil), ("prot", "port"),
  ]) func findsTheNearestName(_ name: String, _ nearest: String?) {
    let known = ["image", "port", "timeout", "minReplicas", "command"]
    #expect(NearestName.of(name, among: known) == nearest)
  }
}
