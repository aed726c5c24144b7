import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import Testing
import YAML

@testable import AgentOperator

/// manifests/install.yaml gives the operator what it needs.
@Suite struct InstallRoleTests {
  private func rules() throws -> [JSONValue] {
    let url = OperatorHarness.root.appending(path: "manifests/install.yaml")
    let documents = try YAML.parse(Array(Data(contentsOf: url)), file: "install.yaml").get()
    let role = documents.map(\.value).first {
      $0["kind"] == "ClusterRole" && $0["metadata"]?["name"] == "agent-operator"
    }
    return role?["rules"]?.array ?? []
  }

  @Test(arguments: ClusterCache.everything) func everyKindMayBeMade(_ resource: ResourceType) throws
  {
    let verbs = try rules().filter {
      $0["apiGroups"]?.array?.contains(.string(resource.group)) == true
        && $0["resources"]?.array?.contains(.string(resource.plural)) == true
    }.flatMap { $0["verbs"]?.array?.compactMap(\.string) ?? [] }
    #expect(
      Set(verbs).isSuperset(of: ["get", "list", "watch", "create", "patch", "delete"]),
      "\(resource): \(verbs)")
  }

  /// With one of these a mistake of the operator's would be everybody's.
  @Test func nothingLeadsBeyondIt() throws {
    let verbs = try rules().flatMap { $0["verbs"]?.array?.compactMap(\.string) ?? [] }
    #expect(Set(verbs).isDisjoint(with: ["escalate", "bind", "impersonate", "*"]))
  }
}
