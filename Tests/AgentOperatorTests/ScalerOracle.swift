import KubernetesAPI

@testable import AgentOperator

/// One scaler at a time.
enum ScalerOracle {
  /// No autoscaler of ours beside a ScaledObject or beside KEDA's autoscaler, in any state that the
  /// cluster was in; nil when that holds.
  static func twoScalers(
    of agents: [String], in changes: [SimulatedCluster.Change]
  ) -> String? {
    var there: Set<String> = []
    for change in changes where ScalerHandOver.kinds.contains(change.type) {
      guard let name = (change.new ?? change.old)?.name else { continue }
      let title = "\(change.type.kind) \(name)"
      if change.new == nil { there.remove(title) } else { there.insert(title) }
      for agent in agents where there.contains("HorizontalPodAutoscaler \(agent)") {
        let others = ["ScaledObject \(agent)", "HorizontalPodAutoscaler keda-hpa-\(agent)"]
        if !there.isDisjoint(with: others) { return "two scalers of \(agent): \(there.sorted())" }
      }
    }
    return nil
  }
}
