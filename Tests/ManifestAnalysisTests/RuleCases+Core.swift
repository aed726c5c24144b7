extension Manifests {
  private static func quota(_ hard: String) -> String {
    """
    apiVersion: v1
    kind: ResourceQuota
    metadata: {name: q, namespace: ns}
    spec: {hard: {\(hard)}}
    """
  }

  private static func namespace(_ annotations: String) -> String {
    "{apiVersion: v1, kind: Namespace, metadata: {name: ns, annotations: {\(annotations)}}}"
  }

  private static func object(_ kind: String, _ name: String, version: String = "v1") -> String {
    "{apiVersion: \(version), kind: \(kind), metadata: {name: \(name), namespace: ns}}"
  }

  private static func variable(_ source: String) -> String {
    "env: [{name: P, valueFrom: {\(source)}}]"
  }

  private static let secretVariable = variable("secretKeyRef: {name: s, key: k}")
  private static let volume = "volumes: [{name: v, persistentVolumeClaim: {claimName: p}}]"
  private static let budget = """
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: a, namespace: ns}
    spec: {maxUnavailable: 1, selector: {matchLabels: {app: a}}}
    """
  private static let policy = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: a, namespace: ns}
    spec: {podSelector: {}}
    """
  private static let hardened = """
    securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    """
  private static let probe = "httpGet: {path: /health, port: 8080}"

  static let core: [RuleCase] = [
    RuleCase(
      "quota-extended-resource-limit",
      bad: quota("requests.nvidia.com/gpu: 2, limits.nvidia.com/gpu: 2"),
      good: quota("requests.nvidia.com/gpu: 2")),
    RuleCase(
      "quota-without-limit-range", bad: quota("requests.cpu: 1"),
      good: join(quota("requests.cpu: 1"), object("LimitRange", "l"))),
    RuleCase(
      "namespace-node-selector",
      bad: namespace("scheduler.alpha.kubernetes.io/node-selector: a=b"), good: namespace("a: b")),
    RuleCase(
      "reserved-prefix", bad: namespace("kubernetes.io/managed-by: x"),
      good: namespace("kubernetes.io/description: x, app.kubernetes.io/managed-by: x")),
    RuleCase(
      "unresolved-config-map",
      bad: join(
        deployment(container: variable("configMapKeyRef: {name: c, key: x}")), configMap("w: z"),
        deployment("volumes: [{name: v, configMap: {name: absent}}]").replacing(
          "name: a, namespace", with: "name: b, namespace")),
      good: join(
        deployment(container: variable("configMapKeyRef: {name: c, key: x}")), configMap("x: z"),
        deployment("volumes: [{name: v, configMap: {name: absent, optional: true}}]").replacing(
          "name: a, namespace", with: "name: b, namespace")), count: 2),
    RuleCase(
      "unresolved-secret",
      bad: join(deployment(container: secretVariable), secret("data: {x: eA==}")),
      good: join(deployment(container: secretVariable), secret("stringData: {k: x}"))),
    RuleCase(
      "unresolved-service-account", bad: deployment("serviceAccountName: x"),
      good: join(deployment("serviceAccountName: x"), object("ServiceAccount", "x"))),
    RuleCase(
      "unresolved-volume-claim", bad: deployment(volume),
      good: join(deployment(volume), object("PersistentVolumeClaim", "p"))),
    RuleCase(
      "unresolved-scale-target", bad: scaler("minReplicas: 1"),
      good: join(scaler("minReplicas: 1"), deployment())),
    RuleCase(
      "secret-service-account-annotation",
      bad: secret("", metadata: ", annotations: {kubernetes.io/service-account.name: x}"),
      good: secret(
        "type: kubernetes.io/service-account-token",
        metadata: ", annotations: {kubernetes.io/service-account.name: x}")),
    RuleCase(
      "secret-rotation-label", bad: secret("", metadata: ", labels: {rotation-schedule: monthly}"),
      good: secret("", metadata: ", labels: {tier: high}")),
    RuleCase(
      "secret-mixed-purposes",
      bad: secret("stringData: {openai-api-key: a, postgres-password: b, tls.key: c}"),
      good: secret("stringData: {openai-api-key: a, anthropic-api-key: b}")),
    RuleCase(
      "secret-signing-key", bad: secret("stringData: {jwt-private-key: a}"),
      good: secret("stringData: {jwt-public-key: a}")),
    RuleCase(
      "secret-not-base64", bad: secret("data: {a: <key>, b: \"abc\"}"),
      good: secret("data: {a: YWJj, b: YQ==, c: \"\"}"), count: 2),
    RuleCase(
      "sealed-secret-version", bad: object("SealedSecret", "x", version: "bitnami.com/v1"),
      good: object("SealedSecret", "x", version: "bitnami.com/v1alpha1")),
    RuleCase(
      "deployment-volume-deadlock", bad: deployment(volume),
      good: deployment(volume, spec: "strategy: {type: Recreate}")),
    RuleCase(
      "grace-shorter-than-shutdown",
      bad: join(
        deployment(container: "envFrom: [{configMapRef: {name: c}}]"),
        configMap("agent.graceful_shutdown_timeout: \"60\"")),
      good: join(
        deployment(
          "terminationGracePeriodSeconds: 75", container: "envFrom: [{configMapRef: {name: c}}]"),
        configMap("agent.graceful_shutdown_timeout: \"60\""))),
    RuleCase(
      "scrape-port-mismatch",
      bad: deployment(
        container: "ports: [{name: metrics, containerPort: 9090}]",
        annotations: "prometheus.io/port: \"8080\""),
      good: deployment(
        container: "ports: [{name: metrics, containerPort: 9090}]",
        annotations: "prometheus.io/port: \"9090\"")),
    RuleCase(
      "image-latest", bad: deployment(image: "r:5000/a"), good: deployment(image: "r:5000/a:v1")),
    RuleCase(
      "image-not-pinned", bad: deployment(image: "r/a:v1"),
      good: deployment(image: "r/a:v1@sha256:0123")),
    RuleCase(
      "probe-variable-not-expanded",
      bad: deployment(
        container: secretVariable + ", livenessProbe: {exec: {command: [ping, $(P)]}}"),
      good: deployment(
        container: "env: [{name: P, value: x}], livenessProbe: {exec: {command: [ping, $(P)]}}")),
    RuleCase(
      "redis-probe-proves-nothing",
      bad: deployment(container: "readinessProbe: {exec: {command: [redis-cli, ping]}}"),
      good: deployment(container: "readinessProbe: {exec: {command: [redis-cli, -e, ping]}}")),
    RuleCase(
      "password-in-arguments",
      bad: deployment(
        container: secretVariable + ", command: [redis-server, --requirepass, $(P)]"),
      good: deployment(container: secretVariable + ", command: [redis-server, /etc/r.conf]")),
    RuleCase(
      "redundant-initial-delay",
      bad: deployment(
        container:
          "startupProbe: {\(probe)}, livenessProbe: {\(probe), initialDelaySeconds: 60}"),
      good: deployment(container: "livenessProbe: {\(probe), initialDelaySeconds: 60}")),
    RuleCase(
      "replicas-beside-autoscaler",
      bad: join(deployment(spec: "replicas: 3"), scaler("minReplicas: 1")),
      good: join(deployment(), scaler("minReplicas: 1"))),
    RuleCase(
      "two-scalers",
      bad: join(scaled, scaler("minReplicas: 1")),
      good: join(
        scaled,
        scaler("minReplicas: 1").replacing(
          "name: a, namespace", with: "name: keda-hpa-a, namespace"))),
    RuleCase(
      "scaling-two-truths",
      bad: join(scaler("minReplicas: 1"), configMap("scaling.max_replicas: \"50\"")),
      good: join(scaler("minReplicas: 1"), configMap("scaling.max_replicas: \"9\""))),
    RuleCase(
      "hpa-custom-metric",
      bad: scaler("metrics: [{type: Pods, pods: {metric: {name: w}}}]"),
      good: join(
        scaler("metrics: [{type: Pods, pods: {metric: {name: w}}}]"),
        object("APIService", "v1beta1.custom.metrics.k8s.io", version: "apiregistration.k8s.io/v1"))
    ),
    RuleCase(
      "hpa-averages-sidecars",
      bad: join(scaler("metrics: [{type: Resource, resource: {name: cpu}}]"), peer()),
      good: scaler("metrics: [{type: Resource, resource: {name: cpu}}]")),
    RuleCase(
      "no-security-context", bad: deployment(),
      good: deployment(container: hardened)),
    RuleCase(
      "no-disruption-budget", bad: deployment(spec: "replicas: 2"),
      good: join(deployment(spec: "replicas: 2"), budget)),
    RuleCase(
      "no-spread", bad: deployment(spec: "replicas: 2"),
      good: deployment("topologySpreadConstraints: [{maxSkew: 1}]", spec: "replicas: 2")),
    RuleCase("no-network-policy", bad: deployment(), good: join(deployment(), policy)),
    RuleCase(
      "redis-client-mismatch",
      bad: join(deployment(image: "redis:7@sha256:0"), configMap("redis.ssl.enabled: \"true\"")),
      good: join(
        deployment(container: "args: [--tls-port, \"6379\"]", image: "redis:7@sha256:0"),
        configMap("redis.ssl.enabled: \"true\""))),
    RuleCase(
      "promise-in-config", bad: configMap("encryption.at_rest: \"true\""),
      good: configMap("encryption.at_rest: \"false\", agent.encryption: \"true\"")),
    RuleCase(
      "credential-in-config",
      bad: join(
        configMap("db.password: hunter22, url: \"postgres://u:hunter22@db/x\""),
        deployment(container: "env: [{name: KEY, value: sk-ant-api03-0123456789abcdef}]")),
      good: join(
        configMap("max_tokens: \"4096000000000000\", password.file: /run/p, db.password: $(P)"),
        deployment(
          container: "env: [{name: API_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}]")),
      count: 3),
    RuleCase(
      "debug-enabled",
      bad: join(
        configMap("app.debug: \"true\""), agent("observability: {logLevel: Debug}"),
        deployment(container: "env: [{name: LOG_LEVEL, value: debug}]")),
      good: join(configMap("app.debug: \"false\", debugger.port: \"1\""), agent("")), count: 3),
  ]
}
