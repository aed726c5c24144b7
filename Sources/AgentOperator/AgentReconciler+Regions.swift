import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI

extension AgentReconciler {
  /// Ready pods by region; nil for agents that say nothing about regions.
  func endpoints(of agent: AgentDeployment) async throws -> [String: Int]? {
    guard agent.spec.availability.regions != nil else { return nil }
    return try await regions.endpoints(of: agent.object.key)
  }

  /// Tells when other regions serve than before.
  func reportFailover(
    _ agent: AgentDeployment, _ regions: [AgentDeploymentStatus.Region], before: JSONValue?
  ) {
    let old = (before.map { AgentDeploymentStatus($0) })?.regions ?? []
    func active(_ regions: [AgentDeploymentStatus.Region]) -> [String] {
      regions.filter { $0.active && !$0.name.isEmpty }.map(\.name).sorted()
    }
    // An agent that only starts, or whose nodes have just got their labels, fails over from nowhere.
    guard !active(old).isEmpty, !active(regions).isEmpty, active(old) != active(regions) else {
      return
    }
    events.record(
      .warning, "RegionFailedOver", action: "Observe", regarding: agent.object,
      note: "served from \(active(regions).joined(separator: ", ")), before from "
        + active(old).joined(separator: ", "))
  }
}
