import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@Suite struct ClientWriteTests {
  let key = ObjectKey(namespace: "ns", name: "a")
  let object = KubernetesObject(
    ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a", "namespace": "ns"]])

  @Test func applySendsTheObjectAsAnApplyPatch() async throws {
    let transport = ScriptedTransport(.json(200, object.json))
    let answer = try await transport.client().apply(
      object, resource: .configMaps, fieldManager: "me", dryRun: true, fieldValidation: .strict)
    #expect(answer == object)
    let request = transport.requests[0]
    #expect(request.method == "PATCH")
    #expect(request.path == "/api/v1/namespaces/ns/configmaps/a")
    #expect(request.header("content-type") == "application/apply-patch+yaml")
    #expect(request.values("fieldManager") == ["me"])
    #expect(request.values("force") == ["true"])
    #expect(request.values("dryRun") == ["All"])
    #expect(request.values("fieldValidation") == ["Strict"])
    #expect(request.json == object.json)
  }

  @Test func applyWithoutForceSaysSoByAbsence() async throws {
    let transport = ScriptedTransport(.json(409, status(409, "Conflict")))
    let error = await #expect(throws: APIStatus.self) {
      try await transport.client().apply(
        object, resource: .configMaps, fieldManager: "me", force: false)
    }
    #expect(error?.isConflict == true)
    #expect(transport.requests[0].values("force").isEmpty)
  }

  @Test func applyStatusUsesTheSubresource() async throws {
    let transport = ScriptedTransport(.json(200, object.json))
    _ = try await transport.client().applyStatus(
      object, resource: .configMaps, fieldManager: "me")
    #expect(transport.requests[0].path == "/api/v1/namespaces/ns/configmaps/a/status")
  }

  @Test func createPostsToTheCollection() async throws {
    let transport = ScriptedTransport(
      .json(201, object.json), .json(409, status(409, "AlreadyExists")))
    let client = transport.client()
    _ = try await client.create(object, resource: .configMaps, fieldManager: "me")
    #expect(transport.requests[0].method == "POST")
    #expect(transport.requests[0].path == "/api/v1/namespaces/ns/configmaps")
    let error = await #expect(throws: APIStatus.self) {
      try await client.create(object, resource: .configMaps)
    }
    #expect(error?.isAlreadyExists == true)
  }

  @Test(
    arguments: [
      (.json([]), "application/json-patch+json"), (.merge([:]), "application/merge-patch+json"),
      (.strategic([:]), "application/strategic-merge-patch+json"),
    ] as [(Patch, String)])
  func patchTypes(patch: Patch, contentType: String) async throws {
    let transport = ScriptedTransport(.json(200, object.json))
    _ = try await transport.client().patch(.configMaps, key, patch)
    #expect(transport.requests[0].header("content-type") == contentType)
  }

  @Test func updatePutsTheObject() async throws {
    let transport = ScriptedTransport(.json(200, object.json))
    _ = try await transport.client().update(object, resource: .configMaps, subresource: "status")
    #expect(transport.requests[0].method == "PUT")
    #expect(transport.requests[0].path == "/api/v1/namespaces/ns/configmaps/a/status")
  }

  /// Correctness rule 22.
  @Test func deleteSendsPreconditionsAndPropagation() async throws {
    let transport = ScriptedTransport(
      .json(200, ["kind": "Status", "status": "Success"]), .json(200, object.json))
    let client = transport.client()
    let gone = try await client.delete(
      .configMaps, key, preconditions: Preconditions(uid: "u", resourceVersion: "3"),
      propagation: .foreground, gracePeriodSeconds: 0)
    #expect(gone == nil)
    #expect(
      transport.requests[0].json == [
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
        "preconditions": ["uid": "u", "resourceVersion": "3"], "gracePeriodSeconds": 0,
      ])
    #expect(try await client.delete(.configMaps, key) == object)
    #expect(transport.requests[1].json?["preconditions"] == nil)
    #expect(transport.requests[1].json?["propagationPolicy"] == "Background")
  }

  @Test func aNamespacedObjectWithoutNamespaceIsInDefault() async throws {
    let transport = ScriptedTransport(.json(200, [:]))
    _ = try await transport.client().apply(
      KubernetesObject(ResourceType.configMaps.gvk, namespace: nil, name: "a"),
      resource: .configMaps, fieldManager: "me")
    #expect(transport.requests[0].path == "/api/v1/namespaces/default/configmaps/a")
  }
}
