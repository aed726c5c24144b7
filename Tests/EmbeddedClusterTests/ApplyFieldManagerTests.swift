import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct ApplyFieldManagerTests {
  private let rules: ResourceRules

  init() throws {
    rules = try #require(
      ResourceRules(builtIn: GroupVersionKind(apiVersion: "v1", kind: "ConfigMap")))
  }

  private func manager(_ second: Int) -> FieldManager {
    rules.fieldManager(subresource: nil, now: "2026-01-01T00:00:0\(second)Z")
  }

  private func configMap(_ data: JSONObject) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": .object(data),
    ]
  }

  private func apply(
    _ live: JSONValue?, _ data: JSONObject, by name: String, at second: Int = 0,
    force: Bool = false
  ) throws(ApplyError) -> JSONValue {
    try manager(second).apply(
      live: live, applied: configMap(data), manager: name, force: force)
  }

  private func owners(_ object: JSONValue) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for entry in object[path: "metadata", "managedFields"]?.array ?? [] {
      result[entry["manager"]?.string ?? ""] = entry["fieldsV1"]
    }
    return result
  }

  @Test func fieldSetsRoundTrip() throws {
    let json: JSONValue = [
      "f:spec": [
        ".": [:], "f:ports": ["k:{\"port\":80,\"protocol\":\"TCP\"}": [".": [:], "f:name": [:]]],
        "f:set": ["v:\"a\"": [:], "v:1": [:]], "f:list": ["i:0": [:]],
      ]
    ]
    let set = try #require(FieldSet(fieldsV1: json))
    #expect(set.fieldsV1 == json)
    #expect(set.paths.count == 6)
    #expect(FieldSet(fieldsV1: ["x:a": [:]]) == nil)
    #expect(FieldSet(fieldsV1: "a") == nil)
  }

  @Test func setArithmetic() throws {
    let a = try #require(FieldSet(fieldsV1: ["f:a": ["f:b": [:], "f:c": [:]], "f:d": [:]]))
    let b = try #require(FieldSet(fieldsV1: ["f:a": ["f:b": [:]], "f:e": [:]]))
    #expect(a.union(b).subtracting(b).fieldsV1 == ["f:a": ["f:c": [:]], "f:d": [:]])
    #expect(a.intersection(b).fieldsV1 == ["f:a": ["f:b": [:]]])
    #expect(a.subtracting(a).isEmpty)
    #expect(a.removingField("a").fieldsV1 == ["f:d": [:]])
    #expect(a.keepingField("a").fieldsV1 == ["f:a": ["f:b": [:], "f:c": [:]]])
  }

  @Test func whatIsNoLongerAppliedGoesUnlessSharedOrForeign() throws {
    var object = try apply(nil, ["mine": "1", "shared": "2"], by: "one")
    object = try apply(object, ["shared": "2"], by: "two")
    object["metadata"]?["uid"] = "u"
    var changed = object
    changed["data"]?["theirs"] = "3"
    object = manager(1).update(old: object, new: changed, manager: "three")
    object = try apply(object, [:], by: "one", at: 2)
    #expect(object["data"] == ["shared": "2", "theirs": "3"])
    #expect(owners(object)["two"] == ["f:data": ["f:shared": [:]]])
    #expect(owners(object)["three"] == ["f:data": ["f:theirs": [:]]])
  }

  /// As kube-apiserver 1.36 answers, where an older one made `spec: null` of it, which no schema takes.
  @Test func whatIsEmptiedFurtherDownStaysAndIsEmpty() throws {
    let schema = TypeSchema.anything
    let value: JSONValue = ["spec": ["action": "DENY", "list": [["a": 1]]], "other": ["a": 1]]
    let set = try #require(
      FieldSet(fieldsV1: ["f:spec": ["f:action": [:], "f:list": [:]], "f:other": [:]]))
    #expect(schema.removing(set, from: value) == ["spec": [:]])
    let all = try #require(FieldSet(fieldsV1: ["f:spec": [:], "f:other": [:]]))
    #expect(schema.removing(all, from: value) == .null)
  }

  @Test func conflictsNameFieldsAndOwners() throws {
    let object = try apply(nil, ["a": "1", "b": "1"], by: "one")
    do {
      _ = try apply(object, ["a": "2"], by: "two")
      Issue.record("no conflict")
    } catch .conflicts(let message, let causes) {
      #expect(message == "Apply failed with 1 conflict: conflict with \"one\": .data.a")
      #expect(causes.map(\.field) == [".data.a"])
      #expect(causes.map(\.message) == ["conflict with \"one\""])
    } catch {
      Issue.record("\(error)")
    }
    let forced = try apply(object, ["a": "2"], by: "two", force: true)
    #expect(forced["data"] == ["a": "2", "b": "1"])
    #expect(owners(forced)["one"] == ["f:data": ["f:b": [:]]])
  }

  @Test func sameApplyKeepsTheTime() throws {
    let first = try apply(nil, ["a": "1"], by: "one", at: 0)
    let second = try apply(first, ["a": "1"], by: "one", at: 5)
    #expect(first == second)
    let third = try apply(first, ["a": "2"], by: "one", at: 5)
    #expect(
      third[path: "metadata", "managedFields"]?[0]?["time"] == "2026-01-01T00:00:05Z")
  }

  @Test func timesAloneAreNoChange() throws {
    let old = try apply(nil, ["a": "1"], by: "one", at: 0)
    var new = old
    new["metadata"]?["managedFields"]?[0, "time"] = "2026-01-01T00:00:09Z"
    #expect(new != old)
    #expect(FieldManager.keepingTimes(old: old, new: new) == old)
    new["data"]?["a"] = "2"
    #expect(FieldManager.keepingTimes(old: old, new: new) == new)
  }

  @Test func misfitsAreRefusedWithTheirPath() throws {
    let body: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "dta": [:],
    ]
    #expect(
      throws: ApplyError.typed(
        "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .dta: field not declared in "
          + "schema")
    ) {
      try manager(0).apply(live: nil, applied: body, manager: "one", force: true)
    }
  }

  @Test func anUpdateOwnsWhatItChanged() {
    let made = manager(0).update(old: nil, new: configMap(["a": "1"]), manager: "one")
    #expect(owners(made)["one"] == ["f:data": [".": [:], "f:a": [:]]])
    var stored = made
    stored["metadata"]?["uid"] = "u"
    var changed = stored
    changed["data"]?["a"] = "2"
    let updated = manager(1).update(old: stored, new: changed, manager: "two")
    #expect(owners(updated)["one"] == ["f:data": [:]])
    #expect(owners(updated)["two"] == ["f:data": ["f:a": [:]]])
  }

  @Test func manyUpdatersAreJoined() {
    var object = manager(0).update(old: nil, new: configMap(["k": "v"]), manager: "first")
    object["metadata"]?["uid"] = "u"
    for number in 0..<20 {
      var changed = object
      changed["data"]?["k\(number)"] = "v"
      object = rules.fieldManager(subresource: nil, now: "2026-01-01T00:01:\(10 + number)Z")
        .update(old: object, new: changed, manager: "m\(number)")
    }
    #expect(owners(object).count == 10)
    #expect(owners(object)["ancient-changes"]?["f:data"]?["f:k0"] == [:])
  }

  @Test func scaleWritesTakeTheReplicas() throws {
    let before: JSONValue = [
      [
        "manager": "one", "operation": "Apply", "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1", "fieldsV1": ["f:spec": ["f:replicas": [:]]],
      ]
    ]
    let path = ["spec", "replicas"]
    var scale = try #require(FieldManager.ownersOfScale(before, replicasPath: path))
    #expect(scale[0, "apiVersion"] == "autoscaling/v1")
    func after() -> JSONValue? {
      FieldManager.ownersOfParent(
        before, scale: scale, replicasPath: path, apiVersion: "apps/v1")
    }
    #expect(after() == before, "nobody took them")
    scale[0, "manager"] = "hpa"
    scale[0, "subresource"] = "scale"
    #expect(after()?.array?.count == 1)
    #expect(after()?[0]?["manager"] == "hpa" && after()?[0]?["subresource"] == "scale")
    #expect(after()?[0]?["apiVersion"] == "apps/v1" && after()?[0]?["time"] == nil)
    #expect(FieldManager.ownersOfScale(nil, replicasPath: path) == nil)
    #expect(
      FieldManager.ownersOfParent(nil, scale: nil, replicasPath: path, apiVersion: "apps/v1")
        == nil)
  }
}

extension JSONValue {
  fileprivate subscript(index: Int, key: String) -> JSONValue? {
    get { self[index]?[key] }
    set {
      guard case .array(var elements) = self else { return }
      elements[index][key] = newValue
      self = .array(elements)
    }
  }
}
