import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

@Suite struct BadInputTests {
  @Test(arguments: LeafCase.all) func everyBadValueIsAnErrorThatNamesTheField(_ leaf: LeafCase) {
    let path = leaf.manifestPath
    guard let node = SchemaNode.all().first(where: { $0.path == path.schemaPath }) else {
      Issue.record("no schema for \(path)")
      return
    }
    let values = BadValues.of(node.schema)
    #expect(!values.isEmpty)
    for value in values {
      let errors = Manifest.errors(leaf.with(value))
      let shown = value.serialized().prefix(80)
      #expect(errors.contains { $0.path.description == "\(path)" }, "\(shown): \(errors)")
      for error in errors { #expect(error.description.utf8.count < 1000) }
    }
  }

  /// Far more than a pod needs, and far less than what is read of an object.
  @Test(arguments: [100, 101, 190]) func freeFormFieldsAreBounded(levels: Int) {
    var nested: JSONValue = [:]
    for _ in 1..<levels { nested = ["a": nested] }
    for leaf in LeafCase.all {
      let path = leaf.manifestPath.schemaPath
      guard let node = SchemaNode.all().first(where: { $0.path == path }),
        case .freeForm = node.schema.shape
      else { continue }
      let errors = Manifest.errors(leaf.with(nested)).map(\.description)
      let expected = "\(leaf.manifestPath): must not be nested deeper than 100 levels"
      #expect(errors.contains(expected) == (levels > 100))
    }
  }

  @Test func listsAndMapsAreBounded() {
    for leaf in LeafCase.all {
      var path = leaf.manifestPath
      guard let last = path.steps.popLast(),
        let node = SchemaNode.all().first(where: { $0.path == path.schemaPath })
      else { continue }
      let value = Manifest.json(leaf.value)
      var tooMany: JSONValue
      switch (last, node.schema.shape) {
      case (.index, .array(_, _, let most)):
        tooMany = .array(Array(repeating: value, count: most + 1))
      case (.key, .map(_, let most)):
        tooMany = [:]
        for i in 0...most { tooMany["key\(i)"] = value }
      default: continue
      }
      let errors = Manifest.errors(path.set(tooMany, in: leaf.without))
      #expect(errors.contains { $0.path.description == "\(path)" && $0.reason == .tooMany })
      let wrong = Manifest.errors(path.set("text", in: leaf.without))
      #expect(wrong.contains { $0.path.description == "\(path)" && $0.reason == .typeInvalid })
    }
  }

  /// What policies and hosts are made from: one that the API server refuses would leave the agent open.
  @Test(arguments: ["0", "00443", "65536", "99999", "443"])
  func portsOfURLsArePorts(_ port: String) {
    let specs = [
      (#"{"tools":[{"name":"t","url":"http://x.example.com:\#(port)/mcp"}]}"#, "spec.tools[0].url"),
      (
        #"{"state":{"type":"External","external":{"address":"redis.example.com:\#(port)"}}}"#,
        "spec.state.external.address"
      ),
      (
        #"{"models":[{"name":"m","provider":"OpenAICompatible","model":"m","endpoint":"http://x:\#(port)/v1"}]}"#,
        "spec.models[0].endpoint"
      ),
      (
        #"{"observability":{"tracing":{"endpoint":"http://otel:\#(port)"}}}"#,
        "spec.observability.tracing.endpoint"
      ),
    ]
    for (spec, path) in specs {
      #expect(
        Manifest.errors(Manifest.agent(spec)).map(\.path.description)
          == (port == "443" ? [] : [path]))
    }
  }

  /// Istio's webhook refuses both.
  @Test func hostsAreWhatIstioTakes() {
    let label = String(repeating: "a", count: 63)
    for (hosts, isGood) in [("\(label).example.com", true), ("a\(label).example.com", false)] {
      for (spec, path) in [
        (#"{"traffic":{"hosts":["\#(hosts)"]}}"#, "spec.traffic.hosts[0]"),
        (#"{"security":{"egress":{"hosts":["\#(hosts)"]}}}"#, "spec.security.egress.hosts[0]"),
      ] {
        let paths = Manifest.errors(Manifest.agent(spec)).map(\.path.description)
        #expect(paths == (isGood ? [] : [path]))
      }
    }
  }

  @Test(
    arguments: [
      (#"["*.example.com","api.example.com"]"#, ["spec.traffic.hosts[1]"]),
      (#"["a.b.example.com","*.example.com","x.org"]"#, ["spec.traffic.hosts[0]"]),
      (#"["*.example.com","*.api.example.com"]"#, ["spec.traffic.hosts[1]"]),
      (#"["*.example.com","example.com","*.example.org","my-example.com"]"#, []),
    ] as [(String, [String])])
  func aWildcardCoversNoOtherHostOfIstios(_ hosts: String, _ paths: [String]) {
    let errors = Manifest.errors(Manifest.agent(#"{"traffic":{"hosts":\#(hosts)}}"#))
    #expect(errors.map(\.path.description) == paths)
    let gateway =
      #"{"traffic":{"provider":"GatewayAPI","hosts":\#(hosts),"gatewayRefs":[{"name":"g"}]}}"#
    #expect(Manifest.errors(Manifest.agent(gateway)).isEmpty)
  }

  /// Which is a host of the same VirtualService.
  @Test func noWildcardCoversTheServicesOwnHost() {
    for (host, paths) in [
      ("*.cluster.local", ["spec.traffic.hosts[0]"]), ("*.example.local", []),
      ("*.other.cluster.local", []), ("cluster.local", []),
    ] {
      let errors = Manifest.errors(Manifest.agent(#"{"traffic":{"hosts":["\#(host)"]}}"#))
      #expect(errors.map(\.path.description) == paths, "\(errors)")
    }
  }

  /// No agent has such a name, and no label could hold it.
  @Test(arguments: [String(repeating: "a", count: 41), "a.b", "1a"])
  func namesOfAgentsAreAgentsNames(_ name: String) {
    for (spec, path) in [
      (#"{"tools":[{"name":"t","agentRef":{"name":"\#(name)"}}]}"#, "spec.tools[0].agentRef.name"),
      (
        #"{"security":{"allowedCallers":[{"agentRef":{"name":"\#(name)"}}]}}"#,
        "spec.security.allowedCallers[0].agentRef.name"
      ),
      (
        #"{"traffic":{"mirror":{"percent":"5","agentRef":{"name":"\#(name)"}}}}"#,
        "spec.traffic.mirror.agentRef.name"
      ),
    ] {
      #expect(Manifest.errors(Manifest.agent(spec)).map(\.path.description) == [path])
    }
  }

  @Test(arguments: [
    ("null", ""), ("[]", ""), ("3", ""), (#""text""#, ""), ("{}", "kind"),
    (#"{"apiVersion":"v1","kind":"Pod"}"#, "kind"),
    (#"{"apiVersion":"agentdeploy.dev/v1","kind":"AgentDeployment"}"#, "apiVersion"),
    (#"{"apiVersion":3,"kind":"AgentDeployment"}"#, "apiVersion"),
    (#"{"apiVersion":"agentdeploy.dev/v1alpha1","kind":["AgentDeployment"]}"#, "kind"),
    (#"{"apiVersion":"agentdeploy.dev/v1alpha1","kind":"AgentDeployment"}"#, "metadata.name"),
  ]) func whatIsNoAgentDeploymentIsRefused(_ text: String, _ path: String) {
    let errors = Manifest.errors(Manifest.json(text))
    #expect(errors.contains { $0.path.description == path }, "\(errors)")
  }

  @Test(arguments: [
    (#"{"name":"Agent"}"#, "metadata.name"), (#"{"name":"1agent"}"#, "metadata.name"),
    (#"{"name":"agent-"}"#, "metadata.name"), (#"{"name":""}"#, "metadata.name"),
    (#"{"name":3}"#, "metadata.name"), (#"{"generateName":"a-"}"#, "metadata.name"),
    (#"{"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#, "metadata.name"),
    (#"{"name":"a","namespace":"A"}"#, "metadata.namespace"),
    (#"{"name":"a","labels":{"a":1}}"#, "metadata.labels.a"),
    (#"{"name":"a","labels":{"a":"b c"}}"#, "metadata.labels.a"),
    (#"{"name":"a","labels":{"a b":""}}"#, "metadata.labels[a b]"),
    (#"{"name":"a","annotations":[]}"#, "metadata.annotations"),
    (#"{"name":"a","lables":{}}"#, "metadata.lables"), (#""a""#, "metadata"),
  ]) func badMetadataIsRefused(_ metadata: String, _ path: String) {
    var manifest = Manifest.agent("{}")
    manifest["metadata"] = Manifest.json(metadata)
    #expect(Manifest.errors(manifest).map(\.path.description) == [path])
  }

  @Test(arguments: [
    (#"{"imgae":"x"}"#, "did you mean image?"),
    (#"{"replicas":3}"#, "did you mean spec.scaling.minReplicas?"),
    (#"{"zzzz":3}"#, ""),
    (#"{"priorityClassName":"x"}"#, "it belongs at spec.availability.priorityClassName"),
    (#"{"scaling":{"minReplica":3}}"#, "did you mean minReplicas?"),
    (#"{"protocol":"http"}"#, "did you mean HTTP?"),
    (#"{"port":"8080"}"#, "write it without quotes: 8080"),
    (#"{"config":{"a":1}}"#, #"write it in quotes: "1""#),
    (#"{"availability":{"drain":{"timeout":60}}}"#, "write it with its unit: 60s"),
    (
      #"{"extraPorts":[{"name":8080,"port":81}]}"#,
      "write a port name: lower case letters, digits and single '-' between them, with a letter"
    ),
    (#"{"resources":{"limits":{"gpu":1}}}"#, "write nvidia.com/gpu or the like"),
    (#"{"resources":{"limits":{"memroy":"1Gi"}}}"#, "did you mean memory?"),
  ]) func errorsSayWhatToDo(_ spec: String, _ fix: String) {
    let errors = Manifest.errors(Manifest.agent(spec))
    #expect(errors.count == 1)
    #expect((errors.first?.fix ?? "") == fix, "\(errors)")
  }

  /// What it says of zero is what its description says.
  @Test(arguments: [
    (#"{"traffic":{"streamIdleTimeout":"25h"}}"#, "0s for Istio's own hour"),
    (#"{"traffic":{"timeout":"25h"}}"#, "0s for none"),
    (
      #"{"secrets":[{"name":"a","externalSecret":{"storeRef":{"name":"s"},"remoteKey":"k","refreshInterval":"1s"}}]}"#,
      "0s to ask once"
    ),
    (
      #"{"traffic":{"affinity":{"type":"Cookie","name":"c","ttl":"1ms"}}}"#,
      "0s for the client's session"
    ),
  ]) func aRefusalSaysWhatZeroMeans(_ spec: String, _ zero: String) {
    let errors = Manifest.errors(Manifest.agent(spec))
    #expect(errors.count == 1)
    #expect(errors.first?.message.hasSuffix(", or \(zero)") == true, "\(errors)")
  }

  @Test func allErrorsAreReportedAtOnce() {
    let errors = Manifest.errors(
      Manifest.agent(
        #"{"port":0,"zz":1,"scaling":{"minReplicas":"2"},"env":[{"name":"A"},{"name":"A"}],"budget":{}}"#
      ))
    #expect(
      errors.map(\.path.description) == [
        "spec.port", "spec.zz", "spec.scaling.minReplicas", "spec.env[1]", "spec.budget",
      ])
  }

  @Test func thousandsOfErrorsAreCutOff() {
    var spec: JSONValue = [:]
    for i in 0..<50_000 { spec["field\(i)"] = 1 }
    #expect(Manifest.errors(Manifest.agent(spec)).count == FieldValidator.errorLimit)
  }

  @Test func requiredFieldsAreNamed() {
    var manifest = Manifest.agent("{}")
    manifest["spec"] = [:]
    #expect(Manifest.errors(manifest).map(\.description) == ["spec.image: is required"])
    manifest["spec"] = nil
    #expect(Manifest.errors(manifest).map(\.path.description) == ["spec"])
  }

  @Test func nullsAreAbsentMembers() {
    #expect(
      Manifest.errors(Manifest.agent(#"{"port":null,"models":null,"budget":null,"health":null}"#))
        == [])
    #expect(Manifest.errors(Manifest.agent(#"{"image":null}"#)).map(\.reason) == [.required])
    #expect(Manifest.errors(Manifest.agent(#"{"config":{"a":null}}"#)) == [])
    #expect(Manifest.errors(Manifest.agent(#"{"args":[null]}"#)).map(\.reason) == [.typeInvalid])
  }

  @Test func secretLookingValuesStayOutOfErrors() {
    let errors = Manifest.errors(
      Manifest.agent(#"{"env":[{"name":"A","value":["hunter2"]}],"config":{"a":["hunter2"]}}"#))
    #expect(errors.count == 2)
    #expect(!"\(errors)".contains("hunter2"))
  }

  @Test func conditionReasonTellsUnsupportedFromInvalid() {
    func reason(_ spec: String) -> String {
      FieldErrors(Manifest.errors(Manifest.agent(spec))).conditionReason
    }
    #expect(reason(#"{"budget":{}}"#) == "UnsupportedByClass")
    #expect(reason(#"{"budget":{},"port":0}"#) == "Invalid")
  }
}
