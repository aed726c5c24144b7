import ControllerRuntime
import JSON
import KubernetesAPI
import Logging
import Testing

@testable import AgentOperator

/// What the operator sends, when, and what it makes of a conflict.
@Suite struct SentObjectsTests {
  private static func nulls(in value: JSONValue) -> Int {
    switch value {
    case .null: 1
    case .array(let array): array.reduce(0) { $0 + nulls(in: $1) }
    case .object(let object): object.values.reduce(0) { $0 + nulls(in: $1) }
    default: 0
    }
  }

  @Test("correctness rules 24, 25, 29, 35: applies hold our fields and nothing else")
  func onlyOwnFieldsAreSent() async throws {
    try await withOperator { harness in
      try await harness.apply(
        "support",
        ["config": ["a": "1"], "secrets": [["name": "session", "generate": ["length": 16]]]])
      try await harness.settle()
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.patch(.services, "support", ["spec": ["sessionAffinity": "ClientIP"]])
      try await harness.patch(.services, "support", ["spec": ["selector": ["a": "b"]]])
      try await harness.settle()
      let writes = harness.log.writes.filter { $0.method != "DELETE" }
      #expect(writes.count > 15)
      for write in writes {
        let body = try #require(write.body, "\(write)")
        #expect(Self.nulls(in: body) == 0, "\(write)")
        #expect(body["stringData"] == nil, "\(write)")
        for field in ["managedFields", "creationTimestamp", "generation", "selfLink"] {
          #expect(body["metadata"]?[field] == nil, "\(write) \(field)")
        }
        if write.method == "POST" {
          #expect(write.resource == "secrets")
          continue
        }
        // Patches, never replacements: nothing that others wrote is sent back.
        #expect(write.method == "PATCH" && write.query("force") == "true", "\(write)")
        // Another name would orphan the fields of everything that exists.
        #expect(write.query("fieldManager") == "agentdeploy-operator", "\(write)")
        if write.isStatusWrite {
          #expect(body["metadata"]?["uid"] != nil && body["spec"] == nil, "\(write)")
          #expect(body["metadata"]?["resourceVersion"] == nil, "\(write)")
        } else {
          #expect(body["status"] == nil && body["metadata"]?["uid"] == nil, "\(write)")
          // Set only where something is to be created, to a version that nothing has.
          let version = body["metadata"]?["resourceVersion"]
          #expect(version == nil || version == "1", "\(write)")
        }
      }
    }
  }

  @Test(
    "correctness rule 18: no work before every cache is complete",
    arguments: [
      "deployments", "services", "configmaps", "secrets", "customresourcedefinitions",
      "virtualservices",
    ])
  func nothingIsDoneBeforeAllIsLoaded(resource: String) async throws {
    try await withOperator { harness in
      try await harness.apply("support", ["config": ["a": "1"]])
      try await harness.settle()
      try await harness.stop()
      // Something to do from the first moment on.
      try await harness.apply("support", ["config": ["a": "2"]])
      harness.faults.add { $0.resource == resource && !$0.isWrite ? .delay(.seconds(30)) : nil }
      let mark = harness.log.count
      harness.start()
      try await harness.letPass(.seconds(25))
      #expect(harness.log.since(mark).filter(\.isWrite).map(\.description) == [])
      harness.faults.clear()
      try await harness.letPass(.seconds(60))
      try await harness.settle()
      let agent = try await harness.get(.agentDeployments)
      #expect(agent["status"]?["observedGeneration"]?.int == agent.generation)
      try await harness.expectNoMoreWrites()
    }
  }

  @Test("correctness rule 36: a conflict is tried again and is nobody's fault")
  func aConflictIsNoWarning() async throws {
    try await withOperator { harness in
      try await harness.apply()
      try await harness.settle()
      harness.faults.next(.status(409), count: 2) { $0.isWrite && $0.resource == "deployments" }
      let start = harness.clock.now
      try await harness.apply("support", ["image": "registry/support:v2"])
      try await harness.until("it is rolled out", within: .seconds(60)) {
        let deployment = try await harness.get(.deployments)
        return deployment["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]
          == "registry/support:v2"
      }
      #expect(harness.clock.now - start < .seconds(5))
      #expect(harness.logs.lines.filter { $0.level >= .warning }.map(\.text) == [])
    }
  }
}
