import JSON
import Testing

@testable import AgentDeploymentAPI

/// What a class says about the containers that tell agents to reload.
@Suite struct ReloadClassTests {
  private func errors(_ classSpec: String) throws -> [FieldError] {
    let agentClass = try ClassDecodingTests.agentClass(classSpec)
    let agent = Manifest.agent(
      #"""
      {"image":"registry.example.com/a@sha256:0123456789abcdef","secrets":[
        {"name":"b","generate":{}},
        {"name":"a","secretRef":{"name":"a"},"onChange":"Reload"}],"health":{"reloadPath":"/r"}}
      """#)
    guard
      case .failure(let failure) = AgentDeployment.decode(agent, agentClass: agentClass)
    else { return [] }
    return failure.errors
  }

  @Test func itsGuardRailsHoldForTheImage() throws {
    let byDigest = try errors(#"{"guardRails":{"requireDigest":true}}"#)
    #expect(byDigest.map(\.path.description) == ["spec.secrets[1].onChange"])
    #expect(byDigest.first?.reason == .forbiddenByClass)
    #expect(byDigest.first?.message.contains(AgentClass.defaultReloadImage) == true)
    #expect(byDigest.first?.fix?.contains("reload.image") == true)
    let elsewhere = #"{"guardRails":{"allowedRegistries":["registry.example.com"]}}"#
    #expect(try errors(elsewhere).map(\.path.description) == ["spec.secrets[1].onChange"])
    #expect(
      try errors(
        #"""
        {"guardRails":{"requireDigest":true,"allowedRegistries":["registry.example.com"]},
         "reload":{"image":"registry.example.com/agent-operator@sha256:0123456789abcdef"}}
        """#) == [])
  }

  /// Where an agent reloads is the agent's own affair.
  @Test func itNamesNoPath() throws {
    let decoded = AgentClass.decode(
      Manifest.json(
        #"""
        {"apiVersion":"agentdeploy.dev/v1alpha1","kind":"AgentClass","metadata":{"name":"a"},
         "spec":{"defaults":{"health":{"reloadPath":"/r"}}}}
        """#))
    guard case .failure(let failure) = decoded else {
      Issue.record("accepted")
      return
    }
    #expect(failure.errors.map(\.path.description) == ["spec.defaults.health.reloadPath"])
  }

  /// Pods keep the image that the class named when they were shaped; records from before it could
  /// name one read and write the same.
  @Test func itIsPartOfWhatShapesPods() throws {
    let agentClass = try ClassDecodingTests.agentClass(#"{"reload":{"image":"registry/a:2"}}"#)
    let part = agentClass.podPart
    #expect(part.reloadImage == "registry/a:2")
    #expect(AgentClass.PodPart(part.json) == part)
    let old = AgentClass.PodPart()
    #expect(old.json.object?.keys.contains("reloadImage") == false)
    #expect(agentClass.keeping(old).effectiveReloadImage == AgentClass.defaultReloadImage)
    #expect(agentClass.effectiveReloadImage == "registry/a:2")
  }
}
