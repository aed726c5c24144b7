import JSON
import KubernetesAPI
import Testing

@testable import agent_operator

@Suite struct UnifiedDiffTests {
  @Test func equalTextsHaveNone() {
    #expect(UnifiedDiff.lines("a\nb\n", "a\nb\n", oldName: "x", newName: "y").isEmpty)
  }

  @Test func asDiffWritesIt() {
    let old = (1...20).map(String.init).joined(separator: "\n") + "\n"
    let new = old.replacing("\n5\n", with: "\nfive\n").replacing("\n17\n", with: "\n")
    #expect(
      UnifiedDiff.lines(old, new, oldName: "a", newName: "b") == [
        "--- a", "+++ b", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8",
        "@@ -14,7 +14,6 @@", " 14", " 15", " 16", "-17", " 18", " 19", " 20",
      ])
    #expect(
      UnifiedDiff.lines("", "x\n", oldName: "a", newName: "b") == [
        "--- a", "+++ b", "@@ -0,0 +1 @@", "+x",
      ])
  }

  private func secret(_ value: String) -> KubernetesObject {
    KubernetesObject([
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s", "namespace": "a"],
      "data": ["key": .string(value), "same": "c2FtZQ=="],
    ])
  }

  @Test func valuesOfSecretsAreMasked() {
    let changed = ObjectDifference(
      from: [secret("b2xk")], to: [secret("bmV3")], oldName: "old", newName: "new")
    #expect(changed.lines.contains { $0.contains("*** (before)") })
    #expect(changed.lines.contains { $0.contains("*** (after)") })
    #expect(!changed.text.contains("b2xk") && !changed.text.contains("bmV3"))
    #expect(!changed.text.contains("c2FtZQ"))
    let gone = ObjectDifference(from: [secret("b2xk")], to: [], oldName: "old", newName: "new")
    #expect(!gone.isEmpty && !gone.text.contains("b2xk") && !gone.text.contains("c2FtZQ"))
    #expect(
      ObjectDifference(from: [secret("a")], to: [secret("a")], oldName: "o", newName: "n").isEmpty)
  }

  @Test func whatAServerAddsIsNoDifference() {
    var live = KubernetesObject([
      "kind": "ConfigMap", "apiVersion": "v1", "data": ["b": "2", "a": "1"],
      "metadata": ["namespace": "a", "name": "c"],
    ])
    let rendered = KubernetesObject([
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c", "namespace": "a"],
      "data": ["a": "1", "b": "2"],
    ])
    live["metadata"]?["uid"] = "1"
    live["metadata"]?["resourceVersion"] = "7"
    live["status"] = ["x": 1]
    #expect(ObjectDifference(from: [live], to: [rendered], oldName: "o", newName: "n").isEmpty)
  }
}
