import JSON
import KubernetesAPI
import ManifestRendering
import Testing

/// `podTemplate` and `overrides`: a user's last word.
@Suite struct EscapeHatchTests {
  @Test func podTemplateMergesByName() throws {
    let rendering = try Samples.render([
      "podTemplate": [
        "metadata": ["labels": ["team": "support"], "annotations": ["note": "x"]],
        "spec": [
          "nodeSelector": ["pool": "agents"],
          "containers": [
            ["name": "agent", "env": [["name": "EXTRA", "value": "1"]], "tty": true],
            ["name": "sidecar", "image": "proxy:1"],
          ],
          "volumes": [["name": "cache", "emptyDir": [:]]],
        ],
      ]
    ])
    #expect(rendering.podSpec?["nodeSelector"] == ["pool": "agents"])
    #expect(rendering.podSpec?["containers"]?.array?.count == 2)
    #expect(rendering.container?["image"] == "registry/support:v1")
    #expect(rendering.container?["tty"] == true)
    #expect(rendering.variables["EXTRA"] == "1" && rendering.variables["PORT"] == "8080")
    #expect(rendering.podSpec?["volumes"]?.array?.count == 3)
    let metadata = rendering["Deployment"]?["spec"]?["template"]?["metadata"]
    #expect(metadata?["labels"]?["team"] == "support")
    #expect(metadata?["annotations"]?["note"] == "x")
  }

  /// As kubectl's strategic merge patch does it.
  @Test func directivesSayWhatGoes() throws {
    let rendering = try Samples.render([
      "podTemplate": [
        "spec": [
          "securityContext": ["$patch": "replace", "fsGroup": 1],
          "affinity": ["nodeAffinity": ["$patch": "delete", "a": 1], "podAffinity": nil],
          "containers": [
            [
              "name": "agent", "resources": ["$patch": "delete"],
              "volumeMounts": [
                ["$patch": "replace"], ["mountPath": "/tmp", "name": "tmp", "subPath": nil],
              ],
            ]
          ],
          "volumes": [
            [
              "name": "tmp", "$retainKeys": ["name", "persistentVolumeClaim"],
              "persistentVolumeClaim": ["claimName": "scratch"],
            ]
          ],
        ]
      ]
    ])
    let pod = try #require(rendering.podSpec)
    #expect(pod["securityContext"] == ["fsGroup": 1])
    #expect(pod["affinity"] == ["nodeAffinity": [:]])
    #expect(rendering.container?["resources"] == [:])
    #expect(rendering.container?["volumeMounts"] == [["mountPath": "/tmp", "name": "tmp"]])
    #expect(
      pod["volumes"]?.array?.first
        == ["name": "tmp", "persistentVolumeClaim": ["claimName": "scratch"]])
    #expect(pod["volumes"]?.array?.count == 2)
  }

  /// What stands twice in the patch is the user's own, and the API server's to judge.
  @Test func elementsOfAPatchAreNotMergedIntoEachOther() throws {
    let ports: JSONValue = [
      ["name": "dns", "containerPort": 53, "protocol": "UDP"],
      ["name": "dns-tcp", "containerPort": 53, "protocol": "TCP"],
    ]
    let variables: JSONValue = [["name": "A", "value": "1"], ["name": "A", "value": "$(A)2"]]
    let aliases: JSONValue = [
      ["ip": "127.0.0.1", "hostnames": ["a"]], ["ip": "127.0.0.1", "hostnames": ["b"]],
    ]
    let pod = try #require(
      Samples.render([
        "availability": ["spread": "None"],
        "podTemplate": [
          "spec": [
            "containers": [["name": "coredns", "image": "c", "ports": ports, "env": variables]],
            "initContainers": [["name": "i", "image": "i", "ports": ports]],
            "hostAliases": aliases,
          ]
        ],
      ]).podSpec)
    #expect(pod["containers"]?[1]?["ports"] == ports)
    #expect(pod["containers"]?[1]?["env"] == variables)
    #expect(pod["initContainers"]?[0]?["ports"] == ports)
    #expect(pod["hostAliases"] == aliases)
  }

  /// A port is one of a protocol, TCP where none is named.
  @Test func portsMergeByNumberAndProtocol() throws {
    func ports(_ patch: JSONValue) throws -> JSONValue? {
      try Samples.render([
        "podTemplate": ["spec": ["containers": [["name": "agent", "ports": patch]]]]
      ]).container?["ports"]
    }
    let own: JSONValue = ["name": "http", "containerPort": 8080, "protocol": "TCP"]
    let quic: JSONValue = ["name": "quic", "containerPort": 8080, "protocol": "UDP"]
    #expect(try ports([quic]) == [own, quic])
    for named in [[:], ["protocol": "TCP"]] as [JSONValue] {
      var patch: JSONValue = ["containerPort": 8080, "hostIP": "10.0.0.1"]
      patch["protocol"] = named["protocol"]
      #expect(try ports([patch])?.array?.map { $0["hostIP"] } == ["10.0.0.1"])
    }
    #expect(try ports([["containerPort": 8080, "$patch": "delete"]]) == [])
  }

  /// Two of one key may stand side by side, a hard one and a soft one.
  @Test func spreadConstraintsMergeByKeyAndWhatElseHappens() throws {
    let zone = "topology.kubernetes.io/zone"
    func constraints(_ spread: JSONValue, _ patch: JSONValue) throws -> [JSONValue] {
      try Samples.render([
        "availability": ["spread": spread],
        "podTemplate": ["spec": ["topologySpreadConstraints": patch]],
      ]).podSpec?["topologySpreadConstraints"]?.array ?? []
    }
    let hard: JSONValue = [
      "topologyKey": .string(zone), "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
    ]
    let soft: JSONValue = [
      "topologyKey": .string(zone), "maxSkew": 2, "whenUnsatisfiable": "ScheduleAnyway",
    ]
    #expect(try constraints("None", [hard, soft]) == [hard, soft])
    let rendered = try constraints("Zone", [])
    #expect(try constraints("Zone", [hard]) == rendered + [hard])
    #expect(try constraints("Zone", [soft]).map { $0["maxSkew"] } == [2, 1])
    // Without the second the first has to do.
    let unnamed: JSONValue = ["topologyKey": .string(zone), "maxSkew": 3]
    #expect(try constraints("Zone", [unnamed]).map { $0["maxSkew"] } == [3, 1])
    #expect(
      try constraints("Zone", [["topologyKey": .string(zone), "$patch": "delete"]]).count
        == rendered.count - 1)
  }

  @Test func whatIsDeletedCanComeBackInTheSamePatch() throws {
    let env: JSONValue = [
      ["name": "POD_NAME", "$patch": "delete"], ["name": "POD_NAME", "value": "x", "b": nil],
    ]
    let container = try Samples.render([
      "podTemplate": ["spec": ["containers": [["name": "agent", "env": env]]]]
    ]).container
    let named = container?["env"]?.array?.filter { $0["name"] == "POD_NAME" }
    #expect(named == [["name": "POD_NAME", "value": "x"]])
  }

  @Test func overridesPatchOneKindOrOneObject() throws {
    let rendering = try Samples.render([
      "overrides": [
        ["kind": "Service", "patch": ["metadata": ["annotations": ["cloud": "neg"]]]],
        ["kind": "PodDisruptionBudget", "name": "other", "patch": ["spec": ["maxUnavailable": 7]]],
      ]
    ])
    #expect(rendering["Service"]?.annotations["cloud"] == "neg")
    #expect(rendering["PodDisruptionBudget"]?["spec"]?["maxUnavailable"] == 1)
  }

  @Test func usersVariablesWin() throws {
    let rendering = try Samples.render([
      "env": [["name": "LOG_FORMAT", "value": "text"]],
      "config": ["agent.max_tokens": "5", "log.level": "trace"],
    ])
    #expect(rendering.variables["LOG_FORMAT"] == "text")
    #expect(rendering.variables["AGENT_MAX_TOKENS"] == "5")
    #expect(rendering.variables["LOG_LEVEL"] == "trace")
    let names = (rendering.container?["env"]?.array ?? []).compactMap { $0["name"]?.string }
    #expect(Set(names).count == names.count)
  }

  /// Of two sources the kubelet takes the last.
  @Test func sourcesOfTheUsersComeBeforeTheAgentsOwn() throws {
    let own: JSONValue = ["configMapRef": ["name": "mine"]]
    let sources = try Samples.render([
      "podTemplate": ["spec": ["containers": [["name": "agent", "envFrom": [own]]]]]
    ]).container?["envFrom"]?.array
    #expect(sources?.first == own && sources?.count == 2)
  }

  /// `envFrom` gives all or nothing.
  @Test func aVariableCanBeTakenOut() throws {
    let rendering = try Samples.render([
      "podTemplate": [
        "spec": [
          "containers": [["name": "agent", "env": [["name": "LOG_FORMAT", "$patch": "delete"]]]]
        ]
      ]
    ])
    #expect(rendering.variables["LOG_FORMAT"] == nil)
    #expect(rendering.variables["LOG_LEVEL"] == "info" && rendering.variables["PORT"] == "8080")
  }

  /// The kubelet expands `$(NAME)` from entries of `env` that come before, and from nothing else.
  @Test func whatValuesMentionStandsBeforeThem() throws {
    let rendering = try Samples.render([
      "env": [["name": "URL", "value": "http://x:$(PORT)/$(AGENT_NAME)?$(OTHER)"]],
      "podTemplate": [
        "spec": [
          "containers": [["name": "agent", "env": [["name": "LEVEL", "value": "$(LOG_LEVEL)"]]]]
        ]
      ],
    ])
    let names = (rendering.container?["env"]?.array ?? []).compactMap { $0["name"]?.string }
    #expect(
      names == ["POD_NAME", "POD_NAMESPACE", "AGENT_NAME", "LOG_LEVEL", "PORT", "URL", "LEVEL"])
    #expect(rendering.variables["PORT"] == "8080")
  }

  /// Others may mention it.
  @Test func aReplacedVariableKeepsItsPlace() throws {
    let variables = try Samples.render([
      "env": [["name": "A", "value": "$(PORT)/x"], ["name": "PORT", "value": "9090"]]
    ]).container?["env"]?.array
    #expect(
      variables?.suffix(2) == [
        ["name": "PORT", "value": "9090"], ["name": "A", "value": "$(PORT)/x"],
      ])
  }

  /// Also where they replace what every agent is told.
  @Test func usersVariablesKeepTheirOrder() throws {
    let rendering = try Samples.render([
      "env": [
        ["name": "BASE", "value": "x"], ["name": "LOG_LEVEL", "value": "$(BASE)-debug"],
        ["name": "C", "value": "$(LOG_LEVEL)"],
      ]
    ])
    let names = (rendering.container?["env"]?.array ?? []).compactMap { $0["name"]?.string }
    #expect(names == ["POD_NAME", "POD_NAMESPACE", "BASE", "LOG_LEVEL", "C"])
  }

  /// The API server keeps none, so one that is sent would never be there.
  @Test func anEmptyValueIsLeftOut() throws {
    let variables = try Samples.render(["env": [["name": "A"], ["name": "B", "value": ""]]])
      .container?["env"]?.array
    #expect(variables?.suffix(2) == [["name": "A"], ["name": "B"]])
  }
}
