/// The files of manifests/samples, so that an installed binary has them too; a test holds them equal.
enum DemoSamples {
  static let minimal = """
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata:
      name: weather-mcp
    spec:
      image: registry.example.com/weather-mcp:v1.0.0
      protocol: MCP
      secrets: [{name: llm, secretRef: {name: weather-llm}}]

    """

  static let mcpAgent = """
    # An MCP agent with everything tuned: 3 to 20 replicas by CPU, memory and active workflows, its own
    # configuration and credentials, mesh traffic with pools and outlier detection.
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata:
      name: mcp-agent
      namespace: agent-system
    spec:
      protocol: MCP
      image: agent-registry/mcp-agent:v1.0.0
      port: 8080
      extraPorts:
      - {name: grpc, port: 8081, appProtocol: grpc}
      resources:
        requests: {cpu: 500m, memory: 512Mi}
        limits: {cpu: "1", memory: 1Gi}
      health:
        livePath: /health
        readyPath: /ready
        startupTimeout: 130s
        livePeriod: 30s
        readyPeriod: 10s
        probeTimeout: 5s
      config:
        redis.host: redis.agent-system.svc.cluster.local
        redis.port: "6379"
        agent.max_concurrent_workflows: "100"
        agent.heartbeat_interval: "15"
        agent.health_check_timeout: "5"
        agent.graceful_shutdown_timeout: "60"
        mcp.server.timeout: "120"
        mcp.connection_pool_size: "50"
        a2a.discovery.enabled: "true"
        acp.local_registry.enabled: "true"
        optimization.enabled: "true"
        optimization.batch_size: "32"
        audit.enabled: "true"
        audit.log_level: INFO
      secrets:
      - name: redis
        secretRef: {name: mcp-agent-redis}
        expose: Env
        keys: {redis-password: REDIS_PASSWORD}
      - name: api
        secretRef: {name: mcp-agent-api}
        expose: Env
        keys: {api-key: API_KEY}
      scaling:
        minReplicas: 3
        maxReplicas: 20
        metrics:
        - {type: CPU, target: "70"}
        - {type: Memory, target: "80"}
        - {type: ActiveWork, target: "10", metric: active_workflows}
        scaleUp: {window: 60s, percentPerMinute: 50, podsPerMinute: 2}
        scaleDown: {window: 300s, percentPerMinute: 10}
      traffic:
        timeout: 120s
        loadBalancing: LeastRequest
        connections: {perPod: 100}
        outlierDetection: {gatewayErrors: 5, interval: 30s, ejection: 30s, maxEjectedPercent: 50}
      availability:
        maxUnavailable: 1
        spread: Zone
        drain: {timeout: 60s}
      security:
        podSecurity: Restricted
        mtls: Strict
      observability:
        metrics: {port: 9090, path: /metrics}
        logLevel: Info

    """

  static let fleet = """
    # Five agents that work together: fixed numbers of replicas, one of them with a GPU.
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: weather, namespace: agent-fleet}
    spec:
      protocol: MCP
      image: registry.example.com/agents/weather:v1.0.0
      scaling: {minReplicas: 2, maxReplicas: 2}
      config:
        weather.units: metric
    ---
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: planning, namespace: agent-fleet}
    spec:
      protocol: A2A
      image: registry.example.com/agents/planning:v1.0.0
      scaling: {minReplicas: 3, maxReplicas: 3}
      config:
        workflows.max_concurrent: "50"
    ---
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: customer-service, namespace: agent-fleet}
    spec:
      protocol: A2A
      image: registry.example.com/agents/customer-service:v1.0.0
      scaling: {minReplicas: 4, maxReplicas: 4}
      traffic:
        hosts: [support.example.com]
        gatewayRefs: [{name: public, namespace: istio-ingress}]
        affinity: {type: Header, name: x-session-id}
      availability:
        drain: {timeout: 300s}
    ---
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: data-analysis, namespace: agent-fleet}
    spec:
      protocol: ADK
      image: registry.example.com/agents/data-analysis:v1.0.0
      resources:
        requests: {cpu: "2", memory: 8Gi}
        limits: {memory: 8Gi, nvidia.com/gpu: 1}
      health:
        startupTimeout: 10m
      scaling: {minReplicas: 2, maxReplicas: 2}
    ---
    apiVersion: agentdeploy.dev/v1alpha1
    kind: AgentDeployment
    metadata: {name: security-monitor, namespace: agent-fleet}
    spec:
      protocol: HTTP
      image: registry.example.com/agents/security-monitor:v1.0.0
      scaling: {minReplicas: 2, maxReplicas: 2}
      secrets:
      - name: session
        generate: {length: 32}
      availability:
        maxUnavailable: 1

    """

  /// Credentials that mcp-agent refers to.
  static let credentials = """
    apiVersion: v1
    kind: Secret
    metadata: {name: mcp-agent-redis, namespace: agent-system}
    stringData: {redis-password: demo}
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: mcp-agent-api, namespace: agent-system}
    stringData: {api-key: demo}

    """

  /// The one that weather-mcp refers to; applied later.
  static let weatherCredential = """
    apiVersion: v1
    kind: Secret
    metadata: {name: weather-llm}
    stringData: {api-key: demo}

    """
}
