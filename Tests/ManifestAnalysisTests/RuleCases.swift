import Testing

/// For every rule a manifest that breaks it and one that does not.
struct RuleCase: Sendable, CustomTestStringConvertible {
  var rule: String
  var bad: String
  var good: String
  /// How often the bad one is reported.
  var count = 1
  var testDescription: String { rule }

  init(_ rule: String, bad: String, good: String, count: Int = 1) {
    self.rule = rule
    self.bad = bad
    self.good = good
    self.count = count
  }
}

enum Manifests {
  static func destinationRule(_ policy: String) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: a, namespace: ns}
    spec: {host: a.example.com, trafficPolicy: {\(policy)}}
    """
  }

  static func virtualService(
    _ http: String, version: String = "v1", hosts: String = "a.ns.svc.cluster.local"
  ) -> String {
    """
    apiVersion: networking.istio.io/\(version)
    kind: VirtualService
    metadata: {name: a, namespace: ns}
    spec: {hosts: [\(hosts)], http: [\(http)]}
    """
  }

  static func deployment(
    _ pod: String = "", container: String = "", spec: String = "", image: String = "r/a:v1",
    annotations: String = ""
  ) -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: a, namespace: ns}
    spec:
      selector: {matchLabels: {app: a}}
      \(spec)
      template:
        metadata: {labels: {app: a}, annotations: {\(annotations)}}
        spec: {\(pod.isEmpty ? "" : pod + ", ")containers: [{name: a, image: \(image)\(container.isEmpty ? "" : ", " + container)}]}
    """
  }

  static func configMap(_ data: String, name: String = "c") -> String {
    """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: \(name), namespace: ns}
    data: {\(data)}
    """
  }

  static func secret(_ body: String, metadata: String = "") -> String {
    """
    apiVersion: v1
    kind: Secret
    metadata: {name: s, namespace: ns\(metadata)}
    \(body)
    """
  }

  static func scaler(_ spec: String) -> String {
    """
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: a, namespace: ns}
    spec: {scaleTargetRef: {kind: Deployment, name: a}, maxReplicas: 9, \(spec)}
    """
  }

  static let scaled = """
    apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata: {name: a, namespace: ns}
    spec: {scaleTargetRef: {name: a}, triggers: [{type: cpu, metadata: {value: "70"}}]}
    """

  static func peer(_ ports: String = "") -> String {
    """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: a, namespace: ns}
    spec: {mtls: {mode: STRICT}\(ports)}
    """
  }

  static func rule(_ expression: String) -> String {
    """
    groups:
    - name: g
      rules:
      - alert: A
        expr: '\(expression)'
    """
  }

  static func agent(_ spec: String, image: String = "r/a:v1", name: String = "a") -> String {
    """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: \(name), namespace: ns}
    spec: {image: \(image)\(spec.isEmpty ? "" : ", " + spec)}
    """
  }

  static let service = """
    apiVersion: v1
    kind: Service
    metadata: {name: a, namespace: ns, labels: {app: a}}
    spec: {selector: {app: a}, ports: [{name: http, port: 80, targetPort: 8080}]}
    """

  static func join(_ documents: String...) -> String { documents.joined(separator: "\n---\n") }
}
