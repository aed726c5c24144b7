import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentOperator

/// What quotas leave for an agent at its largest.
@Suite struct QuotaHeadroomTests {
  private static let spec: JSONValue = [
    "resources": [
      "requests": ["cpu": "500m", "memory": "1Gi"],
      "limits": ["cpu": "1", "memory": "1Gi", "nvidia.com/gpu": 1],
    ],
    "scaling": ["minReplicas": 2, "maxReplicas": 8],
  ]

  private static func quota(
    _ hard: JSONValue, used: JSONValue = [:], name: String = "compute", _ more: JSONValue = [:]
  ) -> KubernetesObject {
    var spec = more
    spec["hard"] = hard
    return KubernetesObject([
      "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": .string(name)],
      "spec": spec, "status": ["hard": hard, "used": used],
    ])
  }

  private static func headroom(
    _ quotas: [KubernetesObject], live: KubernetesObject? = nil, _ spec: JSONValue = spec
  ) throws -> QuotaHeadroom? {
    QuotaHeadroom(try Fixtures.rendering(spec), live: live, quotas: quotas)
  }

  private static func summary(_ headroom: QuotaHeadroom?) -> [String] {
    (headroom?.lines ?? []).map {
      "\($0.resource) \($0.used)/\($0.hard) \($0.most) \($0.missing?.description ?? "enough")"
    }
  }

  /// The Deployment of `spec` with some pods.
  private static func live(_ replicas: Int, cpu: String = "500m") throws -> KubernetesObject {
    var changed = spec
    changed["resources"]?["requests"]?["cpu"] = .string(cpu)
    var deployment = try #require(
      try Fixtures.rendering(changed).objects.first { $0.resource == .deployments }?.object)
    deployment["status"] = ["replicas": JSONValue(replicas)]
    return deployment
  }

  @Test func withoutQuotasNothingIsSaid() throws {
    #expect(try Self.headroom([]) == nil)
  }

  /// 8 replicas and a quarter of them while they are replaced.
  @Test func aNewAgentComesOnTopOfWhatIsUsed() throws {
    let quota = Self.quota(
      ["requests.cpu": "6", "limits.cpu": "20", "pods": "11", "requests.nvidia.com/gpu": "4"],
      used: ["requests.cpu": "1500m", "pods": "1"])
    let headroom = try #require(try Self.headroom([quota]))
    #expect(headroom.pods == 10)
    #expect(
      Self.summary(headroom) == [
        "limits.cpu 0/20 10 enough", "pods 1/11 11 enough",
        "requests.cpu 1500m/6 6500m 500m", "requests.nvidia.com/gpu 0/4 10 6",
      ])
  }

  @Test func ownPodsAreNotCountedTwice() throws {
    let quota = Self.quota(["cpu": "6", "memory": "20Gi"], used: ["cpu": "2", "memory": "3Gi"])
    #expect(
      Self.summary(try Self.headroom([quota], live: try Self.live(3)))
        == ["cpu 2/6 5500m enough", "memory 3Gi/20Gi 10Gi enough"])
  }

  @Test func podsThatGoCountUntilTheyAreGone() throws {
    let quota = Self.quota(["requests.cpu": "100"], used: ["requests.cpu": "6"])
    // Three of others, eight of a whole CPU, and two new ones of a half.
    #expect(
      Self.summary(try Self.headroom([quota], live: try Self.live(3, cpu: "1")))
        == ["requests.cpu 6/100 12 enough"])
  }

  @Test func moreReplicasThanTheSpecAsksForAreThere() throws {
    let quota = Self.quota(["pods": "30"], used: ["pods": "20"])
    let headroom = try #require(try Self.headroom([quota], live: try Self.live(20)))
    #expect(headroom.pods == 25)
    #expect(Self.summary(headroom) == ["pods 20/30 25 enough"])
  }

  @Test func whatIsNotOfPodsIsLeftOut() throws {
    let quota = Self.quota([
      "requests.storage": "1Gi", "persistentvolumeclaims": "1", "count/services": "1",
      "services": "1",
    ])
    #expect(Self.summary(try Self.headroom([quota])) == [])
  }

  @Test func quotasOfSomePodsAreNamed() throws {
    let quotas = [
      Self.quota(["pods": "1"], name: "b", ["scopes": ["BestEffort"]]),
      Self.quota(
        ["pods": "1"], name: "a",
        ["scopeSelector": ["matchExpressions": [["scopeName": "PriorityClass"]]]]),
      Self.quota(["pods": "100"], name: "c"),
    ]
    let headroom = try #require(try Self.headroom(quotas))
    #expect(headroom.scoped == ["a", "b"])
    #expect(headroom.lines.map(\.quota) == ["c"])
  }

  @Test func fixedReplicasAndSidecarsCount() throws {
    var spec = Self.spec
    spec["scaling"] = ["minReplicas": 2, "maxReplicas": 2]
    let sidecar: JSONValue = [
      "name": "proxy", "image": "proxy", "resources": ["limits": ["cpu": "250m"]],
    ]
    let heavy: JSONValue = [
      "name": "load", "image": "load", "resources": ["requests": ["cpu": "4"]],
    ]
    spec["podTemplate"] = ["spec": ["containers": [sidecar], "initContainers": [heavy]]]
    let quota = Self.quota(["requests.cpu": "10", "limits.cpu": "10"])
    let headroom = try #require(try Self.headroom([quota], spec))
    #expect(headroom.pods == 3)
    // What starts alone counts where it is more than all that run together.
    #expect(
      Self.summary(headroom)
        == ["limits.cpu 0/10 3750m enough", "requests.cpu 0/10 12 2"])
  }
}
