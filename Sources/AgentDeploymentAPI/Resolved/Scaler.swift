/// Who sets the number of an agent's pods.
public enum Scaler: Sendable, Hashable {
  /// It is fixed.
  case none
  case horizontalPodAutoscaler
  /// KEDA's, which makes a HorizontalPodAutoscaler of its own: never beside one of ours.
  case scaledObject
}

extension Scaling {
  /// What only KEDA can do.
  public var needsKEDA: Bool {
    failureReplicas != nil || idleAfter != nil || !schedule.isEmpty
      || metrics.contains { $0.trigger != nil }
  }

  public func scaler(under agentClass: AgentClass) -> Scaler {
    hasScaler ? possibleScaler(under: agentClass) : .none
  }

  /// KEDA's where something asks for it, or where nothing else of the class can read a metric.
  func possibleScaler(under agentClass: AgentClass) -> Scaler {
    if needsKEDA { return .scaledObject }
    let readsOthers = metrics.contains(where: \.needsReader)
    let capabilities = agentClass.capabilities
    let isUnread = readsOthers && !capabilities.customMetrics
    return isUnread && capabilities.keda && agentClass.endpoints.prometheus != nil
      ? .scaledObject : .horizontalPodAutoscaler
  }
}

extension Scaling.Metric {
  /// Neither Kubernetes' own metrics nor one of KEDA's: an adapter reads it, or KEDA in Prometheus.
  public var needsReader: Bool { type != .cpu && type != .memory && trigger == nil }
}
