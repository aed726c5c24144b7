import ControllerRuntime
import KubernetesAPI
import Synchronization

/// Writes that are under way, so that their own events cause no second run when the watch is faster
/// than the answer (correctness rule 21; the store sees to the other order).
final class OwnWrites: Sendable {
  private struct Place: Hashable {
    var resource: ResourceType
    var key: ObjectKey
  }

  private struct Write {
    /// The AgentDeployment whose run it is.
    var agent: ObjectKey
    /// Versions that the answers told.
    var own: Set<String> = []
    /// Versions that events told meanwhile.
    var seen: Set<String> = []
    /// An answer held what somebody else changed.
    var wasOvertaken = false
  }

  private let writes = Mutex<[Place: Write]>([:])
  private let onForeign = Mutex<@Sendable (ObjectKey) -> Void>({ _ in })

  /// - Parameter body: called with an agent whose object somebody else changed during a write.
  func notify(_ body: @escaping @Sendable (ObjectKey) -> Void) {
    onForeign.withLock { $0 = body }
  }

  /// Runs the writes to one object; events that they explain are held back from `agent` until then.
  func during<Result>(
    _ resource: ResourceType, _ key: ObjectKey, of agent: ObjectKey,
    _ body: () async throws -> Result
  ) async rethrows -> Result {
    let place = Place(resource: resource, key: key)
    writes.withLock { $0[place] = Write(agent: agent) }
    defer { end(place) }
    return try await body()
  }

  private func end(_ place: Place) {
    let write = writes.withLock { $0.removeValue(forKey: place) }
    guard let write, write.wasOvertaken || !write.seen.isSubset(of: write.own) else { return }
    onForeign.withLock { $0 }(write.agent)
  }

  /// - Parameter version: of the object in the answer.
  func answered(_ resource: ResourceType, _ key: ObjectKey, version: String?) {
    guard let version else { return }
    writes.withLock { _ = $0[Place(resource: resource, key: key)]?.own.insert(version) }
  }

  /// Whose write to this object is under way.
  func agent(writing resource: ResourceType, _ key: ObjectKey) -> ObjectKey? {
    writes.withLock { $0[Place(resource: resource, key: key)]?.agent }
  }

  /// The answer to a write also holds a change of somebody else's. The store takes it in with the
  /// answer, so its own event will tell nothing new: the agent is notified when the write has ended.
  func overtaken(_ resource: ResourceType, _ key: ObjectKey) {
    writes.withLock { $0[Place(resource: resource, key: key)]?.wasOvertaken = true }
  }

  /// Whether the event may be the agent's own write; if it is not, the agent is notified later.
  func explains(_ resource: ResourceType, _ change: ObjectStore.Change, to agent: ObjectKey) -> Bool
  {
    guard let version = change.newVersion else { return false }
    return writes.withLock { writes in
      let place = Place(resource: resource, key: change.key)
      guard writes[place]?.agent == agent else { return false }
      writes[place]?.seen.insert(version)
      return true
    }
  }
}
