import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// The corrections of shared/requirements/seeds.md, by their numbers there.
@Suite struct RenderingRuleTests {
  @Test("I1, I2: outlier detection on gateway errors, never a circuitBreaker")
  func outlierDetection() throws {
    let policy = try #require(try Samples.render()["DestinationRule"]?["spec"]?["trafficPolicy"])
    #expect(policy["circuitBreaker"] == nil)
    #expect(
      policy["outlierDetection"] == [
        "consecutiveGatewayErrors": 5, "consecutive5xxErrors": 0, "interval": "30s",
        "baseEjectionTime": "30s", "maxEjectionPercent": 50,
      ])
  }

  @Test("I3, I6: LEAST_REQUEST, and no locality failover by accident")
  func loadBalancer() throws {
    let policy = try Samples.render()["DestinationRule"]?["spec"]?["trafficPolicy"]
    #expect(
      policy?["loadBalancer"] == [
        "simple": "LEAST_REQUEST", "localityLbSetting": ["enabled": false],
      ])
  }

  @Test("I7, I8: pools fit all replicas at full load and are never below 1024")
  func pools() throws {
    func maximum(_ spec: JSONValue) throws -> JSONValue? {
      try Samples.render(spec)["DestinationRule"]?["spec"]?["trafficPolicy"]?["connectionPool"]
    }
    let small = try maximum(["scaling": ["minReplicas": 2, "maxReplicas": 4]])
    #expect(small?["tcp"]?["maxConnections"] == 1024)
    let large = try maximum([
      "scaling": ["minReplicas": 2, "maxReplicas": 100],
      "traffic": ["connections": ["perPod": 100]],
    ])
    #expect(large?["tcp"]?["maxConnections"] == 12500)
    #expect(large?["http"]?["http2MaxRequests"] == 12500)
    #expect(large?["http"]?["maxRequestsPerConnection"] == nil)
    let agentClass = AgentClass(
      capabilities: Capabilities(discovered: [.istio, .customMetrics]))
    let spec: JSONValue = [
      "scaling": [
        "minReplicas": 2, "maxReplicas": 1000,
        "metrics": [["type": "ActiveWork", "target": "999999999", "metric": "active_workflows"]],
      ]
    ]
    let rendering = try ClassRenderingTests.render(spec, agentClass)
    #expect(
      rendering["DestinationRule"]?["spec"]?["trafficPolicy"]?["connectionPool"]?["tcp"]?[
        "maxConnections"] == 125_000_000)
  }

  @Test("I5: a fault is rendered until it expires, and the rendering says until when")
  func faultInjection() throws {
    let spec: JSONValue = [
      "traffic": [
        "faultInjection": ["percent": "0.5", "delay": "5s", "expiresAt": "2026-11-21T01:00:00Z"]
      ]
    ]
    let during = try Samples.render(spec)
    let fault = during["VirtualService"]?["spec"]?["http"]?[0]?["fault"]
    #expect(fault == ["delay": ["fixedDelay": "5s", "percentage": ["value": 0.5]]])
    #expect(during.validUntil == Samples.now + 3600)
    let after = try Samples.render(spec, RenderingContext(now: Samples.now + 3600))
    #expect(after["VirtualService"]?["spec"]?["http"]?[0]?["fault"] == nil)
    #expect(after.validUntil == nil)
    #expect(during.revision == after.revision)
  }

  @Test("I9, I13: explicit retries and timeout, the timeout by protocol")
  func retriesAndTimeout() throws {
    let route = try Samples.render(["protocol": "MCP"])["VirtualService"]?["spec"]?["http"]?[0]
    #expect(route?["retries"] == ["attempts": 2, "retryOn": "connect-failure,refused-stream"])
    #expect(route?["timeout"] == "300s")
    let plain = try Samples.render()["VirtualService"]?["spec"]?["http"]?[0]
    #expect(plain?["timeout"] == "120s")
    let none = try Samples.render(["traffic": ["retries": ["attempts": 0], "timeout": "0s"]])
    #expect(none["VirtualService"]?["spec"]?["http"]?[0]?["timeout"] == nil)
    #expect(none["VirtualService"]?["spec"]?["http"]?[0]?["retries"] == ["attempts": 0])
  }

  @Test("I10: the routes lead to a Service that exists, by its full name")
  func service() throws {
    let rendering = try Samples.render()
    let host: JSONValue = "support.agents.svc.cluster.local"
    #expect(rendering["DestinationRule"]?["spec"]?["host"] == host)
    let destination = rendering["VirtualService"]?["spec"]?["http"]?[0]?["route"]?[0]?[
      "destination"]
    #expect(destination == ["host": host, "port": ["number": 80]])
    let service = rendering["Service"]
    #expect(service?.name == "support")
    #expect(service?["spec"]?["ports"]?[0]?["port"] == 80)
    let template = rendering["Deployment"]?["spec"]?["template"]?["metadata"]?["labels"]
    for (key, value) in try #require(service?["spec"]?["selector"]?.object) {
      #expect(template?[key] == value)
    }
  }

  @Test("I11, I12: gateways let in only `paths`; the mesh reaches all of them")
  func gateways() throws {
    let spec: JSONValue = [
      "traffic": [
        "hosts": ["support.example.com"], "paths": ["/api"],
        "gatewayRefs": [["name": "public", "namespace": "istio-ingress"]],
      ]
    ]
    let service = try Samples.render(spec)["VirtualService"]?["spec"]
    #expect(service?["gateways"] == ["istio-ingress/public", "mesh"])
    #expect(service?["hosts"]?[1] == "support.example.com")
    #expect(
      service?["http"]?[0]?["match"] == [
        ["uri": ["prefix": "/api"], "gateways": ["istio-ingress/public"]],
        ["gateways": ["mesh"]],
      ])
    let inside = try Samples.render(["traffic": ["paths": ["/api"]]])["VirtualService"]?["spec"]
    #expect(inside?["http"]?[0]?["match"] == nil)
    #expect(try Samples.render()["VirtualService"]?["spec"]?["gateways"] == nil)
    #expect(try Samples.render()["VirtualService"]?["spec"]?["http"]?[0]?["match"] == nil)
  }

  /// Istio goes to the port that a route names, whatever port was called.
  @Test func callsOfOtherPortsStayOnTheirPort() throws {
    let rendering = try Samples.render([
      "extraPorts": [
        ["name": "grpc", "port": 8081, "appProtocol": "grpc"], ["name": "admin", "port": 8082],
        ["name": "tcp-raw", "port": 8083], ["name": "db", "port": 8084, "appProtocol": "redis"],
      ],
      "observability": ["metrics": ["port": 9090]],
      "traffic": ["hosts": ["a.example.com"], "gatewayRefs": [["name": "g"]], "timeout": "9s"],
    ])
    let routes = try #require(rendering["VirtualService"]?["spec"]?["http"]?.array)
    #expect(
      routes.map { $0["name"] } == ["port-grpc", "port-admin", "port-metrics", "default"])
    for (route, port) in zip(routes, [8081, 8082, 9090] as [JSONValue]) {
      #expect(route["match"] == [["port": port, "gateways": ["mesh"]]])
      #expect(
        route["route"]?[0]?["destination"]
          == ["host": "support.agents.svc.cluster.local", "port": ["number": port]])
      #expect(route["timeout"] == "9s" && route["retries"]?["attempts"] == 2)
    }
    #expect(routes.last?["match"] == nil)
    #expect(routes.last?["route"]?[0]?["destination"]?["port"] == ["number": 80])
  }

  @Test("I14, I15: strict mutual TLS, with an exception for a metrics port of its own")
  func mutualTLS() throws {
    let shared = try Samples.render()["PeerAuthentication"]?["spec"]
    #expect(shared?["mtls"] == ["mode": "STRICT"])
    #expect(shared?["portLevelMtls"] == nil)
    let own = try Samples.render(["observability": ["metrics": ["port": 9090]]])
    #expect(
      own["PeerAuthentication"]?["spec"]?["portLevelMtls"] == ["9090": ["mode": "PERMISSIVE"]])
    let rule = own["NetworkPolicy"]?["spec"]?["ingress"]?.array?.last
    #expect(
      rule?["from"] == [
        ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "monitoring"]]]
      ])
    #expect(rule?["ports"]?.array?.contains(["protocol": "TCP", "port": 9090]) == true)
  }

  @Test("K12: no replicas beside a scaler, and no scaler beside replicas")
  func replicas() throws {
    let scaled = try Samples.render(["scaling": ["minReplicas": 2, "maxReplicas": 5]])
    #expect(scaled["Deployment"]?["spec"]?["replicas"] == nil)
    #expect(scaled["HorizontalPodAutoscaler"]?["spec"]?["maxReplicas"] == 5)
    let fixed = try Samples.render(["scaling": ["minReplicas": 4, "maxReplicas": 4]])
    #expect(fixed["Deployment"]?["spec"]?["replicas"] == 4)
    #expect(fixed["HorizontalPodAutoscaler"] == nil)
  }

  @Test("K15: the scaler measures the agent's container alone")
  func containerResource() throws {
    let hpa = try Samples.render()["HorizontalPodAutoscaler"]?["spec"]?["metrics"]
    #expect(
      hpa == [
        [
          "type": "ContainerResource",
          "containerResource": [
            "name": "cpu", "container": "agent",
            "target": ["type": "Utilization", "averageUtilization": 70],
          ],
        ]
      ])
  }

  @Test("K16: the grace period covers the drain")
  func gracePeriod() throws {
    #expect(try Samples.render().podSpec?["terminationGracePeriodSeconds"] == 75)
    let long = try Samples.render(["availability": ["drain": ["timeout": "300s"]]])
    #expect(long.podSpec?["terminationGracePeriodSeconds"] == 315)
    #expect(long.container?["lifecycle"]?["preStop"]?["sleep"]?["seconds"] == 10)
  }

  @Test("K17: one metrics port, named in one place")
  func metricsPort() throws {
    let rendering = try Samples.render(["observability": ["metrics": ["port": 9090]]])
    let annotations = rendering["Deployment"]?["spec"]?["template"]?["metadata"]?["annotations"]
    #expect(annotations?["prometheus.io/port"] == "9090")
    #expect(
      rendering.container?["ports"]?.array?.contains(
        ["name": "metrics", "containerPort": 9090, "protocol": "TCP"]) == true)
    #expect(rendering["Service"]?["spec"]?["ports"]?.array?.count == 2)
    #expect(try Samples.render()["Service"]?["spec"]?["ports"]?.array?.count == 1)
  }

  @Test("K19: the startup budget, and no initial delays beside it")
  func startupBudget() throws {
    let container = try Samples.render(["health": ["startupTimeout": "131s"]]).container
    #expect(container?["startupProbe"]?["periodSeconds"] == 5)
    #expect(container?["startupProbe"]?["failureThreshold"] == 27)
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
      #expect(container?[probe]?["initialDelaySeconds"] == nil)
    }
  }

  @Test("K20: restricted pod security, budget, spread, policy and identity in every bundle")
  func hardening() throws {
    let rendering = try Samples.render()
    let pod = rendering.podSpec
    #expect(pod?["securityContext"]?["runAsNonRoot"] == true)
    #expect(pod?["securityContext"]?["seccompProfile"]?["type"] == "RuntimeDefault")
    #expect(pod?["automountServiceAccountToken"] == false)
    #expect(pod?["topologySpreadConstraints"]?.array?.count == 2)
    let context = rendering.container?["securityContext"]
    #expect(context?["allowPrivilegeEscalation"] == false)
    #expect(context?["readOnlyRootFilesystem"] == true)
    #expect(context?["capabilities"] == ["drop": ["ALL"]])
    #expect(rendering["PodDisruptionBudget"]?["spec"]?["maxUnavailable"] == 1)
    #expect(rendering["PodDisruptionBudget"]?["spec"]?["minAvailable"] == nil)
    #expect(rendering["ServiceAccount"]?["automountServiceAccountToken"] == false)
    let egress = rendering["NetworkPolicy"]?["spec"]?["egress"]?.array?.last?["to"]?.array ?? []
    #expect(
      egress.contains([
        "ipBlock": ["cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]]
      ]))
  }

  @Test func kindsComeInWaves() throws {
    let rendering = try Samples.render(["secrets": [["name": "key", "generate": ["length": 24]]]])
    #expect(
      rendering.objects.map(\.object.kind) == [
        "ServiceAccount", "ConfigMap", "Secret", "Deployment", "Service",
        "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "PeerAuthentication",
        "DestinationRule", "VirtualService",
      ])
    #expect(rendering.objects.map(\.wave) == rendering.objects.map(\.wave).sorted())
  }

  @Test func withoutMeshNothingOfIt() throws {
    let kinds = try Samples.render(["traffic": ["provider": "None"]]).objects.map(\.object.kind)
    #expect(
      Set(kinds).isDisjoint(with: ["PeerAuthentication", "DestinationRule", "VirtualService"]))
  }

  @Test func acceleratorsBringTheirToleration() throws {
    let rendering = try Samples.render(["resources": ["limits": ["nvidia.com/gpu": 1]]])
    #expect(
      rendering.podSpec?["tolerations"] == [
        ["key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"]
      ])
    #expect(rendering.container?["resources"]?["limits"]?["nvidia.com/gpu"] == "1")
  }

  @Test func generatedSecretsHoldNoValue() throws {
    let spec: JSONValue = ["secrets": [["name": "key", "generate": ["length": 24]]]]
    let rendered = try #require(
      try Samples.agent(spec, uid: "u").render(Samples.context).objects
        .first { $0.object.kind == "Secret" })
    #expect(rendered.object["data"] == nil && rendered.object["stringData"] == nil)
    #expect(rendered.generatedKeys == ["value": 24])
    #expect(rendered.isRetained && rendered.object.ownerReferences.isEmpty)
  }

  @Test func ownersOnlyWhereTheUidIsKnown() throws {
    let offline = try Samples.render()
    let live = try Samples.agent(uid: "abc").render(Samples.context)
    for (a, b) in zip(offline.objects, live.objects) {
      #expect(a.object.ownerReferences.isEmpty)
      #expect(b.object.ownerReferences.map(\.uid) == ["abc"])
      // In a cluster these two also tell what the pods run on.
      if ["ConfigMap", "Deployment"].contains(a.object.kind) { continue }
      #expect(
        a.object.annotations[RenderHash.annotation] == b.object.annotations[RenderHash.annotation])
    }
  }
}
