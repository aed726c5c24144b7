import ControllerRuntime
import JSON
import KubernetesAPI
import Synchronization
import Testing

@testable import AgentOperator

@Suite struct FollowedKindsTests {
  private func service(_ version: String) -> KubernetesObject {
    var object = KubernetesObject(ResourceType.services.gvk, namespace: "a", name: "late")
    object["metadata"]?["resourceVersion"] = .string(version)
    return object
  }

  @Test func whatComesLateIsGoneWhenTheKindIsDropped() async {
    let kinds = FollowedKinds()
    let store = ObjectStore(.services)
    let (started, start) = AsyncStream<Void>.makeStream()
    kinds.follow(.services) {
      start.yield()
      // An event that was taken in after the task was cancelled.
      while !Task.isCancelled { await Task.yield() }
      for _ in 0..<50 { await Task.yield() }
      _ = store.apply(.added(service("5")))
    }
    for await _ in started { break }
    store.reset()
    kinds.drop(.services) { store.reset() }
    await kinds.end()
    #expect(store.count == 0)
  }

  @Test func theSuccessorStartsAfterItsPredecessorHasEnded() async {
    let kinds = FollowedKinds()
    let log = Mutex<[String]>([])
    for round in 1...3 {
      kinds.follow(.services) {
        log.withLock { $0.append("start \(round)") }
        while !Task.isCancelled { await Task.yield() }
        log.withLock { $0.append("end \(round)") }
      }
      kinds.drop(.services) { log.withLock { $0.append("dropped \(round)") } }
    }
    await kinds.end()
    #expect(
      log.withLock { $0 }
        == (1...3).flatMap { ["start \($0)", "end \($0)", "dropped \($0)"] })
  }
}
