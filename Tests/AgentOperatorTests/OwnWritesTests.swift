import ControllerRuntime
import JSON
import KubernetesAPI
import Synchronization
import Testing

@testable import AgentOperator

@Suite struct OwnWritesTests {
  private let agent = ObjectKey(namespace: "ns", name: "agent")
  private let key = ObjectKey(namespace: "ns", name: "child")

  private func child(_ version: Int) -> ObjectStore.Change {
    let object = KubernetesObject([
      "metadata": [
        "namespace": "ns", "name": "child", "resourceVersion": .string(String(version)),
      ]
    ])
    return ObjectStore.Change(key: key, old: nil, new: object, isInitial: false)
  }

  /// Runs one write during which events come in.
  private func notified(events: [Int], answers: [Int]) async -> Int {
    let writes = OwnWrites()
    let count = Mutex(0)
    writes.notify { [agent] in
      #expect($0 == agent)
      count.withLock { $0 += 1 }
    }
    await writes.during(.services, key, of: agent) {
      for version in events {
        #expect(writes.explains(.services, child(version), to: agent))
        #expect(!writes.explains(.deployments, child(version), to: agent))
        #expect(
          !writes.explains(.services, child(version), to: ObjectKey(namespace: "ns", name: "b")))
      }
      #expect(writes.agent(writing: .services, key) == agent)
      for version in answers { writes.answered(.services, key, version: String(version)) }
    }
    #expect(writes.agent(writing: .services, key) == nil)
    #expect(!writes.explains(.services, child(1), to: agent))
    return count.withLock { $0 }
  }

  @Test func theEventOfAnOwnWriteCausesNothing() async {
    #expect(await notified(events: [], answers: [7]) == 0)
    #expect(await notified(events: [7], answers: [7]) == 0)
    #expect(await notified(events: [7, 8], answers: [7, 8]) == 0)
  }

  @Test func aForeignEventDuringAnOwnWriteCausesOneRun() async {
    #expect(await notified(events: [6, 7], answers: [7]) == 1)
    #expect(await notified(events: [8], answers: [7]) == 1)
    // The write failed, or its answer was lost.
    #expect(await notified(events: [7, 8], answers: []) == 1)
  }
}
