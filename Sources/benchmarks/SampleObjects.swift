import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// Made input: objects as a real API server sends them, and agents as people write them.
enum SampleObjects {
  /// A Deployment of some 1.4 kB as JSON with its managed fields, as a list holds it.
  static func deployment(_ number: Int) -> JSONValue {
    let name = "agent-\(padded(number))"
    let labels: JSONValue = [
      "app.kubernetes.io/name": .string(name), "app.kubernetes.io/managed-by": "agent-operator",
      "agentdeploy.dev/agent": .string(name),
    ]
    return [
      "metadata": [
        "name": .string(name), "namespace": "agents",
        "uid": .string("6f1c3d7e-58a2-4c55-9c1e-0000000\(padded(number))"),
        "resourceVersion": .string(String(1_000_000 + number)), "generation": 3,
        "creationTimestamp": "2026-11-02T08:15:30Z", "labels": labels,
        "annotations": ["agentdeploy.dev/rendered-hash": "0f3c9a1b2d4e5f60"],
        "ownerReferences": [owner(name, number)],
        "managedFields": [managedFields],
      ],
      "spec": [
        "replicas": 2, "selector": ["matchLabels": ["agentdeploy.dev/agent": .string(name)]],
        "template": [
          "metadata": ["creationTimestamp": nil, "labels": labels],
          "spec": [
            "containers": [
              [
                "name": "agent", "image": "registry.example.com/agents/agent:v1.0.0",
                "ports": [["name": "http", "containerPort": 8080, "protocol": "TCP"]],
                "resources": ["requests": ["cpu": "250m", "memory": "512Mi"]],
                "imagePullPolicy": "IfNotPresent",
              ]
            ],
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 75,
          ],
        ],
      ],
      "status": [
        "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
        "availableReplicas": 2,
      ],
    ]
  }

  private static func owner(_ name: String, _ number: Int) -> JSONValue {
    [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment", "name": .string(name),
      "uid": .string("9d2e4f60-1b7c-4a83-8f09-0000000\(padded(number))"), "controller": true,
      "blockOwnerDeletion": true,
    ]
  }

  private static let managedFields: JSONValue = [
    "manager": "agentdeploy-operator", "operation": "Apply", "apiVersion": "apps/v1",
    "time": "2026-11-02T08:15:30Z", "fieldsType": "FieldsV1",
    "fieldsV1": [
      "f:metadata": ["f:labels": ["f:agentdeploy.dev/agent": [:]]],
      "f:spec": [
        "f:selector": [:],
        "f:template": ["f:spec": ["f:containers": ["k:{\"name\":\"agent\"}": ["f:image": [:]]]]],
      ],
    ],
  ]

  static func list(_ count: Int) -> [UInt8] {
    let list: JSONValue = [
      "kind": "DeploymentList", "apiVersion": "apps/v1",
      "metadata": ["resourceVersion": "2000000"],
      "items": .array((0..<count).map(deployment)),
    ]
    return list.serializedBytes()
  }

  /// A watch stream of as many changes.
  static func watchStream(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<count {
      var object = deployment(number)
      object["apiVersion"] = "apps/v1"
      object["kind"] = "Deployment"
      let event: JSONValue = ["type": "MODIFIED", "object": object]
      event.appendSerialized(to: &bytes)
      bytes.append(0x0A)
    }
    return bytes
  }

  /// The agent that most people would write: eight lines of YAML.
  static func smallAgent(_ number: Int) -> JSONValue {
    [
      "apiVersion": .string(AgentDeployment.apiVersion), "kind": .string(AgentDeployment.kind),
      "metadata": ["name": .string("agent-\(padded(number))")],
      "spec": [
        "image": "registry.example.com/weather-mcp:v1.0.0", "protocol": "MCP",
        "secrets": [["name": "llm", "secretRef": ["name": "weather-llm"]]],
      ],
    ]
  }

  /// The same in the cluster, with what the API server adds.
  static func storedAgent(_ number: Int) -> JSONValue {
    var agent = smallAgent(number)
    agent["metadata"]?["namespace"] = "agents"
    agent["metadata"]?["uid"] = .string("9d2e4f60-1b7c-4a83-8f09-0000000\(padded(number))")
    agent["metadata"]?["resourceVersion"] = "1000000"
    agent["metadata"]?["generation"] = 1
    return agent
  }

  /// A UUID that no other object here has.
  static func uid(_ number: Int, of resource: String) -> String {
    let hash = resource.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let mixed = String((UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15 | 1 << 63, radix: 16)
    let digits = String(String(hash | 1 << 31, radix: 16) + mixed + mixed)
    let ends = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
    return ends.map { String(digits.dropFirst($0.0).prefix($0.1 - $0.0)) }.joined(separator: "-")
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
