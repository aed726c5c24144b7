import ControllerRuntime
import KubernetesAPI
import Synchronization

/// The tasks that follow kinds which come and go. What is done for one kind happens one after the
/// other: nothing of a kind that was removed reaches a store after it was emptied.
final class FollowedKinds: Sendable {
  private let tasks = Mutex<[ResourceType: Task<Void, Never>]>([:])

  /// Runs `body` once what was done for the kind before has ended. It has to end when its task is
  /// cancelled.
  func follow(_ resource: ResourceType, _ body: @escaping @Sendable () async -> Void) {
    replace(resource, body)
  }

  /// Cancels what follows the kind, and calls `cleanUp` once that has ended.
  func drop(_ resource: ResourceType, _ cleanUp: @escaping @Sendable () -> Void) {
    replace(resource) { cleanUp() }
  }

  private func replace(
    _ resource: ResourceType, _ body: @escaping @Sendable () async -> Void
  ) {
    tasks.withLock { tasks in
      let before = tasks[resource]
      before?.cancel()
      tasks[resource] = Task(executorPreference: preferredTaskExecutor) {
        await before?.value
        await body()
      }
    }
  }

  /// Cancels everything and returns when it has ended.
  func end() async {
    let tasks = tasks.withLock { tasks in
      defer { tasks = [:] }
      return tasks.values
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }
}
