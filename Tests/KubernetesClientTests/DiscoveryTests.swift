import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@Suite struct DiscoveryTests {
  static let core: JSONValue = [
    "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
    "items": [
      [
        "metadata": [:],
        "versions": [
          [
            "version": "v1", "freshness": "Current",
            "resources": [
              [
                "resource": "pods", "responseKind": ["group": "", "version": "v1", "kind": "Pod"],
                "scope": "Namespaced", "singularResource": "pod", "shortNames": ["po"],
                "verbs": ["get", "list"], "categories": ["all"],
                "subresources": [["subresource": "status", "verbs": ["get"]]],
              ],
              [
                "resource": "namespaces", "responseKind": ["kind": "Namespace"], "scope": "Cluster",
                "singularResource": "namespace", "shortNames": ["ns"],
              ],
            ],
          ]
        ],
      ]
    ],
  ]
  static let groups: JSONValue = [
    "kind": "APIGroupDiscoveryList",
    "items": [
      [
        "metadata": ["name": "autoscaling"],
        "versions": [
          [
            "version": "v2",
            "resources": [
              [
                "resource": "horizontalpodautoscalers",
                "responseKind": ["kind": "HorizontalPodAutoscaler"], "scope": "Namespaced",
                "shortNames": ["hpa"],
              ]
            ],
          ],
          [
            "version": "v1",
            "resources": [
              [
                "resource": "horizontalpodautoscalers",
                "responseKind": ["kind": "HorizontalPodAutoscaler"], "scope": "Namespaced",
              ]
            ],
          ],
        ],
      ],
      [
        "metadata": ["name": "metrics.k8s.io"],
        "versions": [["version": "v1beta1", "freshness": "Stale", "resources": []]],
      ],
    ],
  ]

  @Test func aggregated() async throws {
    let transport = ScriptedTransport(.json(200, Self.core), .json(200, Self.groups))
    let found = try await transport.client().discover()
    #expect(transport.requests.map(\.path) == ["/api", "/apis"])
    #expect(
      transport.requests[0].header("accept")?.hasPrefix(
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,") == true)
    #expect(found.resource(for: GroupKind(group: "", kind: "Pod"))?.type == .pods)
    #expect(found.resource(for: GroupKind(group: "", kind: "Pod"))?.subresources == ["status"])
    #expect(found.resource(for: GroupKind(group: "", kind: "Namespace"))?.type == .namespaces)
    let hpa = GroupKind(group: "autoscaling", kind: "HorizontalPodAutoscaler")
    #expect(found.resource(for: hpa)?.type.version == "v2")
    #expect(
      found.resource(for: GroupVersionKind(group: "autoscaling", version: "v1", kind: hpa.kind))
        != nil)
    #expect(found.contains(.horizontalPodAutoscalers))
    #expect(!found.contains(.virtualServices))
    #expect(!found.isConclusive(for: "metrics.k8s.io"))
    #expect(found.isConclusive(for: "networking.istio.io"))
  }

  @Test(arguments: [
    "hpa", "HorizontalPodAutoscaler", "horizontalpodautoscalers.autoscaling",
    "horizontalpodautoscalers.v2.autoscaling", "hpa.autoscaling",
  ])
  func names(text: String) async throws {
    let transport = ScriptedTransport(.json(200, Self.core), .json(200, Self.groups))
    let found = try await transport.client().discover()
    #expect(found.resource(named: text)?.type == .horizontalPodAutoscalers)
    #expect(found.resource(named: "horizontalpodautoscalers.v1.autoscaling")?.type.version == "v1")
    #expect(found.resource(named: "po.v1")?.type == .pods)
    #expect(found.resource(named: "hpa.apps") == nil)
    #expect(found.resource(named: "") == nil)
  }

  @Test func legacyWithAGroupThatDoesNotAnswer() async throws {
    let transport = ScriptedTransport(
      .json(200, ["kind": "APIVersions", "versions": ["v1"]]),
      .json(
        200,
        [
          "resources": [
            ["name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod"],
            ["name": "pods/log", "namespaced": true, "kind": "Pod"],
          ]
        ]),
      .json(
        200,
        [
          "kind": "APIGroupList",
          "groups": [
            [
              "name": "apps", "versions": [["version": "v1beta1"], ["version": "v1"]],
              "preferredVersion": ["version": "v1"],
            ],
            ["name": "metrics.k8s.io", "versions": [["version": "v1beta1"]]],
          ],
        ]),
      .json(
        200, ["resources": [["name": "deployments", "namespaced": true, "kind": "Deployment"]]]),
      .json(
        200, ["resources": [["name": "deployments", "namespaced": true, "kind": "Deployment"]]]),
      .json(503, status(503, "ServiceUnavailable")))
    let found = try await transport.client(policy: .never).discover()
    #expect(
      transport.requests.map(\.path) == [
        "/api", "/api/v1", "/apis", "/apis/apps/v1", "/apis/apps/v1beta1",
        "/apis/metrics.k8s.io/v1beta1",
      ])
    #expect(found.resource(named: "deployments")?.type == .deployments)
    #expect(found.resource(named: "pods")?.subresources == ["log"])
    #expect(found.unavailable.keys.sorted() == ["metrics.k8s.io/v1beta1"])
  }

  @Test func theCacheAsksAgainForWhatItDoesNotKnow() async throws {
    let empty: JSONValue = ["kind": "APIGroupDiscoveryList", "items": []]
    let transport = ScriptedTransport(
      .json(200, Self.core), .json(200, empty), .json(200, Self.core), .json(200, Self.groups))
    let cache = DiscoveryCache(client: transport.client())
    #expect(try await cache.resource(for: GroupKind(group: "", kind: "Pod")) != nil)
    #expect(transport.requests.count == 2)
    let hpa = GroupKind(group: "autoscaling", kind: "HorizontalPodAutoscaler")
    #expect(try await cache.resource(for: hpa) != nil)
    #expect(try await cache.resource(for: hpa) != nil)
    #expect(transport.requests.count == 4)
  }
}
