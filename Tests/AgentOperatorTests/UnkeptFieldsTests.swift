import KubernetesAPI
import Testing

@testable import AgentOperator

@Suite struct UnkeptFieldsTests {
  /// A webhook of one namespace says nothing about the others.
  @Test func eachNamespaceHasItsOwn() {
    let fields = UnkeptFields()
    let path: FieldPath = ["spec", "template", "spec", "hostIPC"]
    fields.note([path], of: .deployments, in: "a")
    #expect(fields.paths(in: "a") == [.deployments: [path]])
    #expect(fields.paths(in: "b") == [:])
  }
}
