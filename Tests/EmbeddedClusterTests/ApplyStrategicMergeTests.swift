import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct ApplyStrategicMergeTests {
  private let schema: TypeSchema

  init() throws {
    schema = try #require(
      BuiltInSchemas.schema(for: GroupVersionKind(apiVersion: "apps/v1", kind: "Deployment")))
  }

  private func containers(_ patch: JSONValue, to original: JSONValue) throws -> JSONValue? {
    let result = try StrategicMergePatch.apply(
      ["spec": ["template": ["spec": patch]]],
      to: ["spec": ["template": ["spec": ["containers": original]]]], schema: schema)
    return result[path: "spec", "template", "spec", "containers"]
  }

  @Test func elementsMergeByKey() throws {
    #expect(
      try containers(
        ["containers": [["name": "b", "image": "2"], ["name": "c"]]],
        to: [["name": "a"], ["name": "b", "image": "1", "tty": true]])
        == [["name": "a"], ["name": "b", "image": "2", "tty": true], ["name": "c"]])
  }

  @Test func elementsCanBeDeletedAndReplaced() throws {
    #expect(
      try containers(
        ["containers": [["name": "a", "$patch": "delete"]]], to: [["name": "a"], ["name": "b"]])
        == [["name": "b"]])
    #expect(
      try containers(
        ["containers": [["$patch": "replace"], ["name": "z"]]], to: [["name": "a"]])
        == [["name": "z"]])
  }

  @Test func orderDirectiveDecides() throws {
    #expect(
      try containers(
        [
          "$setElementOrder/containers": [["name": "b"], ["name": "c"], ["name": "a"]],
          "containers": [["name": "c"]],
        ], to: [["name": "a"], ["name": "b"]])
        == [["name": "b"], ["name": "c"], ["name": "a"]])
  }

  @Test func setsLoseAndGain() throws {
    let result = try StrategicMergePatch.apply(
      ["metadata": ["$deleteFromPrimitiveList/finalizers": ["x/a"], "finalizers": ["x/c"]]],
      to: ["metadata": ["finalizers": ["x/a", "x/b"]]], schema: schema)
    #expect(result[path: "metadata", "finalizers"] == ["x/b", "x/c"])
  }

  @Test func retainKeysDropsTheRest() throws {
    let result = try StrategicMergePatch.apply(
      ["spec": ["strategy": ["$retainKeys": ["type"], "type": "Recreate"]]],
      to: ["spec": ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1]]]],
      schema: schema)
    #expect(result[path: "spec", "strategy"] == ["type": "Recreate"])
  }

  @Test func atomicListsAreReplacedAndNullsDelete() throws {
    #expect(
      try containers(
        ["containers": [["name": "a", "args": ["y"], "image": nil]]],
        to: [["name": "a", "args": ["x", "z"], "image": "1"]])
        == [["name": "a", "args": ["y"]]])
  }

  @Test func elementsNeedTheirKey() {
    #expect(throws: StrategicMergeError.self) {
      try containers(["containers": [["image": "x"]]], to: [["name": "a"]])
    }
    #expect(throws: StrategicMergeError.self) {
      try StrategicMergePatch.apply(["spec": ["$patch": "odd"]], to: ["spec": [:]], schema: schema)
    }
  }
}
