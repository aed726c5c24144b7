/// Where KEDA's scalers want to be told what each pod is to take: every one of them calls it
/// something else (https://keda.sh/docs/2.20/scalers/, and the source of each scaler).
public struct TriggerTarget: Sendable, Hashable {
  /// The member of the trigger's metadata.
  public var key: String
  /// The scaler refuses fractions.
  public var isWhole: Bool

  /// Nil for a scaler that is not in the table: `targetKey` has to say it.
  public static func of(_ type: String) -> TriggerTarget? { known[type] }

  static let types = known.keys.sorted()

  private static func whole(_ key: String) -> TriggerTarget { Self(key: key, isWhole: true) }
  private static func decimal(_ key: String) -> TriggerTarget { Self(key: key, isWhole: false) }

  private static let known: [String: TriggerTarget] = [
    "activemq": whole("targetQueueSize"),
    "apache-kafka": whole("lagThreshold"),
    "artemis-queue": whole("queueLength"),
    "aws-kinesis-stream": whole("shardCount"),
    "aws-sqs-queue": whole("queueLength"),
    "azure-eventhub": whole("unprocessedEventThreshold"),
    "azure-queue": whole("queueLength"),
    "azure-servicebus": whole("messageCount"),
    "beanstalkd": decimal("value"),
    "elasticsearch": decimal("targetValue"),
    "etcd": decimal("value"),
    "gcp-pubsub": decimal("value"),
    "kafka": whole("lagThreshold"),
    "loki": decimal("threshold"),
    "metrics-api": decimal("targetValue"),
    "mssql": decimal("targetValue"),
    "mysql": decimal("queryValue"),
    "nats-jetstream": whole("lagThreshold"),
    "nsq": whole("depthThreshold"),
    "postgresql": decimal("targetQueryValue"),
    "prometheus": decimal("threshold"),
    "pulsar": whole("msgBacklogThreshold"),
    "rabbitmq": decimal("value"),
    "redis": whole("listLength"),
    "redis-cluster": whole("listLength"),
    "redis-cluster-streams": whole("pendingEntriesCount"),
    "redis-sentinel": whole("listLength"),
    "redis-sentinel-streams": whole("pendingEntriesCount"),
    "redis-streams": whole("pendingEntriesCount"),
    "temporal": whole("targetQueueSize"),
  ]
}
