import Foundation
import JSON
import KubernetesAPI
import Testing
import YAML

@testable import AgentOperator
@testable import agent_operator

@Suite struct SampleTests {
  @Test(arguments: [
    ("minimal", DemoSamples.minimal), ("mcp-agent", DemoSamples.mcpAgent),
    ("fleet", DemoSamples.fleet),
  ])
  func theDemoShowsTheFilesOfTheRepository(_ name: String, _ text: String) throws {
    let file = CommandLineRun.checkout.appending(path: "manifests/samples/\(name).yaml")
    #expect(try text == String(contentsOf: file, encoding: .utf8))
  }

  @Test func theSmallestHasEightLines() {
    #expect(DemoSamples.minimal.split(separator: "\n").count == 8)
  }

  private func install() throws -> [JSONValue] {
    let file = CommandLineRun.checkout.appending(path: "manifests/install.yaml")
    return try YAML.parse(Array(Data(contentsOf: file)), file: "install.yaml").get().map(\.value)
  }

  @Test("correctness rule 37: children may block the deletion of their agent")
  func theRoleMaySetOwnersThatBlock() throws {
    let role = try #require(try install().first { $0["kind"] == "ClusterRole" })
    let rules = (role["rules"]?.array ?? []).filter {
      $0["resources"]?.array?.contains("agentdeployments/finalizers") == true
    }
    #expect(rules.contains { $0["verbs"]?.array?.contains("update") == true })
  }

  @Test func theRoleLetsTheOperatorFollowAndWriteEveryKindOfItsOwn() throws {
    let role = try #require(try install().first { $0["kind"] == "ClusterRole" })
    let wanted = ["get", "list", "watch", "create", "patch", "delete"] as [JSONValue]
    for resource in ClusterCache.everything {
      let rules = (role["rules"]?.array ?? []).filter {
        $0["apiGroups"]?.array?.contains(.string(resource.group)) == true
          && $0["resources"]?.array?.contains(.string(resource.plural)) == true
      }
      let verbs = rules.flatMap { $0["verbs"]?.array ?? [] }
      for verb in wanted { #expect(verbs.contains(verb), "\(resource): \(verb)") }
    }
  }

  @Test func theRoleHasNoWildcards() throws {
    let role = try #require(try install().first { $0["kind"] == "ClusterRole" })
    for rule in role["rules"]?.array ?? [] {
      for key in ["apiGroups", "resources", "verbs"] {
        #expect(rule[key]?.array?.contains("*") == false)
      }
    }
  }

  @Test(arguments: [
    ("agents-admin", "admin", ["create", "delete", "update", "patch"], [] as [String]),
    ("agents-operator", "edit", ["update", "patch"], ["create", "delete", "deletecollection"]),
    (
      "agents-viewer", "view", ["get", "list", "watch"],
      ["create", "delete", "deletecollection", "update", "patch"]
    ),
  ]) func peopleHaveThreeRoles(
    _ name: String, _ group: String, _ allowed: [String], _ refused: [String]
  ) throws {
    let role = try #require(
      try install().first {
        $0["kind"] == "ClusterRole" && $0["metadata"]?["name"] == .string(name)
      })
    #expect(
      role["metadata"]?["labels"]?["rbac.authorization.k8s.io/aggregate-to-\(group)"] == "true")
    let rules = role["rules"]?.array ?? []
    // Nothing of anybody else's: above all no Secrets.
    #expect(rules.allSatisfy { $0["apiGroups"] == ["agentdeploy.dev"] })
    let agents = try #require(rules.first { $0["resources"] == ["agentdeployments"] })
    let verbs = Set(agents["verbs"]?.array?.compactMap(\.string) ?? [])
    #expect(verbs.isSuperset(of: allowed) && verbs.isDisjoint(with: refused))
    #expect(!verbs.contains("*"))
    #expect(
      rules.filter { $0["resources"] == ["agentdeployments/status"] }.allSatisfy {
        $0["verbs"] == ["get"]
      })
  }

  @Test func theOperatorsPodIsRestrictedAndSmall() throws {
    let deployment = try #require(try install().first { $0["kind"] == "Deployment" })
    let pod = deployment["spec"]?["template"]?["spec"]
    let container = pod?["containers"]?[0]
    #expect(container?["resources"]?["requests"] == ["cpu": "20m", "memory": "32Mi"])
    #expect(pod?["securityContext"]?["runAsNonRoot"] == true)
    #expect(container?["securityContext"]?["readOnlyRootFilesystem"] == true)
    #expect(container?["livenessProbe"] != nil && container?["readinessProbe"] != nil)
  }
}
