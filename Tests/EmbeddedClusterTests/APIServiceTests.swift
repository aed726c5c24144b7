import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

/// What Services are given, and what is taken from them.
@Suite struct APIServiceTests {
  private let test = TestCluster()
  private let path = "/api/v1/namespaces/default/services"
  private let merge = "application/merge-patch+json"

  private func create(_ name: String, _ spec: JSONObject) async throws -> TestCluster.Answer {
    var all: JSONObject = ["ports": [["port": 80]]]
    for (key, value) in spec { all[key] = value }
    return try await test.send(
      "POST", path, [], ["metadata": ["name": .string(name)], "spec": .object(all)])
  }

  private func patch(_ name: String, _ spec: JSONValue) async throws -> TestCluster.Answer {
    try await test.send("PATCH", path + "/" + name, [], ["spec": spec], type: merge)
  }

  private func nodePorts(_ answer: TestCluster.Answer) -> [Int] {
    (answer.json["spec"]?["ports"]?.array ?? []).compactMap { $0["nodePort"]?.int }
  }

  @Test func nodePortsAreDifferent() async throws {
    let two: JSONObject = [
      "type": "NodePort",
      "ports": [
        ["port": 80, "name": "a"], ["port": 81, "name": "b", "nodePort": 30001],
        ["port": 80, "name": "c", "protocol": "UDP"],
      ],
    ]
    let first = nodePorts(try await create("a", two))
    #expect(first.count == 3 && first[0] == first[2] && first[0] != first[1])
    let second = nodePorts(try await create("b", ["type": "LoadBalancer"]))
    #expect(second.count == 1 && !first.contains(second[0]))
    #expect((first + second).allSatisfy { (30000...32767).contains($0) })
    let kept = try await patch("b", ["sessionAffinity": "ClientIP"])
    #expect(nodePorts(kept) == second)
    let none = try await create(
      "c", ["type": "LoadBalancer", "allocateLoadBalancerNodePorts": false])
    #expect(none.status == 201 && nodePorts(none).isEmpty)
  }

  @Test func anotherTypeTakesBackWhatItDoesNotUse() async throws {
    let local = try await create(
      "a", ["type": "LoadBalancer", "externalTrafficPolicy": "Local"])
    #expect(local.json["spec"]?["healthCheckNodePort"] != nil)
    _ = try await test.send(
      "PATCH", path + "/a/status", [],
      ["status": ["loadBalancer": ["ingress": [["ip": "1.2.3.4"]]]]], type: merge)
    let inside = try await patch("a", ["type": "ClusterIP"])
    #expect(inside.status == 200)
    let spec = inside.json["spec"]
    for key in [
      "healthCheckNodePort", "externalTrafficPolicy", "allocateLoadBalancerNodePorts",
    ] {
      #expect(spec?[key] == nil, "\(key)")
    }
    #expect(spec?["ports"] == [["port": 80, "protocol": "TCP", "targetPort": 80]])
    #expect(spec?["clusterIP"] == local.json["spec"]?["clusterIP"])
    #expect(inside.json["status"] == ["loadBalancer": [:]])
    let outside = try await patch("a", ["type": "ExternalName", "externalName": "a.b"])
    #expect(outside.json["spec"]?["clusterIP"] == nil)
    let back = try await patch("a", ["type": "ClusterIP", "externalName": .null])
    #expect(back.json["spec"]?["clusterIP"] != nil)
  }

  @Test(
    arguments: [
      (
        ["type": "NodePort", "ports": [["port": 80, "nodePort": 31555]]],
        "spec.ports[0].nodePort: Invalid value: 31555: provided port is already allocated"
      ),
      (
        ["type": "NodePort", "ports": [["port": 80, "nodePort": 80]]],
        "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767"
      ),
      (
        ["ports": [["port": 80, "nodePort": 31556]]],
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"
      ),
      (
        ["externalTrafficPolicy": "Local"],
        "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services"
      ),
      (
        ["clusterIP": "10.96.9.9"],
        "spec.clusterIPs: Invalid value: [\"10.96.9.9\"]: failed to allocate IP 10.96.9.9: provided IP is already allocated"
      ),
      (
        ["clusterIP": "192.168.0.1"],
        "spec.clusterIPs: Invalid value: [\"192.168.0.1\"]: failed to allocate IP 192.168.0.1: the provided network does not match the current range"
      ),
      (
        ["clusterIPs": ["10.96.7.7"]],
        "spec.clusterIPs: Invalid value: [\"10.96.7.7\"]: must be empty when `clusterIP` is not specified"
      ),
      (
        ["clusterIP": "None", "type": "NodePort"],
        "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"
      ),
      (
        ["allocateLoadBalancerNodePorts": true],
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'"
      ),
      (
        ["healthCheckNodePort": 31999],
        "spec.healthCheckNodePort: Invalid value: 31999: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
      ),
    ] as [(JSONObject, String)])
  func whatCannotBeHad(_ spec: JSONObject, _ message: String) async throws {
    let first = try await create(
      "first",
      [
        "type": "NodePort", "clusterIP": "10.96.9.9",
        "ports": [["port": 80, "nodePort": 31555]],
      ])
    #expect(first.status == 201)
    let refused = try await create("a", spec)
    #expect(refused.status == 422)
    #expect(refused.message == "Service \"a\" is invalid: \(message)")
    #expect(try await patch("first", ["sessionAffinity": "ClientIP"]).status == 200)
  }

  @Test func aPutIntoNoNamespaceIsRefusedAtOnce() async throws {
    let refused = try await test.send(
      "PUT", "/api/v1/namespaces/nope/services/a", [],
      ["metadata": ["name": "a"], "spec": ["ports": [["port": 80]]]])
    #expect(refused.status == 404 && refused.message == "namespaces \"nope\" not found")
  }

  private func named(_ numbers: Range<Int>) -> JSONValue {
    .array(numbers.map { ["name": .string("p\($0)"), "port": JSONValue($0)] })
  }

  @Test func theLastNodePortsAreGivenOutOnce() async throws {
    let all = ServiceAllocation.nodePorts.count
    let most = try await create("most", ["type": "NodePort", "ports": named(1..<all - 1)])
    #expect(Set(nodePorts(most)).count == all - 2)
    let last = try await create("last", ["type": "NodePort", "ports": named(1..<3)])
    #expect(Set(nodePorts(most) + nodePorts(last)).count == all)
    for type: JSONValue in ["NodePort", "LoadBalancer"] {
      let refused = try await create("more", ["type": type, "ports": named(1..<3)])
      #expect(refused.status == 500 && refused.reason == "InternalError")
      #expect(
        refused.message == "Internal error occurred: failed to allocate a nodePort: range is full")
    }
    #expect(try await patch("last", ["sessionAffinity": "ClientIP"]).status == 200)
    #expect(try await test.send("DELETE", path + "/last").status == 200)
    let refused = try await create("more", ["type": "NodePort", "ports": named(1..<4)])
    #expect(refused.status == 500, "two are left")
    #expect(try await create("more", ["type": "NodePort", "ports": named(1..<3)]).status == 201)
  }

  @Test func aPortThatChangesItsNumberKeepsItsNodePort() async throws {
    let ports: JSONValue = [["name": "a", "port": 80], ["name": "b", "port": 81]]
    let before = nodePorts(try await create("a", ["type": "NodePort", "ports": ports]))
    let renumbered: JSONValue = [["name": "b", "port": 8081], ["name": "a", "port": 8080]]
    #expect(nodePorts(try await patch("a", ["ports": renumbered])) == before.reversed())
    let renamed: JSONValue = [["name": "c", "port": 8081], ["name": "a", "port": 8080]]
    let after = nodePorts(try await patch("a", ["ports": renamed]))
    #expect(after.count == 2 && after[1] == before[0])
  }

  @Test func conditionsOfAServiceStay() async throws {
    _ = try await create("a", [:])
    let condition: JSONValue = [
      "type": "Ready", "status": "True", "reason": "Fine", "message": "",
      "lastTransitionTime": "2026-01-01T00:00:00Z",
    ]
    _ = try await test.send(
      "PATCH", path + "/a/status", [], ["status": ["conditions": [condition]]], type: merge)
    let changed = try await patch("a", ["sessionAffinity": "ClientIP"])
    #expect(changed.json["status"]?["conditions"] == [condition])
  }

  @Test func anotherAddressIsRefusedOnce() async throws {
    _ = try await create("a", [:])
    let refused = try await patch("a", ["clusterIP": "10.96.8.8"])
    #expect(refused.status == 422)
    #expect(
      refused.message
        == "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.96.8.8\"]: may not change once set"
    )
  }
}
