import JSON
import KubernetesAPI
import Testing

@testable import AgentOperator

/// Correctness rules 27 and 28.
@Suite struct LiveComparisonTests {
  private func drift(_ rendered: JSONValue, _ live: JSONValue) -> [String] {
    LiveComparison.drift(
      rendered: KubernetesObject(rendered), live: KubernetesObject(live), metadataOnly: false
    ).map(\.description)
  }

  @Test func quantitiesCompareByValue() {
    let rendered: JSONValue = [
      "spec": ["resources": ["requests": ["cpu": "1000m", "memory": "1024Mi"]]]
    ]
    let same: JSONValue = ["spec": ["resources": ["requests": ["cpu": "1", "memory": "1Gi"]]]]
    let other: JSONValue = ["spec": ["resources": ["requests": ["cpu": "1", "memory": "1G"]]]]
    #expect(drift(rendered, same).isEmpty)
    #expect(drift(rendered, other) == ["spec.resources.requests.memory"])
  }

  @Test func stringsThatLookLikeQuantitiesAreStrings() {
    let rendered: JSONValue = ["data": ["a": "1000m"]]
    #expect(drift(rendered, ["data": ["a": "1"]]) == ["data.a"])
  }

  @Test func emptyMapsMayBeAbsent() {
    #expect(drift(["spec": ["a": [:], "b": ["c": [:]], "d": []]], ["spec": [:]]).isEmpty)
    #expect(drift(["spec": ["a": ["x": 1]]], ["spec": [:]]) == ["spec.a"])
    #expect(drift(["spec": ["a": ""]], ["spec": [:]]) == ["spec.a"])
  }

  @Test func aSelectorOfABuiltInKindIsOursAsAWhole() {
    let selector: JSONValue = ["matchLabels": ["app": "a"]]
    let narrowed: JSONValue = ["matchLabels": ["app": "a", "x": "y"]]
    let service: JSONValue = [
      "apiVersion": "v1", "kind": "Service", "spec": ["selector": ["app": "a"]],
    ]
    #expect(drift(service, ["spec": ["selector": ["app": "a", "x": "y"]]]) == ["spec.selector.x"])
    let budget: JSONValue = [
      "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": ["selector": selector],
    ]
    #expect(drift(budget, ["spec": ["selector": narrowed]]) == ["spec.selector.matchLabels.x"])
    let policy: JSONValue = [
      "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
      "spec": ["podSelector": ["matchLabels": ["app": "a"]]],
    ]
    #expect(
      drift(
        policy, ["spec": ["podSelector": ["matchLabels": ["app": "a"], "matchExpressions": []]]])
        == ["spec.podSelector.matchExpressions"])
    let peers: JSONValue = [
      "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
      "spec": ["selector": selector],
    ]
    #expect(drift(peers, ["spec": ["selector": narrowed]]) == [])
  }

  @Test func keyedListsIgnoreOrderAndStrangers() {
    func containers(_ names: [String]) -> JSONValue {
      ["spec": ["containers": .array(names.map { ["name": .string($0), "image": "i"] })]]
    }
    #expect(drift(containers(["a", "b"]), containers(["x", "b", "a"])).isEmpty)
    #expect(drift(containers(["a", "b"]), containers(["a"])) == ["spec.containers[1]"])
  }

  @Test func otherListsCompareWhole() {
    #expect(drift(["spec": ["args": ["a", "b"]]], ["spec": ["args": ["b", "a"]]]).count == 2)
    #expect(drift(["spec": ["args": ["a"]]], ["spec": ["args": ["a", "b"]]]) == ["spec.args"])
  }

  @Test func defaultsInsideListEntriesAreNoDrift() {
    let rendered: JSONValue = [
      "spec": ["egress": [["ports": [["port": 53, "protocol": "UDP"]]]]]
    ]
    let live: JSONValue = [
      "spec": ["egress": [["ports": [["port": 53, "protocol": "UDP", "endPort": 60]], "x": 1]]]
    ]
    #expect(drift(rendered, live).isEmpty)
  }

  @Test func servicePortsByNumberAndProtocol() {
    let rendered: JSONValue = ["spec": ["ports": [["port": 80, "targetPort": "http"]]]]
    let live: JSONValue = [
      "spec": [
        "ports": [["port": 80, "targetPort": "http", "protocol": "TCP", "nodePort": 30000]]
      ]
    ]
    #expect(drift(rendered, live).isEmpty)
    let moved: JSONValue = [
      "spec": ["ports": [["port": 81, "targetPort": "http", "protocol": "TCP"]]]
    ]
    #expect(drift(rendered, moved) == ["spec.ports[0]"])
  }

  @Test func identityAndServerFieldsAreNotCompared() {
    let rendered: JSONValue = [
      "apiVersion": "v1", "kind": "X", "metadata": ["name": "a", "labels": ["l": "1"]],
    ]
    let live: JSONValue = [
      "apiVersion": "v2", "kind": "X",
      "metadata": ["name": "a", "uid": "u", "labels": ["l": "1", "foreign": "2"]], "status": [:],
    ]
    #expect(drift(rendered, live).isEmpty)
  }

  @Test func theNumberOfPathsIsBounded() {
    let rendered: JSONValue = [
      "data": JSONValue(Dictionary(uniqueKeysWithValues: (0..<100).map { ("k\($0)", "v") }))
    ]
    #expect(drift(rendered, ["data": [:]]).count <= 5)
  }
}
