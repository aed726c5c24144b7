import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

@Suite struct RuleTests {
  private static func rules() -> [(node: String, rule: FieldRule)] {
    SchemaNode.all().flatMap { node in node.schema.rules.map { (node.path, $0) } }
  }

  @Test func everyRuleHasCases() {
    let rules = Self.rules()
    for (node, rule) in rules {
      let cases = RuleCases.all.filter { $0.node == node && rule.message.hasPrefix($0.message) }
      #expect(cases.count == 1, "\(node): \(rule.message) has \(cases.count) cases")
    }
    #expect(rules.count == RuleCases.all.count)
  }

  @Test(arguments: RuleCases.all) func goodCasesPass(_ cases: RuleCases) {
    #expect(!cases.good.isEmpty)
    for good in cases.good {
      var checker = DocumentChecker(.agentDeployment)
      var checked = false
      checker.validator.onRule = { rule, path, holds in
        let node = ManifestPath("\(path)").schemaPath
        if node == cases.node, rule.message.hasPrefix(cases.message) { checked = holds }
      }
      #expect(checker.check(Manifest.agent(good)) != nil, "\(good): \(checker.errors)")
      #expect(checked, "\(good) does not reach the rule")
    }
  }

  @Test(arguments: RuleCases.all) func badCasesAreRefusedAtTheField(_ cases: RuleCases) {
    #expect(!cases.bad.isEmpty)
    for bad in cases.bad {
      let errors = Manifest.errors(Manifest.agent(bad))
      #expect(errors.count == 1, "\(bad): \(errors)")
      #expect(errors.first?.message.hasPrefix(cases.message) == true, "\(bad): \(errors)")
      #expect(errors.first?.path.description == cases.field, "\(bad): \(errors)")
    }
  }

  /// A rule's place in an error message has to be a field of its node.
  @Test func rulesNameFieldsOfTheirNode() {
    for node in SchemaNode.all() {
      for rule in node.schema.rules {
        guard let field = rule.field else { continue }
        #expect(node.schema.field(field) != nil, "\(node.path): \(field)")
      }
    }
  }
}
