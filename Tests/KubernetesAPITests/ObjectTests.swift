import JSON
import KubernetesAPI
import Testing

@Suite struct ObjectTests {
  @Test func resourceVersionsAreOrderedByLengthFirst() throws {
    #expect(try #require(ResourceVersion("9")) < #require(ResourceVersion("10")))
    #expect(try #require(ResourceVersion("19")) < #require(ResourceVersion("20")))
    for text in ["", "0", "01", "1a", "-1", "١"] { #expect(ResourceVersion(text) == nil) }
  }

  @Test func paths() {
    #expect(ResourceType.pods.path(namespace: "a", name: "b") == "/api/v1/namespaces/a/pods/b")
    #expect(
      ResourceType.deployments.path(namespace: "a", name: "b", subresource: "status")
        == "/apis/apps/v1/namespaces/a/deployments/b/status")
    #expect(ResourceType.namespaces.path(namespace: "a", name: "b") == "/api/v1/namespaces/b")
    #expect(ResourceType.deployments.path() == "/apis/apps/v1/deployments")
  }

  @Test func statusShapes() throws {
    let gone = APIStatus(code: 410, reason: "Expired", message: "")
    #expect(gone.isExpired)
    let early = APIStatus(
      code: 504, reason: "Timeout", message: "Too large resource version: 9, current: 1",
      causes: [.init(reason: "ResourceVersionTooLarge", message: "", field: "")])
    #expect(early.isTooLargeResourceVersion && !early.isExpired)
    #expect(APIStatus(code: 409, reason: "AlreadyExists", message: "").isAlreadyExists)
    #expect(!APIStatus(code: 409, reason: "AlreadyExists", message: "").isConflict)
    #expect(APIStatus(JSONValue.object(["kind": "Pod"])) == nil)
  }

  @Test func conditionsKeepTheirTransitionTime() {
    var conditions: [Condition] = []
    let ready = Condition(type: "Ready", status: .true, reason: "Done", message: "")
    conditions.set(ready, now: "t1")
    var again = ready
    again.message = "still"
    conditions.set(again, now: "t2")
    #expect(conditions["Ready"]?.lastTransitionTime == "t1")
    #expect(conditions["Ready"]?.message == "still")
    again.status = .false
    conditions.set(again, now: "t3")
    #expect(conditions["Ready"]?.lastTransitionTime == "t3")
    #expect(conditions.count == 1)
  }

  @Test func ownerReferencesRoundTrip() {
    let owner = OwnerReference(apiVersion: "apps/v1", kind: "Deployment", name: "a", uid: "u")
    #expect(OwnerReference(owner.json) == owner)
    #expect(owner.groupKind == GroupKind(group: "apps", kind: "Deployment"))
    #expect(OwnerReference(["kind": "Deployment"]) == nil)
  }
}
