import AgentDeploymentAPI
import EmbeddedCluster
import Foundation
import JSON
import KubernetesAPI
import KubernetesClient
import Testing
import YAML

@testable import agent_operator

/// A cluster over HTTP that no operator has worked on, and the binary asking it.
private struct AskedCluster {
  let cluster: EmbeddedCluster
  let client: KubernetesClient
  let config: TemporaryFile

  init(
    authorization: EmbeddedClusterAuthorization = .alwaysAllow, hasDefinitions: Bool = true
  ) async throws {
    cluster = EmbeddedCluster(
      configuration: EmbeddedClusterConfiguration(
        simulatesControllers: false, authorization: authorization))
    let port = try await cluster.startHTTP(port: 0)
    config = try TemporaryFile(cluster.kubeconfig(port: port))
    client = try KubernetesClient.connect(
      ConfigurationSources(kubeconfig: config.url.path, environment: [:]).load())
    guard hasDefinitions else { return }
    try await DemoStage(client: client, patience: .seconds(60)).installDefinitions()
  }

  func run(_ arguments: String..., config other: TemporaryFile? = nil) async throws
    -> CommandLineRun
  {
    try await CommandLineRun.run(
      list: arguments + ["--kubeconfig", (other ?? config).url.path])
  }

  func apply(_ texts: String...) async throws {
    for text in texts {
      try await DemoStage(client: client, patience: .seconds(60)).apply(text)
    }
  }

  func create(_ resource: ResourceType, _ json: JSONValue) async throws {
    _ = try await client.create(KubernetesObject(json), resource: resource)
  }
}

/// What commands answer where something is refused, missing or forbidden.
@Suite struct ClusterQuestionTests {
  private static func agent(
    _ name: String, _ spec: String, namespace: String? = "default"
  ) -> String {
    """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: \(name)\(namespace.map { ", namespace: \($0)" } ?? "")}
    spec: {\(spec)}
    """
  }

  private static let strictClass: JSONValue = [
    "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentClass",
    "metadata": [
      "name": "production", "annotations": ["agentdeploy.dev/is-default-class": "true"],
    ], "spec": ["guardRails": ["requireDigest": true]],
  ]

  // MARK: Refused

  @Test func anAgentThatIsRefusedHidesNothingOfTheOthers() async throws {
    let asked = try await AskedCluster()
    let digest = "image: 'registry/b@sha256:\(String(repeating: "0", count: 64))'"
    let (bad, good) = (Self.agent("a", "image: 'registry/a:v1'"), Self.agent("b", digest))
    try await asked.apply(bad, good)
    try await asked.create(.agentClasses, Self.strictClass)
    let file = try TemporaryFile(bad + "\n---\n" + good)
    let path = file.url.path

    let plan = try await asked.run("plan", "-f", path)
    #expect(plan.status == 2)
    #expect(plan.output.contains("AgentDeployment default/b"), "\(plan.output)")
    #expect(
      plan.errors.hasPrefix("error: \(path):4:15: spec.image: class production asks for images"),
      "\(plan.errors)")
    let diff = try await asked.run("diff", "-f", path)
    #expect(diff.status == 2 && diff.output.contains("+  name: b"), "\(diff.output)")
    #expect(diff.errors == plan.errors)

    let wrong = "error: AgentDeployment default/a: spec.image: class production asks for images"
    for place in [["-A"], ["-n", "default"], ["-n", "default", "-o", "json"]] {
      let drift = try await CommandLineRun.run(
        list: ["drift", "--kubeconfig", asked.config.url.path] + place)
      #expect(drift.status == 2 && drift.errors.hasPrefix(wrong), "\(drift.errors)")
      #expect(drift.output.contains("Deployment b"), "\(drift.output)")
    }
    let report = try await asked.run("report", "--profile", "SOX")
    #expect(report.status == 2 && report.errors.hasPrefix(wrong), "\(report.errors)")
    #expect(report.output.contains("SOX: agent default/b"))
    let none = try await asked.run("report")
    #expect(none.status == 2 && none.errors.hasPrefix(wrong), "\(none.errors)")
    #expect(none.errors.contains("no profile"))
    await asked.cluster.stop()
  }

  // MARK: Missing

  @Test func whereThereIsNoAgentNothingDrifts() async throws {
    let asked = try await AskedCluster()
    for (form, text) in [("table", "no agents\n"), ("json", "[]\n"), ("yaml", "[]\n")] {
      for place in [["-A"], ["-n", "default"], []] {
        let drift = try await CommandLineRun.run(
          list: ["drift", "-o", form, "--kubeconfig", asked.config.url.path] + place)
        #expect(drift.status == 0 && drift.errors.isEmpty, "\(form) \(place): \(drift.errors)")
        #expect(drift.output == text, "\(form) \(place)")
      }
    }
    #expect(try await asked.run("drift", "nobody").status == 2)
    let report = try await asked.run("report", "--profile", "SOX")
    #expect(report.status == 2 && report.errors.contains("no AgentDeployment in namespace default"))
    await asked.cluster.stop()
  }

  @Test func plansForAClusterWithoutTheDefinitionsSaySo() async throws {
    let asked = try await AskedCluster(hasDefinitions: false)
    try await asked.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "other"]])
    let file = try TemporaryFile(
      Self.agent("a", "image: 'registry/a:v1'") + "\n---\n"
        + Self.agent("b", "image: 'registry/b:v1'", namespace: "other"))
    for command in ["plan", "diff"] {
      let run = try await asked.run(command, "-f", file.url.path)
      #expect(run.status == 1 && !run.output.isEmpty, "\(run.errors)")
      #expect(
        run.errors
          == "note: agentdeployments.agentdeploy.dev is not installed, so no operator acts on them: "
          + "agent-operator crd | kubectl apply --server-side -f -\n", "\(command)")
    }
    await asked.cluster.stop()
  }

  @Test func withoutTheDefinitionsAllSayHowToInstallThem() async throws {
    let asked = try await AskedCluster(hasDefinitions: false)
    for arguments in [
      ["get"], ["get", "-A"], ["status", "x"], ["drift"], ["drift", "-A"], ["drift", "x"],
      ["report", "--profile", "SOX"],
    ] {
      let run = try await CommandLineRun.run(
        list: arguments + ["--kubeconfig", asked.config.url.path])
      #expect(run.status == 2 && run.output.isEmpty, "\(arguments): \(run.output)")
      #expect(
        run.errors == "error: agentdeployments.agentdeploy.dev is not installed: "
          + "agent-operator crd | kubectl apply --server-side -f -\n", "\(arguments)")
    }
    await asked.cluster.stop()
  }

  @Test func aNamespaceThatIsNotThereIsNoCleanOne() async throws {
    let asked = try await AskedCluster()
    for (command, problem) in [
      (["drift"], "there is no namespace typo"),
      (["report", "--profile", "SOX"], "no AgentDeployment in namespace typo"),
    ] {
      let run = try await CommandLineRun.run(
        list: command + ["-n", "typo", "--kubeconfig", asked.config.url.path])
      #expect(run.status == 2 && run.output.isEmpty)
      #expect(run.errors == "error: \(problem)\n")
    }
    let everywhere = try await asked.run("drift", "-A")
    #expect(everywhere.status == 0 && everywhere.output == "no agents\n")
    #expect(try await asked.run("drift", "-A", "-o", "json").output == "[]\n")
    await asked.cluster.stop()
  }

  /// As `kubectl apply` would have it.
  @Test func manifestsWithoutANamespaceBelongToThatOfTheContext() async throws {
    let asked = try await AskedCluster()
    let text = try String(contentsOf: asked.config.url, encoding: .utf8)
    let config = try TemporaryFile(
      text.replacing("namespace: default", with: "namespace: agents"))
    let file = try TemporaryFile(Self.agent("a", "image: 'r/a:v1'", namespace: nil))
    let plan = try await asked.run("plan", "-f", file.url.path, config: config)
    #expect(plan.output.hasPrefix("AgentDeployment agents/a\n"), "\(plan.output)")
    let named = try await asked.run("plan", "-f", file.url.path, "-n", "web", config: config)
    #expect(named.output.hasPrefix("AgentDeployment web/a\n"), "\(named.output)")
    try await asked.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "agents"]])
    let diff = try await asked.run("diff", "-f", file.url.path, config: config)
    #expect(diff.status == 1 && diff.output.contains("+  namespace: agents"), "\(diff.errors)")
    await asked.cluster.stop()
  }

  // MARK: Paused

  @Test func nothingIsDoneForAPausedAgent() async throws {
    let asked = try await AskedCluster()
    let agent = Self.agent("a", "image: 'r/a:v1', paused: true")
    try await asked.apply(agent)
    let file = try TemporaryFile(agent)
    let plan = try await asked.run("plan", "-f", file.url.path)
    #expect(plan.status == 0, "\(plan.output)")
    #expect(plan.output.contains("+ Deployment a\n") && plan.output.contains("  paused: nothing"))
    let json = try await asked.run("plan", "-f", file.url.path, "-o", "json")
    #expect(try JSONValue(parsing: json.output)[0]?["paused"] == true)
    let drift = try await asked.run("drift")
    #expect(drift.status == 1 && drift.output.contains("  paused: nothing"), "\(drift.output)")
    await asked.cluster.stop()
  }

  // MARK: Forbidden

  /// What `admin` and the shipped roles give in a namespace, and no more.
  @Test func definitionsNeedNotBeListed() async throws {
    let asked = try await AskedCluster(authorization: .rbac(administratorToken: "root"))
    let everything: JSONValue = [["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]]]
    let rbac = "rbac.authorization.k8s.io"
    func role(_ kind: String, _ namespace: String?, _ rules: JSONValue) async throws {
      let (plural, isNamespaced) = (kind.lowercased(), namespace != nil)
      var metadata: JSONValue = ["name": "person"]
      if let namespace { metadata["namespace"] = .string(namespace) }
      for (suffix, content) in [
        ("", ["rules": rules]),
        (
          "Binding",
          [
            "roleRef": ["apiGroup": .string(rbac), "kind": .string(kind), "name": "person"],
            "subjects": [["kind": "ServiceAccount", "name": "default", "namespace": "default"]],
          ]
        ),
      ] as [(String, JSONValue)] {
        var object = content
        object["apiVersion"] = .string("\(rbac)/v1")
        object["kind"] = .string(kind + suffix)
        object["metadata"] = metadata
        try await asked.create(
          ResourceType(
            group: rbac, version: "v1", plural: plural + suffix.lowercased() + "s",
            kind: kind + suffix, isNamespaced: isNamespaced), object)
      }
    }
    try await role("Role", "default", everything)
    let token = try await asked.client.sendJSON(
      "POST", "/api/v1/namespaces/default/serviceaccounts/default/token",
      body: ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]])
    let text = try String(contentsOf: asked.config.url, encoding: .utf8)
    let config = try TemporaryFile(
      text.replacing("root", with: token["status"]?["token"]?.string ?? ""))
    let file = try TemporaryFile(Self.agent("a", "image: 'r/a:v1'"))

    let blind = try await asked.run("plan", "-f", file.url.path, config: config)
    #expect(blind.status == 2, "\(blind.output)")
    #expect(blind.errors.contains("cannot list resource \"agentclasses\""), "\(blind.errors)")
    #expect(blind.errors.contains("ClusterRole agents-class-viewer"), "\(blind.errors)")
    try await role("ClusterRole", nil, try Self.rules(of: "agents-class-viewer"))
    let plan = try await asked.run("plan", "-f", file.url.path, config: config)
    #expect(plan.status == 1, "\(plan.errors)")
    // Of a kind that has a definition, and of one that is not installed.
    #expect(plan.output.contains("+ VirtualService a"), "\(plan.output)")
    #expect(try await asked.run("plan", "-f", file.url.path).output == plan.output)
    await asked.cluster.stop()
  }

  private static func rules(of role: String) throws -> JSONValue {
    let path = CommandLineRun.checkout.appending(path: "manifests/install.yaml").path
    let read = YAML.loadDocuments(paths: [path])
    let found = read.documents.first {
      $0.value["kind"] == "ClusterRole" && $0.value["metadata"]?["name"] == .string(role)
    }
    return try #require(found?.value["rules"])
  }
}
