/// The requirement documents' manifests of the agent, with their faults corrected by hand: one
/// namespace, every name leads somewhere, fields that exist.
enum CorrectedSeeds {
  static let text = """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: agent-service-account, namespace: agent-system}
    automountServiceAccountToken: false
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: agent-config
      namespace: agent-system
      labels: {config-version: "v2.1.0", environment: production}
    data:
      redis.host: redis.agent-system.svc.cluster.local
      redis.port: "6379"
      agent.max_concurrent_workflows: "100"
      agent.heartbeat_interval: "15"
      agent.graceful_shutdown_timeout: "60"
      mcp.server.timeout: "120"
      audit.log_level: "INFO"
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: mcp-agent
      namespace: agent-system
      labels: {app: mcp-agent, version: v1.0.0}
    spec:
      selector:
        matchLabels: {app: mcp-agent}
      template:
        metadata:
          labels: {app: mcp-agent, version: v1.0.0}
          annotations:
            prometheus.io/scrape: "true"
            prometheus.io/port: "9090"
            prometheus.io/path: "/metrics"
        spec:
          serviceAccountName: agent-service-account
          automountServiceAccountToken: false
          terminationGracePeriodSeconds: 85
          securityContext:
            runAsNonRoot: true
            seccompProfile: {type: RuntimeDefault}
          topologySpreadConstraints:
          - maxSkew: 1
            topologyKey: topology.kubernetes.io/zone
            whenUnsatisfiable: ScheduleAnyway
            labelSelector: {matchLabels: {app: mcp-agent}}
          containers:
          - name: mcp-agent
            image: agent-registry/mcp-agent:v1.0.0@sha256:6f1e7a0000000000000000000000000000000000000000000000000000000000
            ports:
            - {containerPort: 8080, name: http}
            - {containerPort: 8081, name: grpc}
            - {containerPort: 9090, name: metrics}
            env:
            - name: REDIS_HOST
              valueFrom: {configMapKeyRef: {name: agent-config, key: redis.host}}
            - name: AGENT_GRACEFUL_SHUTDOWN_TIMEOUT
              valueFrom: {configMapKeyRef: {name: agent-config, key: agent.graceful_shutdown_timeout}}
            - name: REDIS_PASSWORD
              valueFrom: {secretKeyRef: {name: mcp-agent-redis, key: redis-password}}
            - name: API_KEY
              valueFrom: {secretKeyRef: {name: mcp-agent-api, key: api-key}}
            resources:
              requests: {memory: "512Mi", cpu: "500m"}
              limits: {memory: "1Gi", cpu: "1000m"}
            startupProbe:
              httpGet: {path: /health, port: 8080}
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 13
            livenessProbe:
              httpGet: {path: /health, port: 8080}
              periodSeconds: 30
              timeoutSeconds: 10
              failureThreshold: 3
            readinessProbe:
              httpGet: {path: /ready, port: 8080}
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 3
            lifecycle:
              preStop: {sleep: {seconds: 10}}
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              runAsNonRoot: true
              capabilities: {drop: [ALL]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: mcp-agent-service, namespace: agent-system, labels: {app: mcp-agent}}
    spec:
      selector: {app: mcp-agent}
      ports:
      - {name: http, port: 80, targetPort: http}
      - {name: grpc, port: 8081, targetPort: grpc, appProtocol: grpc}
      - {name: metrics, port: 9090, targetPort: metrics}
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: mcp-agent-hpa, namespace: agent-system}
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: mcp-agent}
      minReplicas: 3
      maxReplicas: 20
      metrics:
      - type: ContainerResource
        containerResource:
          name: cpu
          container: mcp-agent
          target: {type: Utilization, averageUtilization: 70}
      - type: ContainerResource
        containerResource:
          name: memory
          container: mcp-agent
          target: {type: Utilization, averageUtilization: 80}
      - type: Pods
        pods:
          metric: {name: active_workflows}
          target: {type: AverageValue, averageValue: "10"}
      behavior:
        scaleDown:
          stabilizationWindowSeconds: 300
          policies:
          - {type: Percent, value: 10, periodSeconds: 60}
        scaleUp:
          stabilizationWindowSeconds: 60
          policies:
          - {type: Percent, value: 50, periodSeconds: 60}
          - {type: Pods, value: 2, periodSeconds: 60}
          selectPolicy: Max
    ---
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: mcp-agent, namespace: agent-system}
    spec:
      maxUnavailable: 1
      selector: {matchLabels: {app: mcp-agent}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: mcp-agent-vs, namespace: agent-system}
    spec:
      hosts: [mcp-agent-service.agent-system.svc.cluster.local]
      http:
      - timeout: 2m
        retries: {attempts: 2, retryOn: "connect-failure,refused-stream"}
        route:
        - destination:
            host: mcp-agent-service.agent-system.svc.cluster.local
            port: {number: 80}
          weight: 100
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: mcp-agent-dr, namespace: agent-system}
    spec:
      host: mcp-agent-service.agent-system.svc.cluster.local
      trafficPolicy:
        loadBalancer:
          simple: LEAST_REQUEST
          localityLbSetting: {enabled: false}
        connectionPool:
          tcp: {maxConnections: 2000}
          http: {http1MaxPendingRequests: 1024, http2MaxRequests: 2500}
        outlierDetection:
          consecutiveGatewayErrors: 5
          consecutive5xxErrors: 0
          interval: 30s
          baseEjectionTime: 30s
          maxEjectionPercent: 50
    ---
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: mcp-agent, namespace: agent-system}
    spec:
      selector: {matchLabels: {app: mcp-agent}}
      mtls: {mode: STRICT}
      portLevelMtls: {"9090": {mode: PERMISSIVE}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: everybody, namespace: agent-system}
    spec:
      podSelector: {}
      policyTypes: [Ingress]
      ingress: [{}]
    ---
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: redis, namespace: agent-system, labels: {app: redis}}
    spec:
      serviceName: redis
      replicas: 1
      selector: {matchLabels: {app: redis}}
      template:
        metadata: {labels: {app: redis}}
        spec:
          containers:
          - name: redis
            image: redis:7-alpine@sha256:6f1e7a0000000000000000000000000000000000000000000000000000000000
            command: [sh, -c, 'exec redis-server /etc/redis/redis.conf']
            ports: [{containerPort: 6379}]
            readinessProbe:
              exec:
                command: [sh, -c, 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -e ping | grep -q PONG']
            securityContext:
              allowPrivilegeEscalation: false
              runAsNonRoot: true
              capabilities: {drop: [ALL]}
    """
}
