import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestAnalysis
import ManifestImport
import ManifestRendering
import Testing
import YAML

@Suite struct ImportTests {
  private func objects(_ text: String) throws -> [KubernetesObject] {
    try YAML.parse(text, file: "input.yaml").get().map { KubernetesObject($0.value) }
  }

  private func render(_ agent: AgentDeployment) -> [KubernetesObject] {
    agent.render(RenderingContext(now: 0)).objects.map(\.object)
  }

  private func run(
    _ text: String, _ options: Importer.Options = Importer.Options()
  ) throws -> ImportResult {
    Importer.run(try objects(text), options, render: render)
  }

  // MARK: The corrected seeds

  @Test func theCorrectedSeedsHaveNoFaultsLeft() throws {
    let documents = try YAML.parse(CorrectedSeeds.text, file: "seeds.yaml").get()
    // A metrics adapter is the cluster's; the agent's Secrets are made there too.
    let findings = Linter.lint(ManifestSet(documents), LintConfiguration(ignored: ["K14"]))
    #expect(findings.isEmpty, "\(findings.map { "\($0.rule) \($0.object): \($0.message)" })")
  }

  @Test func nothingOfTheCorrectedSeedsIsLost() throws {
    let result = try run(CorrectedSeeds.text)
    let agent = try #require(result.agents.first)
    #expect(result.agents.count == 1)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    #expect(result.kept.map(\.object) == ["ServiceAccount agent-system/agent-service-account"])
    #expect(
      result.ignored.map(\.object) == [
        "NetworkPolicy agent-system/everybody", "StatefulSet agent-system/redis",
      ])
    #expect(agent.replaced.count + 3 == (try objects(CorrectedSeeds.text)).count)
  }

  /// Nothing is corrected silently, and nothing but this.
  @Test func correctionsAreListed() throws {
    let agent = try #require(try run(CorrectedSeeds.text).agents.first)
    #expect(
      agent.corrections.map { "\($0.object.split(separator: " ")[0]) \($0.path)" } == [
        "Deployment spec.selector",
        "Deployment spec.template.spec.containers[0].name",
        "Deployment spec.template.spec.containers[0].startupProbe.periodSeconds",
        "Deployment spec.template.spec.containers[0].startupProbe.failureThreshold",
        "Deployment spec.template.spec.topologySpreadConstraints[0].labelSelector",
        "Service metadata.name", "Service spec.selector",
        "HorizontalPodAutoscaler metadata.name", "PodDisruptionBudget spec.selector",
        "VirtualService metadata.name", "VirtualService spec.hosts", "VirtualService spec.http",
        "DestinationRule metadata.name", "DestinationRule spec.host",
        "PeerAuthentication spec.selector",
      ])
  }

  /// By an independent look: single values of the input where they have to be in the rendering.
  @Test func theRenderingHoldsTheValues() throws {
    let agent = try #require(try run(CorrectedSeeds.text).agents.first)
    let rendered = render(agent.agent)
    func find(_ kind: String) throws -> JSONValue {
      try #require(rendered.first { $0.kind == kind }?.json)
    }
    let pod = try #require(try find("Deployment")["spec"]?["template"]?["spec"])
    let container = try #require(pod["containers"]?[0])
    #expect(pod["terminationGracePeriodSeconds"] == 85)
    #expect(pod["serviceAccountName"] == "agent-service-account")
    #expect(container["resources"]?["limits"] == ["cpu": "1", "memory": "1Gi"])
    #expect(container["livenessProbe"]?["timeoutSeconds"] == 10)
    #expect(container["readinessProbe"]?["timeoutSeconds"] == 5)
    #expect(container["startupProbe"]?["failureThreshold"] == 26)
    #expect(try find("Deployment")["metadata"]?["labels"]?["app"] == "mcp-agent")
    let hpa = try find("HorizontalPodAutoscaler")["spec"]
    #expect(hpa?["maxReplicas"] == 20 && hpa?["metrics"]?.array?.count == 3)
    #expect(hpa?["behavior"]?["scaleUp"]?["policies"]?.array?.count == 2)
    let policy = try find("DestinationRule")["spec"]?["trafficPolicy"]
    #expect(policy?["connectionPool"]?["http"]?["http2MaxRequests"] == 2500)
    #expect(policy?["connectionPool"]?["http"]?["http1MaxPendingRequests"] == 1024)
    #expect(policy?["connectionPool"]?["tcp"]?["maxConnections"] == 2000)
    #expect(try find("VirtualService")["spec"]?["http"]?[0]?["timeout"] == "120s")
    let data = try find("ConfigMap")["data"]
    #expect(data?["AGENT_MAX_CONCURRENT_WORKFLOWS"] == "100")
  }

  @Test func theSpecSaysItInItsOwnWords() throws {
    let agent = try #require(try run(CorrectedSeeds.text).agents.first)
    let spec = agent.manifest["spec"]
    #expect(spec?["protocol"] == "MCP")
    #expect(spec?["config"]?["redis.port"] == "6379")
    #expect(spec?["availability"]?["drain"]?["timeout"] == "70s")
    #expect(spec?["traffic"]?["outlierDetection"]?["gatewayErrors"] == 5)
    #expect(spec?["observability"]?["metrics"]?["port"] == 9090)
    // Only what the spec has no words for.
    let pod = spec?["podTemplate"]?["spec"]
    #expect(pod?["containers"] == [["name": "agent", "readinessProbe": ["timeoutSeconds": 5]]])
    #expect(
      spec?["overrides"]?.array?.compactMap { $0["kind"]?.string } == [
        "Deployment", "Service", "DestinationRule", "ConfigMap",
      ])
  }

  /// And counts the agent's pods, as it did.
  @Test func aHardSpreadTakesThePlaceOfTheSoftOne() throws {
    let spread = """
      topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone, maxSkew: 2, \
      whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: a}}}]
      """
    let agent = try #require(
      try run(Self.unscaled.replacing("spec: {containers", with: "spec: {\(spread), containers"))
        .agents.first)
    let pod = render(agent.agent).first { $0.kind == "Deployment" }?["spec"]?["template"]?["spec"]
    let constraints = (pod?["topologySpreadConstraints"]?.array ?? [])
      .filter { $0["topologyKey"] == "topology.kubernetes.io/zone" }
    #expect(constraints.count == 1)
    #expect(constraints.first?["whenUnsatisfiable"] == "DoNotSchedule")
    #expect(constraints.first?["maxSkew"] == 2)
    #expect(constraints.first?["labelSelector"]?["matchLabels"] == ["agentdeploy.dev/agent": "a"])
  }

  @Test func externalMetricsAreQueues() throws {
    let scaler = """
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: a, namespace: ns}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}
        minReplicas: 2
        maxReplicas: 9
        metrics:
        - type: External
          external:
            metric: {name: queue_depth, selector: {matchLabels: {queue: a}}}
            target: {type: AverageValue, averageValue: "5"}
      """
    let agent = try #require(try run(Self.unscaled + "\n---\n" + scaler).agents.first)
    #expect(
      agent.manifest["spec"]?["scaling"]?["metrics"] == [
        ["type": "Queue", "target": "5", "metric": "queue_depth", "selector": ["queue": "a"]]
      ])
    #expect(agent.notCarried.filter { $0.object.hasPrefix("Horizontal") }.isEmpty)
  }

  /// Whether there is KEDA for it is not known: the bounds come along, and the rest is listed.
  @Test func aScaledObjectIsNotLostSilently() throws {
    let scaled = """
      apiVersion: keda.sh/v1alpha1
      kind: ScaledObject
      metadata: {name: a, namespace: ns}
      spec:
        scaleTargetRef: {name: a}
        minReplicaCount: 3
        maxReplicaCount: 9
        triggers:
        - {type: memory, metricType: Utilization, metadata: {value: "75"}}
        - {type: redis, metadata: {listName: a, listLength: "5"}}
      """
    let result = try run(Self.unscaled + "\n---\n" + scaled)
    let agent = try #require(result.agents.first)
    #expect(
      agent.manifest["spec"]?["scaling"] == [
        "minReplicas": 3, "maxReplicas": 9, "metrics": [["type": "Memory", "target": "75"]],
      ])
    #expect(agent.notCarried.map(\.object).contains("ScaledObject ns/a"))
    #expect(result.ignored.isEmpty)
  }

  private static let unscaled = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: a, namespace: ns}
    spec:
      selector: {matchLabels: {app: a}}
      template:
        metadata: {labels: {app: a}}
        spec: {containers: [{name: agent, image: "r/a:v1"}]}
    """

  @Test func whatIsRenderedCanBeImportedAgain() throws {
    let first = try #require(try run(CorrectedSeeds.text).agents.first)
    let text = YAML.emit(documents: render(first.agent).map(\.json))
    let again = try #require(try run(text, .init(agentProtocol: "MCP")).agents.first)
    #expect(
      again.notCarried.filter { !$0.path.contains("agentdeploy.dev") }.map(\.description)
        .filter { !$0.contains("managed-by") && !$0.contains("app.kubernetes.io") }.isEmpty)
    #expect(again.agent.spec.scaling == first.agent.spec.scaling)
    #expect(again.agent.spec.health == first.agent.spec.health)
  }

  @Test func sourcesOfVariablesAreCarried() throws {
    let text = Self.unscaled.replacing(
      #"image: "r/a:v1""#,
      with: #"image: "r/a:v1", envFrom: [{configMapRef: {name: b}}, {secretRef: {name: c}}]"#)
    let agent = try #require(try run(text).agents.first)
    #expect(agent.notCarried.isEmpty)
    let sources = render(agent.agent).first { $0.kind == "Deployment" }?
      .json["spec"]?["template"]?["spec"]?["containers"]?[0]?["envFrom"]?.array
    #expect(sources?.count == 3 && sources?[1] == ["secretRef": ["name": "c"]])
  }

  /// Every API server adds them: `kubectl get -o yaml` is the usual way to get at a Deployment.
  @Test func defaultsOfVariablesAreNoObstacle() throws {
    let text = Self.unscaled.replacing(
      #"image: "r/a:v1""#,
      with: #"""
        image: "r/a:v1", env: [
          {name: IP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: status.podIP}}},
          {name: CPU, valueFrom: {resourceFieldRef: {
            containerName: agent, resource: limits.cpu, divisor: "0"}}}]
        """#)
    let agent = try #require(try run(text).agents.first)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    #expect(
      agent.manifest["spec"]?["env"] == [
        ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]],
        ["name": "CPU", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu"]]],
      ])
  }

  @Test func variablesWithoutWordsAreLeftToTheEscapeHatch() throws {
    let text = Self.unscaled.replacing(
      #"image: "r/a:v1""#,
      with: #"""
        image: "r/a:v1", env: [
          {name: A, value: b},
          {name: CPU, valueFrom: {resourceFieldRef: {containerName: b, resource: limits.cpu}}}]
        """#)
    let agent = try #require(try run(text).agents.first)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    #expect(agent.manifest["spec"]?["env"] == [["name": "A", "value": "b"]])
    let variables = render(agent.agent).first { $0.kind == "Deployment" }?
      .json["spec"]?["template"]?["spec"]?["containers"]?[0]?["env"]?.array
    let source = variables?.first { $0["name"] == "CPU" }?["valueFrom"]?["resourceFieldRef"]
    #expect(source?["containerName"] == "b", "\(variables ?? [])")
  }

  // MARK: What the API server would refuse

  private static let budget = """
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: a, namespace: ns}
    spec: {selector: {matchLabels: {app: a}}, minAvailable: 1}
    """

  @Test func nothingRenderedContradictsWhatIsCarried() throws {
    let deployment = Self.unscaled.replacing(
      "spec:\n  selector", with: "spec:\n  replicas: 2\n  strategy: {type: Recreate}\n  selector")
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: a, namespace: ns}
      spec:
        selector: {app: a}
        ports: [{port: 8080, targetPort: 9000}, {name: http, port: 81, targetPort: 9000}]
      """
    let agent = try #require(
      try run([deployment, Self.budget, service].joined(separator: "\n---\n")).agents.first)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    let rendered = render(agent.agent)
    func spec(_ kind: String) -> JSONValue? { rendered.first { $0.kind == kind }?.json["spec"] }
    #expect(spec("Deployment")?["strategy"] == ["type": "Recreate"])
    #expect(spec("PodDisruptionBudget")?["minAvailable"] == 1)
    #expect(spec("PodDisruptionBudget")?["maxUnavailable"] == nil)
    let ports = spec("Service")?["ports"]?.array ?? []
    #expect(ports.map { $0["port"] } == [80, 8080, 81])
    #expect(ports.map { $0["name"] } == ["http", "port-8080", "port-81"])
    #expect(
      agent.corrections.filter { $0.path.hasPrefix("spec.ports") }.map(\.path) == [
        "spec.ports[0].name", "spec.ports[1].name",
      ])
  }

  // MARK: What cannot be an agent

  @Test func oneUnusableDeploymentHidesNothingOfTheOthers() throws {
    let other = Self.unscaled.replacing("name: a,", with: "name: 1st,")
      .replacing("app: a", with: "app: b")
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: b, namespace: ns}
      spec: {selector: {app: b}, ports: [{port: 80}]}
      """
    let result = try run([other, service, Self.unscaled].joined(separator: "\n---\n"))
    #expect(result.agents.map(\.agent.name) == ["a"])
    let refused = try #require(result.refused.first)
    #expect(result.refused.count == 1 && refused.deployment.name == "1st")
    #expect(refused.errors.description.hasPrefix("metadata.name: "), "\(refused.errors)")
    #expect(
      result.ignored.map(\.description) == [
        "Service ns/b: belongs to Deployment ns/1st, which is not imported"
      ])
  }

  @Test func nobodyMayBeTakenAwayIsCarried() throws {
    let text = Self.unscaled.replacing(
      "spec:\n  selector", with: "spec:\n  replicas: 2\n  selector")
    let budget = Self.budget.replacing("minAvailable: 1", with: "maxUnavailable: 0")
    let agent = try #require(try run(text + "\n---\n" + budget).agents.first)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    let rendered = render(agent.agent).first { $0.kind == "PodDisruptionBudget" }
    #expect(rendered?.json["spec"]?["maxUnavailable"] == 0)
  }

  @Test func anAgentWithoutPodsIsToldOf() throws {
    let text = Self.unscaled.replacing(
      "spec:\n  selector", with: "spec:\n  replicas: 0\n  selector")
    let agent = try #require(try run(text).agents.first)
    #expect(agent.agent.spec.scaling.maxReplicas == 1)
    #expect(agent.notCarried.map(\.path) == ["spec.replicas"])
  }

  // MARK: What has no words

  private static let plain = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      replicas: 4
      minReadySeconds: 7
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          nodeSelector: {pool: a}
          initContainers:
          - {name: prepare, image: "busybox:1"}
          containers:
          - name: proxy
            image: proxy:1
          - name: web
            image: web:1
            workingDir: /srv
            ports: [{containerPort: 3000}]
            env: [{name: MODE, value: fast}]
            livenessProbe: {tcpSocket: {port: 3000}, initialDelaySeconds: 9}
            volumeMounts: [{name: data, mountPath: /data}]
          volumes:
          - {name: data, emptyDir: {sizeLimit: 1Gi}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Ingress]
      ingress: [{from: [{podSelector: {matchLabels: {role: front}}}]}]
    """

  @Test func everythingElseGoesThroughTheEscapeHatches() throws {
    let agent = try #require(try run(Self.plain).agents.first)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    let deployment = try #require(render(agent.agent).first { $0.kind == "Deployment" })
    let spec = deployment.json["spec"]
    let pod = spec?["template"]?["spec"]
    #expect(spec?["replicas"] == 4 && spec?["minReadySeconds"] == 7)
    #expect(pod?["nodeSelector"] == ["pool": "a"])
    #expect(pod?["initContainers"]?[0]?["name"] == "prepare")
    #expect(pod?["containers"]?.array?.count == 2)
    let container = pod?["containers"]?[0]
    #expect(container?["name"] == "agent" && container?["workingDir"] == "/srv")
    #expect(container?["livenessProbe"]?["tcpSocket"] != nil)
    #expect(container?["livenessProbe"]?["httpGet"] == nil)
    #expect(container?["volumeMounts"]?.array?.contains { $0["mountPath"] == "/data" } == true)
    #expect(pod?["volumes"]?.array?.contains { $0["name"] == "data" } == true)
    #expect(agent.agent.spec.traffic.provider == .none)
    let policy = try #require(render(agent.agent).first { $0.kind == "NetworkPolicy" })
    #expect(policy.json["spec"]?["policyTypes"] == ["Ingress"])
  }

  @Test func whatCannotBeCarriedIsSaid() throws {
    let result = try run(
      Self.plain + """

        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 3000}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: second, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 3000}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: cache, namespace: shop}
        spec: {template: {spec: {containers: [{name: r, image: "redis:7"}]}}}
        """)
    let agent = try #require(result.agents.first)
    #expect(agent.notCarried.contains { $0.object == "Service shop/second" })
    #expect(result.ignored.map(\.object) == ["Deployment shop/cache"])
    #expect(result.ignored[0].reason.contains("--deployment"))
    #expect(agent.additions.contains { $0.contains("readinessProbe") })
    #expect(agent.additions.contains { $0.contains("memory limit") })
  }

  @Test func faultsOfTheSeedsAreCorrectedNotCarried() throws {
    let agent = try #require(
      try run(
        CorrectedSeeds.text
          .replacing("outlierDetection:\n", with: "circuitBreaker:\n")
          .replacing(
            "consecutiveGatewayErrors: 5\n      consecutive5xxErrors: 0",
            with: "consecutiveErrors: 5"
          )
          .replacing("LEAST_REQUEST", with: "LEAST_CONN")
          .replacing("networking.istio.io/v1\n", with: "networking.istio.io/v1beta1\n")
          .replacing(
            "spec:\n  selector:\n    matchLabels: {app: mcp-agent}",
            with: "spec:\n  replicas: 3\n  selector:\n    matchLabels: {app: mcp-agent}")
      ).agents.first)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    let paths = agent.corrections.map(\.path)
    for path in [
      "spec.trafficPolicy.circuitBreaker", "spec.trafficPolicy.outlierDetection.consecutiveErrors",
      "spec.trafficPolicy.loadBalancer.simple", "apiVersion", "spec.replicas",
    ] { #expect(paths.contains(path), "\(path)") }
    let rule = render(agent.agent).first { $0.kind == "DestinationRule" }
    let policy = rule?.json["spec"]?["trafficPolicy"]
    #expect(
      policy?["circuitBreaker"] == nil && policy?["outlierDetection"]?["consecutiveErrors"] == nil)
  }

  // MARK: What a server would refuse, or mean otherwise

  /// The pod of what a Deployment becomes whose container and pod say more than the plain one's.
  private func imported(
    container: String = "", pod: String = ""
  ) throws -> (pod: JSONValue, agent: ImportedAgent) {
    let result = try run(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
            - name: web
              image: web:1
              \(container)
            \(pod)
      """)
    let agent = try #require(result.agents.first)
    let deployment = try #require(render(agent.agent).first { $0.kind == "Deployment" })
    return (deployment.json["spec"]?["template"]?["spec"] ?? .null, agent)
  }

  @Test func aHookHasOneHandler() throws {
    let (pod, agent) = try imported(
      container: "lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 5']}}}")
    #expect(
      pod["containers"]?[0]?["lifecycle"] == [
        "preStop": ["exec": ["command": ["sh", "-c", "sleep 5"]]]
      ])
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
  }

  @Test(arguments: [
    "privileged: true", "capabilities: {add: [SYS_ADMIN]}", "capabilities: {add: [CAP_SYS_ADMIN]}",
  ])
  func whoHasAllRightsMayGainThem(_ context: String) throws {
    let (pod, agent) = try imported(container: "securityContext: {\(context)}")
    let rendered = pod["containers"]?[0]?["securityContext"]
    #expect(rendered?["privileged"] == true || rendered?["capabilities"]?["add"] != nil)
    #expect(rendered?["allowPrivilegeEscalation"] == nil)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
  }

  @Test func otherRightsAreNoneToGainMore() throws {
    let (pod, _) = try imported(
      container: "securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}")
    #expect(pod["containers"]?[0]?["securityContext"]?["allowPrivilegeEscalation"] == false)
  }

  @Test(
    arguments: [
      ("config", "emptyDir: {}", ["emptyDir": [:]]),
      ("config", "configMap: {name: app}", ["configMap": ["name": "app"]]),
      (
        "tmp", "persistentVolumeClaim: {claimName: a}",
        ["persistentVolumeClaim": ["claimName": "a"]]
      ),
    ] as [(String, String, JSONValue)])
  func volumesKeepTheirContent(_ name: String, _ source: String, _ expected: JSONValue) throws {
    let mount = "volumeMounts: [{name: \(name), mountPath: /data}]"
    let (pod, agent) = try imported(
      container: mount,
      pod: """
        - {name: side, image: "side:1", \(mount)}
              initContainers:
              - {name: first, image: "first:1", \(mount)}
              volumes:
              - {name: \(name), \(source)}
        """)
    #expect(agent.notCarried.isEmpty, "\(agent.notCarried)")
    let volumes = pod["volumes"]?.array ?? []
    for volume in volumes { #expect(volume.object?.count == 2, "one source: \(volume)") }
    let containers = (pod["containers"]?.array ?? []) + (pod["initContainers"]?.array ?? [])
    #expect(containers.count == 3)
    for container in containers {
      let mounted = container["volumeMounts"]?.array?.first { $0["mountPath"] == "/data" }?["name"]
      let volume = volumes.first { $0["name"] == mounted }
      #expect(mounted != nil && mounted != .string(name), "\(container)")
      for (key, value) in expected.object ?? [:] { #expect(volume?[key] == value) }
    }
    #expect(agent.corrections.contains { $0.path == "spec.template.spec.volumes[0].name" })
  }

  @Test func aPlaceForTemporaryFilesStaysTheSame() throws {
    for source in ["emptyDir: {}", "emptyDir: {sizeLimit: 1Gi}"] {
      let (pod, agent) = try imported(
        container: "volumeMounts: [{name: tmp, mountPath: /tmp}]",
        pod: "volumes: [{name: tmp, \(source)}]")
      #expect(agent.notCarried.isEmpty && pod["volumes"]?.array?.count == 2, "\(pod)")
      #expect(agent.corrections.allSatisfy { !$0.path.contains("volumes") })
    }
  }

  /// They are two entries, and what the merge of pods makes one of them is listed.
  @Test func onePortForTwoProtocols() throws {
    let ports = """
      ports:
              - {containerPort: 3000}
              - {containerPort: 5353, protocol: UDP, name: dns}
              - {containerPort: 5353, protocol: TCP, name: dns-tcp}
      """
    let (pod, agent) = try imported(container: ports)
    let template = agent.manifest["spec"]?["podTemplate"]?["spec"]
    #expect(
      template?["containers"]?[0]?["ports"]?.array?.filter { $0["containerPort"] == 5353 } == [
        ["containerPort": 5353, "protocol": "UDP", "name": "dns"],
        ["containerPort": 5353, "protocol": "TCP", "name": "dns-tcp"],
      ])
    let rendered = pod["containers"]?[0]?["ports"]?.array?.filter { $0["containerPort"] == 5353 }
    #expect(rendered?.count == 2)
    #expect(!agent.notCarried.contains { $0.path.contains("ports") })
  }
}
