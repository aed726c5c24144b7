import AgentDeploymentAPI
import JSON
import KubernetesAPI
import ManifestRendering
import Testing

@testable import AgentOperator

@Suite struct PlanStageTests {
  private func kinds(_ spec: JSONValue) throws -> [Set<String>] {
    let agent = try AgentDeployment.decode([
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": "support", "namespace": "agents"], "spec": spec,
    ]).get()
    let steps = agent.render(RenderingContext(now: 0)).objects.map { PlanStep.apply($0, .missing) }
    return PlanExecutor.stages(of: steps).map { stage in
      Set(
        stage.compactMap {
          guard case .apply(let rendered, _) = $0 else { return nil }
          return rendered.object.kind
        })
    }
  }

  @Test func whatNeedsNothingOfEachOtherGoesTogether() throws {
    let stages = try kinds(["image": "example.com/agent:1"])
    #expect(stages.count == 3)
    #expect(stages[0].isSuperset(of: ["ServiceAccount", "ConfigMap"]))
    #expect(stages[1] == ["Deployment", "Service"])
    #expect(
      stages[2].isSuperset(of: [
        "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "VirtualService",
      ]))
  }

  @Test func aBindingFollowsItsRole() throws {
    let stages = try kinds([
      "image": "example.com/agent:1",
      "security": ["rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]],
    ])
    #expect(stages.count == 4)
    #expect(stages[0].contains("Role") && !stages[0].contains("RoleBinding"))
    #expect(stages[1].contains("RoleBinding"))
    #expect(stages[2].contains("Deployment"))
  }

  @Test func orderWithinAStageIsTheRenderings() throws {
    let agent = try AgentDeployment.decode([
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": "support", "namespace": "agents"],
      "spec": ["image": "example.com/agent:1"],
    ]).get()
    let objects = agent.render(RenderingContext(now: 0)).objects
    let sent = PlanExecutor.stages(of: objects.map { .apply($0, .missing) }).flatMap { $0 }
    #expect(sent.count == objects.count)
    let names = sent.compactMap { step -> String? in
      guard case .apply(let rendered, _) = step else { return nil }
      return "\(rendered.object.kind) \(rendered.object.name)"
    }
    #expect(names == objects.map { "\($0.object.kind) \($0.object.name)" })
  }
}
